import { cohenKappa, type Kappa } from '../agreement/cohen.ts';
import { newcombeDifference } from '../proportions/difference.ts';
import { proportion } from '../proportions/proportion.ts';
import type { Estimate } from '../result.ts';

/** Cases that people labelled and the judge judged, by what each said. */
export interface JudgeCounts {
  /** People good: judge good, judge bad. */
  truePositive: number;
  falseNegative: number;
  /** People bad: judge bad, judge good. */
  trueNegative: number;
  falsePositive: number;
}

export interface JudgeAccuracy {
  /** Share of what people call good that the judge calls good. */
  sensitivity: Estimate;
  /** Share of what people call bad that the judge calls bad. */
  specificity: Estimate;
  agreement: Estimate;
  kappa: Kappa;
}

/**
 * How well a judge does against people: each share with the product's interval for proportions, agreement plain and beyond
 * chance. Assumes that the labelled cases were drawn at random from what is judged; cases chosen because they were doubtful make
 * a judge look worse.
 */
export function judgeAccuracy({ truePositive, falseNegative, trueNegative, falsePositive }: JudgeCounts, level = 0.95): JudgeAccuracy {
  const n = truePositive + falseNegative + trueNegative + falsePositive;
  const table = [
    [truePositive, falseNegative],
    [falsePositive, trueNegative],
  ];
  return {
    sensitivity: proportion(truePositive, truePositive + falseNegative, level),
    specificity: proportion(trueNegative, trueNegative + falsePositive, level),
    agreement: proportion(truePositive + trueNegative, n, level),
    kappa: cohenKappa(table, null, level),
  };
}

/** What changed between two periods or two versions of a judge, later minus earlier, each at a level that holds for both together. */
export function judgeDrift(earlier: JudgeCounts, later: JudgeCounts, level = 0.95): { sensitivity: Estimate; specificity: Estimate } {
  const each = 1 - (1 - level) / 2;
  const good = ({ truePositive, falseNegative }: JudgeCounts) => [truePositive, truePositive + falseNegative] as const;
  const bad = ({ trueNegative, falsePositive }: JudgeCounts) => [trueNegative, trueNegative + falsePositive] as const;
  return {
    sensitivity: newcombeDifference(...good(later), ...good(earlier), each),
    specificity: newcombeDifference(...bad(later), ...bad(earlier), each),
  };
}
