import { type Moments, type Numbers, momentsOf, momentsOfSums } from '../numeric/sums.ts';

/** Sums over the units of an arm of what was known of them strictly before assignment, by those of whom it was. */
export interface BeforeSums {
  /** Units of whom it was known. */
  known: number;
  x: number;
  xx: number;
  /** Σ x·y, and Σ y of the same units. */
  xy: number;
  yKnown: number;
}

/** What a look needs of one arm in one epoch: no list of units, so that 200,000 users are as quick as 200. Mergeable. */
export interface ArmMoments extends Moments {
  /** Σ (y − mean)³, which says how skewed the outcomes are. */
  cubes: number;
  /** All outcomes are 0 or 1. */
  yesNo: boolean;
  before: BeforeSums | null;
}

/** Running totals of one arm, as a database adds them up: units, Σ y, Σ y², Σ y³. */
export interface ArmSums {
  n: number;
  y: number;
  yy: number;
  yyy: number;
  before?: BeforeSums | null;
}

/**
 * From running totals. Outcomes are taken for yes and no where Σ y = Σ y² = Σ y³, which no other outcomes between 0 and 1 fulfil. Totals lose
 * digits when the mean is far from zero against the spread.
 * @throws RangeError for totals that are not finite, or a number of units below 0
 */
export function armOfSums({ n, y, yy, yyy, before = null }: ArmSums): ArmMoments {
  if (!(n >= 0) || !Number.isFinite(y + yy + yyy)) throw new RangeError('The totals of an arm are not finite numbers.');
  const moments = momentsOfSums(n, y, yy);
  const { mean, squares } = moments;
  const cubes = squares === 0 ? 0 : yyy - 3 * mean * yy + 2 * n * mean ** 3;
  return { ...moments, cubes, yesNo: y === yy && yy === yyy, before };
}

/**
 * From a list of outcomes, with what was known of each unit before (`null`: nothing).
 * @throws RangeError for what is not finite, or lists of different length
 */
export function armOf(y: Numbers, x?: readonly (number | null)[]): ArmMoments {
  const moments = momentsOf(y);
  let cubes = 0;
  let yesNo = true;
  for (const value of y) {
    cubes += (value - moments.mean) ** 3;
    if (value !== 0 && value !== 1) yesNo = false;
  }
  return { ...moments, cubes, yesNo, before: x === undefined ? null : beforeOf(y, x) };
}

function beforeOf(y: Numbers, x: readonly (number | null)[]): BeforeSums {
  if (x.length !== y.length) throw new RangeError('Outcomes and covariates are not of the same units.');
  const sums = { known: 0, x: 0, xx: 0, xy: 0, yKnown: 0 };
  for (const [i, value] of x.entries()) {
    if (value === null) continue;
    sums.known += 1;
    sums.x += value;
    sums.xx += value * value;
    sums.xy += value * y[i]!;
    sums.yKnown += y[i]!;
  }
  return sums;
}

export const noUnits: ArmMoments = { n: 0, mean: 0, squares: 0, cubes: 0, yesNo: true, before: null };

/** Two lots of units as one: P. Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order moments" (2008). */
export function mergeArms(a: ArmMoments, b: ArmMoments): ArmMoments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  const n = a.n + b.n;
  const apart = b.mean - a.mean;
  const product = (a.n * b.n) / n;
  const cubes = a.cubes + b.cubes + (apart ** 3 * product * (a.n - b.n)) / n + (3 * apart * (a.n * b.squares - b.n * a.squares)) / n;
  return {
    n,
    mean: a.mean + (apart * b.n) / n,
    squares: a.squares + b.squares + apart * apart * product,
    cubes,
    yesNo: a.yesNo && b.yesNo,
    before: a.before === null || b.before === null ? null : mergeBefore(a.before, b.before),
  };
}

function mergeBefore(a: BeforeSums, b: BeforeSums): BeforeSums {
  return { known: a.known + b.known, x: a.x + b.x, xx: a.xx + b.xx, xy: a.xy + b.xy, yKnown: a.yKnown + b.yKnown };
}

/** Outcomes times a factor. */
export function scaleArm(arm: ArmMoments, factor: number): ArmMoments {
  const { mean, squares, cubes } = arm;
  return { ...arm, mean: factor * mean, squares: factor ** 2 * squares, cubes: factor ** 3 * cubes, yesNo: false, before: null };
}

/** Units whose outcome was 1. */
export function yesOf({ n, mean }: ArmMoments): number {
  return Math.round(n * mean);
}

/** Skewness of the outcomes; 0 where there is no spread. */
export function skewOf({ n, squares, cubes }: ArmMoments): number {
  return n < 3 || squares === 0 ? 0 : (cubes / squares ** 1.5) * Math.sqrt(n);
}

/** The same in squares against n: 0 is none, 1 is one unit that decides all. */
export function skewShare({ n, squares, cubes }: ArmMoments): number {
  return n < 3 || squares === 0 ? 0 : Math.min(1, (cubes * cubes) / squares ** 3);
}
