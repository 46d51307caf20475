import {
  type ArmLook,
  type ArmSums,
  type ArmsOfEpoch,
  type Assigned,
  type LookPlan,
  type Random,
  armOfSums,
  lookAtArms,
  wantsOrder,
} from '@whetstone/statistics';
import { drawBinomial } from './binomial.ts';
import type { Outcome, Unit } from './outcomes.ts';

/** How an experiment goes. Looked at after every `every` units, as the server does, by `lookAtArms`. */
export interface Course {
  plan: LookPlan;
  units: number;
  every?: number;
  outcome: Outcome;
  /** From which unit on which shares hold; the first from 0. */
  epochs?: readonly { from: number; shares: readonly number[] }[];
  /** Give the order of units where the look wants it. */
  ordered?: boolean;
}

const emptySums = (before: boolean): ArmSums => ({
  n: 0,
  y: 0,
  yy: 0,
  yyy: 0,
  before: before ? { known: 0, x: 0, xx: 0, xy: 0, yKnown: 0 } : null,
});

function add(sums: ArmSums, { y, x }: Unit): void {
  sums.n += 1;
  sums.y += y;
  sums.yy += y * y;
  sums.yyy += y * y * y;
  if (x === undefined || x === null || sums.before == null) return;
  sums.before.known += 1;
  sums.before.x += x;
  sums.before.xx += x * x;
  sums.before.xy += x * y;
  sums.before.yKnown += y;
}

/** A cumulative draw by shares. */
function drawArm(random: Random, shares: readonly number[]): number {
  let left = random();
  for (let arm = 0; arm < shares.length - 1; arm += 1) {
    left -= shares[arm]!;
    if (left < 0) return arm;
  }
  return shares.length - 1;
}

export const halves = [{ from: 0, shares: [0.5, 0.5] }];

/** What is there at a look: totals of the arms, nothing of single units. */
export interface Seen {
  look: () => ArmLook[];
  epochs: readonly ArmsOfEpoch[];
  /** The units in their order, when the course keeps it. */
  ordered: Assigned | null;
  units: number;
}

interface Running {
  shares: readonly number[];
  arms: ArmSums[];
}

/** Runs a course and hands every look to `see` until it says that it saw enough. */
export function follow(random: Random, course: Course, see: (seen: Seen) => boolean): void {
  const { plan, units, every = 100, outcome, epochs: shares = halves, ordered = false } = course;
  const totals: Running[] = [];
  const order = { y: new Float64Array(ordered ? units : 0), inB: new Float64Array(ordered ? units : 0) };
  const unit: Unit = { y: 0 };
  for (let from = 0; from < units; from += every) {
    const opened = shares[totals.length];
    if (opened?.from === from) totals.push({ shares: opened.shares, arms: opened.shares.map(() => emptySums(false)) });
    const epoch = totals.at(-1)!;
    if (outcome.rate !== undefined && !ordered) addTogether(random, epoch, every, outcome.rate, from);
    else {
      for (let i = from; i < from + every; i += 1) {
        const arm = drawArm(random, epoch.shares);
        outcome.draw(random, arm, i, unit);
        if (unit.x !== undefined && epoch.arms[arm]!.before == null) for (const each of epoch.arms) each.before = emptySums(true).before!;
        add(epoch.arms[arm]!, unit);
        if (!ordered) continue;
        order.y[i] = unit.y;
        order.inB[i] = arm;
      }
    }
    const seen = totals.map((each) => ({ shares: each.shares, arms: each.arms.map(armOfSums) }));
    const input = { ...plan, epochs: seen };
    const to = from + every;
    const known: Assigned | null = ordered ? { y: order.y.subarray(0, to), inB: order.inB.subarray(0, to), probB: epoch.shares[1]! } : null;
    const wanted = known !== null && wantsOrder(input, 1) ? known : null;
    if (see({ look: () => lookAtArms({ ...input, ordered: [null, wanted] }), epochs: seen, ordered: known, units: to })) return;
  }
}

/** Units of yes and no that enter between two looks, at once. */
function addTogether(
  random: Random,
  { shares, arms }: Running,
  units: number,
  rate: (arm: number, index: number) => number,
  from: number,
): void {
  let [left, rest] = [units, 1];
  for (const [arm, share] of shares.entries()) {
    const n = arm === shares.length - 1 ? left : drawBinomial(random, left, share / rest);
    const yes = drawBinomial(random, n, rate(arm, from));
    left -= n;
    rest -= share;
    const sums = arms[arm]!;
    sums.n += n;
    sums.y += yes;
    sums.yy += yes;
    sums.yyy += yes;
  }
}

/** Whether some look called some arm better or worse. */
export function everClaims(random: Random, course: Course): boolean {
  let claimed = false;
  follow(random, course, ({ look }) => {
    claimed = look().some(({ verdict }) => verdict === 'better' || verdict === 'worse');
    return claimed;
  });
  return claimed;
}

export interface Held {
  /** Every interval that was shown, at every look, held the truth; null when none was shown. */
  held: boolean | null;
  /** Share of the looks from the first on at which an interval was refused. */
  refused: number;
  /** The last look. */
  last: ArmLook | null;
}

/** Whether the intervals of the first arm held the truth at all looks at once. */
export function everHolds(random: Random, course: Course, truth: number): Held {
  let [held, looks, refused]: [boolean | null, number, number] = [null, 0, 0];
  let last: ArmLook | null = null;
  follow(random, course, (seen) => {
    last = seen.look()[0]!;
    if (last.reason === 'too_early' || last.reason === 'not_yet') return false;
    looks += 1;
    if (last.lower === null || last.upper === null) refused += 1;
    else held = held !== false && last.lower <= truth && truth <= last.upper;
    return held === false;
  });
  return { held, refused: looks === 0 ? 0 : refused / looks, last };
}
