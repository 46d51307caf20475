import type { JudgmentValue, ReviewAnswers, ReviewItem, ReviewQueue } from '@whetstone/contract';

/** What a reviewer is about to say of an item. */
export interface Draft {
  answers: Record<string, JudgmentValue>;
  choice: 'left' | 'right' | 'tie' | null;
  reason: string;
  correction: string | null;
}

export function draftOf(item: ReviewItem): Draft {
  const { mine } = item;
  return {
    answers: Object.fromEntries((mine?.answers ?? []).map(({ evaluator_id, judgment }) => [evaluator_id, judgment])),
    choice: mine?.choice ?? null,
    reason: mine?.reason ?? mine?.answers[0]?.reason ?? '',
    correction: mine?.correction ?? null,
  };
}

/** Null while there is nothing to send. */
export function bodyOf(queue: Pick<ReviewQueue, 'mode'>, draft: Draft, output: string | null, seconds: number): ReviewAnswers | null {
  const reason = draft.reason.trim() === '' ? null : draft.reason.trim();
  if (queue.mode === 'pairwise') return draft.choice === null ? null : { answers: [], choice: draft.choice, reason, seconds };
  const correction = draft.correction === null || draft.correction === output ? null : draft.correction;
  const answers = Object.entries(draft.answers).map(([evaluator_id, judgment]) => ({ evaluator_id, judgment, reason }));
  return answers.length === 0 && correction === null ? null : { answers, correction, reason, seconds };
}

/** `about 9 minutes left`, once it is known how long one takes. */
export function timeLeft(left: number, secondsEach: number | null): string | null {
  if (secondsEach === null || left === 0) return null;
  const minutes = Math.round((left * secondsEach) / 60);
  if (minutes < 1) return 'less than a minute left';
  if (minutes < 100) return `about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} left`;
  return `about ${Math.round(minutes / 60)} hours left`;
}
