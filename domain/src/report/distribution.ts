import type { ReportDistribution } from '@whetstone/contract';
import type { Reading } from './reading.ts';
import { isScored, type Scale } from './scale.ts';

const most = 20;

/** What each run was judged to be, in bins that all runs share, so that one looks at the same axis. */
export function distributions(readings: readonly Reading[], scale: Scale): (ReportDistribution | null)[] {
  const { return_type: type } = scale.spec;
  if (type === 'text') return readings.map(() => null);
  if (type !== 'number') return readings.map((reading) => options(reading, scale));
  if (!isScored(scale)) return readings.map(() => null);
  const edges = edgesOf(readings, scale.range);
  return readings.map((reading) => ({ type: 'numbers', bins: filled(reading.values, edges) }));
}

function options(reading: Reading, scale: Scale): ReportDistribution {
  const known = scale.options.map(({ name, valence }) => ({ name, valence, count: reading.chosen.get(name) ?? 0 }));
  const names = new Set(known.map(({ name }) => name));
  const others = [...reading.chosen].filter(([name]) => !names.has(name)).map(([name, count]) => ({ name, valence: null, count }));
  return { type: 'options', options: [...known, ...others] };
}

/** Whole numbers that are few stand alone; else bins of equal width. */
function edgesOf(readings: readonly Reading[], range: Scale['range']): { from: number; to: number }[] {
  let [least, greatest, whole] = [Infinity, -Infinity, true];
  for (const { values } of readings) {
    for (const value of values) {
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
      whole &&= Number.isInteger(value);
    }
  }
  if (least > greatest) return [];
  const [from, to] = range ?? [least, greatest];
  const alone = whole && Number.isInteger(from) && to - from < most && (range === null || to - from > 1);
  if (alone) return Array.from({ length: Math.floor(to - from) + 1 }, (_, i) => ({ from: from + i, to: from + i }));
  if (from === to) return [{ from, to }];
  const count = range === null ? most : 10;
  return Array.from({ length: count }, (_, i) => ({ from: from + ((to - from) * i) / count, to: from + ((to - from) * (i + 1)) / count }));
}

/** The upper edge belongs to the next bin, but for the last. */
function filled(values: readonly number[], edges: readonly { from: number; to: number }[]) {
  const bins = edges.map((edge) => ({ ...edge, count: 0 }));
  const first = bins[0];
  const last = bins.at(-1);
  if (first === undefined || last === undefined) return bins;
  const alone = first.from === first.to;
  const width = alone ? 1 : (last.to - first.from) / bins.length;
  for (const value of values) {
    const at = Math.min(bins.length - 1, Math.max(0, Math.floor((value - first.from) / width)));
    bins[at]!.count += 1;
  }
  return bins;
}
