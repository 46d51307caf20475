import { checkLevel, zOf } from '../numeric/normal.ts';
import { type Estimate, estimateOf } from '../result.ts';

/** A proportion and the interval in which the true one lies with 95 % confidence, as charts draw it. All from 0 to 1. */
export interface Proportion {
  value: number;
  low: number;
  high: number;
  successes: number;
  trials: number;
}

/** @throws RangeError when successes are not between 0 and trials */
export function checkCount(successes: number, trials: number): void {
  if (!(successes >= 0 && successes <= trials)) throw new RangeError(`${successes} of ${trials} is not a proportion.`);
}

/**
 * Wilson's score limits of x in n; neither need be whole, for n may be an effective size. Without a trial 0 to 1.
 * At the ends the limit is the end itself; rounding must not leave it a hair inside or outside.
 */
export function wilsonLimits(x: number, n: number, z: number): { lower: number; upper: number } {
  if (n === 0) return { lower: 0, upper: 1 };
  const p = x / n;
  const z2 = z * z;
  const centre = (p + z2 / (2 * n)) / (1 + z2 / n);
  const half = (z / (1 + z2 / n)) * Math.sqrt(Math.max(0, (p * (1 - p)) / n) + z2 / (4 * n * n));
  return { lower: x === 0 ? 0 : Math.max(0, centre - half), upper: x === n ? 1 : Math.min(1, centre + half) };
}

/**
 * Wilson's score interval of a proportion: E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", Journal of the American Statistical Association 22 (1927) 209-212; recommended for small samples by
 * L. D. Brown, T. T. Cai and A. DasGupta, Statistical Science 16 (2001) 101-133. It covers the level on average over p; at
 * single p near 0 or 1 it may fall to 92 % (n = 100) or 86 % (n = 10), where `clopperPearson` does not.
 *
 * Assumes independent trials: logs of one user or repeats of one case are not (`clusteredWilson`).
 * @throws RangeError when x is not between 0 and n
 */
export function wilson(x: number, n: number, level = 0.95): Estimate {
  checkCount(x, n);
  const limits = wilsonLimits(x, n, zOf(level));
  return estimateOf({ estimate: n === 0 ? null : x / n, ...limits, level, n, method: 'Wilson', reason: n === 0 ? 'no_data' : null });
}

/** `wilson` at 95 % in the form that charts draw; null without a trial: nothing is known, which is not the same as zero. */
export function wilsonInterval(successes: number, trials: number, level = 0.95): Proportion | null {
  checkCount(successes, trials);
  checkLevel(level);
  if (trials === 0) return null;
  const { lower, upper } = wilsonLimits(successes, trials, zOf(level));
  return { value: successes / trials, low: lower, high: upper, successes, trials };
}
