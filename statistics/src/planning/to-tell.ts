import type { Repeats } from '../means/paired.ts';
import type { Reason } from '../result.ts';
import { type Aim, bestRepeats, planPaired, planPairedRepeats } from './paired.ts';
import { pairedSpread } from './spread.ts';

export interface ToTell {
  /** Cases in all with as many repeats as now, and how many that is more than there are. */
  cases: number;
  more: number;
  /** Repeats per side that would buy most, and the cases needed with them; null when nothing was repeated, so that noise is unknown. */
  repeats: { repeats: number; cases: number } | null;
}

/**
 * What it would take to find a difference of `delta`, from the spread of a run that was made: more cases, or as many repeats as
 * pay. Null with the reason where there is no spread to plan from. It plans for the difference given, never for the one
 * observed.
 *
 * @param delta the smallest difference worth having
 * @param costs what a new case costs against a repeat of an old one; equal unless said
 */
export function casesToTell(
  a: Repeats,
  b: Repeats,
  { delta, costCase = 1, costRepeat = 1, ...aim }: Aim & { delta: number; costCase?: number; costRepeat?: number },
): { plan: ToTell | null; reason: Reason | null } {
  const { sdBetween, sdWithin, sdDifference, n, reason } = pairedSpread(a, b);
  if (sdDifference === null) return { plan: null, reason };
  if (sdDifference === 0) return { plan: null, reason: 'no_spread' };
  const cases = planPaired({ ...aim, sdDifference, delta }).n;
  const plan = { cases, more: Math.max(0, cases - n), repeats: null };
  if (sdBetween === null || sdWithin === null || sdWithin === 0) return { plan, reason: null };
  const repeats = bestRepeats({ sdBetween, sdWithin, costCase, costRepeat });
  const withRepeats = planPairedRepeats({ ...aim, sdBetween, sdWithin, repeats, delta });
  return { plan: { ...plan, repeats: { repeats, cases: withRepeats.n } }, reason: null };
}
