import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../../api/query.ts';
import { Notice } from '../../../kit/notice.tsx';
import { Skeleton } from '../../../kit/skeleton.tsx';
import { Pairs } from './pairs.tsx';
import { useReportHere } from './report-context.ts';
import { TradeOffPlot } from './trade-off-plot.tsx';

/** Quality against what it costs, and every run against every other. */
export function TradeOffs(): ReactNode {
  const { id, report, live, evaluator } = useReportHere();
  const several = report.runs.length > 1;
  const pairs = useQuery({
    ...query('reports.pairs', {
      params: { id },
      query: { run_id: report.runs.map((one) => one.run_id), evaluator: evaluator?.evaluator_version_id },
    }),
    enabled: several && !live && evaluator !== null,
  });
  if (!several || live || evaluator === null) return null;
  if (pairs.error)
    return (
      <Notice kind="error" title="The comparison of all runs could not be read" className="mt-6">
        {pairs.error.message}
      </Notice>
    );
  if (pairs.data === undefined) return <Skeleton className="mt-6 h-56" />;
  const matrix = report.runs.length > 2;
  return (
    <div className={matrix ? 'grid gap-x-8 gap-y-6 pt-8 @5xl/page:grid-cols-2' : 'pt-8'}>
      <TradeOffPlot data={pairs.data} evaluator={evaluator} />
      {matrix && <Pairs data={pairs.data} unit={evaluator.unit} />}
    </div>
  );
}
