import type { HardRule, ReportEstimate, ReportEvaluator } from '@whetstone/contract';
import { intervalWords, scoreWords, type Unit } from './words.ts';

/** Hard rules: a bound that a score must keep by itself, whatever the baseline did. */

type Outcome = ReportEvaluator['hard_rules'][number]['runs'][number];

/**
 * Broken when the whole interval lies beyond the bound, kept when it lies within; else the sample does not tell, and `estimate_breaks`
 * says on which side the estimate is.
 */
export function judgeRule(
  rule: Pick<HardRule, 'at_least' | 'at_most'>,
  run: { id: string; label: string },
  score: ReportEstimate,
  unit: Unit,
): Outcome {
  const { estimate, lower, upper } = score;
  const atLeast = rule.at_least ?? null;
  const atMost = rule.at_most ?? null;
  const bounds = [
    ...(atLeast === null ? [] : [`at least ${scoreWords(unit, atLeast)}`]),
    ...(atMost === null ? [] : [`at most ${scoreWords(unit, atMost)}`]),
  ].join(' and ');
  const base = { run_id: run.id, estimate, lower, upper, estimate_breaks: estimate !== null && beyond(estimate, atLeast, atMost) };
  const told = `${run.label}: ${intervalWords(unit, score)}, asked for ${bounds}.`;
  if (estimate === null || lower === null || upper === null)
    return { ...base, outcome: 'cannot_tell', sentence: `${run.label}: not measured. ${score.reason_text ?? ''}`.trim() };
  const below = atLeast !== null && upper < atLeast;
  const above = atMost !== null && lower > atMost;
  if (below || above) return { ...base, outcome: 'broken', sentence: `Broken. ${told}` };
  const within = (atLeast === null || lower >= atLeast) && (atMost === null || upper <= atMost);
  return {
    ...base,
    outcome: within ? 'kept' : 'cannot_tell',
    sentence: `${within ? 'Kept' : 'Cannot tell with this many cases'}. ${told}`,
  };
}

function beyond(estimate: number, atLeast: number | null, atMost: number | null): boolean {
  return (atLeast !== null && estimate < atLeast) || (atMost !== null && estimate > atMost);
}
