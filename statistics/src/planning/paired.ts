import { zOf, normalQuantile } from '../numeric/normal.ts';
import { noncentralTUpper, tOf } from '../numeric/student.ts';

/** What every plan is told: two-sided alpha, and the share of times that a true difference of this size must be found. */
export interface Aim {
  alpha?: number;
  power?: number;
}

/** z for alpha, two-sided, plus z for power. @throws RangeError unless both lie between 0 and 1 */
export function zSum({ alpha = 0.05, power = 0.8 }: Aim): number {
  if (!(power > 0 && power < 1)) throw new RangeError(`A power of ${power} is not between 0 and 1.`);
  return zOf(1 - alpha) + normalQuantile(power);
}

/** @throws RangeError unless above 0 */
export function checkPositive(value: number, what: string): void {
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${what} is ${value}; it must be above 0.`);
}

/** The probability that a paired t test over n cases finds a true mean difference `delta`, exact by the noncentral t. */
export function pairedPower(n: number, delta: number, sdDifference: number, alpha = 0.05): number {
  if (n < 2) return 0;
  const critical = tOf(1 - alpha, n - 1);
  const shift = (Math.abs(delta) * Math.sqrt(n)) / sdDifference;
  return noncentralTUpper(critical, n - 1, shift) + noncentralTUpper(critical, n - 1, -shift);
}

export interface PairedPlan {
  /** Cases by the normal approximation. */
  nNormal: number;
  /** Cases that reach the power, exact. */
  n: number;
}

/**
 * How many cases a paired comparison needs to find a mean difference of `delta` when the differences of cases spread by `sdDifference`.
 * Plan for the smallest difference worth having, never for the one observed.
 *
 * Assumes differences of roughly normal mean. @throws RangeError for a delta or spread that is not above 0
 */
export function planPaired({ sdDifference, delta, alpha = 0.05, power = 0.8 }: Aim & { sdDifference: number; delta: number }): PairedPlan {
  checkPositive(sdDifference, 'The spread of differences');
  checkPositive(Math.abs(delta), 'The difference to find');
  const raw = (zSum({ alpha, power }) * sdDifference) / delta;
  const nNormal = Math.ceil(raw * raw);
  let n = Math.max(2, nNormal - 1);
  while (pairedPower(n, delta, sdDifference, alpha) < power) n += 1;
  while (n > 2 && pairedPower(n - 1, delta, sdDifference, alpha) >= power) n -= 1;
  return { nNormal, n };
}

export interface RepeatsPlan extends PairedPlan {
  /** sqrt(sdBetween² + 2·sdWithin²/repeats) */
  sdDifference: number;
}

/**
 * The same when each side judges every case `repeats` times: the differences of cases spread by sdBetween truly and by sdWithin a
 * judgment within a case and side.
 */
export function planPairedRepeats({
  sdBetween,
  sdWithin,
  repeats,
  ...rest
}: Aim & { sdBetween: number; sdWithin: number; repeats: number; delta: number }): RepeatsPlan {
  if (!(repeats >= 1)) throw new RangeError(`${repeats} repeats are none.`);
  const sdDifference = Math.sqrt(sdBetween ** 2 + (2 * sdWithin ** 2) / repeats);
  return { sdDifference, ...planPaired({ ...rest, sdDifference }) };
}

/**
 * Repeats per case and side that buy the narrowest interval for the money: sqrt(costCase/costRepeat · 2·sdWithin²/sdBetween²),
 * at least 1. A `costCase` of 0, when cases are there for nothing, says 1: take new cases before repeats.
 */
export function bestRepeats({
  sdBetween,
  sdWithin,
  costCase,
  costRepeat,
  most = 20,
}: {
  sdBetween: number;
  sdWithin: number;
  costCase: number;
  costRepeat: number;
  most?: number;
}): number {
  checkPositive(costRepeat, 'The cost of a repeat');
  const squared = ((costCase / costRepeat) * 2 * sdWithin ** 2) / sdBetween ** 2;
  return Number.isNaN(squared) ? 1 : Math.min(most, Math.max(1, Math.round(Math.sqrt(squared))));
}
