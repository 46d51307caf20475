import type { EvaluatorSpec, JudgmentValue } from '@whetstone/contract';
import { judgmentMismatch } from '@whetstone/domain';
import type { Outcome } from '../evaluator.ts';

/** How a log was judged by an evaluator of any kind. What is not judged is neither a failure nor zero. */
export type SpecOutcome =
  | { outcome: 'judged'; value: JudgmentValue; reason: string | null }
  | { outcome: 'not_judged'; reason: string }
  | { outcome: 'failed'; error: string };

/** What an evaluator of the library said, held against what the saved evaluator may say. */
export function specOutcome(spec: EvaluatorSpec, outcome: Outcome): SpecOutcome {
  if (outcome.outcome === 'failed') return { outcome: 'failed', error: outcome.error };
  if (outcome.outcome === 'not_scored') return { outcome: 'not_judged', reason: outcome.reason };
  const wrong = judgmentMismatch(spec, outcome.value);
  return wrong === null ? { outcome: 'judged', value: outcome.value, reason: outcome.reason } : { outcome: 'failed', error: wrong };
}
