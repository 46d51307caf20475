import type { Scope } from '@whetstone/contract';
import type { Cluster } from '../../logs/index.ts';
import { monitorRowOf, type Room } from '../context.ts';
import type { MonitorSeries, Monitors } from '../index.ts';
import { measureOf, rangeOf } from '../measure.ts';
import { anyEvaluatorOf } from '../monitors.ts';
import { measuredOf } from './interval.ts';

const level = 0.95;
/** Widths of a bucket that people read easily, in seconds. */
const widths = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600, 2_592_000];
const mostVersions = 12;
const mostBuckets = 400;

export const series =
  (room: Room): Monitors['series'] =>
  async (scope, id, { from, to: until, buckets: wanted, environment }) => {
    const row = await monitorRowOf(room, scope, id);
    const to = until ?? room.clock();
    const seconds = widthFor((to.getTime() - from.getTime()) / 1000, wanted);
    const start = new Date(Math.floor(from.getTime() / 1000 / seconds) * seconds * 1000);
    const count = Math.min(mostBuckets, Math.max(1, Math.ceil((to.getTime() - start.getTime()) / 1000 / seconds)));
    const end = new Date(start.getTime() + count * seconds * 1000);
    const environments = await room.files.environments.list(scope);
    const environmentId = environment == null ? null : (await room.files.environments.byName(scope, environment)).id;
    const evaluator = await anyEvaluatorOf(room, scope, row);
    const spec = evaluator?.version.kernel.spec;
    const measure = spec === undefined ? null : measureOf(spec);
    const range = spec === undefined ? null : rangeOf(spec);
    const asked = { from: start, to: end, seconds, environmentId };
    const [clusters, gaps] = await Promise.all([
      measure === null ? [] : room.logs.monitored.clusters(scope, row.id, measure, asked),
      room.logs.monitored.gaps(scope, row.id, asked),
    ]);
    const told = (some: readonly Cluster[]) => measuredOf(some, measure ?? { type: 'mean' }, range, level);
    const byBucket = Map.groupBy(clusters, ({ bucket }) => bucket);
    const gapOf = new Map(gaps.map((gap) => [gap.bucket, gap]));
    return {
      bucketSeconds: seconds,
      start,
      end,
      level,
      measure,
      buckets: Array.from({ length: count }, (_, n) => ({
        start: new Date(start.getTime() + n * seconds * 1000),
        measured: told(byBucket.get(n) ?? []),
        notJudged: gapOf.get(n)?.notJudged ?? 0,
        failed: gapOf.get(n)?.failed ?? 0,
      })),
      whole: told(clusters),
      versions: await versionsOf(room, scope, clusters, { count, told }),
      environments: [...Map.groupBy(clusters, (each) => each.environmentId)].map(([environmentId_, some]) => ({
        id: environmentId_,
        name: environments.find((each) => each.id === environmentId_)?.name ?? 'no environment',
        measured: told(some),
      })),
      notJudged: gaps.reduce((sum, gap) => sum + gap.notJudged, 0),
      failed: gaps.reduce((sum, gap) => sum + gap.failed, 0),
    };
  };

async function versionsOf(
  room: Room,
  scope: Scope,
  clusters: readonly Cluster[],
  { count, told }: { count: number; told: (some: readonly Cluster[]) => MonitorSeries['whole'] },
): Promise<MonitorSeries['versions']> {
  const groups = [...Map.groupBy(clusters, ({ versionId }) => versionId)];
  const snapshots = await room.files.versionsById(
    scope,
    groups.map(([id]) => id),
  );
  return groups
    .map(([versionId, some]) => {
      const version = snapshots.get(versionId)?.version;
      const byBucket = Map.groupBy(some, ({ bucket }) => bucket);
      return {
        versionId,
        name: version?.name ?? null,
        contentHash: version?.contentHash ?? null,
        measured: told(some),
        values: Array.from({ length: count }, (_, n) => meanOf(byBucket.get(n) ?? [])),
      };
    })
    .toSorted((a, b) => b.measured.n - a.measured.n)
    .slice(0, mostVersions);
}

function meanOf(clusters: readonly Cluster[]): number | null {
  const n = clusters.reduce((total, { size, count }) => total + size * count, 0);
  return n === 0 ? null : clusters.reduce((total, { sum, count }) => total + sum * count, 0) / n;
}

function widthFor(seconds: number, buckets: number): number {
  const least = seconds / buckets;
  return widths.find((width) => width >= least) ?? Math.ceil(least / 2_592_000) * 2_592_000;
}
