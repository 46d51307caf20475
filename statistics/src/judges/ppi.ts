import { checkLevel } from '../numeric/normal.ts';
import { type Moments, type Numbers, meanOf, momentsOf, varianceOf } from '../numeric/sums.ts';
import { tOf } from '../numeric/student.ts';
import { satterthwaite } from '../means/welch.ts';
import { type Estimate, estimateOf } from '../result.ts';

/** What people said of some cases, what the judge said of the same, and what it said of the others. */
export interface PpiInput {
  labels: Numbers;
  judgeOnLabelled: Numbers;
  judgeOnUnlabelled: Numbers;
}

export interface Ppi extends Estimate {
  se: number | null;
  /** How far the judge is trusted: 0 not at all, which leaves the people's mean; 1 wholly, corrected by its mean error. */
  lambda: number;
  /** The judge's own mean over all cases: the raw score, to be shown beside. */
  raw: number | null;
}

/**
 * A mean score as people would give it, from few labels and a judge on all cases: A. N. Angelopoulos, S. Bates, C. Fannjiang, M.
 * I. Jordan and T. Zrnic, "Prediction-powered inference", Science 382 (2023) 669-674, with the power tuning of A. N.
 * Angelopoulos, J. C. Duchi and T. Zrnic, "PPI++: efficient prediction-powered inference" (2023). Unbiased whatever the judge
 * does; a useless judge costs next to nothing. t with n−1 degrees of freedom.
 *
 * Assumes that the labelled cases are a random sample. For scores: at pass rates near 0.9 it covers 90 % with 100 labels; a
 * binary judge and label go to `judgeStratified`, labels chosen by `activePolicy` to `activeMean`.
 * @param lambda to fix it; null tunes it from the labels
 */
export function ppiMean({ labels, judgeOnLabelled, judgeOnUnlabelled }: PpiInput, level = 0.95, lambda: number | null = null): Ppi {
  checkLevel(level);
  if (labels.length !== judgeOnLabelled.length)
    throw new RangeError(`${labels.length} labels and ${judgeOnLabelled.length} judgments differ.`);
  const [n, others] = [labels.length, judgeOnUnlabelled.length];
  const rest = { level, n: n + others, units: n, method: 'prediction-powered' };
  const all = momentsOf(Float64Array.from([...judgeOnLabelled, ...judgeOnUnlabelled]));
  const raw = all.n === 0 ? null : all.mean;
  if (n === 0) return estimateOf({ ...rest, se: null, lambda: 0, raw, reason: 'no_data' });
  const ofOthers = momentsOf(judgeOnUnlabelled);
  const trust = others === 0 ? 0 : (lambda ?? tuned(labels, judgeOnLabelled, all, n / others));
  const errors = momentsOf(Float64Array.from(labels, (label, i) => label - trust * judgeOnLabelled[i]!));
  const estimate = errors.mean + (trust === 0 ? 0 : trust * ofOthers.mean);
  const variance = varianceOf(errors);
  if (variance === null) return estimateOf({ ...rest, estimate, se: null, lambda: trust, raw, reason: 'one_unit' });
  const ofJudge = trust === 0 ? 0 : (trust * trust * (varianceOf(ofOthers) ?? 0)) / others;
  const se = Math.sqrt(ofJudge + variance / n);
  if (se === 0) return estimateOf({ ...rest, estimate, se, lambda: trust, raw, reason: 'no_spread' });
  const half = tOf(level, n - 1) * se;
  return estimateOf({ ...rest, estimate, lower: estimate - half, upper: estimate + half, se, lambda: trust, raw });
}

/** cov(y, f) / ((1 + n/N) var f), kept between 0 and 1; 0 for a judge that always says the same. */
function tuned(labels: Numbers, judge: Numbers, all: Moments, ratio: number): number {
  const n = labels.length;
  const variance = varianceOf(all);
  if (n < 2 || variance === null || variance === 0) return 0;
  const [meanY, meanF] = [meanOf(labels), meanOf(judge)];
  let covariance = 0;
  for (let i = 0; i < n; i += 1) covariance += (labels[i]! - meanY) * (judge[i]! - meanF);
  covariance /= n - 1;
  return Math.min(1, Math.max(0, covariance / ((1 + ratio) * variance)));
}

/**
 * The same for the difference of two versions over the same cases: labels and judgments are per-case differences, B minus A.
 */
export function ppiDifferencePaired(differences: PpiInput, level = 0.95): Ppi {
  return { ...ppiMean(differences, level), method: 'prediction-powered, paired' };
}

/** The difference of two groups of different cases, B minus A: variances add; Welch's degrees of freedom on the labels. */
export function ppiDifference(a: Ppi, b: Ppi, level = 0.95): Ppi {
  const rest = {
    level,
    n: a.n + b.n,
    units: a.units + b.units,
    method: 'prediction-powered difference',
    lambda: Math.min(a.lambda, b.lambda),
  };
  const raw = a.raw === null || b.raw === null ? null : b.raw - a.raw;
  if (a.estimate === null || b.estimate === null) return estimateOf({ ...rest, se: null, raw, reason: 'no_data' });
  const estimate = b.estimate - a.estimate;
  if (a.se === null || b.se === null) return estimateOf({ ...rest, estimate, se: null, raw, reason: 'one_unit' });
  const se = Math.hypot(a.se, b.se);
  const df = satterthwaite(a.se ** 2, a.units, b.se ** 2, b.units);
  if (df === null) return estimateOf({ ...rest, estimate, se, raw, reason: 'no_spread' });
  const half = tOf(level, df) * se;
  return estimateOf({ ...rest, estimate, lower: estimate - half, upper: estimate + half, se, raw });
}
