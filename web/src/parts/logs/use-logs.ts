import type { LogResponse } from '@whetstone/contract';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { call, open } from '../../api/client.ts';
import { queryKey } from '../../api/query.ts';
import { events } from '../../api/stream.ts';
import type { LogFilters, LogSort } from './filters.ts';

const pageRows = 100;

/** The list of logs, page by page, each asked for before it is needed. */
export function useLogs(
  filters: LogFilters,
  sort: LogSort,
): { logs: LogResponse[]; pending: boolean; error: Error | null; more: boolean; loadMore: () => void; refresh: () => Promise<void> } {
  const client = useQueryClient();
  const key = queryKey('logs.list', { list: true, filters, sort });
  const byTime = sort === '-at';
  const result = useInfiniteQuery({
    queryKey: key,
    initialPageParam: { page: 1, before: '' },
    queryFn: ({ pageParam, signal }) =>
      call('logs.list', {
        signal,
        query: {
          ...filters,
          sort,
          size: pageRows,
          summary: true,
          count: false,
          ...(byTime ? (pageParam.before === '' ? {} : { before: pageParam.before }) : { page: pageParam.page }),
        },
      }),
    getNextPageParam: (last, all) =>
      last.records.length < pageRows ? undefined : { page: all.length + 1, before: last.records.at(-1)?.id ?? '' },
    staleTime: Infinity,
  });
  const logs = useMemo(() => {
    const seen = new Set<string>();
    return (result.data?.pages ?? []).flatMap((page) => page.records).filter((log) => !seen.has(log.id) && seen.add(log.id));
  }, [result.data]);
  return {
    logs,
    pending: result.isPending,
    error: result.error,
    more: result.hasNextPage,
    loadMore: () => !result.isFetchingNextPage && result.hasNextPage && void result.fetchNextPage(),
    refresh: () => client.resetQueries({ queryKey: key }),
  };
}

/** How many logs have arrived since the list was read. Asks only when the server says that something came. */
export function useArrivals(filters: LogFilters, newest: string | null | undefined, enabled: boolean): number {
  const [count, setCount] = useState(0);
  const asked = useRef({ filters, newest });
  asked.current = { filters, newest };
  const filterText = JSON.stringify(filters);
  useEffect(() => setCount(0), [filterText, newest]);
  useEffect(() => {
    if (!enabled) return;
    const stop = new AbortController();
    const onArrival = async () => {
      const { filters: now, newest: since } = asked.current;
      const { records } = await call('logs.list', {
        query: { ...now, size: 100, summary: true, count: false, sort: '-at' },
        signal: stop.signal,
      });
      const at = records.findIndex((log) => log.id === since);
      if (!stop.signal.aborted) setCount(at < 0 ? records.length : at);
    };
    void listen(stop.signal, onArrival);
    return () => stop.abort();
  }, [enabled]);
  return count;
}

const quietMs = 1_500;
const againMs = 4_000;

/** Follows the server's `logs` events, at most one question at a time, and connects again when the stream ends. */
async function listen(signal: AbortSignal, onArrival: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await open('logs.events', { signal });
      for await (const { event } of events(response)) {
        if (event !== 'logs') continue;
        await onArrival();
        await pause(quietMs, signal);
      }
    } catch {
      // Away or refused: asked again below, for as long as the page is open.
    }
    await pause(againMs, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      window.clearTimeout(timer);
      resolve();
    });
  });
}
