import type { EvaluatorLogResponse, LogResponse } from '@whetstone/contract';
import { call } from '../../api/client.ts';
import { useMay } from '../session.ts';
import { useAction } from '../use-action.ts';

export type Vote = 'good' | 'bad';

/** Votes through the evaluator `feedback/vote`, which every workspace has. */
export function useVote(log: LogResponse | undefined): { may: boolean; vote: (value: Vote) => void } {
  const allowed = useMay('judge');
  const { run } = useAction('The judgment was not kept', ['logs.get', 'logs.list']);
  return {
    may: allowed && log !== undefined && log.type !== 'evaluator',
    vote: (value) => {
      if (!allowed || log === undefined) return;
      void run(
        () => call('evaluators.log', { body: { path: 'feedback/vote', parent_id: log.id, judgment: value, source: 'whetstone' } }),
        `Judged ${value}`,
      );
    },
  };
}

/** Who judged, as far as the log says. */
export function judgeOf(judgment: EvaluatorLogResponse): string {
  const kinds = { code: 'code', llm: 'a model', human: 'a colleague', user: 'an end user', external: 'an application' } as const;
  const kind = kinds[judgment.judgment_source ?? 'external'];
  return judgment.judge === null || judgment.judge === undefined
    ? kind
    : judgment.judgment_source === 'user'
      ? `${judgment.judge}, ${kind}`
      : judgment.judge;
}

/** Why, in words, when more was said than the value itself. */
export function reasonOf(judgment: EvaluatorLogResponse): string | null {
  const said = judgment.error ?? judgment.output;
  if (said === null || said === '') return null;
  return said === judgment.judgment || said === JSON.stringify(judgment.judgment) ? null : said;
}
