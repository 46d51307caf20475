import { type ReactNode, useState } from 'react';
import { axisTime } from '../../../parts/chart/scale.ts';
import { linePath, Marks, type PlotMark } from '../../../parts/chart/plot.tsx';
import type { Answer } from '../../../api/client.ts';
import { formatCount } from '../../../kit/format.ts';
import { cx } from '../../../kit/cx.ts';
import { formatMeasure } from './words.ts';

type Series = Answer<'monitors.series'>;

/** The number over time within its interval, which is drawn as a band; each bucket leads to the logs behind it. */
export function BandChart({
  series,
  range,
  marks,
  label,
  opens,
  onOpen,
}: {
  series: Series;
  range: readonly [number, number];
  marks: PlotMark[];
  label: string;
  /** What a press on a bucket leads to, in words. */
  opens: string;
  onOpen: (bucket: number) => void;
}): ReactNode {
  const [hover, setHover] = useState<number | null>(null);
  const { buckets } = series;
  const count = Math.max(1, buckets.length);
  const [low, high] = range;
  const scaled = (value: number | null) => (value === null ? null : ((value - low) / (high - low)) * 100);
  const pick = (event: React.PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setHover(Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count))));
  };
  const move = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step !== 0) setHover(Math.min(count - 1, Math.max(0, (hover ?? (step > 0 ? -1 : count)) + step)));
    else if (event.key === 'Escape') setHover(null);
    else return;
    event.preventDefault();
  };
  const estimates = buckets.map(({ measured }) => scaled(measured.estimate));
  return (
    <div>
      <div className="grid grid-cols-[auto_1fr] gap-x-2">
        <div aria-hidden className="num flex h-36 flex-col justify-between text-right text-meta text-ink-3">
          <span className="-mt-1.5">{formatMeasure(series.measure, high)}</span>
          <span>{formatMeasure(series.measure, (low + high) / 2)}</span>
          <span className="-mb-1.5">{formatMeasure(series.measure, low)}</span>
        </div>
        <div className="min-w-0">
          <button
            type="button"
            aria-label={`${label}. Arrow keys move, Enter opens the logs.`}
            className="relative block h-36 w-full cursor-pointer touch-pan-y rounded-sm"
            onPointerMove={pick}
            onPointerLeave={() => setHover(null)}
            onBlur={() => setHover(null)}
            onKeyDown={move}
            onClick={() => hover !== null && onOpen(hover)}
          >
            <svg
              aria-hidden
              viewBox={`0 0 ${count} 100`}
              preserveAspectRatio="none"
              className="absolute inset-0 size-full overflow-visible"
            >
              {[0, 50, 100].map((y) => (
                <line key={y} x1={0} x2={count} y1={y} y2={y} stroke="var(--line)" vectorEffect="non-scaling-stroke" />
              ))}
              {hover !== null && <rect x={hover} width={1} y={0} height={100} fill="var(--hover)" />}
              {buckets.map(({ measured }, at) => {
                const [from, to] = [scaled(measured.lower), scaled(measured.upper)];
                if (from === null || to === null) return null;
                return (
                  <rect
                    key={at}
                    x={at + 0.2}
                    width={0.6}
                    y={100 - to}
                    height={Math.max(to - from, 0.7)}
                    fill="var(--accent)"
                    opacity={0.2}
                    rx={0}
                  />
                );
              })}
              <path
                d={linePath(estimates, 100)}
                fill="none"
                stroke="var(--accent)"
                strokeWidth={1.5}
                strokeLinejoin="round"
                vectorEffect="non-scaling-stroke"
              />
              {estimates.map(
                (y, at) =>
                  y !== null && (
                    <line
                      key={at}
                      x1={at + 0.25}
                      x2={at + 0.75}
                      y1={100 - y}
                      y2={100 - y}
                      stroke="var(--accent)"
                      strokeWidth={2}
                      vectorEffect="non-scaling-stroke"
                    />
                  ),
              )}
            </svg>
            {hover !== null && <Bucket series={series} at={hover} count={count} opens={opens} />}
          </button>
          {marks.length > 0 && <Marks marks={marks} count={count} />}
          <div aria-hidden className="mt-1 flex justify-between text-meta text-ink-3">
            <span>{axisTime(new Date(series.start).getTime(), series.bucket_seconds)}</span>
            <span>now</span>
          </div>
        </div>
      </div>
    </div>
  );
}

function Bucket({ series, at, count, opens }: { series: Series; at: number; count: number; opens: string }): ReactNode {
  const bucket = series.buckets[at];
  if (bucket === undefined) return null;
  const { measured, failed, not_judged: notJudged } = bucket;
  const { measure } = series;
  return (
    <span
      role="status"
      className={cx(
        'pointer-events-none absolute bottom-full z-10 mb-1 block min-w-44 rounded-md bg-raised px-2.5 py-2 text-left text-meta shadow-float',
        at > count / 2 ? '-translate-x-full' : '',
      )}
      style={{ left: `${((at + 0.5) / count) * 100}%` }}
    >
      <span className="block whitespace-nowrap text-ink-3">{axisTime(new Date(bucket.start).getTime(), series.bucket_seconds)}</span>
      {measured.estimate === null ? (
        <span className="block">Nothing was judged</span>
      ) : (
        <span className="block whitespace-nowrap">
          <span className="num text-ink">{formatMeasure(measure, measured.estimate)}</span>{' '}
          {measured.lower !== null && (
            <span className="num text-ink-2">
              {formatMeasure(measure, measured.lower)} to {formatMeasure(measure, measured.upper)}
            </span>
          )}
        </span>
      )}
      <span className={cx('block whitespace-nowrap text-ink-2', measured.n + failed + notJudged === 0 && 'hidden')}>
        {formatCount(measured.n)} judged
        {measured.units !== measured.n && measured.n > 0 ? ` of ${formatCount(measured.units)} users or sessions` : ''}
        {failed > 0 && `, ${formatCount(failed)} failed`}
        {notJudged > 0 && `, ${formatCount(notJudged)} not judged`}
      </span>
      <span className="mt-0.5 block whitespace-nowrap text-ink-3">{opens}</span>
    </span>
  );
}
