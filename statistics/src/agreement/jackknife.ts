import { zOf } from '../numeric/normal.ts';
import { meanOf } from '../numeric/sums.ts';

/**
 * Standard error of a statistic by leaving out one item at a time (J. W. Tukey 1958): sqrt((n−1)/n · Σ (θ₋ᵢ − mean)²). Null when a
 * statistic without one of the items is undefined, or below two items.
 */
export function jackknifeSe<Item>(items: readonly Item[], statistic: (items: readonly Item[]) => number | null): number | null {
  const n = items.length;
  if (n < 2) return null;
  const without = items.map((_, i) => statistic(items.toSpliced(i, 1)));
  if (without.some((value) => value === null)) return null;
  const values = without as number[];
  const mean = meanOf(values);
  return Math.sqrt(((n - 1) / n) * values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
}

/** Normal limits about a coefficient of agreement, cut at −1 and 1 only where agreement cannot lie beyond. */
export function agreementLimits(estimate: number | null, se: number | null, level: number): { lower: number | null; upper: number | null } {
  if (estimate === null || se === null) return { lower: null, upper: null };
  const half = zOf(level) * se;
  return { lower: estimate - half, upper: Math.min(1, estimate + half) };
}
