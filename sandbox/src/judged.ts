import type { EvaluatorSpec } from '@whetstone/contract';
import { judgmentMismatch } from '@whetstone/domain';
import type { JudgmentValue, Outcome } from './outcome.ts';

/** What code returned, held against what its evaluator may say. */
export function judgedByCode(
  spec: EvaluatorSpec,
  outcome: Outcome,
): { outcome: 'judged'; value: JudgmentValue; reason: string | null } | { outcome: 'failed'; error: string } {
  if (outcome.outcome !== 'value') return { outcome: 'failed', error: messageOf(outcome) };
  const wrong = judgmentMismatch(spec, outcome.value);
  if (wrong === null) return { outcome: 'judged', value: outcome.value, reason: outcome.reason };
  return { outcome: 'failed', error: `${wrong} The code returned ${JSON.stringify(outcome.value).slice(0, 200)}.` };
}

function messageOf(outcome: Exclude<Outcome, { outcome: 'value' }>): string {
  const line = outcome.outcome === 'error' ? outcome.line : null;
  return line === null ? outcome.message : `${outcome.message} (line ${line})`;
}
