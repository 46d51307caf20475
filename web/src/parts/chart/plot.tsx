import { type ReactNode, useState } from 'react';
import { cx } from '../../kit/cx.ts';
import { Tip } from '../../kit/tip.tsx';
import { versionColour } from '../version.tsx';

/** One series: a value per bucket; null is unknown, not zero. */
export interface PlotSeries {
  key: string;
  label: string;
  values: (number | null)[];
}
/** Something that happened at a moment, e.g. a deployment. `at` counts in buckets from the left edge. */
export interface PlotMark {
  at: number;
  hash: string | null;
  label: ReactNode;
}

/** Shades of steel for the parts of a whole, darkest first: hues belong to versions. */
export const shades = [
  'var(--accent)',
  'color-mix(in oklab, var(--accent) 62%, var(--page))',
  'color-mix(in oklab, var(--accent) 38%, var(--page))',
  'color-mix(in oklab, var(--ink) 30%, var(--page))',
  'color-mix(in oklab, var(--ink) 16%, var(--page))',
];

export interface PlotProps {
  series: PlotSeries[];
  /** Bars are stacked; lines are not. */
  as: 'bars' | 'lines';
  ceiling: number;
  /** What a bucket is called under the pointer. */
  name: (bucket: number) => string;
  format: (value: number) => string;
  colours?: string[];
  marks?: PlotMark[];
  height?: number;
  label: string;
}

/**
 * A small chart that stretches with its box: the drawing scales, its lines keep their width, and words are HTML, so that
 * nothing is measured and nothing jumps.
 */
export function Plot({ series, as, ceiling, name, format, colours = shades, marks = [], height = 96, label }: PlotProps): ReactNode {
  const [hover, setHover] = useState<number | null>(null);
  const count = Math.max(1, ...series.map((one) => one.values.length));
  const pick = (event: React.PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setHover(Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count))));
  };
  return (
    <div>
      <div
        role="img"
        aria-label={label}
        className="relative touch-pan-y"
        style={{ height }}
        onPointerMove={pick}
        onPointerLeave={() => setHover(null)}
      >
        <div aria-hidden className="absolute inset-x-0 top-0 border-t border-dashed border-line" />
        <svg aria-hidden viewBox={`0 0 ${count} 100`} preserveAspectRatio="none" className="absolute inset-0 size-full overflow-visible">
          {as === 'bars' ? (
            <Bars series={series} ceiling={ceiling} colours={colours} hover={hover} />
          ) : (
            <Lines series={series} ceiling={ceiling} colours={colours} />
          )}
          <line x1={0} x2={count} y1={100} y2={100} stroke="var(--line-strong)" vectorEffect="non-scaling-stroke" />
        </svg>
        {hover !== null && (
          <Hover series={series} bucket={hover} count={count} name={name} format={format} colours={colours} line={as === 'lines'} />
        )}
      </div>
      {marks.length > 0 && <Marks marks={marks} count={count} />}
    </div>
  );
}

function Bars({
  series,
  ceiling,
  colours,
  hover,
}: {
  series: PlotSeries[];
  ceiling: number;
  colours: string[];
  hover: number | null;
}): ReactNode {
  const tops = new Map<number, number>();
  return series.map((one, rank) =>
    one.values.map((value, at) => {
      if (value === null || value === 0) return null;
      const below = tops.get(at) ?? 0;
      const tall = Math.max((value / ceiling) * 100, 0.8);
      tops.set(at, below + tall);
      return (
        <rect
          key={`${one.key}${at}`}
          x={at + 0.12}
          width={0.76}
          y={100 - below - tall}
          height={tall}
          fill={colours[rank % colours.length]}
          opacity={hover === null || hover === at ? 1 : 0.55}
        />
      );
    }),
  );
}

