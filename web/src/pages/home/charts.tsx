import { wilsonInterval } from '@whetstone/statistics';
import type { ReactNode } from 'react';
import { formatCount, formatDuration, formatMoney, formatShare } from '../../kit/format.ts';
import { Measured } from '../../parts/chart/measured.tsx';
import { Plot, type PlotMark, type PlotSeries, shades } from '../../parts/chart/plot.tsx';
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
  const whole = total.groups[0];
  const groups = topGroups(series, 5);
  const name = (key: string) => (key === otherKey ? 'others' : nameOf(key));
  const calls = plotSeries(groups, (group) => group.count, by === 'none' ? () => 'Calls' : name);
  const errors = plotSeries(groups, (group) => group.errors, by === 'none' ? () => 'Failed' : name);
  const cost = plotSeries(groups, (group) => group.cost_usd, by === 'none' ? () => 'Cost' : name);
  const p95 = plotSeries(groups, (group) => group.latency_p95_ms, by === 'none' ? () => 'p95' : name);
  const latency =
    by === 'none'
      ? [
          ...p95,
          ...plotSeries(
            groups,
            (group) => group.latency_p50_ms,
            () => 'median',
          ),
        ]
      : p95.filter((one) => one.key !== otherKey);
  const marks = marksOf(deployments ?? [], series, days);
  const day = (bucket: number) =>
    new Date(new Date(series.start).getTime() + (bucket + 0.5) * series.bucket_seconds * 1000).toLocaleDateString('en-GB', {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
    });
  const calm = by === 'none' ? ['color-mix(in oklab, var(--ink) 34%, var(--page))'] : shades;
  const totalCalls = sum(whole?.count ?? []);
  const failed = sum(whole?.errors ?? []);
  const counted = sum(whole?.cost_usd ?? []);
  // Calls that cost nothing at all are calls of models without a price.
  const spent = counted === 0 && totalCalls > 0 ? null : counted;
  return (
    <section aria-label="Charts">
      <div className="grid gap-x-10 gap-y-8 sm:grid-cols-2 xl:grid-cols-4">
        <Tile title="Calls" figure={formatCount(totalCalls)} note={`${formatCount(totalCalls / days)} a day`}>
          <Plot
            label="Calls per day"
            as="bars"
            series={calls}
            ceiling={niceCeiling(stackTop(calls))}
            name={day}
            format={formatCount}
            marks={marks}
            colours={calm}
          />
        </Tile>
        <Tile
          title="Errors"
          figure={formatCount(failed)}
          note={<Measured of={wilsonInterval(Math.min(failed, totalCalls), totalCalls)} what="calls failed" />}
        >
          <Plot
            label="Failed calls per day"
            as="bars"
            series={errors}
            ceiling={niceCeiling(Math.max(4, stackTop(errors)))}
            name={day}
            format={formatCount}
            marks={marks}
            colours={by === 'none' ? ['var(--worse)'] : shades}
          />
        </Tile>
        <Tile title="Latency" figure={formatDuration(typical(whole))} note={by === 'none' ? 'median and p95' : 'p95'}>
          <Plot
            label="Latency per day"
            as="lines"
            series={latency}
            ceiling={niceCeiling(top(latency))}
            name={day}
            format={formatDuration}
            marks={marks}
            colours={by === 'none' ? ['color-mix(in oklab, var(--ink) 34%, var(--page))', 'var(--accent)'] : shades}
          />
        </Tile>
        <Tile
          title="Cost"
          figure={formatMoney(spent)}
          note={totalCalls === 0 ? 'no calls yet' : spent === null ? 'no price is known' : `${formatMoney(spent / totalCalls)} a call`}
        >
          <Plot
            label="Cost per day"
            as="bars"
            series={cost}
            ceiling={niceCeiling(stackTop(cost))}
            name={day}
            format={formatMoney}
            marks={marks}
            colours={calm}
          />
        </Tile>
      </div>
      {by !== 'none' && <Legend series={calls} />}
    </section>
  );
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
