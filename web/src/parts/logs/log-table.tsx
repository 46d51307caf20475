import type { LogResponse } from '@whetstone/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { cx } from '../../kit/cx.ts';
import { Checkbox } from '../../kit/checkbox.tsx';
import { useWide } from '../../kit/use-wide.ts';
import type { Column } from './columns.tsx';
import type { LogSort } from './filters.ts';
import { LogCard } from './log-card.tsx';

const rowHeight = 32;
const cardHeight = 64;

export interface LogTableProps {
  logs: LogResponse[];
  columns: Column[];
  /** The row that the keyboard stands on. */
  at: string | null;
  selected: ReadonlySet<string>;
  sort: LogSort;
  more: boolean;
  onMore: () => void;
  onOpen: (id: string) => void;
  onSelect: (id: string, selected: boolean) => void;
  onSort: (sort: LogSort) => void;
}

/** The list: virtual, so that a hundred thousand rows cost what fifty do. On a phone its rows are cards. */
export function LogTable({ logs, columns, at, selected, sort, more, onMore, onOpen, onSelect, onSort }: LogTableProps): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const wide = useWide(768);
  const virtual = useVirtualizer({
    count: logs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (wide ? rowHeight : cardHeight),
    overscan: 12,
    getItemKey: (index) => logs[index]?.id ?? index,
  });
  useEffect(() => virtual.measure(), [wide, virtual]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last > logs.length - 40) onMore();
  }, [more, last, logs.length, onMore]);
  const index = at === null ? -1 : logs.findIndex((log) => log.id === at);
  useEffect(() => {
    if (index >= 0) virtual.scrollToIndex(index, { align: 'auto' });
  }, [index, virtual]);
  const tracks = `28px ${columns.map((column) => column.track).join(' ')}`;
  return (
    <div
      ref={scroller}
      {...(wide ? { role: 'grid', 'aria-rowcount': logs.length } : { role: 'group' })}
      aria-label="Logs"
      className="min-h-0 flex-1 overflow-auto overscroll-contain"
    >
      {wide && <Header columns={columns} tracks={tracks} sort={sort} onSort={onSort} />}
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const log = logs[item.index];
          if (log === undefined) return null;
          const place = { transform: `translateY(${item.start}px)`, height: item.size };
          if (!wide) return <LogCard key={log.id} log={log} style={place} here={log.id === at} onOpen={onOpen} />;
          return (
            <div
              key={log.id}
              role="row"
              aria-rowindex={item.index + 1}
              aria-selected={selected.has(log.id)}
              data-log={log.id}
              onClick={() => onOpen(log.id)}
              style={{ ...place, gridTemplateColumns: tracks }}
              className={cx(
                'absolute inset-x-0 top-0 grid items-center gap-x-3 border-b border-line pr-4 hover:bg-hover',
                selected.has(log.id) && 'bg-accent-soft hover:bg-accent-soft',
                log.id === at && 'bg-pressed shadow-[inset_2px_0_0_var(--accent)] hover:bg-pressed',
              )}
            >
              <span role="gridcell" className="flex h-full items-center pl-3" onClick={(event) => event.stopPropagation()}>
                <Checkbox
                  checked={selected.has(log.id)}
                  onChange={(checked) => onSelect(log.id, checked)}
                  label="Select this log"
                  className={cx('opacity-0 focus-visible:opacity-100 [[role=row]:hover_&]:opacity-100', selected.size > 0 && 'opacity-100')}
                />
              </span>
              {columns.map((column) => (
                <span
                  key={column.id}
                  role="gridcell"
                  className={cx('flex min-w-0 items-center overflow-hidden', column.right && 'justify-end')}
                >
                  {column.cell(log)}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Header({
  columns,
  tracks,
  sort,
  onSort,
}: {
  columns: Column[];
  tracks: string;
  sort: LogSort;
  onSort: (sort: LogSort) => void;
}): ReactNode {
  return (
    <div
      role="row"
      className="hairline-b sticky top-0 z-10 grid h-8 items-center gap-x-3 bg-page pr-4 text-meta text-ink-3"
      style={{ gridTemplateColumns: tracks }}
    >
      <span role="columnheader">
        <span className="sr-only">Select</span>
      </span>
      {columns.map((column) => {
        const down = sort === `-${column.sort}`;
        const up = sort === column.sort;
        if (column.sort === undefined) {
          return (
            <span key={column.id} role="columnheader" className={cx('truncate', column.right && 'text-right')}>
              {column.label}
            </span>
          );
        }
        const next = (down && column.sort !== 'at' ? column.sort : up ? '-at' : `-${column.sort}`) as LogSort;
        return (
          <span
            key={column.id}
            role="columnheader"
            aria-sort={down ? 'descending' : up ? 'ascending' : 'none'}
            className={cx('flex', column.right && 'justify-end')}
          >
            <button
              type="button"
              onClick={() => onSort(down && column.sort === 'at' ? 'at' : next)}
              className={cx('inline-flex items-center gap-0.5 rounded-sm hover:text-ink', (down || up) && 'text-ink-2')}
            >
              {column.label}
              {down && <ArrowDown size={12} strokeWidth={1.5} aria-hidden />}
              {up && <ArrowUp size={12} strokeWidth={1.5} aria-hidden />}
            </button>
          </span>
        );
      })}
    </div>
  );
}