function Lines({ series, ceiling, colours }: { series: PlotSeries[]; ceiling: number; colours: string[] }): ReactNode {
  return series.map((one, rank) => {
    const path = linePath(one.values, ceiling);
    return (
      <path
        key={one.key}
        d={path}
        fill="none"
        stroke={colours[rank % colours.length]}
        strokeWidth={1.5}
        strokeLinejoin="round"
        strokeLinecap="round"
        vectorEffect="non-scaling-stroke"
      />
    );
  });
}

/** A path that breaks where a value is unknown; a lone value becomes a short dash. */
export function linePath(values: readonly (number | null)[], ceiling: number): string {
  let path = '';
  values.forEach((value, at) => {
    if (value === null) return;
    const y = (100 - (Math.min(value, ceiling) / ceiling) * 100).toFixed(2);
    const joined = at > 0 && values[at - 1] !== null && values[at - 1] !== undefined;
    const alone = !joined && (values[at + 1] ?? null) === null;
    path += alone ? `M${at + 0.3} ${y}h0.4` : `${joined ? 'L' : 'M'}${at + 0.5} ${y}`;
  });
  return path;
}

function Hover({
  series,
  bucket,
  count,
  name,
  format,
  colours,
  line,
}: {
  series: PlotSeries[];
  bucket: number;
  count: number;
  name: (bucket: number) => string;
  format: (value: number) => string;
  colours: string[];
  line: boolean;
}): ReactNode {
  const at = ((bucket + 0.5) / count) * 100;
  const shown = series.filter((one) => (one.values[bucket] ?? null) !== null);
  return (
    <>
      {line && <div aria-hidden className="absolute inset-y-0 w-px bg-line-strong" style={{ left: `${at}%` }} />}
      <div
        className={cx(
          'pointer-events-none absolute bottom-full z-10 mb-1 min-w-32 rounded-md bg-raised px-2 py-1.5 text-meta shadow-float',
          at > 50 ? '-translate-x-full' : '',
        )}
        style={{ left: `${at}%` }}
      >
        <div className="mb-0.5 whitespace-nowrap text-ink-3">{name(bucket)}</div>
        {shown.length === 0 && <div>No calls</div>}
        {shown.map((one) => (
          <div key={one.key} className="flex items-center gap-2 whitespace-nowrap">
            <span className="size-2 rounded-sm" style={{ background: colours[series.indexOf(one) % colours.length] }} />
            <span className="max-w-44 flex-1 truncate">{one.label}</span>
            <span className="num">{format(one.values[bucket] ?? 0)}</span>
          </div>
        ))}
      </div>
    </>
  );
}

/** Deployments below the axis, each in the colour of what was deployed; those too close to be pointed at apart are one. */
export function Marks({ marks, count }: { marks: PlotMark[]; count: number }): ReactNode {
  return (
    <div className="relative h-4">
      {together(marks, count * 0.1).map((near) => (
        <Tip
          key={near[0]?.at}
          label={near.map((mark, at) => (
            <div key={at}>{mark.label}</div>
          ))}
        >
          <button
            type="button"
            aria-label={near.length === 1 ? 'Deployment' : `${near.length} deployments`}
            className="absolute -top-1 flex size-6 -translate-x-1/2 items-center justify-center -space-x-1"
            style={{ left: `${((near[0]?.at ?? 0) / count) * 100}%` }}
          >
            {near.slice(0, 3).map((mark, at) => (
              <svg key={at} viewBox="0 0 10 10" className="size-2.5 shrink-0" aria-hidden>
                <path d="M5 0 10 9H0z" fill={versionColour(mark.hash)} />
              </svg>
            ))}
          </button>
        </Tip>
      ))}
    </div>
  );
}

/** Marks in order, a group for all that lie within a distance of its first. */
function together(marks: PlotMark[], distance: number): PlotMark[][] {
  const groups: PlotMark[][] = [];
  for (const mark of marks.toSorted((a, b) => a.at - b.at)) {
    const last = groups.at(-1);
    if (last?.[0] !== undefined && mark.at - last[0].at < distance) last.push(mark);
    else groups.push([mark]);
  }
  return groups;
}
