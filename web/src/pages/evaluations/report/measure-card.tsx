import type { ReportMeasure } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { scaleOf } from '../../../parts/evaluation/numbers.ts';
import { useReportHere } from './report-context.ts';
import { differenceScaleOf, ScoreRow } from './score-row.tsx';

const names = { cost_usd: 'Cost, a case', latency_ms: 'Latency' } as const;

/** Cost or latency beside the scores: medians, lower is better. */
export function MeasureCard({ measure }: { measure: ReportMeasure }): ReactNode {
  const { report, live } = useReportHere();
  if (measure.scores.every((one) => one.estimate === null)) return null;
  const scale = scaleOf(null, measure.scores);
  const differenceScale = differenceScaleOf(measure.comparisons);
  return (
    <article aria-label={names[measure.measure]} className="@container min-w-0 rounded-md shadow-[inset_0_0_0_1px_var(--line-strong)]">
      <header className="flex min-h-10 flex-wrap items-center gap-x-2.5 px-3 py-1.5">
        <h3 className="font-semibold">{names[measure.measure]}</h3>
        <Badge>exploratory</Badge>
        <span className="text-meta text-ink-3">median over cases, lower is better</span>
      </header>
      <div role="table" aria-label={names[measure.measure]}>
        {report.runs.map((run) => (
          <ScoreRow
            key={run.run_id}
            run={run}
            score={measure.scores.find((one) => one.run_id === run.run_id)}
            scale={[Math.min(0, scale[0]), scale[1]]}
            unit={measure.unit}
            comparison={measure.comparisons.find((one) => one.run_id === run.run_id)}
            differenceScale={differenceScale}
            live={live}
          />
        ))}
      </div>
    </article>
  );
}
