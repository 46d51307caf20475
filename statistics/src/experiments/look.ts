import type { Range } from '../means/score.ts';
import { hallQuantile, hallReach } from '../means/skew.ts';
import { normalQuantile } from '../numeric/normal.ts';
import { bisect } from '../numeric/roots.ts';
import { type Estimate, estimateOf } from '../result.ts';
import { type Assigned, bettingMixtureDifference } from '../sequential/betting-difference.ts';
import { kappaOf, logMixtureEvidence, mixtureMultiplier } from '../sequential/mixture.ts';
import { type Judged, verdict } from '../verdicts/verdict.ts';
import { type ArmMoments, mergeArms, noUnits, yesOf } from './arm-moments.ts';
import { type Pair, type PooledDifference, pooledDifference } from './difference.ts';
import { type Shown, fixedLook } from './fixed-look.ts';

/** One epoch, in which the shares of traffic stayed as they were. Arms in the same order in every epoch, control first. */
export interface ArmsOfEpoch {
  arms: readonly ArmMoments[];
  /** Probability of each arm among units that take part; 0 for an arm that was stopped. Made to sum to 1. */
  shares: readonly number[];
}

/** Fixed before the first look. */
export interface LookPlan {
  /** Planned units of all arms together: where the interval is tightest, or when the answer of a fixed plan is shown. */
  nStar: number;
  /** The smallest difference worth having, above 0, in the unit of the outcome. */
  smallestDifference: number;
  higherIsBetter: boolean;
  /** Errors allowed for all arms together. */
  alpha?: number;
  /** `sequential`: holds at every look. `fixed`: nothing until nStar units are there. */
  mode?: 'sequential' | 'fixed';
  /** Bounds of the outcome that were known beforehand, `[0, 1]` for yes and no; null when nothing bounds it. */
  range: Range;
}

export interface LookInput extends LookPlan {
  epochs: readonly ArmsOfEpoch[];
  /** Units that entered, those too that have no outcome or came to an arm after it was stopped: what a fixed plan counts. Default: those in `epochs`. */
  entered?: number;
  /**
   * Per arm (that of control is not read) outcomes of its units and control's in the order of entry, when `wantsOrder` says so; null or
   * left out: not at hand.
   */
  ordered?: readonly (Assigned | null)[];
}

/** One arm against control, at one look. */
export interface ArmLook extends Estimate, Judged {
  /** Place of the arm in the list. */
  arm: number;
  se: number | null;
  /** Of no difference, corrected for the number of arms; sequential: holds at every look. Below alpha exactly when the interval leaves 0. */
  p: number | null;
  /** More units of all arms, at the present shares, until a difference of the smallest worth having shows in 80 % of experiments; null: decided or unknown. */
  moreUnits: number | null;
  /** What these units would do: show the smallest difference, or decide for certain when that should have shown long since. */
  moreFor: 'smallest' | 'certainty' | null;
  /** Variance with what was known before taken out, against that without; null: nothing was known. */
  adjusted: number | null;
  epochs: readonly { index: number; units: number; estimate: number }[];
}

/** Units of both arms before which nothing is shown. */
export const firstLook = 100;
/** Below so many units, or for rarer events, or more uneven traffic, betting confirms what is shown. */
const few = 500;
const rare = 20;
const uneven = 0.2;
/** The most for which it is worth to read every unit. */
const mostOrdered = 5_000;
/** Share of n that squared skewness may make up. */
const mostSkew = 0.25;

/**
 * One look at an experiment: every arm against control, with intervals that all hold together at every look (`sequential`), or once
 * (`fixed`, see fixed-look.ts). Decides the method; server and simulations call this and nothing beside it.
 *
 * Sequential: difference within epochs pooled by units, standard error the larger of Welch and pooled, CUPED where something was known
 * before, interval by the asymptotic confidence sequence (acs.ts) on the clock of units. Under 500 units, for fewer than 20 events or
 * under a fifth of the traffic, outcomes with bounds whose order is given are held to the betting mixture too (betting-difference.ts,
 * exact at any n), and the wider of both limits is shown: as one of them holds, so does that. Several arms: each at alpha / (arms − 1)
 * (Bonferroni), counting those that were stopped, so that stopping one does not help the others.
 *
 * Outcomes without bounds: limits reach further on the side to which the difference is skewed (Hall 1992, see skew.ts), with both arms
 * taken as skewed as the more skewed one. While four squared skewnesses are more than the units of an arm, no interval (`too_skewed`):
 * then a few units decide the mean. No interval either before 100 units or 10 an arm
 * (`too_early`), and without spread (`no_spread`).
 *
 * Assumes units that entered once each in the order in which their windows closed, independent of one another, none of whom saw two
 * arms; nStar, range and smallest difference from before the start. In fixed mode give the first nStar units only, so that the answer
 * does not change later.
 *
 * @returns one look per arm but control, in their order
 * @throws RangeError for epochs of different arms, or a plan that cannot be
 */
