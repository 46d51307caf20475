import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import { query, queryKey } from '../../../api/query.ts';

const runsMs = 1_500;
const reportMs = 4_000;

/** The report and how far its runs are; asked again while something is under way, and once more when it ends. */
export function useReport(id: string, baseline: string | undefined) {
  const client = useQueryClient();
  const runs = useQuery({
    ...query('evaluations.list_runs_for_evaluation', { params: { id } }),
    refetchInterval: ({ state }) => (state.data?.runs.some(isUnderWay) === true ? runsMs : false),
  });
  const running = runs.data?.runs.some(isUnderWay);
  const report = useQuery({
    ...query('reports.get', { params: { id }, query: { baseline } }),
    placeholderData: keepPreviousData,
    refetchInterval: running === true ? reportMs : false,
  });
  // Whichever is read first: a verdict that is shown and taken back would be worse than none.
  const live = running ?? (report.data !== undefined && isUnderWay(report.data));
  const refresh = useCallback(() => {
    for (const name of ['evaluations.list_runs_for_evaluation', 'reports.get', 'reports.cases', 'reports.slices', 'reports.pairs'] as const)
      void client.invalidateQueries({ queryKey: queryKey(name) });
  }, [client]);
  useEffect(() => {
    // What was read while runs were under way is behind by the time they end.
    if (live) return refresh;
    return undefined;
  }, [live, refresh]);
  return { runs, report, live, refresh };
}

function isUnderWay({ status }: { status: string }): boolean {
  return status === 'pending' || status === 'running';
}
