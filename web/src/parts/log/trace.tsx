import type { LogResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { cx } from '../../kit/cx.ts';
import { formatDuration, formatMoney } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { useWide } from '../../kit/use-wide.ts';
import { kindOf, kinds } from '../kinds.ts';
import { StatusIcon } from '../logs/columns.tsx';
import { fileOf } from '../logs/log-file.ts';
import { useLinks } from '../links.ts';
import { Stripe, versionColour } from '../version.tsx';
import { TraceDocuments } from './trace-documents.tsx';
import { type TraceRow, traceRows } from './trace-tree.ts';

/** The trace a log belongs to: the tree of what called what, and beside it when each ran. */
export function Trace({ log, narrow: beside = false }: { log: LogResponse; narrow?: boolean }): ReactNode {
  const narrow = !useWide(768) || beside;
  const trace = useQuery(query('logs.trace', { params: { id: log.id } }));
  if (trace.error)
    return (
      <Notice kind="error" title="The trace could not be read">
        {trace.error.message}
      </Notice>
    );
  if (trace.data === undefined) return <SkeletonRows count={4} />;
  const { rows, total } = traceRows(trace.data.records);
  return (
    <div className="overflow-x-auto">
      <div className={narrow ? '' : 'min-w-140'}>
        <div
          className={cx(
            'grid h-7 items-center gap-3 border-b border-line text-meta text-ink-3',
            narrow ? 'grid-cols-[minmax(0,1fr)_minmax(0,0.8fr)]' : 'grid-cols-[minmax(220px,0.8fr)_minmax(0,1.4fr)]',
          )}
        >
          <span>{rows.length === 1 ? '1 step' : `${rows.length} steps`}</span>
          <span className="flex justify-between tabular-nums" aria-hidden>
            <span>0</span>
            <span>{formatDuration(total / 2)}</span>
            <span>{formatDuration(total)}</span>
          </span>
        </div>
        {rows.map((row) => (
          <Row key={row.log.id} row={row} total={total} here={row.log.id === log.id} narrow={narrow} />
        ))}
      </div>
      <TraceDocuments logs={rows.map((row) => row.log)} />
    </div>
  );
}

function Row({
  row: { log, depth, start, duration },
  total,
  here,
  narrow,
}: {
  row: TraceRow;
  total: number;
  here: boolean;
  narrow: boolean;
}): ReactNode {
  const links = useLinks();
  const file = fileOf(log);
  const Icon = kinds[kindOf(file.type)].icon;
  const left = ((start ?? 0) / total) * 100;
  const width = Math.max(0.6, ((duration ?? 0) / total) * 100);
  return (
    <Link
      {...links.log(log.id)}
      aria-current={here ? 'true' : undefined}
      className={cx(
        'grid h-8 items-center gap-3 border-b border-line hover:bg-hover',
        narrow ? 'grid-cols-[minmax(0,1fr)_minmax(0,0.8fr)]' : 'grid-cols-[minmax(220px,0.8fr)_minmax(0,1.4fr)]',
        here && 'bg-pressed',
      )}
    >
      <span className="flex min-w-0 items-center gap-1.5" style={{ paddingLeft: 4 + depth * 16 }}>
        <Stripe hash={file.hash} />
        <Icon size={14} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-hidden />
        <span className="truncate">{file.name}</span>
        <StatusIcon status={log.status} />
        {log.cost_usd !== null && !narrow && <span className="num ml-auto shrink-0 text-ink-3">{formatMoney(log.cost_usd)}</span>}
      </span>
      <span className="relative h-full">
        {start !== null && (
          <>
            <span
              className="absolute top-1/2 h-2.5 -translate-y-1/2 rounded-sm"
              style={{ left: `${left}%`, width: `${width}%`, background: versionColour(file.hash) }}
            />
            <span
              className={cx(
                'num absolute top-1/2 -translate-y-1/2 px-1.5 whitespace-nowrap text-ink-2',
                left + width > 72 && '-translate-x-full',
              )}
              style={{ left: `${left + width > 72 ? left : left + width}%` }}
            >
              {formatDuration(duration)}
            </span>
          </>
        )}
      </span>
    </Link>
  );
}
