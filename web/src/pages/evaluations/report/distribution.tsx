import type { ReportDistribution, ReportEvaluator } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { formatCount } from '../../../kit/format.ts';
import { Tip } from '../../../kit/tip.tsx';
import { formatScore } from '../../../parts/evaluation/numbers.ts';
import { RunMark } from '../../../parts/evaluation/run-mark.tsx';
import { versionColour } from '../../../parts/version.tsx';
import { useReportHere } from './report-context.ts';

/** How values spread, run above run on the same scale. */
export function Distribution({ evaluator }: { evaluator: ReportEvaluator }): ReactNode {
  const { report } = useReportHere();
  const counts = evaluator.scores.flatMap((one) => countsOf(one.distribution));
  const most = Math.max(1, ...counts);
  return (
    <div className="border-t border-line px-3 py-3">
      <ul className="flex flex-col gap-3">
        {report.runs.map((run) => {
          const distribution = evaluator.scores.find((one) => one.run_id === run.run_id)?.distribution ?? null;
          return (
            <li key={run.run_id} className="grid items-end gap-x-5 gap-y-1 sm:grid-cols-[150px_minmax(0,1fr)]">
              <RunMark run={run} />
              {distribution === null ? (
                <span className="text-meta text-ink-3">nothing judged</span>
              ) : (
                <Bars distribution={distribution} most={most} colour={versionColour(run.version?.content_hash)} evaluator={evaluator} />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function Bars({
  distribution,
  most,
  colour,
  evaluator,
}: {
  distribution: ReportDistribution;
  most: number;
  colour: string;
  evaluator: ReportEvaluator;
}): ReactNode {
  if (distribution.type === 'options')
    return (
      <ul className="flex flex-col gap-1">
        {distribution.options.map((one) => (
          <li key={one.name} className="grid grid-cols-[minmax(60px,140px)_minmax(0,1fr)_44px] items-center gap-3">
            <span className="truncate text-meta text-ink-2">
              {one.name}
              {one.valence === 'negative' && <span className="text-ink-3"> (bad)</span>}
            </span>
            <span className="h-2 rounded-full" style={{ width: `${Math.max(0.5, (one.count / most) * 100)}%`, background: colour }} />
            <span className="num text-right">{formatCount(one.count)}</span>
          </li>
        ))}
      </ul>
    );
  const { bins } = distribution;
  const unit = evaluator.unit;
  return (
    <div>
      <div className="flex h-14 items-end gap-px border-b border-line-strong">
        {bins.map((bin) => (
          <Tip key={bin.from} label={`${formatScore(unit, bin.from)} to ${formatScore(unit, bin.to)}: ${formatCount(bin.count)}`}>
            <span className="flex h-full min-w-0 flex-1 items-end">
              <span className="w-full rounded-t-[2px]" style={{ height: `${(bin.count / most) * 100}%`, background: colour }} />
            </span>
          </Tip>
        ))}
      </div>
      <div className="num flex justify-between text-ink-3">
        <span>{formatScore(unit, bins[0]?.from ?? null)}</span>
        <span>{formatScore(unit, bins.at(-1)?.to ?? null)}</span>
      </div>
    </div>
  );
}

function countsOf(distribution: ReportDistribution | null): number[] {
  if (distribution === null) return [];
  return distribution.type === 'options' ? distribution.options.map((one) => one.count) : distribution.bins.map((one) => one.count);
}
