import type { Answer } from '../../api/client.ts';
import type { PlotSeries } from '../../parts/chart/plot.tsx';

export type Series = Answer<'logs.series'>;
type Group = Series['groups'][number];

/** The groups by size, all beyond `limit` joined into one. Percentiles of a join are unknown. */
export function topGroups(series: Series, limit: number): Group[] {
  const groups = series.groups.toSorted((a, b) => sum(b.count) - sum(a.count));
  if (groups.length <= limit) return groups;
  const rest = groups.slice(limit - 1);
  const add = (pick: (group: Group) => number[]) =>
    (rest[0]?.count ?? []).map((_, at) => rest.reduce((total, group) => total + (pick(group)[at] ?? 0), 0));
  const unknown = (rest[0]?.count ?? []).map(() => null);
  return [
    ...groups.slice(0, limit - 1),
    {
      key: otherKey,
      count: add((g) => g.count),
      errors: add((g) => g.errors),
      cost_usd: add((g) => g.cost_usd),
      tokens: add((g) => g.tokens),
      latency_p50_ms: unknown,
      latency_p95_ms: unknown,
    },
  ];
}
export const otherKey = '\u0000others';

export function plotSeries(
  groups: readonly Group[],
  pick: (group: Group) => (number | null)[],
  name: (key: string) => string,
): PlotSeries[] {
  return groups.map((group) => ({ key: group.key, label: name(group.key), values: pick(group) }));
}

export function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}

/** The tallest stack of bars. */
export function stackTop(series: readonly PlotSeries[]): number {
  const count = Math.max(0, ...series.map((one) => one.values.length));
  return Math.max(0, ...Array.from({ length: count }, (_, at) => sum(series.map((one) => one.values[at] ?? 0))));
}

/** Mean of the daily medians, weighted by calls: what a typical call took. */
export function typical(group: Group | undefined): number | null {
  if (group === undefined) return null;
  let calls = 0;
  let total = 0;
  group.latency_p50_ms.forEach((p50, at) => {
    if (p50 === null) return;
    const count = group.count[at] ?? 0;
    calls += count;
    total += p50 * count;
  });
  return calls === 0 ? null : total / calls;
}