export function lookAtArms(input: LookInput): ArmLook[] {
  const { epochs } = input;
  const count = epochs[0]?.arms.length ?? 0;
  if (count < 2) throw new RangeError('An experiment has control and at least one arm.');
  if (epochs.some(({ arms, shares }) => arms.length !== count || shares.length !== count)) {
    throw new RangeError('Epochs do not have the same arms.');
  }
  if (!(input.nStar > 0)) throw new RangeError(`nStar is ${input.nStar}; it is the planned number of units.`);
  if (!(input.smallestDifference > 0)) throw new RangeError('The smallest difference worth having must be above 0.');
  return Array.from({ length: count - 1 }, (_, i) => lookAtArm(input, i + 1, (input.alpha ?? 0.05) / (count - 1)));
}

/** The part of the traffic of an epoch that two arms have. */
function shareOfPair({ shares }: ArmsOfEpoch, arm: number): number {
  const whole = shares.reduce((sum, share) => sum + share, 0);
  return whole > 0 ? (shares[0]! + shares[arm]!) / whole : 0;
}

const pairsOf = (epochs: readonly ArmsOfEpoch[], arm: number): Pair[] => epochs.map(({ arms }) => ({ control: arms[0]!, arm: arms[arm]! }));

function lookAtArm(input: LookInput, arm: number, alpha: number): ArmLook {
  const { epochs, range, mode = 'sequential' } = input;
  const pairs = pairsOf(epochs, arm);
  const difference = pooledDifference(pairs);
  const nStar = input.nStar * (shareOfPair(epochs[0]!, arm) || 1);
  const n = difference?.n ?? 0;
  const nothing = { level: 1 - alpha, n, arm, se: null, p: null, adjusted: null, epochs: difference?.epochs ?? [] };
  if (difference === null || (n < firstLook && mode === 'sequential')) {
    const all = pairs.reduce((sum, pair) => sum + pair.control.n + pair.arm.n, 0);
    return undecided(input, { ...nothing, n: all, reason: all === 0 ? 'no_data' : 'too_early', estimate: difference?.estimate ?? null });
  }
  const dropped = difference.lost > 0 ? [{ count: difference.lost, why: 'units in epochs without enough units of both arms' }] : [];
  const shared = { ...nothing, estimate: difference.estimate, se: difference.se, adjusted: difference.varianceRatio, dropped };
  if (mode === 'fixed' && enteredOf(input) < input.nStar) {
    // A hint of what the answer will be is a look.
    return undecided(input, { ...nothing, epochs: [], estimate: null, reason: 'not_yet' });
  }
  const given = input.ordered?.[arm] ?? null;
  const assigned = given !== null && mode === 'sequential' && wantsOrder(input, arm) ? given : null;
  const skewed = range === null && difference.skewShare > mostSkew;
  const shown = skewed
    ? { ...noInterval, reason: 'too_skewed' as const }
    : mode === 'fixed'
      ? fixedLook(pairs, difference, { alpha, range })
      : sequentialLook(difference, { alpha, nStar, range, assigned });
  const judged = verdict({ ...shown, margin: input.smallestDifference, higherIsBetter: input.higherIsBetter });
  const p = shown.p === null ? null : Math.min(1, shown.p * (epochs[0]!.arms.length - 1));
  const decided = judged.verdict !== 'cannot_tell' || skewed;
  const more = decided || difference.se === 0 ? noMore : moreUnits(input, arm, difference, alpha, nStar);
  return estimateOf<Besides>({ ...shared, ...shown, ...judged, ...more, p });
}

const noInterval = { lower: null, upper: null, p: null, method: 'none' };
const noMore = { moreUnits: null, moreFor: null } as const;

type Besides = Omit<ArmLook, keyof Estimate>;
type Undecided = Pick<ArmLook, 'level' | 'n' | 'arm' | 'se' | 'p' | 'adjusted' | 'epochs' | 'reason' | 'estimate'>;

function undecided(input: LookInput, look: Undecided): ArmLook {
  const moreUnits = look.reason === 'not_yet' ? Math.ceil(input.nStar - enteredOf(input)) : null;
  const moreFor = moreUnits === null ? null : 'smallest';
  return estimateOf<Besides>({ ...look, moreUnits, moreFor, method: 'none', verdict: 'cannot_tell', belowSmallestWorthwhile: false });
}

const enteredOf = ({ epochs, entered }: LookInput): number =>
  entered ?? epochs.reduce((sum, { arms }) => arms.reduce((units, arm) => units + arm.n, sum), 0);

