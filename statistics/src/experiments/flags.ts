import { type Estimate, estimateOf } from '../result.ts';
import type { Range } from '../means/score.ts';
import { wilson } from '../proportions/wilson.ts';
import { bettingMixture } from '../sequential/betting.ts';
import { kappaOf, mixtureMultiplier } from '../sequential/mixture.ts';
import { sampleRatio } from '../sequential/sample-ratio.ts';
import { tIntervalOfMoments } from '../means/t.ts';
import { type ArmMoments, yesOf } from './arm-moments.ts';
import { type ArmLook, type ArmsOfEpoch, type LookInput, lookAtArms } from './look.ts';

/** Units that were assigned in one epoch, and the shares that were meant. */
export interface Assignments {
  counts: readonly number[];
  /** 0 for an arm that was stopped. */
  shares: readonly number[];
}

export interface SampleRatioLook {
  alarm: boolean;
  /** ln of the evidence, and the evidence as far as a number holds it; null without a unit. */
  logEvidence: number | null;
  evidence: number | null;
  threshold: number;
  /** Per arm: units there are, and units that the shares mean. */
  arms: { units: number; expected: number }[];
  n: number;
}

/**
 * Whether arms have the units that they were meant to have, over epochs of different shares, at every look: the evidence of each epoch
 * (`sampleRatio`, two of them in one) multiplied, an alarm at 1000, false in at most 1 of 1000 experiments (Ville's inequality). Units of an arm without
 * a share in an epoch, which cannot be, count as an alarm. Count units at assignment, when it happened.
 */
export function lookAtSampleRatio(epochs: readonly Assignments[]): SampleRatioLook {
  const arms = (epochs[0]?.counts ?? []).map(() => ({ units: 0, expected: 0 }));
  let [logE, n, impossible] = [0, 0, false];
  for (const { counts, shares } of epochs) {
    if (counts.length !== arms.length || shares.length !== arms.length) throw new RangeError('Epochs do not have the same arms.');
    const total = counts.reduce((sum, count) => sum + count, 0);
    const whole = shares.reduce((sum, share) => sum + share, 0);
    for (const [i, arm] of arms.entries()) {
      arm.units += counts[i]!;
      arm.expected += whole > 0 ? (total * shares[i]!) / whole : 0;
      if (counts[i]! > 0 && !(shares[i]! > 0)) impossible = true;
    }
    n += total;
    const there = shares.map((share, i) => ({ share, count: counts[i]! })).filter(({ share }) => share > 0);
    if (there.length < 2) continue;
    logE += evidenceOf(
      there.map(({ count }) => count),
      there.map(({ share }) => share),
    );
  }
  const threshold = 1000;
  const alarm = impossible || logE >= Math.log(threshold);
  if (n === 0) return { alarm: false, logEvidence: null, evidence: null, threshold, arms, n };
  return { alarm, logEvidence: logE, evidence: Math.exp(Math.min(700, logE)), threshold, arms, n };
}

/**
 * The evidence that looks for small shifts among thousands, with a tenth of one that sees large ones among a hundred. A mean of evidences
 * is evidence (both are martingales under the split that was meant), so that the bound holds as it did.
 */
function evidenceOf(counts: readonly number[], shares: readonly number[]): number {
  const fine = Math.log(0.9) + sampleRatio(counts, shares).logE;
  const coarse = Math.log(0.1) + sampleRatio(counts, shares, coarseConcentration).logE;
  const larger = Math.max(fine, coarse);
  return larger + Math.log1p(Math.exp(Math.min(fine, coarse) - larger));
}
const coarseConcentration = 50;

/** What the sample ratio says, loudly when it is wrong. `names` of the arms in their order. */
export function sampleRatioInWords({ alarm, arms, n }: SampleRatioLook, names: readonly string[], units = 'users'): string {
  if (n === 0) return `No ${units} yet.`;
  const number = (value: number) => Math.round(value).toLocaleString('en');
  const list = arms.map(({ units: have, expected }, i) => `${names[i] ?? i}: ${number(have)} of ${number(expected)} meant`).join(', ');
  if (!alarm) return `Nothing says that the arms do not have the ${units} they were meant to have (${list}).`;
  return `Do not trust this result: the arms do not have the ${units} they were meant to have (${list}), so ${units} are lost or added in one of them.`;
}

