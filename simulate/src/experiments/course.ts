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

/** A unit as it enters the analysis: its outcome, and what was known of it before (`null`: nothing). */
export interface Unit {
  y: number;
  x?: number | null;
}

/** How an experiment goes. Looked at after every `every` units, as the server does, by `lookAtArms`. */
export interface Course {
  plan: LookPlan;
  units: number;
  every?: number;
  /** The outcome of the `index`-th unit, in the arm given. */
  draw: (random: Random, arm: number, index: number) => Unit;
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
  looks: ArmLook[];
  epochs: readonly ArmsOfEpoch[];
  units: number;
}

/** Runs a course and hands every look to `see` until it says that it saw enough. */
export function follow(random: Random, course: Course, see: (seen: Seen) => boolean): void {
  const { plan, units, every = 100, draw, epochs: shares = halves, ordered = false } = course;
  const totals: { shares: readonly number[]; arms: ArmSums[] }[] = [];
  const list = new Float64Array(ordered ? units : 0);
  const inB = new Float64Array(ordered ? units : 0);
  for (let i = 0; i < units; i += 1) {
    const opened = shares[totals.length];
    if (opened?.from === i) totals.push({ shares: opened.shares, arms: opened.shares.map(() => emptySums(false)) });
    const epoch = totals.at(-1)!;
    const arm = drawArm(random, epoch.shares);
    const unit = draw(random, arm, i);
    if (unit.x !== undefined && epoch.arms[arm]!.before == null) for (const each of epoch.arms) each.before = emptySums(true).before!;
    add(epoch.arms[arm]!, unit);
    if (ordered) {
      list[i] = unit.y;
      inB[i] = arm;
    }
    if ((i + 1) % every !== 0) continue;
    const seen = totals.map((each) => ({ shares: each.shares, arms: each.arms.map(armOfSums) }));
    const input = { ...plan, epochs: seen };
    const order: Assigned | null =
      ordered && wantsOrder(input, 1) ? { y: list.subarray(0, i + 1), inB: inB.subarray(0, i + 1), probB: epoch.shares[1]! } : null;
    if (see({ looks: lookAtArms({ ...input, ordered: [null, order] }), epochs: seen, units: i + 1 })) return;
  }
}

/** Whether some look called some arm better or worse. */
export function everClaims(random: Random, course: Course): boolean {
  let claimed = false;
  follow(random, course, ({ looks }) => {
    claimed = looks.some(({ verdict }) => verdict === 'better' || verdict === 'worse');
    return claimed;
  });
  return claimed;
}

export interface Held {
  /** Every interval that was shown, at every look, held the truth; null when none was shown. */
  held: boolean | null;
  /** Share of the looks from the first on that showed none. */
  refused: number;
  /** Where the last look was decided. */
  last: ArmLook | null;
}

/** Whether the intervals of the first arm held the truth at all looks at once. */
export function everHolds(random: Random, course: Course, truth: number): Held {
  let [held, looks, refused]: [boolean | null, number, number] = [null, 0, 0];
  let last: ArmLook | null = null;
  follow(random, course, (seen) => {
    last = seen.looks[0]!;
    if (last.reason === 'too_early' || last.reason === 'not_yet') return false;
    looks += 1;
    if (last.lower === null || last.upper === null) refused += 1;
    else held = held !== false && last.lower <= truth && truth <= last.upper;
    return held === false;
  });
  return { held, refused: looks === 0 ? 0 : refused / looks, last };
}
