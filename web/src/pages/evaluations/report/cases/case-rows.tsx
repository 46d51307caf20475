import type { ReportCase } from '@whetstone/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { cx } from '../../../../kit/cx.ts';
import { useWide } from '../../../../kit/use-wide.ts';
import { RunMark } from '../../../../parts/evaluation/run-mark.tsx';
import { useReportHere } from '../report-context.ts';
import { CaseCells, columnsOf } from './case-cells.tsx';

const rowHeight = 60;
const cardHeight = 92;
const settleMs = 1_000;

/** The cases, virtual within the page's own scroll. On a phone, or beside an open case, a row says only what changed. */
export function CaseRows({
  cases,
  at,
  narrow,
  stale,
  scroller,
  onOpen,
  onMore,
}: {
  cases: ReportCase[];
  at: string | null;
  narrow: boolean;
  stale: boolean;
  scroller: RefObject<HTMLDivElement | null>;
  onOpen: (id: string) => void;
  onMore: () => void;
}): ReactNode {
  const { report } = useReportHere();
  const wide = useWide(768);
  const list = useRef<HTMLDivElement>(null);
  const top = useTop(list, scroller);
  const short = narrow || !wide;
  const size = wide ? rowHeight : cardHeight;
  const virtual = useVirtualizer({
    count: cases.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => size,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => cases[index]?.datapoint.id ?? index,
  });
  useEffect(() => virtual.measure(), [size, virtual]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last > cases.length - 20) onMore();
  }, [last, cases.length, onMore]);
  const index = at === null ? -1 : cases.findIndex((one) => one.datapoint.id === at);
  const settling = useRef(0);
  useEffect(() => {
    settling.current = performance.now() + settleMs;
  }, [index, narrow]);
  // Opening a case makes the page narrower and all above the list taller: the row is brought back once that has settled.
  useEffect(() => {
    if (index >= 0 && performance.now() < settling.current) virtual.scrollToIndex(index, { align: 'auto' });
  }, [index, narrow, top, virtual]);
  const columns = columnsOf(report.runs.length, short);
  return (
    <div className={cx('overflow-x-auto', stale && 'opacity-60')}>
      <div role="grid" aria-label="Cases" aria-rowcount={cases.length} style={{ minWidth: columns.minWidth }}>
        {!short && (
          <div
            role="row"
            className="hairline-b grid h-8 items-center gap-x-4 text-meta text-ink-3"
            style={{ gridTemplateColumns: columns.tracks }}
          >
            <span role="columnheader" className="text-right">
              #
            </span>
            <span role="columnheader">Case</span>
            {report.runs.map((run) => (
              <span key={run.run_id} role="columnheader" className="flex min-w-0 items-center gap-1.5">
                <RunMark run={run} className="text-ink-2" />
                {run.baseline && 'baseline'}
              </span>
            ))}
            <span role="columnheader">{report.runs.length > 1 && 'Change'}</span>
          </div>
        )}
        <div ref={list} className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const one = cases[item.index];
            return (
              one && (
                <div
                  key={item.key}
                  role="row"
                  aria-rowindex={item.index + 1}
                  aria-selected={one.datapoint.id === at}
                  data-case={one.datapoint.id}
                  onClick={() => onOpen(one.datapoint.id)}
                  style={{ height: item.size, transform: `translateY(${item.start - top}px)`, gridTemplateColumns: columns.tracks }}
                  className={cx(
                    'absolute inset-x-0 top-0 grid cursor-default content-center items-center gap-x-4 border-b border-line hover:bg-hover',
                    one.datapoint.id === at && 'bg-pressed shadow-[inset_2px_0_0_var(--accent)] hover:bg-pressed',
                  )}
                >
                  <CaseCells one={one} number={(one.position ?? item.index) + 1} short={short} wide={wide} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** How far the list stands below the top of what scrolls; follows whatever grows above it. */
function useTop(list: RefObject<HTMLElement | null>, scroller: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const [inner, outer] = [list.current, scroller.current];
    if (inner === null || outer === null) return;
    const measure = () => setTop(Math.round(inner.getBoundingClientRect().top - outer.getBoundingClientRect().top + outer.scrollTop));
    const watcher = new ResizeObserver(measure);
    measure();
    if (outer.firstElementChild) watcher.observe(outer.firstElementChild);
    return () => watcher.disconnect();
  }, [list, scroller]);
  return top;
}
