import { checkLevel } from '../numeric/normal.ts';
import { type Moments, type Numbers, momentsOf, varianceOf } from '../numeric/sums.ts';
import { studentTwoSided, tOf } from '../numeric/student.ts';
import { type Estimate, estimateOf } from '../result.ts';

export interface MeanEstimate extends Estimate {
  /** Standard error of the estimate. */
  se: number | null;
  df: number | null;
  /** Two-sided, against zero. */
  p: number | null;
}

/**
 * Student's interval of a mean: "The probable error of a mean", Biometrika 6 (1908) 1-25. Without a value nothing is known, with one
 * there is no spread. All values equal: limits of no width with the reason `no_spread`; that width is a statement about the
 * sample only, and `meanScore` does not show it.
 *
 * Assumes independent values and, at small n, no great skew (`tooSkewed`).
 */
export function tInterval(values: Numbers, level = 0.95): MeanEstimate {
  return tIntervalOfMoments(momentsOf(values), level);
}

export function tIntervalOfMoments(moments: Moments, level = 0.95): MeanEstimate {
  checkLevel(level);
  const { n, mean } = moments;
  const rest = { level, n, method: "Student's t", se: null, df: null, p: null };
  if (n === 0) return estimateOf({ ...rest, reason: 'no_data' });
  const variance = varianceOf(moments);
  if (variance === null) return estimateOf({ ...rest, estimate: mean, reason: 'one_unit' });
  const se = Math.sqrt(variance / n);
  const df = n - 1;
  if (se === 0) return estimateOf({ ...rest, estimate: mean, se, df, lower: mean, upper: mean, reason: 'no_spread' });
  const half = tOf(level, df) * se;
  return estimateOf({ ...rest, estimate: mean, se, df, lower: mean - half, upper: mean + half, p: studentTwoSided(mean / se, df) });
}
