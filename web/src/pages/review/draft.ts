import type { EvaluatorSpec, JudgmentValue, ReviewAnswers, ReviewItem, ReviewQueue } from '@whetstone/contract';

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

export interface Choice {
  value: JudgmentValue;
  label: string;
  tone: 'positive' | 'negative' | 'neutral';
}

/** What can be chosen by one press; null for what is typed. */
export function choicesOf(spec: EvaluatorSpec): Choice[] | null {
  if (spec.return_type === 'boolean') {
    const bad = spec.options?.find(({ name }) => name === 'true')?.valence === 'negative';
    return [
      { value: true, label: 'Yes', tone: bad ? 'negative' : 'positive' },
      { value: false, label: 'No', tone: bad ? 'positive' : 'negative' },
    ];
  }
  if (spec.return_type === 'select' || spec.return_type === 'multi_select')
    return spec.options?.length
      ? spec.options.map(({ name, valence }) => ({ value: name, label: name, tone: valence ?? 'neutral' }))
      : null;
  const { min, max, step } = spec.number_limits ?? {};
  if (spec.return_type !== 'number' || min == null || max == null || (step ?? 1) !== 1 || max - min > 10) return null;
  return Array.from({ length: max - min + 1 }, (_, at) => ({ value: min + at, label: String(min + at), tone: 'neutral' }));
}

export function chosen(value: JudgmentValue | undefined, choice: Choice): boolean {
  return Array.isArray(value) ? value.includes(String(choice.value)) : value === choice.value;
}

/** The draft after a press: of several labels it is turned on or off. */
export function pressed(spec: EvaluatorSpec, value: JudgmentValue | undefined, choice: Choice): JudgmentValue | undefined {
  if (spec.return_type !== 'multi_select') return value === choice.value ? undefined : choice.value;
  const label = String(choice.value);
  const labels = Array.isArray(value) ? value : [];
  return labels.includes(label) ? labels.filter((one) => one !== label) : [...labels, label];
}

/** `about 9 minutes left`, once it is known how long one takes. */
export function timeLeft(left: number, secondsEach: number | null): string | null {
  if (secondsEach === null || left === 0) return null;
  const minutes = Math.round((left * secondsEach) / 60);
  if (minutes < 1) return 'less than a minute left';
  if (minutes < 100) return `about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} left`;
  return `about ${Math.round(minutes / 60)} hours left`;
}
