import type { EvaluatorLogResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { query } from '../../api/query.ts';
import { useSession } from '../session.ts';
import { judgeOf } from '../log/use-vote.ts';

/** Who said it: users by the application's name of them, colleagues by their own. */
export function useJudgeName(judgments: readonly EvaluatorLogResponse[]): (judgment: EvaluatorLogResponse) => string {
  const { user } = useSession();
  const colleagues = judgments.some(({ judgment_source: source, judge }) => source === 'human' && judge !== user.id);
  const members = useQuery({ ...query('members.list'), enabled: colleagues, staleTime: 60_000 });
  return (one) => {
    if (one.judgment_source !== 'human') return judgeOf(one);
    if (one.judge === user.id) return 'you';
    return members.data?.records.find(({ id }) => id === one.judge)?.name ?? 'a colleague';
  };
}
