import { type ReactNode, useState } from 'react';
import { cx } from '../../kit/cx.ts';
import { linePath, Marks, type PlotMark } from './plot.tsx';
import { axisTime } from './scale.ts';

/** A number of every stretch of time; null where nothing was measured, its interval null where too little was. */
export interface BandSeries {
  start: string;
  bucket_seconds: number;
  buckets: { start: string; measured: { estimate: number | null; lower: number | null; upper: number | null } }[];
}

/** The number over time within its interval, which is drawn as a band; each bucket leads to the logs behind it. */
export function BandChart({
  series,
  range,
  marks = [],
  label,
  format,
  tell,
  opens,
  onOpen,
}: {
  series: BandSeries;
  range: readonly [number, number];
  marks?: PlotMark[];
  label: string;
  format: (value: number | null) => string;
  /** What a bucket's number rests on, in words; empty when on nothing. */
  tell: (bucket: number) => string;
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
          <span className="-mt-1.5">{format(high)}</span>
          <span>{format((low + high) / 2)}</span>
          <span className="-mb-1.5">{format(low)}</span>
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
            {hover !== null && <Bucket series={series} at={hover} count={count} format={format} said={tell(hover)} opens={opens} />}
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

function Bucket({
  series,
  at,
  count,
  format,
  said,
  opens,
}: {
  series: BandSeries;
  at: number;
  count: number;
  format: (value: number | null) => string;
  said: string;
  opens: string;
}): ReactNode {
  const bucket = series.buckets[at];
  if (bucket === undefined) return null;
  const { measured } = bucket;
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
          <span className="num text-ink">{format(measured.estimate)}</span>{' '}
          {measured.lower !== null && (
            <span className="num text-ink-2">
              {format(measured.lower)} to {format(measured.upper)}
            </span>
          )}
        </span>
      )}
      {said !== '' && <span className="block whitespace-nowrap text-ink-2">{said}</span>}
      <span className="mt-0.5 block whitespace-nowrap text-ink-3">{opens}</span>
    </span>
  );
}
