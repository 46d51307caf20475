import type { EvaluatorLogResponse, JudgmentValue } from '@whetstone/contract';
import type { Choice } from '../judge/choices.ts';
import type { FeedbackKind } from './kinds.ts';

/** What one says of a log by one press: as it is sent, and as the judgment is afterwards. */
export interface Change {
  body: { kind: string; value: JudgmentValue | null; remove: boolean };
  after: JudgmentValue | null;
}

/** A press on a choice: of several labels it is turned on or off; else the same again takes it back. */
export function press(kind: FeedbackKind, now: JudgmentValue | null, { value }: Choice): Change {
  if (kind.spec.return_type !== 'multi_select') return set(kind, now === value ? null : value);
  const label = String(value);
  const labels = Array.isArray(now) ? now : [];
  const on = labels.includes(label);
  const after = on ? labels.filter((one) => one !== label) : [...labels, label];
  return { body: { kind: kind.id, value: label, remove: on }, after: after.length === 0 ? null : after };
}

export function set(kind: FeedbackKind, value: JudgmentValue | null): Change {
  return { body: { kind: kind.id, value, remove: value === null }, after: value };
}

/** What a person said by this kind, if anything. */
export function ownOf(judgments: readonly EvaluatorLogResponse[], kindId: string, userId: string): EvaluatorLogResponse | undefined {
  return judgments.find(
    ({ evaluator, judge, judgment_source: source }) => evaluator.id === kindId && source === 'human' && judge === userId,
  );
}

/** The judgments as they will be when the server has done it. */
export function afterwards(
  judgments: readonly EvaluatorLogResponse[],
  kind: FeedbackKind,
  userId: string,
  value: JudgmentValue | null,
  now: string,
): EvaluatorLogResponse[] {
  const mine = ownOf(judgments, kind.id, userId);
  if (value === null) return judgments.filter((one) => one !== mine);
  if (mine !== undefined) return judgments.map((one) => (one === mine ? { ...one, judgment: value, created_at: now, edit: null } : one));
  const { id, path, name, spec } = kind;
  const made = { id: `own ${id}`, judgment: value, judge: userId, judgment_source: 'human', created_at: now, output: null, error: null };
  return [...judgments, { ...made, evaluator: { id, path, name, spec } } as unknown as EvaluatorLogResponse];
}
