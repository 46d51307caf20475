import { checkLevel } from '../numeric/normal.ts';
import { type Moments, type Numbers, momentsOf, varianceOf } from '../numeric/sums.ts';
import { studentTwoSided, tOf } from '../numeric/student.ts';
import { estimateOf } from '../result.ts';
import type { MeanEstimate } from './t.ts';

/** Welch's degrees of freedom from two squared standard errors; null when both are 0. */
export function satterthwaite(vA: number, nA: number, vB: number, nB: number): number | null {
  const total = vA + vB;
  return total === 0 ? null : (total * total) / ((vA * vA) / (nA - 1) + (vB * vB) / (nB - 1));
}

/**
 * The difference of two means over different units, B minus A, spreads not assumed equal: B. L. Welch, "The generalization of
 * 'Student's' problem when several different population variances are involved", Biometrika 34 (1947) 28-35. Both without spread:
 * limits of no width and the reason `no_spread`.
 */
export function welch(a: Numbers, b: Numbers, level = 0.95): MeanEstimate {
  return welchOfMoments(momentsOf(a), momentsOf(b), level);
}

export function welchOfMoments(a: Moments, b: Moments, level = 0.95): MeanEstimate {
  checkLevel(level);
  const rest = { level, n: a.n + b.n, method: 'Welch', se: null, df: null, p: null };
  if (a.n === 0 || b.n === 0) return estimateOf({ ...rest, reason: 'no_data' });
  const estimate = b.mean - a.mean;
  const [sA, sB] = [varianceOf(a), varianceOf(b)];
  if (sA === null || sB === null) return estimateOf({ ...rest, estimate, reason: 'one_unit' });
  const se = Math.sqrt(sA / a.n + sB / b.n);
  const df = satterthwaite(sA / a.n, a.n, sB / b.n, b.n);
  if (df === null) return estimateOf({ ...rest, estimate, se, lower: estimate, upper: estimate, reason: 'no_spread' });
  const half = tOf(level, df) * se;
  return estimateOf({ ...rest, estimate, se, df, lower: estimate - half, upper: estimate + half, p: studentTwoSided(estimate / se, df) });
}
