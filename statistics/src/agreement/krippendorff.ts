import type { Random } from '../random.ts';
import { bootstrap } from '../means/bootstrap.ts';
import { type Estimate, droppedOf, estimateOf } from '../result.ts';
import { agreementLimits, jackknifeSe } from './jackknife.ts';

export type Scale = 'nominal' | 'ordinal' | 'interval';

/** What each rater said of an item; `null` where one did not. Nominal answers may be texts, the others are numbers. */
export type Ratings = readonly (number | string | null)[];

export interface KrippendorffAlpha extends Estimate {
  se: number | null;
  /** Share of pairs of ratings of one item that are the same, items weighted as alpha does. */
  agreement: number | null;
}

/**
 * Agreement of any number of raters, with missing ratings, on any scale: K. Krippendorff, "Computing Krippendorff's
 * alpha-reliability" (2011), by the coincidence matrix. Items with fewer than two ratings say nothing of agreement: dropped and
 * counted. One value only: null.
 *
 * @param random given: a BCa interval over items, from 20 items; without, a jackknife interval
 */
export function krippendorffAlpha(
  items: readonly Ratings[],
  scale: Scale = 'nominal',
  { level = 0.95, random }: { level?: number; random?: Random } = {},
): KrippendorffAlpha {
  const pairable = items.filter((ratings) => ratings.filter((value) => value !== null).length >= 2);
  const dropped = droppedOf({ count: items.length - pairable.length, why: 'items with fewer than two ratings' });
  const n = pairable.length;
  const rest = { level, n, dropped, method: `Krippendorff's alpha (${scale}, jackknife)`, agreement: sameShare(pairable) };
  const estimate = alphaOf(pairable, scale);
  if (estimate === null) return estimateOf({ ...rest, se: null, reason: n === 0 ? 'no_data' : 'one_category' });
  // Over all items: whether an item gets a second rating is chance too.
  const se = jackknifeSe(items, (kept) => alphaOf(kept, scale));
  if (random !== undefined && n >= 20) {
    const { lower, upper, warnings } = bootstrap(pairable, (kept) => alphaOf(kept, scale), random, { level });
    return estimateOf({ ...rest, method: `Krippendorff's alpha (${scale}, bootstrap)`, estimate, lower, upper, se, warnings });
  }
  return estimateOf({ ...rest, estimate, ...agreementLimits(estimate, se, level), se, reason: se === null ? 'too_few_units' : null });
}

/** Coincidences: per ordered pair of values of one item 1/(ratings − 1). */
function coincidences(items: readonly Ratings[]): { values: (number | string)[]; counts: Float64Array[] } {
  const values = [...new Set(items.flat().filter((value) => value !== null))].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
  );
  const index = new Map(values.map((value, i) => [value, i]));
  const counts = values.map(() => new Float64Array(values.length));
  for (const ratings of items) {
    const said = ratings.filter((value) => value !== null).map((value) => index.get(value)!);
    if (said.length < 2) continue;
    for (const [i, c] of said.entries()) {
      for (const [j, k] of said.entries()) if (i !== j) counts[c]![k]! += 1 / (said.length - 1);
    }
  }
  return { values, counts };
}

/** Items with one rating have no pair and add nothing. */
function alphaOf(items: readonly Ratings[], scale: Scale): number | null {
  const { values, counts } = coincidences(items);
  const margins = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const total = margins.reduce((sum, margin) => sum + margin, 0);
  const distance = distanceOn(scale, values, margins);
  let [observed, expected] = [0, 0];
  for (let c = 0; c < values.length; c += 1) {
    for (let k = 0; k < values.length; k += 1) {
      const apart = distance(c, k);
      observed += counts[c]![k]! * apart;
      expected += margins[c]! * margins[k]! * apart;
    }
  }
  return expected === 0 ? null : 1 - ((total - 1) * observed) / expected;
}

function distanceOn(scale: Scale, values: readonly (number | string)[], margins: readonly number[]): (c: number, k: number) => number {
  if (scale === 'nominal') return (c, k) => (c === k ? 0 : 1);
  if (values.some((value) => typeof value !== 'number')) throw new RangeError(`On an ${scale} scale ratings are numbers.`);
  if (scale === 'interval') return (c, k) => ((values[c] as number) - (values[k] as number)) ** 2;
  const below: number[] = [];
  let sum = 0;
  for (const margin of margins) {
    below.push(sum + margin / 2);
    sum += margin;
  }
  return (c, k) => (below[c]! - below[k]!) ** 2;
}

function sameShare(items: readonly Ratings[]): number | null {
  if (items.length === 0) return null;
  const { counts } = coincidences(items);
  const same = counts.reduce((sum, row, c) => sum + row[c]!, 0);
  return same / counts.reduce((sum, row) => sum + row.reduce((inner, count) => inner + count, 0), 0);
}
