import { type Numbers, momentsOf } from '../numeric/sums.ts';
import { studentTwoSided, tOf } from '../numeric/student.ts';
import { type MeanEstimate, tIntervalOfMoments } from './t.ts';

/**
 * Sample skewness G1, corrected for n (D. N. Joanes and C. A. Gill, The Statistician 47 (1998) 183-189); null below three values
 * or without spread.
 */
export function skewness(values: Numbers): number | null {
  const { n, mean, squares } = momentsOf(values);
  if (n < 3 || squares === 0) return null;
  let cubes = 0;
  for (const value of values) cubes += (value - mean) ** 3;
  return ((cubes / n / (squares / n) ** 1.5) * Math.sqrt(n * (n - 1))) / (n - 2);
}

/**
 * n in squared skewnesses: at or below the first no method covers 94 % of lognormals, at or below the second one should look at
 * the median too.
 */
const refused = 2;
const doubtful = 9;

/**
 * Student's interval of a mean, reaching further on the side where the sample is skewed: P. Hall, "On the removal of skewness by
 * transformation", Journal of the Royal Statistical Society B 54 (1992) 221-228, his monotone cubic with t in place of the
 * normal quantile, and never nearer than t itself, since what a sample says of its skew is rough. Covers 94 % and more of
 * lognormals with sigma 1 from 50 values, where t covers 90 %.
 *
 * Without bounds (`bounded` false) a sample of n ≤ 2 · skewness² gets no interval (`too_skewed`): a few values decide the mean,
 * and with heavier tails nothing covers. W. G. Cochran, "Sampling techniques" (1977), 2.15, gives the form of the rule. All
 * alike: no interval (`no_spread`).
 *
 * Assumes independent values.
 */
export function skewedT(values: Numbers, level = 0.95, bounded = false): MeanEstimate {
  const moments = momentsOf(values);
  const student = tIntervalOfMoments(moments, level);
  const { n } = moments;
  const { estimate, se, df } = student;
  if (estimate === null || se === null || df === null) return student;
  if (se === 0) return { ...student, lower: null, upper: null };
  const skew = skewness(values) ?? 0;
  if (!bounded && n <= refused * skew * skew) return { ...student, lower: null, upper: null, p: null, reason: 'too_skewed' };
  const warnings = !bounded && n <= doubtful * skew * skew ? ['A few large values weigh heavily here: look at the median too.'] : [];
  const g = skew / Math.sqrt(n);
  const t = tOf(level, df);
  return {
    ...student,
    method: "Student's t, widened for skew",
    lower: estimate - Math.max(t, hallReach(t, g)) * se,
    upper: estimate + Math.max(t, -hallReach(-t, g)) * se,
    p: Math.max(student.p ?? 1, transformedP(estimate / se, g, df)),
    warnings,
  };
}

/** Hall's cubic turned round: standard errors to the limit that stands at quantile u, for an estimate of skewness g. */
export function hallReach(u: number, g: number): number {
  return Math.abs(g) < 1e-12 ? u : (3 / g) * (Math.cbrt(1 + g * (u - g / 6)) - 1);
}

/** Hall's cubic: the quantile at which a limit `t` standard errors away stands, for an estimate of skewness g. */
export function hallQuantile(t: number, g: number): number {
  return t + (g * t * t) / 3 + (g * g * t ** 3) / 27 + g / 6;
}

/** The p that goes with the transformed limits: Hall's cubic of the t value, 1 where it changes sides. */
function transformedP(t: number, g: number, df: number): number {
  const moved = hallQuantile(t, g);
  return moved > 0 === t > 0 ? studentTwoSided(moved, df) : 1;
}