export interface AnswersLook {
  /** Per arm the share of units that gave any feedback, Wilson. */
  rates: Estimate[];
  /** Arm minus control. */
  looks: ArmLook[];
  /** In some arm others answer, by an interval that holds at every look. */
  differ: boolean;
}

/**
 * Who answers at all, per arm. Where it differs, shares among those who answered compare different people: compare per assigned unit
 * (see `feedbackRates` for what each comparison means, and for bounds). Looked at all the time, so the flag is by `lookAtArms`.
 *
 * @param epochs outcomes 1 for a unit with any feedback within its window, 0 for one without
 */
export function lookAtAnswers(epochs: readonly ArmsOfEpoch[], { nStar, alpha = 0.05 }: { nStar: number; alpha?: number }): AnswersLook {
  const plan = { nStar, alpha, smallestDifference: 1, higherIsBetter: true, range: [0, 1] } as const satisfies Omit<LookInput, 'epochs'>;
  const looks = lookAtArms({ ...plan, epochs });
  const rates = epochs[0]!.arms.map((_, arm) => {
    const units = epochs.reduce((sum, { arms }) => sum + arms[arm]!.n, 0);
    return wilson(
      epochs.reduce((sum, { arms }) => sum + yesOf(arms[arm]!), 0),
      units,
    );
  });
  return { rates, looks, differ: looks.some(({ verdict }) => verdict === 'better' || verdict === 'worse') };
}

/** A share answers, another not. */
export function answersInWords({ rates, looks, differ }: AnswersLook, names: readonly string[], units = 'users'): string {
  const percent = ({ estimate }: Estimate) => (estimate === null ? 'none yet' : `${(100 * estimate).toFixed(1)} %`);
  const list = rates.map((rate, arm) => `${names[arm] ?? arm} ${percent(rate)}`).join(', ');
  if (differ) return `Different shares of ${units} answer (${list}): compare per assigned user, not among those who answered.`;
  if (looks.every(({ lower }) => lower === null)) return `Who answers: ${list}. Too early to compare.`;
  return `No difference in who answers can be told (${list}).`;
}

/**
 * The mean of one arm with its interval: sequential by the asymptotic confidence sequence of one mean (Waudby-Smith et al. 2024, Theorem
 * 2.2), fixed by Wilson or t. All alike: by betting where there are bounds, else none. For arms of one epoch or several; the shares at
 * which they were mixed do not matter to an arm alone, though its mean then mixes times.
 *
 * @param nStar planned units of this arm
 */
export function armValue(
  arm: ArmMoments,
  { nStar, range, alpha = 0.05, mode = 'sequential' }: { nStar: number; range: Range; alpha?: number; mode?: 'sequential' | 'fixed' },
): Estimate {
  const { n, mean, squares } = arm;
  const level = 1 - alpha;
  if (n < 2) return estimateOf({ estimate: n === 0 ? null : mean, level, n, method: 'none', reason: n === 0 ? 'no_data' : 'one_unit' });
  const yesNo = arm.yesNo && range !== null && range[0] === 0 && range[1] === 1;
  if (mode === 'fixed' && yesNo) return wilson(yesOf(arm), n, level);
  if (squares === 0) return allAlike(arm, range, alpha);
  const cut = (limit: number | null) => (limit === null || range === null ? limit : Math.min(range[1], Math.max(range[0], limit)));
  if (mode === 'fixed') {
    const student = tIntervalOfMoments(arm, level);
    return { ...student, lower: cut(student.lower), upper: cut(student.upper) };
  }
  const half = mixtureMultiplier((n * kappaOf(alpha)) / nStar, alpha) * Math.sqrt(squares / (n - 1) / n);
  const limits = { lower: cut(mean - half), upper: cut(mean + half) };
  return estimateOf({ estimate: mean, ...limits, level, n, method: 'asymptotic confidence sequence' });
}

/** More units of the same value only narrow it, so some say enough. */
const enough = 5_000;

function allAlike({ n, mean }: ArmMoments, range: Range, alpha: number): Estimate {
  if (range === null) return estimateOf({ estimate: mean, level: 1 - alpha, n, method: 'none', reason: 'no_spread' });
  const width = range[1] - range[0];
  const unit = new Float64Array(Math.min(n, enough)).fill((mean - range[0]) / width);
  const { lower, upper } = bettingMixture(unit, alpha);
  const limits = { lower: range[0] + lower! * width, upper: range[0] + upper! * width };
  return estimateOf({ estimate: mean, ...limits, level: 1 - alpha, n, method: 'betting mixture' });
}
