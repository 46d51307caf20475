import { satterthwaite } from '../means/welch.ts';
import { type ArmMoments, type BeforeSums, mergeArms, noUnits, skewOf, skewShare } from './arm-moments.ts';
import { poolEpochs } from './epochs.ts';

/** The two arms that are compared in one epoch. */
export interface Pair {
  control: ArmMoments;
  arm: ArmMoments;
}

/** An arm-minus-control difference over all epochs. */
export interface PooledDifference {
  estimate: number;
  /** The larger of Welch's and the pooled standard error of each epoch. */
  se: number;
  /** Welch's alone, and its degrees of freedom (null without spread). */
  seWelch: number;
  df: number | null;
  /** Units of both arms in the epochs that count. */
  n: number;
  /** Units in epochs that do not: an arm had too few in them. */
  lost: number;
  /**
   * Skewness of the estimate, with the outcomes of each arm taken as skewed as those of the more skewed one: in an arm with little traffic
   * the tail is seen last.
   */
  skew: number;
  /** Share of n that squared skewness makes up in the worse arm; see `skewShare`. */
  skewShare: number;
  /** Variance with what was known before taken out, against that without; null when nothing was known. */
  varianceRatio: number | null;
  /** Per epoch that counts: its place in the list, units and difference. */
  epochs: { index: number; units: number; estimate: number }[];
}

/** An arm needs so many units in an epoch for it to count, by numbers of units alone, never by outcomes. */
export const leastUnits = 10;
/** Units of whom something was known that it takes to adjust by it. */
const leastKnown = 30;

/**
 * Arm minus control, compared within epochs and averaged by units (`poolEpochs`), with what was known before assignment taken out
 * (CUPED, see cuped.ts: one slope over all epochs and arms, least squares on the centred values and on whether they are missing). Needs
 * running totals only. Null while no epoch has `leastUnits` units in both arms.
 */
export function pooledDifference(pairs: readonly Pair[]): PooledDifference | null {
  const counted = pairs.map((pair, index) => ({ ...pair, index })).filter((pair) => Math.min(pair.control.n, pair.arm.n) >= leastUnits);
  if (counted.length === 0) return null;
  const cells = counted.flatMap(({ control, arm }) => [control, arm]);
  const adjusted = adjustedCells(cells);
  const result = pool(counted, adjusted ?? cells, pairs);
  if (adjusted === null) return result;
  const plain = pool(counted, cells, pairs);
  return { ...result, varianceRatio: plain.se === 0 ? null : (result.se / plain.se) ** 2 };
}

type Cell = Pick<ArmMoments, 'n' | 'mean' | 'squares'>;

function pool(counted: readonly (Pair & { index: number })[], cells: readonly Cell[], pairs: readonly Pair[]): PooledDifference {
  const within = counted.map(({ control, arm, index }, i) => ({ ...differenceOf(cells[2 * i]!, cells[2 * i + 1]!), control, arm, index }));
  const pooled = poolEpochs(within.map(({ estimate, se, units }) => ({ diff: estimate, se, users: units })));
  const n = pooled.n;
  let [variance, cubes, freedom] = [0, 0, 0];
  for (const { units, varControl, varArm, control, arm } of within) {
    const weight = units / n;
    variance += weight ** 2 * (varControl + varArm);
    cubes += weight ** 3 * (varArm ** 1.5 / Math.sqrt(arm.n) - varControl ** 1.5 / Math.sqrt(control.n));
    const inverse = satterthwaite(varControl, control.n, varArm, arm.n);
    if (inverse !== null) freedom += (weight ** 2 * (varControl + varArm)) ** 2 / inverse;
  }
  const sides = [within.map(({ control }) => control), within.map(({ arm }) => arm)].map((arms) => arms.reduce(withinCells, noUnits));
  const outcomes = sides.map(skewOf).reduce((most, each) => (Math.abs(each) > Math.abs(most) ? each : most));
  return {
    estimate: pooled.estimate!,
    se: pooled.se!,
    seWelch: Math.sqrt(variance),
    df: freedom === 0 ? null : variance ** 2 / freedom,
    n,
    lost: pairs.reduce((sum, { control, arm }) => sum + control.n + arm.n, 0) - n,
    skew: variance === 0 ? 0 : (outcomes * cubes) / variance ** 1.5,
    skewShare: Math.max(...sides.map(skewShare)),
    varianceRatio: null,
    epochs: within.map(({ index, units, estimate }) => ({ index, units, estimate })),
  };
}

