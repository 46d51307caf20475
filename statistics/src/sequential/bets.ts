import { bisect } from '../numeric/roots.ts';
import { type Numbers, logSumExp } from '../numeric/sums.ts';

/**
 * Betting on a bounded mean, x in 0..1: a bettor whose wealth multiplies by 1 ± bet · (x − m) cannot grow rich against a true
 * mean m, so m is kept while the wealth is below 1/alpha (Ville's inequality). Exact at every n. I. Waudby-Smith and A. Ramdas,
 * "Estimating means of bounded random variables by betting", Journal of the Royal Statistical Society B 86 (2024) 1-27.
 */

/** Spread of what was seen before each value: v_{t−1}, from a start of mean ½ and variance ¼. @throws RangeError outside 0..1 */
export function spreadsBefore(x: Numbers): Float64Array {
  const spreads = new Float64Array(x.length);
  let sum = 0.5;
  let squares = 0.25;
  for (let t = 0; t < x.length; t += 1) {
    const value = x[t]!;
    if (!(value >= 0 && value <= 1)) throw new RangeError(`${value} is not between 0 and 1.`);
    spreads[t] = squares / (t + 1);
    sum += value;
    squares += (value - sum / (t + 2)) ** 2;
  }
  return spreads;
}

/** ln of the wealth of bets `bet(t)` capped at half of what would bankrupt, on the mean being above (+1) or below (−1) m. */
export function logWealth(x: Numbers, bets: Float64Array, m: number, side: 1 | -1): number {
  const cap = 0.5 / (side === 1 ? m : 1 - m);
  let log = 0;
  let product = 1;
  for (let t = 0; t < x.length; t += 1) {
    product *= 1 + side * Math.min(bets[t]!, cap) * (x[t]! - m);
    // Factors are between ½ and a few, so that a product of some leaves the range of numbers only after many.
    if (product > 1e200 || product < 1e-200) {
      log += Math.log(product);
      product = 1;
    }
  }
  return log + Math.log(product);
}

/** Limits where the wealth of either side reaches `threshold`: the wealth on "above" falls in m, on "below" it rises. */
export function limitsOf(
  logUp: (m: number) => number,
  logDown: (m: number) => number,
  threshold: number,
): { lower: number; upper: number } {
  const log = Math.log(threshold);
  const edge = 1e-12;
  return {
    lower: logUp(edge) < log ? 0 : bisect((m) => logUp(m) - log, edge, 1 - edge, 1e-12),
    upper: logDown(1 - edge) < log ? 1 : bisect((m) => logDown(m) - log, edge, 1 - edge, 1e-12),
  };
}

/** The single bet of the hedged capital process, sqrt(2 ln(2/alpha) / (v_{t−1} t ln(1+t))). */
export function predictableBets(x: Numbers, alpha: number): Float64Array {
  return spreadsBefore(x).map((spread, t) => Math.sqrt((2 * Math.log(2 / alpha)) / (spread * (t + 1) * Math.log(t + 2))));
}

const shares = [0.32, 0.16, 0.08, 0.04, 0.02, 0.01];

/** Six bets at once, each a share of 1/spread: no need to guess how large the difference is. */
export function mixtureBets(x: Numbers): Float64Array[] {
  const roots = spreadsBefore(x).map(Math.sqrt);
  return shares.map((share) => roots.map((root) => share / root));
}

/** ln of the mean wealth of the six. */
export function logMixtureWealth(x: Numbers, bets: readonly Float64Array[], m: number, side: 1 | -1): number {
  return logSumExp(bets.map((bet) => logWealth(x, bet, m, side))) - Math.log(bets.length);
}
