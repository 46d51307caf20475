import { binomialCdf } from '../numeric/beta.ts';
import { checkLevel } from '../numeric/normal.ts';
import { type Numbers, quantileSorted } from '../numeric/sums.ts';
import { type Estimate, estimateOf } from '../result.ts';

/**
 * A quantile with limits that need no shape: the values whose ranks a binomial says enclose it (H. A. David and H. N. Nagaraja, "Order
 * statistics", 2003, 7.1). For latency and cost, where a mean is decided by a few. A limit that no rank can give at this n is null, with
 * the reason `too_few_units`.
 *
 * Assumes independent values.
 */
export function quantileInterval(values: Numbers, q = 0.5, level = 0.95): Estimate {
  checkLevel(level);
  if (!(q > 0 && q < 1)) throw new RangeError(`${q} is no quantile.`);
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const rest = { level, n, method: q === 0.5 ? 'median by ranks' : 'quantile by ranks' };
  if (n === 0) return estimateOf({ ...rest, reason: 'no_data' });
  const tail = (1 - level) / 2;
  // The largest rank with at most `tail` below it, and the smallest with at most `tail` above.
  const low = rank(n, (r) => binomialCdf(r - 1, n, q) <= tail);
  const high = n + 1 - rank(n, (r) => binomialCdf(r - 1, n, 1 - q) <= tail);
  const [lower, upper] = [low >= 1 ? sorted[low - 1]! : null, high <= n ? sorted[high - 1]! : null];
  const reason = lower === null || upper === null ? 'too_few_units' : null;
  return estimateOf({ ...rest, estimate: quantileSorted(sorted, q), lower, upper, reason });
}

/** The largest r in 0..n for which a condition holds that fails for all above. */
function rank(n: number, holds: (r: number) => boolean): number {
  let [low, high] = [0, n];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Values cut at a limit that was fixed before they were seen, and how many were. Say so beside every mean of them. */
export function winsorise(values: Numbers, limit: number): { values: Float64Array; cut: number } {
  let cut = 0;
  const kept = Float64Array.from(values, (value) => {
    if (value > limit) cut += 1;
    return Math.min(value, limit);
  });
  return { values: kept, cut };
}
