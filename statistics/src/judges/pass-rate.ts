import { zOf } from '../numeric/normal.ts';
import { wilsonLimits } from '../proportions/wilson.ts';
import { type JudgeStratified, type LabelledByJudge, judgeStratified } from './stratified.ts';

/**
 * The pass rate that people would give, as the product shows it: the estimate of `judgeStratified` with Wilson's interval at the
 * sample size that labels and judge together are worth, est(1 − est)/V (E. L. Korn and B. I. Graubard 1998, as in
 * `clusteredWilson`). V is Tenenbein's variance, with half a label more of each kind within each of the judge's answers, so that
 * a judge that was never seen to err is not taken to be infallible. At 50 labels and a judge that correlates 0.8 it is 0.69 of
 * the width of people alone, where the limits of `judgeStratified` are 0.76.
 *
 * Assumes that the labelled cases are a random sample of all.
 */
export function judgePassRate(given: LabelledByJudge, level = 0.95): JudgeStratified {
  const stratified = judgeStratified(given, level);
  const { estimate, n } = stratified;
  if (estimate === null) return stratified;
  const q = given.judgeGoodAll / given.allCases;
  const good = smoothed(given.humanGoodGivenJudgeGood, given.labelledJudgeGood);
  const bad = smoothed(given.humanGoodGivenJudgeBad, given.labelledJudgeBad);
  const variance = q * q * good.variance + (1 - q) ** 2 * bad.variance + ((good.p - bad.p) ** 2 * q * (1 - q)) / n;
  const centre = q * good.p + (1 - q) * bad.p;
  const worth = Math.min(n, (centre * (1 - centre)) / variance);
  const limits = wilsonLimits(Math.min(worth, estimate * worth), worth, zOf(level));
  return { ...stratified, ...limits, method: 'stratified by judge, Wilson at its effective size' };
}

function smoothed(good: number, labelled: number): { p: number; variance: number } {
  const p = (good + 0.5) / (labelled + 1);
  return { p, variance: (p * (1 - p)) / Math.max(1, labelled) };
}
