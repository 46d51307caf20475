import type { MonitorMeasure } from '@whetstone/contract';
import { clusteredMean, clusteredWilson, proportion, reasons } from '@whetstone/statistics';
import type { Cluster } from '../../logs/index.ts';
import type { Measured } from '../index.ts';

/** The measured number of some units: of single logs exact or Wilson's, of users with several by what the users differ. */
export function measuredOf(
  clusters: readonly Cluster[],
  measure: MonitorMeasure,
  range: readonly [number, number] | null,
  level = 0.95,
): Measured {
  const n = clusters.reduce((sum, { size, count }) => sum + size * count, 0);
  const units = clusters.reduce((sum, { count }) => sum + count, 0);
  if (n === 0) return { n, units, estimate: null, lower: null, upper: null, reason: reasons.no_data };
  const parts = {
    sums: clusters.map(({ sum }) => sum),
    sizes: clusters.map(({ size }) => size),
    counts: clusters.map(({ count }) => count),
  };
  if (measure.type === 'share') {
    const passed = clusters.reduce((sum, each) => sum + each.sum * each.count, 0);
    const { estimate, lower, upper } = units === n ? proportion(Math.round(passed), n, level) : clusteredWilson(parts, level, 'CR2');
    return { n, units, estimate, lower, upper, reason: null };
  }
  const { estimate, lower, upper, reason, se } = clusteredMean(parts, level);
  // Equal values say nothing about how far the mean may be off.
  if (se === 0) return { n, units, estimate, lower: null, upper: null, reason: reasons.no_spread };
  const cut = (limit: number | null): number | null =>
    limit === null || range === null ? limit : Math.min(range[1], Math.max(range[0], limit));
  return { n, units, estimate, lower: cut(lower), upper: cut(upper), reason: reason == null ? null : reasons[reason] };
}
