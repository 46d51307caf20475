import { zOf } from '../numeric/normal.ts';
import { wilsonLimits } from '../proportions/wilson.ts';
import { type Estimate, estimateOf } from '../result.ts';

/** A judge that says good or bad of all cases, and people who labelled some of them at random. */
export interface LabelledByJudge {
  labelledJudgeGood: number;
  humanGoodGivenJudgeGood: number;
  labelledJudgeBad: number;
  humanGoodGivenJudgeBad: number;
  /** Of all cases, the labelled ones included. */
  judgeGoodAll: number;
  allCases: number;
}

export interface JudgeStratified extends Estimate {
  /** False when one of the judge's answers has no label, so that its share of good is a guess of ½ between 0 and 1. */
  estimateDefined: boolean;
}

/**
 * The pass rate that people would give, from a binary judge on all cases and people on some: A. Tenenbein, "A double sampling
 * scheme for estimating from binomial data with misclassifications", Journal of the American Statistical Association 65 (1970)
 * 1350-1361; limits by squared and added Wilson limits (G. Y. Zou and A. Donner, "Construction of confidence limits about effect
 * measures", Statistics in Medicine 27 (2008) 1693-1702). The default for binary judges: it covers where `ppiMean` does not, at
 * rates near 0 or 1. `judgePassRate` gives the same estimate with a narrower interval.
 *
 * Assumes that the labelled cases are a random sample of all (within each of the judge's answers is enough).
 */
export function judgeStratified(given: LabelledByJudge, level = 0.95): JudgeStratified {
  const { labelledJudgeGood, labelledJudgeBad, judgeGoodAll, allCases } = given;
  const labels = labelledJudgeGood + labelledJudgeBad;
  const rest = { level, n: allCases, units: labels, method: 'stratified by judge' };
  if (allCases === 0) return estimateOf({ ...rest, lower: 0, upper: 1, estimateDefined: false, reason: 'no_data' });
  const z = zOf(level);
  const good = stratum(given.humanGoodGivenJudgeGood, labelledJudgeGood, z);
  const bad = stratum(given.humanGoodGivenJudgeBad, labelledJudgeBad, z);
  const q = judgeGoodAll / allCases;
  const estimate = q * good.p + (1 - q) * bad.p;
  const ofShare = z * z * (good.p - bad.p) ** 2 * ((q * (1 - q)) / allCases);
  const down = Math.sqrt((q * (good.p - good.lower)) ** 2 + ((1 - q) * (bad.p - bad.lower)) ** 2 + ofShare);
  const up = Math.sqrt((q * (good.upper - good.p)) ** 2 + ((1 - q) * (bad.upper - bad.p)) ** 2 + ofShare);
  const estimateDefined = labelledJudgeGood > 0 && labelledJudgeBad > 0;
  return estimateOf({
    ...rest,
    estimate,
    lower: Math.max(0, estimate - down),
    upper: Math.min(1, estimate + up),
    estimateDefined,
    warnings: estimateDefined ? [] : ['One of the judge’s answers has no label yet.'],
  });
}

function stratum(good: number, labelled: number, z: number): { p: number; lower: number; upper: number } {
  return { p: labelled === 0 ? 0.5 : good / labelled, ...wilsonLimits(good, labelled, z) };
}
