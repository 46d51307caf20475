import type { ChatMessage, DatapointResponse, DatasetResponse } from '@whetstone/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import { call } from '../../../api/client.ts';
import { queryKey } from '../../../api/query.ts';
import { Code } from '../../../kit/code.tsx';
import { cx } from '../../../kit/cx.ts';
import { Notice } from '../../../kit/notice.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { textOf } from '../../../parts/log/content.ts';
import { pretty } from '../../../parts/log/json.ts';
import { type DatapointColumn, datapointColumns } from './datapoint-columns.ts';

const pageRows = 100;
const rowHeight = 40;
const gap = 16;
const numberWidth = 44;
const narrowest = { wide: 220, narrow: 120 };

/** The datapoints of a version as a table: what goes in, and what should come out. */
export function DatasetContent({ file, scroller }: { file: DatasetResponse; scroller: RefObject<HTMLDivElement | null> }): ReactNode {
  const rows = useInfiniteQuery({
    queryKey: queryKey('datasets.list_datapoints', { id: file.id, version: file.version_id }),
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      call('datasets.list_datapoints', {
        params: { id: file.id },
        query: { version_id: file.version_id, page: pageParam, size: pageRows },
        signal,
      }),
    getNextPageParam: (last, all) => (last.records.length < pageRows ? undefined : all.length + 1),
    staleTime: Infinity,
  });
  const points = useMemo(() => (rows.data?.pages ?? []).flatMap((page) => page.records), [rows.data]);
  if (file.datapoints_count === 0) return <NoDatapoints path={file.path} />;
  if (rows.error !== null)
    return (
      <Notice kind="error" title="The datapoints could not be read" className="mt-5">
        {rows.error.message}
      </Notice>
    );
  if (rows.isPending) return <SkeletonRows count={8} height={rowHeight} />;
  const more = () => rows.hasNextPage && !rows.isFetchingNextPage && void rows.fetchNextPage();
  return <Table points={points} count={file.datapoints_count} scroller={scroller} onMore={more} />;
}

function Table({
  points,
  count,
  scroller,
  onMore,
}: {
  points: DatapointResponse[];
  count: number;
  scroller: RefObject<HTMLDivElement | null>;
  onMore: () => void;
}): ReactNode {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  const columns = useMemo(() => datapointColumns(points), [points]);
  const virtual = useVirtualizer({
    count: points.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
    scrollMargin: list.current?.offsetTop ?? 0,
    getItemKey: (index) => points[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (points.length < count && last > points.length - 40) onMore();
  }, [last, points.length, count, onMore]);
  const toggle = (id: string) =>
    setOpen((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id])));
  const leastOf = ({ wide }: DatapointColumn) => (wide ? narrowest.wide : narrowest.narrow);
  const tracks = {
    gap,
    gridTemplateColumns: `${numberWidth}px ${columns.map((column) => `minmax(${leastOf(column)}px,${column.wide ? 2 : 1}fr)`).join(' ')}`,
  };
  const minWidth = columns.reduce((sum, column) => sum + leastOf(column) + gap, numberWidth);
  return (
    <div role="table" aria-label="Datapoints" aria-rowcount={count} className="mt-4 overflow-x-auto">
      <div role="row" style={{ ...tracks, minWidth }} className="grid border-b border-line-strong pb-1.5 text-meta text-ink-3">
        <span role="columnheader">#</span>
        {columns.map(({ group, name }) => (
          <span key={`${group} ${name}`} role="columnheader" className="min-w-0 truncate">
            {group} {name !== '' && <code className="text-ink-2">{name}</code>}
          </span>
        ))}
      </div>
      <div ref={list} className="relative" style={{ height: virtual.getTotalSize(), minWidth }}>
        {items.map((item) => {
          const point = points[item.index];
          return (
            point && (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                role="row"
                aria-rowindex={item.index + 1}
                style={{ ...tracks, transform: `translateY(${item.start - virtual.options.scrollMargin}px)` }}
                className="absolute inset-x-0 top-0 grid border-b border-line py-2.5 hover:bg-hover"
                onClick={() => toggle(point.id)}
              >
                <span role="cell">
                  <button
                    type="button"
                    aria-expanded={open.has(point.id)}
                    aria-label={`Datapoint ${item.index + 1}, ${open.has(point.id) ? 'fold' : 'unfold'}`}
                    className="num w-8 rounded-sm text-right text-ink-3"
                  >
                    {item.index + 1}
                  </button>
                </span>
                {columns.map((column) => (
                  <Cell key={`${column.group} ${column.name}`} column={column} point={point} open={open.has(point.id)} />
                ))}
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function Cell({ column, point, open }: { column: DatapointColumn; point: DatapointResponse; open: boolean }): ReactNode {
  const value = column.of(point);
  const text = value === undefined || value === null ? '' : column.group === 'Messages' ? spoken(value as ChatMessage[]) : pretty(value);
  return (
    <span
      role="cell"
      className={cx(
        'min-w-0',
        open ? 'whitespace-pre-wrap wrap-anywhere' : 'truncate',
        typeof value !== 'string' && column.group !== 'Messages' && 'font-mono text-[12px]',
      )}
    >
      {text === '' ? <span className="text-ink-3">–</span> : open ? text : text.slice(0, 400).replaceAll(/\s+/g, ' ')}
    </span>
  );
}

function spoken(messages: ChatMessage[]): string {
  return messages.map((message) => `${message.role}: ${textOf(message)}`).join('\n');
}

function NoDatapoints({ path }: { path: string }): ReactNode {
  const url = window.location.origin;
  return (
    <div className="pt-5">
      <p className="mb-3 max-w-[72ch] text-ink-2">
        No datapoints. Each is a case to run a prompt on: inputs, messages, and what should come out. Add some by the API:
      </p>
      <Code
        text={`curl ${url}/v5/datasets -H "X-API-KEY: YOUR_KEY" -H "Content-Type: application/json" -d '{\n  "path": ${JSON.stringify(path)},\n  "action": "add",\n  "datapoints": [\n    { "inputs": { "question": "Where is my order?" }, "target": { "answer": "On its way" } }\n  ]\n}'`}
      />
    </div>
  );
}
