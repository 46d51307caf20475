import type { ReportEstimate } from '@whetstone/contract';
import { boundedMean, clopperPearson, clusteredMean, type Estimate, meanScore, passRate, quantileInterval } from '@whetstone/statistics';
import type { Reading } from './reading.ts';
import { isScored, type Scale } from './scale.ts';
import { reasonText } from './words.ts';

/** Estimates of one run, in the form of the contract. */

export function presentEstimate(estimate: Estimate): ReportEstimate {
  const { lower, upper, level, n, units, method, reason, warnings, dropped } = estimate;
  return {
    estimate: estimate.estimate,
    lower,
    upper,
    level,
    n,
    units,
    method,
    reason,
    reason_text: reasonText(reason),
    warnings: [...warnings],
    dropped: dropped.map(({ count, why }) => ({ count, why })),
  };
}

export function noEstimate(reason: ReportEstimate['reason'], level: number): ReportEstimate {
  return {
    estimate: null,
    lower: null,
    upper: null,
    level,
    n: 0,
    units: 0,
    method: 'none',
    reason,
    reason_text: reasonText(reason),
    warnings: [],
    dropped: [],
  };
}

/** The score of a run by an evaluator: a pass rate or a mean over cases, clustered where cases belong together. */
export function scoreOf(reading: Reading, scale: Scale, groups: readonly string[] | null, level: number): ReportEstimate {
  if (!isScored(scale)) return noEstimate('no_order', level);
  const at = counting(reading);
  const cases = at.map((index) => reading.repeats[index]!);
  const estimate =
    groups === null
      ? single(cases, scale, level)
      : grouped(
          cases,
          at.map((index) => groups[index]!),
          scale,
          level,
        );
  // A proportion of nothing has an interval, from 0 to 1, and no estimate.
  return presentEstimate(estimate);
}

/** The same for some of the cases, as slices want it. */
export function scoreWithin(reading: Reading, scale: Scale, cases: readonly number[], level: number): ReportEstimate {
  if (!isScored(scale)) return noEstimate('no_order', level);
  const repeats = cases.filter((at) => reading.member[at] === 1 && reading.neutralOnly[at] === 0).map((at) => reading.repeats[at]!);
  return presentEstimate(single(repeats, scale, level));
}

/** The exact interval of a pass rate; null where cases have several judgments, which are not independent. */
export function exactOf(reading: Reading, level: number): ReportEstimate | null {
  const cases = counting(reading).map((at) => reading.repeats[at]!.filter((value) => value !== null));
  if (cases.some((values) => values.length > 1)) return null;
  const values = cases.flat();
  return presentEstimate(
    clopperPearson(
      values.reduce((sum, value) => sum + value, 0),
      values.length,
      level,
    ),
  );
}

function counting(reading: Reading): number[] {
  return Array.from(reading.member.keys()).filter((at) => reading.member[at] === 1 && reading.neutralOnly[at] === 0);
}

function single(cases: (number | null)[][], scale: Scale, level: number): Estimate {
  return scale.passFail ? passRate(cases, level) : meanScore(cases, scale.range, level);
}

function grouped(cases: (number | null)[][], groups: readonly string[], scale: Scale, level: number): Estimate {
  const merged = [...Map.groupBy(cases.keys(), (at) => groups[at]!).values()].map((members) => members.map((at) => cases[at]!));
  if (scale.passFail)
    return passRate(
      merged.map((members) => members.flat()),
      level,
    );
  const means = merged.map((members) => members.flatMap((repeats) => meanOf(repeats) ?? []));
  const sums = means.map((values) => values.reduce((sum, value) => sum + value, 0));
  const sizes = means.map((values) => values.length);
  const result = clusteredMean({ sums, sizes }, level);
  const { range } = scale;
  const n = cases.reduce((sum, repeats) => sum + repeats.filter((value) => value !== null).length, 0);
  const empty = cases.filter((repeats) => meanOf(repeats) === null).length;
  const dropped = empty === 0 ? [] : [{ count: empty, why: 'cases without a judgment' }];
  if (range === null || result.estimate === null) return { ...result, n, dropped };
  if (result.se === 0 || result.lower === null || result.upper === null) {
    const own = means.flatMap((values) => (values.length === 0 ? [] : [values.reduce((sum, value) => sum + value, 0) / values.length]));
    return { ...boundedMean(Float64Array.from(own), [range[0], range[1]], level), n, dropped };
  }
  return { ...result, lower: Math.max(range[0], result.lower), upper: Math.min(range[1], result.upper), n, dropped };
}

export function meanOf(repeats: readonly (number | null)[]): number | null {
  let sum = 0;
  let n = 0;
  for (const value of repeats) {
    if (value === null) continue;
    sum += value;
    n += 1;
  }
  return n === 0 ? null : sum / n;
}

/** A quantile over cases, of the mean of each case's repeats. */
export function quantileOver(values: readonly (number | null)[], q: number, level: number): ReportEstimate {
  const kept = values.filter((value) => value !== null);
  const without = values.length - kept.length;
  const estimate = quantileInterval(kept, q, level);
  return presentEstimate({ ...estimate, dropped: without === 0 ? [] : [{ count: without, why: 'cases where it is not known' }] });
}
