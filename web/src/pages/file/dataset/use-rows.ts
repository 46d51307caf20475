import type { DatapointResponse, DatasetResponse } from '@whetstone/contract';
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { type Answer, call } from '../../../api/client.ts';
import { queryKey } from '../../../api/query.ts';

const pageRows = 100;

type Page = Answer<'datasets.list_datapoints'>;

export interface Rows {
  /** The datapoint at a place of the version; undefined while it has not been read. */
  at: (index: number) => DatapointResponse | undefined;
  /** Reads what stands from the one place to the other. */
  load: (from: number, to: number) => Promise<void>;
  error: Error | null;
  retry: () => void;
}

/** Datapoints of a version, read by pages as they come into view. A version never changes, so what was read stays true. */
export function useRows(file: DatasetResponse, first: number, last: number): Rows {
  const client = useQueryClient();
  const optionsOf = useCallback(
    (page: number) => ({
      queryKey: queryKey('datasets.list_datapoints', { id: file.id, version: file.version_id, page }),
      queryFn: ({ signal }: { signal: AbortSignal }): Promise<Page> =>
        call('datasets.list_datapoints', {
          params: { id: file.id },
          query: { version_id: file.version_id, page, size: pageRows },
          signal,
        }),
      staleTime: Infinity,
    }),
    [file.id, file.version_id],
  );
  const pages = useMemo(() => {
    if (file.datapoints_count === 0) return [];
    const from = Math.floor(Math.max(0, first) / pageRows);
    const to = Math.floor(Math.min(Math.max(0, last), file.datapoints_count - 1) / pageRows);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at + 1);
  }, [first, last, file.datapoints_count]);
  const found = useQueries({
    // What is read of the cache below does not count as read here.
    queries: pages.map((page) => ({ ...optionsOf(page), notifyOnChangeProps: ['data' as const, 'error' as const] })),
  });
  const at = (index: number): DatapointResponse | undefined =>
    client.getQueryData<Page>(optionsOf(Math.floor(index / pageRows) + 1).queryKey)?.records[index % pageRows];
  const load = async (from: number, to: number): Promise<void> => {
    const end = Math.min(to, file.datapoints_count - 1);
    for (let page = Math.floor(from / pageRows); page <= Math.floor(end / pageRows); page++)
      await client.ensureQueryData(optionsOf(page + 1));
  };
  const failed = found.find(({ error }) => error !== null);
  return { at, load, error: failed?.error ?? null, retry: () => void failed?.refetch() };
}
