import { useQuery } from '@tanstack/react-query';
import { type PointerEvent, type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { formatCount, formatExact } from '../../kit/format.ts';
import { axisTime, bucketStarts } from '../chart/scale.ts';
import type { LogFilters } from './filters.ts';

const height = 44;

/** Calls over time, failures within them. Drag across it to look at a part. */
export function Histogram({ filters, onRange }: { filters: LogFilters; onRange: (from: string, to: string) => void }): ReactNode {
  const { data, isPending } = useQuery({
    ...query('logs.series', { query: { ...filters, buckets: 90 } }),
    placeholderData: (before) => before,
  });
  const [brush, setBrush] = useState<[number, number] | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const group = data?.groups[0];
  if (data === undefined || group === undefined) return <div className={isPending ? 'mx-4 my-2 skeleton h-11' : 'h-15'} />;
  const count = group.count.length;
  const starts = bucketStarts(data, count);
  const ceiling = Math.max(1, ...group.count);
  const bucketOf = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(count - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * count)));
  };
  const end = () => {
    if (brush !== null) {
      const [a, b] = [Math.min(...brush), Math.max(...brush)];
      if (a !== b || group.count[a] !== 0)
        onRange(new Date(starts[a] ?? 0).toISOString(), new Date((starts[b] ?? 0) + data.bucket_seconds * 1000).toISOString());
    }
    setBrush(null);
  };
  const marked =
    brush === null ? null : { left: (Math.min(...brush) / count) * 100, width: ((Math.abs(brush[1] - brush[0]) + 1) / count) * 100 };
  return (
    <div className="px-4 pt-2">
      <div
        role="img"
        aria-label={`Calls over time, ${formatCount(group.count.reduce((a, b) => a + b, 0))} in all. Drag to choose a part.`}
        className="relative cursor-crosshair touch-pan-y"
        style={{ height }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const at = bucketOf(event);
          setBrush([at, at]);
        }}
        onPointerMove={(event) => {
          const at = bucketOf(event);
          setHover(at);
          if (brush !== null) setBrush([brush[0], at]);
        }}
        onPointerUp={end}
        onPointerCancel={() => setBrush(null)}
        onPointerLeave={() => setHover(null)}
      >
        <svg aria-hidden viewBox={`0 0 ${count} 100`} preserveAspectRatio="none" className="absolute inset-0 size-full">
          {group.count.map((calls, at) => {
            if (calls === 0) return null;
            const tall = Math.max(3, (calls / ceiling) * 100);
            const failed = ((group.errors[at] ?? 0) / calls) * tall;
            return (
              <g key={at} opacity={hover === null || hover === at || brush !== null ? 1 : 0.7}>
                <rect
                  x={at + 0.1}
                  width={0.8}
                  y={100 - tall}
                  height={tall - failed}
                  fill="color-mix(in oklab, var(--ink) 30%, var(--page))"
                />
                <rect x={at + 0.1} width={0.8} y={100 - failed} height={failed} fill="var(--worse)" />
              </g>
            );
          })}
        </svg>
        {marked && (
          <div
            className="absolute inset-y-0 bg-accent-soft shadow-[inset_1px_0_0_var(--accent),inset_-1px_0_0_var(--accent)]"
            style={{ left: `${marked.left}%`, width: `${marked.width}%` }}
          />
        )}
        {hover !== null && (
          <div
            className="pointer-events-none absolute top-full z-20 mt-1 -translate-x-1/2 rounded-md bg-raised px-2 py-1 text-meta whitespace-nowrap shadow-float"
            style={{ left: `clamp(90px, ${((hover + 0.5) / count) * 100}%, calc(100% - 90px))` }}
          >
            <span className="text-ink-3">{formatExact(new Date(starts[hover] ?? 0))}</span>{' '}
            <span className="num">{formatCount(group.count[hover] ?? 0)}</span> calls
            {(group.errors[hover] ?? 0) > 0 && <span className="text-worse">, {formatCount(group.errors[hover] ?? 0)} failed</span>}
          </div>
        )}
      </div>
      <div className="flex h-5 items-center justify-between border-t border-line-strong text-[11px] text-ink-3 tabular-nums" aria-hidden>
        {[0, 0.25, 0.5, 0.75].map((part) => (
          <span key={part}>{axisTime(starts[Math.floor(part * count)] ?? 0, Math.max(3_600, data.bucket_seconds))}</span>
        ))}
        <span>{filters.end_date ? axisTime(new Date(filters.end_date).getTime(), Math.max(3_600, data.bucket_seconds)) : 'now'}</span>
      </div>
    </div>
  );
}
