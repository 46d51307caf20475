import { type Moments, varianceOf } from '../numeric/sums.ts';
import { type Estimate, estimateOf } from '../result.ts';
import { acsKappa, kappaOf, logMixtureEvidence, mixtureMultiplier, mixtureMultiplierOneSided } from './mixture.ts';

export interface SequentialDifference extends Estimate {
  seWelch: number | null;
  sePooled: number | null;
  /** The larger of the two, which is used. */
  se: number | null;
  r: number;
  multiplier: number;
  multiplierOneSided: number;
  /** Bounds at `alpha` when only one side is asked, as guards do. */
  oneSidedLower: number | null;
  oneSidedUpper: number | null;
}

/** Pooled standard error of a difference: that of equal spreads. */
function pooledSe(a: Moments, b: Moments): number {
  return Math.sqrt(((a.squares + b.squares) / (a.n + b.n - 2)) * (1 / a.n + 1 / b.n));
}

/**
 * The difference of two arms' means, B minus A, with an interval that holds at every look at once: the asymptotic confidence
 * sequence of Waudby-Smith et al. 2024 (see mixture.ts), Theorem 2.2 and its one-sided form. `se` is the larger of Welch and
 * pooled, without which rare or skewed outcomes on uneven traffic raise 10 to 34 % false alarms.
 *
 * Units enter once each, in the order in which their windows close. `nStar`, the planned number of units, is where the interval
 * is tightest; it is fixed before the first look, is no stopping rule, and may not be tuned later. Look first at 100 units.
 * Assumes independent units and moments that exist; lognormal sigma 2 misses, so winsorise such outcomes.
 *
 * @returns no interval below two units an arm (`one_unit`) or without spread (`no_spread`)
 */
export function acsTwoSample(a: Moments, b: Moments, { alpha = 0.05, nStar }: { alpha?: number; nStar: number }): SequentialDifference {
  if (!(nStar > 0)) throw new RangeError(`nStar is ${nStar}; it is the planned number of units.`);
  const n = a.n + b.n;
  const { kappa, kappaOneSided } = acsKappa(alpha);
  const r = (n * kappa) / nStar;
  const multiplier = mixtureMultiplier(r, alpha);
  const multiplierOneSided = mixtureMultiplierOneSided((n * kappaOneSided) / nStar, alpha);
  const rest = { level: 1 - alpha, n, method: 'asymptotic confidence sequence', r, multiplier, multiplierOneSided };
  const nothing = { seWelch: null, sePooled: null, se: null, oneSidedLower: null, oneSidedUpper: null };
  const [sA, sB] = [varianceOf(a), varianceOf(b)];
  if (sA === null || sB === null) return estimateOf({ ...rest, ...nothing, reason: Math.min(a.n, b.n) === 0 ? 'no_data' : 'one_unit' });
  const estimate = b.mean - a.mean;
  const seWelch = Math.sqrt(sA / a.n + sB / b.n);
  const sePooled = pooledSe(a, b);
  const se = Math.max(seWelch, sePooled);
  if (se === 0) return estimateOf({ ...rest, ...nothing, estimate, seWelch, sePooled, se, reason: 'no_spread' });
  return estimateOf({
    ...rest,
    estimate,
    lower: estimate - multiplier * se,
    upper: estimate + multiplier * se,
    seWelch,
    sePooled,
    se,
    oneSidedLower: estimate - multiplierOneSided * se,
    oneSidedUpper: estimate + multiplierOneSided * se,
    warnings: n < 100 ? ['Fewer than 100 units: too early to look.'] : [],
  });
}

export interface InformationResult extends Estimate {
  r: number;
  multiplier: number;
  /** Evidence against no difference, and the p that holds at every look: min(1, 1/e). */
  eValue: number | null;
  p: number | null;
}

/**
 * The same on the clock of information, tau2/se², for an estimate with any standard error (ratios, CUPED, AIPW) and for users
 * whose totals keep growing: R. Johari, P. Koomen, L. Pekelis and D. Walsh, "Always valid inference: continuous monitoring of
 * A/B tests", Operations Research 70 (2022) 1806-1821. The interval leaves 0 exactly when the e-value passes 1/alpha.
 *
 * @param tau2 kappa · (se² expected at the planned size), fixed before the first look
 */
export function acsInformation(
  diff: number,
  se: number,
  { tau2, alpha = 0.05, n = 0, units = n }: { tau2: number; alpha?: number; n?: number; units?: number },
): InformationResult {
  if (!(tau2 > 0)) throw new RangeError(`tau2 is ${tau2}; it must be above 0.`);
  const variance = se * se;
  const r = tau2 / variance;
  const rest = { estimate: diff, level: 1 - alpha, n, units, method: 'asymptotic confidence sequence (information)', r };
  if (!(se > 0)) return estimateOf({ ...rest, r: 0, multiplier: 0, eValue: null, p: null, reason: 'no_spread' });
  const multiplier = mixtureMultiplier(r, alpha);
  const logE = logMixtureEvidence(diff / se, r);
  return estimateOf({
    ...rest,
    lower: diff - multiplier * se,
    upper: diff + multiplier * se,
    multiplier,
    eValue: Math.exp(Math.min(700, logE)),
    p: Math.min(1, Math.exp(-logE)),
  });
}

/** tau2 for `acsInformation`, from the standard error expected at the planned size. */
export function tau2For(seAtPlan: number, alpha = 0.05): number {
  return kappaOf(alpha) * seAtPlan * seAtPlan;
}

/**
 * What is left of all intervals so far. Show this or the current interval, not both; `drift` says that nothing is left, which
 * under a steady difference happens in fewer than alpha of experiments.
 */
export function runningIntersection(intervals: readonly Pick<Estimate, 'lower' | 'upper'>[]): {
  lower: number | null;
  upper: number | null;
  drift: boolean;
} {
  let [lower, upper] = [-Infinity, Infinity];
  for (const interval of intervals) {
    lower = Math.max(lower, interval.lower ?? -Infinity);
    upper = Math.min(upper, interval.upper ?? Infinity);
  }
  if (lower > upper) return { lower: null, upper: null, drift: true };
  return { lower: Number.isFinite(lower) ? lower : null, upper: Number.isFinite(upper) ? upper : null, drift: false };
}
