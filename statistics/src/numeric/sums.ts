/** A list of finite numbers. */
export type Numbers = readonly number[] | Float64Array;

/** How many, their mean, and the sum of squared distances from it: enough for every interval of a mean, and mergeable. */
export interface Moments {
  n: number;
  mean: number;
  /** Σ (x − mean)² */
  squares: number;
}

/**
 * Two passes, the second corrected for what rounding left of the first: T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms
 * for computing the sample variance", The American Statistician 37 (1983) 242-247.
 * @throws RangeError for what is not finite
 */
export function momentsOf(values: Numbers): Moments {
  let sum = 0;
  for (const value of values) sum += value;
  const n = values.length;
  if (!Number.isFinite(sum)) throw new RangeError('There is a value that is not a finite number.');
  if (n === 0) return { n, mean: 0, squares: 0 };
  const mean = sum / n;
  let squares = 0;
  let left = 0;
  for (const value of values) {
    const distance = value - mean;
    squares += distance * distance;
    left += distance;
  }
  return { n, mean, squares: Math.max(0, squares - (left * left) / n) };
}

/** From running totals, as a database has them. Loses digits when the mean is far from zero against the spread. */
export function momentsOfSums(n: number, sum: number, sumOfSquares: number): Moments {
  if (n === 0) return { n, mean: 0, squares: 0 };
  const squares = sumOfSquares - (sum * sum) / n;
  // Below this the difference is rounding, not spread.
  return { n, mean: sum / n, squares: squares <= 1e-14 * Math.abs(sumOfSquares) ? 0 : squares };
}

/** One value more: B. P. Welford, Technometrics 4 (1962) 419-420. */
export function addMoment({ n, mean, squares }: Moments, value: number): Moments {
  const next = mean + (value - mean) / (n + 1);
  return { n: n + 1, mean: next, squares: squares + (value - mean) * (value - next) };
}

/** Sample variance, divisor n−1; null below two values. */
export function varianceOf({ n, squares }: Moments): number | null {
  return n < 2 ? null : squares / (n - 1);
}

export function sumOf(values: Numbers): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Mean of a list that is not empty. */
export function meanOf(values: Numbers): number {
  return sumOf(values) / values.length;
}

/** ln Σ exp, without overflow; −Infinity of nothing. */
export function logSumExp(values: Numbers): number {
  let top = -Infinity;
  for (const value of values) top = Math.max(top, value);
  if (!Number.isFinite(top)) return top;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - top);
  return top + Math.log(sum);
}

/** Quantile of a sorted, non-empty list, type 7 of R. J. Hyndman and Y. Fan, The American Statistician 50 (1996) 361-365. */
export function quantileSorted(sorted: Numbers, p: number): number {
  const at = (sorted.length - 1) * p;
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}
