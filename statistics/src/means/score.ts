import type { Numbers } from '../numeric/sums.ts';
import { type Dropped, type Estimate, droppedOf } from '../result.ts';
import { bettingMixture } from '../sequential/betting.ts';
import { clusteredWilson } from '../proportions/clustered-wilson.ts';
import { proportion } from '../proportions/proportion.ts';
import { type Repeats, caseMeans, there } from './paired.ts';
import { skewedT } from './skew.ts';
import type { MeanEstimate } from './t.ts';

/** The least and the most that a score can be; null when nothing bounds it. */
export type Range = readonly [number, number] | null;

/** Values scaled to 0..1. @throws RangeError for a value outside the range */
export function toUnit(values: Numbers, [from, to]: readonly [number, number]): Float64Array {
  if (!(to > from)) throw new RangeError(`From ${from} to ${to} is no range.`);
  return Float64Array.from(values, (value) => {
    if (!(value >= from && value <= to)) throw new RangeError(`A score of ${value} is not between ${from} and ${to}.`);
    return (value - from) / (to - from);
  });
}

/** The interval of a bounded mean that holds at any n and for any shape, by betting; in the unit of the scores. */
export function boundedMean(values: Numbers, range: readonly [number, number], level: number): MeanEstimate {
  const { estimate, lower, upper, ...rest } = bettingMixture(toUnit(values, range), 1 - level);
  const back = (unit: number | null) => (unit === null ? null : range[0] + unit * (range[1] - range[0]));
  return { ...rest, estimate: back(estimate), lower: back(lower), upper: back(upper), se: null, df: null, p: null };
}

/**
 * The mean score of one version with the interval that the product shows. Student's, reaching further where the sample is skewed
 * (`skewedT`), cut to the range. Bounded scores that are all alike, or fewer than 20: by betting, which needs no shape. Scores without
 * bounds that are too skewed, or all alike: no interval, and why.
 *
 * @param cases per case its repeats; the unit is the case, `null` is a missing or failed judgment, dropped and counted
 * @throws RangeError for a score outside the range
 */
export function meanScore(cases: Repeats, range: Range, level = 0.95): MeanEstimate {
  const means = caseMeans(cases);
  const values = there(means);
  const dropped = missingOf(cases, means.length - values.length);
  const n = cases.reduce((sum, repeats) => sum + there(repeats).length, 0);
  return { ...meanInterval(Float64Array.from(values), range, level), n, dropped };
}

function meanInterval(values: Float64Array, range: Range, level: number): MeanEstimate {
  const interval = skewedT(values, level, range !== null);
  if (range === null || interval.estimate === null) return interval;
  if (values.length < 20 || interval.se === 0) return boundedMean(values, range, level);
  const cut = (limit: number | null) => (limit === null ? null : Math.min(range[1], Math.max(range[0], limit)));
  return { ...interval, lower: cut(interval.lower), upper: cut(interval.upper) };
}

/**
 * The pass rate of one version with the interval that the product shows: of single judgments exact or Wilson's (`proportion`), of repeats
 * clustered by case (`clusteredWilson`).
 * @param cases per case its repeats, 1 passed, 0 failed, `null` missing: dropped and counted
 */
export function passRate(cases: Repeats, level = 0.95): Estimate {
  const kept = cases.map(there);
  const dropped = missingOf(cases, kept.filter((repeats) => repeats.length === 0).length);
  const sums = kept.map((repeats) => repeats.reduce((sum, value) => sum + value, 0));
  const sizes = kept.map((repeats) => repeats.length);
  if (sizes.every((size) => size <= 1)) {
    const n = sizes.reduce((sum, size) => sum + size, 0);
    return {
      ...proportion(
        sums.reduce((sum, value) => sum + value, 0),
        n,
        level,
      ),
      dropped,
    };
  }
  return { ...clusteredWilson({ sums, sizes }, level, 'CR2'), dropped };
}

function missingOf(cases: Repeats, empty: number): Dropped[] {
  const missing = cases.reduce((sum, repeats) => sum + repeats.filter((value) => value === null).length, 0);
  return droppedOf({ count: missing, why: 'missing or failed judgments' }, { count: empty, why: 'cases without a judgment' });
}

export interface FlakyCase {
  /** Index of the case. */
  index: number;
  rate: Estimate;
}

/** Cases that passed in some repeats and not in others, the most undecided first. */
export function flakyCases(cases: Repeats, level = 0.95): FlakyCase[] {
  return cases
    .flatMap((repeats, index) => {
      const kept = there(repeats);
      const passed = kept.filter((value) => value === 1).length;
      return passed === 0 || passed === kept.length ? [] : [{ index, rate: proportion(passed, kept.length, level) }];
    })
    .sort((a, b) => Math.abs(a.rate.estimate! - 0.5) - Math.abs(b.rate.estimate! - 0.5) || a.index - b.index);
}
