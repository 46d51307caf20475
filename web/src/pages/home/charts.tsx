import { wilsonInterval } from '@whetstone/statistics';
import type { ReactNode } from 'react';
import { formatCount, formatDuration, formatMoney, formatShare } from '../../kit/format.ts';
import { Measured } from '../../parts/chart/measured.tsx';
import { Plot, type PlotMark, type PlotProps, type PlotSeries, shades } from '../../parts/chart/plot.tsx';
import { niceCeiling } from '../../parts/chart/scale.ts';
import { shortHash } from '../../parts/version.tsx';
import { otherKey, plotSeries, type Series, stackTop, sum, topGroups, typical } from './home-series.ts';
import type { Deployed } from './use-deployments.ts';

export interface ChartsProps {
  /** Over all calls, for the figures. */
  total: Series | undefined;
  /** As it is drawn: whole or split. */
  series: Series | undefined;
  by: 'none' | 'file' | 'model';
  nameOf: (key: string) => string;
  deployments: Deployed[] | null;
  days: number;
}

/** Calls, errors, latency and cost per day, deployments marked below. */
export function Charts({ total, series, by, nameOf, deployments, days }: ChartsProps): ReactNode {
  if (total === undefined || series === undefined) return <ChartsSkeleton />;
  const marks = marksOf(deployments ?? [], series, days);
  const day = (bucket: number) =>
    new Date(new Date(series.start).getTime() + (bucket + 0.5) * series.bucket_seconds * 1000).toLocaleDateString('en-GB', {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
    });
  const tiles = tilesOf(total.groups[0], topGroups(series, 5), days, by === 'none' ? null : nameOf);
  return (
    <section aria-label="Charts">
      <div className="grid gap-x-10 gap-y-8 sm:grid-cols-2 xl:grid-cols-4">
        {tiles.map(({ title, figure, note, ...plot }) => (
          <Tile key={title} title={title} figure={figure} note={note}>
            <Plot {...plot} label={`${title} per day`} name={day} marks={marks} />
          </Tile>
        ))}
      </div>
      {by !== 'none' && tiles[0] && <Legend series={tiles[0].series} />}
    </section>
  );
}

type TileProps = Pick<PlotProps, 'series' | 'as' | 'ceiling' | 'format' | 'colours'> & {
  title: string;
  figure: ReactNode;
  note: ReactNode;
};
type Group = Series['groups'][number];
const calm = 'color-mix(in oklab, var(--ink) 34%, var(--page))';

/** The four charts, whole or split by what `nameOf` names. */
function tilesOf(whole: Group | undefined, groups: Group[], days: number, nameOf: ((key: string) => string) | null): TileProps[] {
  const lines = (values: (group: Group) => (number | null)[], one: string) =>
    plotSeries(groups, values, nameOf === null ? () => one : (key) => (key === otherKey ? 'others' : nameOf(key)));
  const bars = (series: PlotSeries[], colour: string, least = 0) => ({
    as: 'bars' as const,
    series,
    ceiling: niceCeiling(Math.max(least, stackTop(series))),
    colours: nameOf === null ? [colour] : shades,
  });
  const calls = sum(whole?.count ?? []);
  const failed = sum(whole?.errors ?? []);
  const counted = sum(whole?.cost_usd ?? []);
  // Calls that cost nothing at all are calls of models without a price.
  const spent = counted === 0 && calls > 0 ? null : counted;
  const p95 = lines((group) => group.latency_p95_ms, 'p95');
  const latency =
    nameOf === null ? [...p95, ...lines((group) => group.latency_p50_ms, 'median')] : p95.filter((one) => one.key !== otherKey);
  return [
    {
      title: 'Calls',
      figure: formatCount(calls),
      note: `${formatCount(calls / days)} a day`,
      format: formatCount,
      ...bars(
        lines((group) => group.count, 'Calls'),
        calm,
      ),
    },
    {
      title: 'Errors',
      figure: formatCount(failed),
      note: <Measured of={wilsonInterval(Math.min(failed, calls), calls)} what="calls failed" />,
      format: formatCount,
      ...bars(
        lines((group) => group.errors, 'Failed'),
        'var(--worse)',
        4,
      ),
    },
    {
      title: 'Latency',
      figure: formatDuration(typical(whole)),
      note: nameOf === null ? 'median and p95' : 'p95',
      format: formatDuration,
      as: 'lines',
      series: latency,
      ceiling: niceCeiling(top(latency)),
      colours: nameOf === null ? [calm, 'var(--accent)'] : shades,
    },
    {
      title: 'Cost',
      figure: formatMoney(spent),
      note: calls === 0 ? 'no calls yet' : spent === null ? 'no price is known' : `${formatMoney(spent / calls)} a call`,
      format: formatMoney,
      ...bars(
        lines((group) => group.cost_usd, 'Cost'),
        calm,
      ),
    },
  ];
}

function top(series: readonly PlotSeries[]): number {
  return Math.max(0, ...series.flatMap((one) => one.values.map((value) => value ?? 0)));
}

function marksOf(deployments: readonly Deployed[], series: Series, days: number): PlotMark[] {
  const start = new Date(series.start).getTime();
  return deployments
    .filter(({ deployment }) => deployment.environment.tag === 'default')
    .map(({ deployment, file }) => ({
      at: (new Date(deployment.created_at).getTime() - start) / (series.bucket_seconds * 1000),
      hash: deployment.content_hash,
      label: `${file.path} ${deployment.version_name ?? shortHash(deployment.content_hash ?? '')} to ${deployment.environment.name}`,
    }))
    .filter((mark) => mark.at >= 0 && mark.at <= days);
}

function Tile({ title, figure, note, children }: { title: string; figure: ReactNode; note: ReactNode; children: ReactNode }): ReactNode {
  return (
    <div className="min-w-0">
      <h2 className="text-ink-2">{title}</h2>
      <div className="mb-3 flex items-baseline gap-2.5">
        <span className="text-figure font-semibold tracking-tight tabular-nums">{figure}</span>
        <span className="min-w-0 truncate text-meta text-ink-3">{note}</span>
      </div>
      {children}
    </div>
  );
}

function Legend({ series }: { series: PlotSeries[] }): ReactNode {
  const all = sum(series.map((one) => sum(one.values)));
  return (
    <ul className="mt-4 flex flex-wrap gap-x-5 gap-y-1 text-meta text-ink-2">
      {series.map((one, at) => (
        <li key={one.key} className="flex items-center gap-1.5">
          <span className="size-2.5 rounded-sm" style={{ background: shades[at % shades.length] }} />
          {one.label}
          <span className="text-ink-3 tabular-nums">{all === 0 ? '' : formatShare(sum(one.values) / all)}</span>
        </li>
      ))}
      <li className="ml-auto flex items-center gap-1.5 text-ink-3">
        <span aria-hidden>▲</span> triangles mark deployments, in the colour of the version
      </li>
    </ul>
  );
}

function ChartsSkeleton(): ReactNode {
  return (
    <div role="status" aria-label="Loading charts" className="grid gap-x-10 gap-y-8 sm:grid-cols-2 xl:grid-cols-4">
      {['calls', 'errors', 'latency', 'cost'].map((name) => (
        <div key={name}>
          <div className="skeleton h-4 w-14" />
          <div className="mt-1.5 mb-4 skeleton h-7 w-24" />
          <div className="skeleton h-24" />
        </div>
      ))}
    </div>
  );
}