interface Sequential {
  alpha: number;
  nStar: number;
  range: Range;
  assigned: Assigned | null;
}

function sequentialLook({ estimate, se, n, skew }: PooledDifference, { alpha, nStar, range, assigned }: Sequential): Shown {
  const exact = assigned === null || range === null ? null : bettingOf(assigned, range, alpha);
  if (se === 0) return exact ?? { ...noInterval, reason: 'no_spread' };
  const r = (n * kappaOf(alpha)) / nStar;
  const reach = mixtureMultiplier(r, alpha);
  const g = range === null ? skew : 0;
  const p = Math.min(1, Math.exp(-logMixtureEvidence(nearer(estimate / se, g), r)));
  const lower = estimate - Math.max(reach, hallReach(reach, g)) * se;
  const upper = estimate + Math.max(reach, -hallReach(-reach, g)) * se;
  const shown = { lower, upper, p, method: 'asymptotic confidence sequence', reason: null };
  if (exact === null) return shown;
  return {
    ...shown,
    lower: Math.min(shown.lower, exact.lower!),
    upper: Math.max(shown.upper, exact.upper!),
    p: Math.max(p, exact.p!),
    method: 'asymptotic confidence sequence, held to betting',
  };
}

/** Standard errors from 0 as the limits count them: never more than there are, fewer where the skew says so. */
function nearer(z: number, g: number): number {
  const moved = hallQuantile(z, g);
  return moved > 0 === z > 0 ? Math.min(Math.abs(z), Math.abs(moved)) : 0;
}

function bettingOf({ y, inB, probB }: Assigned, [from, to]: readonly [number, number], alpha: number): Shown {
  const width = to - from;
  const unit = Float64Array.from(y, (value) => (value - from) / width);
  const { lower, upper, logEBetter, logEWorse } = bettingMixtureDifference({ y: unit, inB, probB }, alpha);
  const p = Math.min(1, 2 * Math.exp(-Math.max(logEBetter, logEWorse)));
  return { lower: lower! * width, upper: upper! * width, p, method: 'betting mixture', reason: null };
}

/**
 * Whether the look at an arm should be given its units one by one: bounds, one share of traffic all along, and few units, rare events
 * or uneven traffic. By numbers of units and events alone, never by which arm has them.
 */
export function wantsOrder({ epochs, range }: Pick<LookInput, 'epochs' | 'range'>, arm: number): boolean {
  if (range === null) return false;
  const share = pairShare(epochs[0]!, arm);
  if (share === null || epochs.some((epoch) => pairShare(epoch, arm) !== share)) return false;
  const all = pairsOf(epochs, arm).reduce((sum, pair) => mergeArms(mergeArms(sum, pair.control), pair.arm), noUnits);
  if (all.n < firstLook || all.n > mostOrdered) return false;
  const events = all.yesNo ? Math.min(yesOf(all), all.n - yesOf(all)) : Infinity;
  return all.n < few || events < rare || Math.min(share, 1 - share) < uneven;
}

/** The share of an arm among its units and control's; null when one of them has no traffic. */
export function pairShare({ shares }: ArmsOfEpoch, arm: number): number | null {
  const [control, own] = [shares[0]!, shares[arm]!];
  return control > 0 && own > 0 ? own / (control + own) : null;
}

/**
 * How many units more, of all arms at the present shares. Planned for the smallest difference worth having, never for the observed one, with
 * the boundary that was fixed at the start; where that many are there already, until the interval is no wider than the smallest
 * difference, when it must decide.
 */
function moreUnits(input: LookInput, arm: number, { se, n }: PooledDifference, alpha: number, nStar: number) {
  const share = shareOfPair(input.epochs.at(-1)!, arm);
  const pair = pairShare(input.epochs.at(-1)!, arm);
  if (share === 0 || pair === null || input.mode === 'fixed') return noMore;
  const perUnit = se * se * n;
  const kappa = kappaOf(alpha);
  const excess = (extra: number, reach: number) => (logUnits: number) => {
    const units = Math.exp(logUnits);
    return (mixtureMultiplier((units * kappa) / nStar, alpha) + extra) * Math.sqrt(perUnit / units) - reach;
  };
  const stages = [
    { need: excess(normalQuantile(0.8), input.smallestDifference), moreFor: 'smallest' },
    { need: excess(0, input.smallestDifference / 2), moreFor: 'certainty' },
  ] as const;
  const stage = stages.find(({ need }) => need(Math.log(n)) > 0);
  if (stage === undefined) return noMore;
  const units = Math.exp(bisect(stage.need, Math.log(n), Math.log(n) + 60, 1e-9));
  return { moreUnits: Math.ceil((units - n) / share), moreFor: stage.moreFor };
}
