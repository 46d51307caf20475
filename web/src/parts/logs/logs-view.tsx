import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import { ApiError } from '../../api/errors.ts';
import { Button } from '../../kit/button.tsx';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { useStored } from '../../kit/stored.ts';
import { useWide } from '../../kit/use-wide.ts';
import { useLinks } from '../links.ts';
import { columns as allColumns, defaultColumns } from './columns.tsx';
import { filtersOf, type LogScope, type LogSort, sortOf } from './filters.ts';
import { Histogram } from './histogram.tsx';
import type { LogSearch } from './log-range.ts';
import { LogTable } from './log-table.tsx';
import { LogsToolbar } from './logs-toolbar.tsx';
import { SelectionBar } from './selection-bar.tsx';
import { useFacets } from './use-facets.ts';
import { useArrivals, useLogs } from './use-logs.ts';

const LogPeek = lazy(() => import('../log/log-peek.tsx'));
const NoLogs = lazy(() => import('./no-logs.tsx'));

export interface LogsViewProps {
  /** What is always filtered by, e.g. the file whose logs these are. */
  scope: LogScope;
  search: LogSearch;
  /** Changes the address. `push` makes a step that Back undoes. */
  onSearch: (change: Partial<Record<keyof LogSearch, string | undefined>>, push?: boolean) => void;
}

const beside = ['time', 'version', 'output', 'latency'];

/** The logs page: filter, histogram, list, and a log beside it. */
export function LogsView({ scope, search, onSearch }: LogsViewProps): ReactNode {
  const links = useLinks();
  const navigate = useNavigate();
  const wide = useWide(768);
  const [since, setSince] = useState(() => Date.now());
  const filters = useMemo(() => filtersOf(scope, search, since), [scope, search, since]);
  const sort = sortOf(search);
  const list = useLogs(filters, sort);
  const facets = useFacets(filters);
  const [shown, setShown] = useStored('whetstone.logs.columns', defaultColumns);
  const [at, setAt] = useState<string | null>(search.peek ?? null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const arrivals = useArrivals(filters, list.logs[0]?.id, sort === '-at' && search.to === undefined && !list.pending);
  const peek = search.peek ?? null;
  // Beside a log there is room for what tells one row from another.
  const columns = allColumns.filter((column) => shown.includes(column.id) && (peek === null || beside.includes(column.id)));

  const open = useCallback(
    (id: string) => {
      setAt(id);
      if (!wide) void navigate(links.log(id));
      else onSearch({ peek: id }, peek === null);
    },
    [wide, navigate, links, onSearch, peek],
  );
  // On a phone there is no room beside the list: a link to a log beside it leads to the log.
  useEffect(() => {
    if (!wide && peek !== null) void navigate({ ...links.log(peek), replace: true });
  }, [wide, peek, navigate, links]);
  const step = (by: number) => {
    const index = list.logs.findIndex((log) => log.id === at);
    const next = list.logs[Math.min(list.logs.length - 1, Math.max(0, index + by))];
    if (next === undefined) return;
    setAt(next.id);
    if (peek !== null) onSearch({ peek: next.id });
  };
  const select = (id: string, on: boolean) => {
    const next = new Set(selected);
    if (on) next.add(id);
    else next.delete(id);
    setSelected(next);
  };
  const page = (id: string) => void navigate(links.log(id));
  useHotkeys({
    j: () => step(1),
    k: () => step(-1),
    down: () => step(1),
    up: () => step(-1),
    x: () => at !== null && select(at, !selected.has(at)),
    enter: () => at !== null && (peek === at ? page(at) : open(at)),
    e: () => at !== null && void navigate(links.playground(at)),
    escape: () => (peek !== null ? onSearch({ peek: undefined }) : setSelected(new Set())),
  });
  const refresh = () => {
    setSince(Date.now());
    void list.refresh();
  };
  const filterError = list.error instanceof ApiError && list.error.status >= 400 && list.error.status < 500 ? list.error.message : null;
  const empty = !list.pending && list.error === null && list.logs.length === 0;
  return (
    <div className="flex min-h-0 flex-1">
      <div className="relative flex min-w-0 flex-1 flex-col">
        <LogsToolbar
          search={search}
          onSearch={onSearch}
          filters={filters}
          facets={facets}
          error={filterError}
          columns={shown}
          onColumns={setShown}
          hiddenFacets={scope.file_id === undefined ? [] : ['file', 'kind']}
        />
        <Histogram filters={filters} onRange={(from, to) => onSearch({ from, to, range: undefined }, true)} />
        {list.error !== null && filterError === null && (
          <Notice
            kind="error"
            title="The logs could not be read"
            className="m-4"
            actions={
              <Button size="sm" onClick={refresh}>
                Try again
              </Button>
            }
          >
            {list.error.message}
          </Notice>
        )}
        {filterError !== null && (
          <Notice kind="error" title="This filter could not be read" className="m-4">
            {filterError}
          </Notice>
        )}
        {list.pending && <SkeletonRows count={14} height={wide ? 32 : 64} />}
        {empty && (
          <Suspense>
            <NoLogs
              filtered={search.q !== undefined || search.from !== undefined}
              onClear={() => onSearch({ q: undefined, from: undefined, to: undefined, range: 'all' }, true)}
            />
          </Suspense>
        )}
        {list.logs.length > 0 && (
          <div className="relative flex min-h-0 flex-1 flex-col">
            {arrivals > 0 && (
              <Button
                look="primary"
                size="sm"
                onClick={refresh}
                className="absolute top-10 left-1/2 z-20 -translate-x-1/2 rounded-full px-3"
              >
                {arrivals >= 100 ? '100+' : arrivals} new
              </Button>
            )}
            <LogTable
              logs={list.logs}
              columns={columns}
              at={at}
              selected={selected}
              sort={sort}
              more={list.more}
              onMore={list.loadMore}
              onOpen={open}
              onSelect={select}
              onSort={(next: LogSort) => onSearch({ sort: next === '-at' ? undefined : next })}
            />
          </div>
        )}
        <SelectionBar selected={selected} onClear={() => setSelected(new Set())} onDeleted={refresh} />
      </div>
      {peek !== null && wide && (
        <aside aria-label="Log" className="flex w-[min(46vw,720px)] min-w-105 shrink-0 flex-col border-l border-line bg-page">
          <Suspense fallback={<SkeletonRows count={8} height={44} />}>
            <LogPeek id={peek} onClose={() => onSearch({ peek: undefined })} onOpen={() => page(peek)} onStep={step} />
          </Suspense>
        </aside>
      )}
    </div>
  );
}
