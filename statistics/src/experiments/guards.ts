import type { Range } from '../means/score.ts';
import { type Assigned, bettingHarm } from '../sequential/betting-difference.ts';
import { guardConditional, toleratedShare } from '../sequential/guard.ts';
import { acsKappa, logMixtureEvidenceOneSided } from '../sequential/mixture.ts';
import { scaleArm, yesOf } from './arm-moments.ts';
import { pooledDifference } from './difference.ts';
import { type ArmsOfEpoch, firstLook, pairShare } from './look.ts';

/** Fixed before the start. */
export interface GuardPlan {
  /**
   * How much worse than control is tolerated: a ratio of rates (1: no harm at all; of means where outcomes are not yes and no), or a
   * difference in the unit of the outcome.
   */
  bound: { ratio: number } | { difference: number };
  higherIsBetter: boolean;
  /** Guards times arms besides control: all together raise a false alarm in at most alpha of experiments. */
  tests: number;
  alpha?: number;
  /** Planned units of all arms together; where evidence that is not exact is most sensitive. */
  nStar: number;
  range: Range;
}

export interface GuardInput extends GuardPlan {
  epochs: readonly ArmsOfEpoch[];
  arm: number;
  /** Outcomes with bounds, in the order of entry: exact evidence. Give it at every look of an experiment, or at none. */
  ordered?: Assigned | null;
}

export interface GuardLook {
  arm: number;
  state: 'watching' | 'breached' | 'no_data';
  /** Evidence of harm so far, and its logarithm, which does not overflow; null without data. */
  evidence: number | null;
  logEvidence: number | null;
  /** Where the arm is stopped: tests / alpha. */
  threshold: number;
  method: string;
}

/**
 * One look at a guard of one arm: whether it is worse than control by more than is tolerated, for certain enough to stop it. Valid at
 * every look, by evidence that starts at 1 and reaches tests/alpha in at most alpha/tests of harmless arms (Ville's inequality).
 *
 * Yes and no against a ratio: who failed, given how many did (`guardConditional`, exact), the evidence of epochs multiplied. With
 * bounds, against a difference, in the order of entry: betting, exact. Else the one-sided asymptotic confidence sequence on the
 * difference, or on arm minus ratio times control, from 100 units; of latency and cost it holds when they were winsorised at a cap
 * from before the start. After a breach the caller freezes what is analysed; later units do not count.
 *
 * Assumes units that enter once each in the order in which their windows closed, with known shares of traffic.
 * @throws RangeError for a ratio below 1, a difference below 0, or no tests
 */
export function lookAtGuard(input: GuardInput): GuardLook {
  const { bound, tests, alpha = 0.05, arm } = input;
  if (!(tests >= 1)) throw new RangeError(`${tests} guards are none.`);
  if ('ratio' in bound ? !(bound.ratio >= 1) : !(bound.difference >= 0))
    throw new RangeError('A guard tolerates a ratio of 1 or more, or a difference of 0 or more.');
  const threshold = tests / alpha;
  const { logE, method } = evidenceOf(input, alpha / tests);
  if (logE === null) return { arm, state: 'no_data', evidence: null, logEvidence: null, threshold, method };
  const state = logE >= Math.log(threshold) ? 'breached' : 'watching';
  return { arm, state, evidence: Math.exp(Math.min(700, logE)), logEvidence: logE, threshold, method };
}

interface Evidence {
  logE: number | null;
  method: string;
}

function evidenceOf(input: GuardInput, alpha: number): Evidence {
  const { bound, epochs, arm, ordered = null, range } = input;
  const bothSeen = epochs.some(({ arms }) => arms[arm]!.n > 0) && epochs.some(({ arms }) => arms[0]!.n > 0);
  if (!bothSeen) return { logE: null, method: 'none' };
  const yesNo = range !== null && range[0] === 0 && range[1] === 1 && epochs.every(({ arms }) => arms[0]!.yesNo && arms[arm]!.yesNo);
  if ('ratio' in bound && yesNo) return { logE: conditional(input, bound.ratio), method: 'conditional e-value' };
  if ('difference' in bound && range !== null && ordered !== null) {
    return { logE: betting(input, ordered, range, bound.difference), method: 'betting mixture' };
  }
  return { logE: asymptotic(input, alpha), method: 'asymptotic confidence sequence, one-sided' };
}

/** Failing is having the outcome when lower is better, and lacking it when higher is. */
function conditional({ epochs, arm, higherIsBetter }: GuardInput, ratio: number): number {
  let logE = 0;
  for (const epoch of epochs) {
    const share = pairShare(epoch, arm);
    if (share === null) continue;
    const [control, own] = [epoch.arms[0]!, epoch.arms[arm]!].map((each) => (higherIsBetter ? each.n - yesOf(each) : yesOf(each)));
    logE += guardConditional(own!, control!, toleratedShare(share, ratio)).logE;
  }
  return logE;
}

function betting(
  { higherIsBetter }: GuardInput,
  { y, inB, probB }: Assigned,
  [from, to]: readonly [number, number],
  tolerated: number,
): number {
  const harm = Float64Array.from(y, (value) => (higherIsBetter ? to - value : value - from) / (to - from));
  return bettingHarm({ y: harm, inB, probB }, Math.min(1, tolerated / (to - from)));
}

function asymptotic({ epochs, arm, bound, higherIsBetter, nStar }: GuardInput, alpha: number): number | null {
  const sign = higherIsBetter ? -1 : 1;
  const [ofControl, ofArm] = 'ratio' in bound ? (higherIsBetter ? [1, bound.ratio] : [bound.ratio, 1]) : [1, 1];
  const pairs = epochs.map(({ arms }) => ({ control: scaleArm(arms[0]!, sign * ofControl), arm: scaleArm(arms[arm]!, sign * ofArm) }));
  const difference = pooledDifference(pairs);
  if (difference === null || difference.n < firstLook || difference.se === 0) return null;
  const first = epochs[0]!.shares;
  const share = (first[0]! + first[arm]!) / first.reduce((sum, each) => sum + each, 0);
  const r = (difference.n * acsKappa(alpha).kappaOneSided) / (nStar * share);
  const excess = difference.estimate - ('difference' in bound ? bound.difference : 0);
  return logMixtureEvidenceOneSided(excess / difference.se, r);
}