/** Spread within epochs only: what changed between them is no skew of the outcomes. */
function withinCells(sum: ArmMoments, { n, squares, cubes }: ArmMoments): ArmMoments {
  return mergeArms(sum, { ...noUnits, n, squares, cubes });
}

function differenceOf(control: Cell, arm: Cell) {
  const [varControl, varArm] = [control, arm].map(({ n, squares }) => squares / (n - 1) / n) as [number, number];
  const units = control.n + arm.n;
  const together = ((control.squares + arm.squares) / (units - 2)) * (1 / control.n + 1 / arm.n);
  return { estimate: arm.mean - control.mean, se: Math.sqrt(Math.max(varControl + varArm, together)), varControl, varArm, units };
}

interface Slopes {
  theta: number;
  eta: number;
}

/** Cross products of a cell around its own means, of outcome (y), covariate (x) and whether that is missing (m). */
interface Centred {
  x: number;
  missing: number;
  xx: number;
  xm: number;
  mm: number;
  xy: number;
  my: number;
}

/** Cells with the foreseeable part taken out; null where nothing was known, or of too few. */
function adjustedCells(cells: readonly ArmMoments[]): Cell[] | null {
  const known = cells.reduce((sum, { before }) => sum + (before?.known ?? 0), 0);
  if (known < leastKnown || cells.some(({ before }) => before === null)) return null;
  const centre = cells.reduce((sum, { before }) => sum + before!.x, 0) / known;
  const centred = cells.map((cell) => centredOf(cell, cell.before!, centre));
  const { theta, eta } = slopesOf(centred);
  return cells.map((cell, i) => {
    const { x, missing, xx, xm, mm, xy, my } = centred[i]!;
    const squares = cell.squares - 2 * theta * xy - 2 * eta * my + theta ** 2 * xx + 2 * theta * eta * xm + eta ** 2 * mm;
    return { n: cell.n, mean: cell.mean - theta * x - eta * missing, squares: Math.max(0, squares) };
  });
}

function centredOf({ n, mean }: ArmMoments, before: BeforeSums, centre: number): Centred {
  const missing = n - before.known;
  // Units of whom nothing is known get the centre, so that they add nothing to the sums of x.
  const x = before.x - centre * before.known;
  return {
    x: x / n,
    missing: missing / n,
    xx: before.xx - 2 * centre * before.x + centre ** 2 * before.known - (x * x) / n,
    xm: (-x * missing) / n,
    mm: (missing * before.known) / n,
    xy: before.xy - centre * before.yKnown - x * mean,
    my: n * mean - before.yKnown - missing * mean,
  };
}

/** Least squares within cells; 0 where a covariate does not vary. */
function slopesOf(cells: readonly Centred[]): Slopes {
  const sum = (key: keyof Centred) => cells.reduce((total, cell) => total + cell[key], 0);
  const [xx, xm, mm, xy, my] = [sum('xx'), sum('xm'), sum('mm'), sum('xy'), sum('my')];
  const determinant = xx * mm - xm * xm;
  if (mm > 0 && determinant > 1e-12 * xx * mm) {
    return { theta: (xy * mm - my * xm) / determinant, eta: (my * xx - xy * xm) / determinant };
  }
  if (xx > 0) return { theta: xy / xx, eta: 0 };
  return { theta: 0, eta: mm > 0 ? my / mm : 0 };
}
