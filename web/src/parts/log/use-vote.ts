import type { EvaluatorLogResponse, LogResponse } from '@whetstone/contract';
import { set } from '../feedback/own.ts';
import { useFeedbackKinds } from '../feedback/use-feedback-kinds.ts';
import { useOwnFeedback } from '../feedback/use-own-feedback.ts';

export type Vote = 'good' | 'bad';

/** Votes by key. The same vote again takes it back. */
export function useVote(log: LogResponse | undefined): { may: boolean; vote: (value: Vote) => void } {
  const { may, own, say } = useOwnFeedback(log);
  const kind = useFeedbackKinds()?.find(({ path }) => path === 'feedback/vote');
  return {
    may: may && kind !== undefined,
    vote: (value) => kind && say(kind, set(kind, own(kind) === value ? null : value)),
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
