import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call } from '../../../../api/client.ts';
import { queryKey } from '../../../../api/query.ts';
import { type ReportHere, useReportHere } from '../report-context.ts';

const pageRows = 50;

export const caseFilters = ['better', 'worse', 'any', 'failed', 'missing', 'flaky'] as const;
export type CaseFilter = (typeof caseFilters)[number];
export const caseSorts = [
  { value: 'position', label: 'as in the dataset' },
  { value: 'difference', label: 'worst change first' },
  { value: '-difference', label: 'best change first' },
  { value: '-cost', label: 'dearest first' },
  { value: '-latency', label: 'slowest first' },
] as const;
export type CaseSort = (typeof caseSorts)[number]['value'];

export function filterOf(text: string | undefined): CaseFilter | null {
  return caseFilters.find((one) => one === text) ?? null;
}
export function sortOf(text: string | undefined): CaseSort {
  return caseSorts.find((one) => one.value === text)?.value ?? 'position';
}

/** What every question about cases names: the runs with the compared one first, the baseline, and the evaluator. */
export function askedOf({ report, run, baseline, evaluator }: ReportHere) {
  const others = report.runs.map((one) => one.run_id).filter((id) => id !== run?.run_id);
  return {
    baseline: baseline?.run_id,
    run_id: run === null ? others : [run.run_id, ...others],
    evaluator: evaluator?.evaluator_version_id,
  };
}

/** The cases that fit the filter of the address, page by page. */
export function useCases() {
  const here = useReportHere();
  const { id, search } = here;
  const filter = filterOf(search.filter);
  const asked = {
    ...askedOf(here),
    flipped: filter === 'better' || filter === 'worse' || filter === 'any' ? filter : undefined,
    failed: filter === 'failed' ? true : undefined,
    missing: filter === 'missing' ? true : undefined,
    flaky: filter === 'flaky' ? true : undefined,
    search: search.q,
    slice: search.slice,
    sort: sortOf(search.sort),
  };
  const result = useInfiniteQuery({
    queryKey: queryKey('reports.cases', { id, ...asked }),
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      call('reports.cases', { params: { id }, query: { ...asked, page: pageParam, size: pageRows }, signal }),
    getNextPageParam: (last, all) => (last.records.length < pageRows ? undefined : all.length + 1),
    placeholderData: (before) => before,
  });
  const cases = useMemo(() => {
    const seen = new Set<string>();
    return (result.data?.pages ?? [])
      .flatMap((page) => page.records)
      .filter((one) => !seen.has(one.datapoint.id) && seen.add(one.datapoint.id));
  }, [result.data]);
  return {
    cases,
    total: result.data?.pages[0]?.total ?? 0,
    counts: result.data?.pages[0]?.counts ?? null,
    pending: result.isPending,
    stale: result.isPlaceholderData,
    error: result.error,
    loadMore: () => result.hasNextPage && !result.isFetchingNextPage && void result.fetchNextPage(),
  };
}
