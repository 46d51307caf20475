import type { ReportPairs } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { formatDifference, type ScoreUnit } from '../../../parts/evaluation/numbers.ts';
import { RunMark } from '../../../parts/evaluation/run-mark.tsx';
import { VerdictBadge } from '../../../parts/evaluation/verdict-badge.tsx';
import { useReportHere } from './report-context.ts';

/** Every run against every other: the row against the column. */
export function Pairs({ data, unit }: { data: ReportPairs; unit: ScoreUnit }): ReactNode {
  const { report } = useReportHere();
  return (
    <section aria-label="Every run against every other" className="min-w-0">
      <h2 className="mb-3 min-h-7 font-semibold">Every run against every other</h2>
      <div className="overflow-x-auto" tabIndex={0} role="group" aria-label="Matrix of verdicts">
        <table className="w-full border-collapse text-left">
          <thead>
            <tr className="border-b border-line-strong text-meta text-ink-3">
              <th className="py-1.5 pr-4 font-normal">this one</th>
              {report.runs.map((run) => (
                <th key={run.run_id} className="py-1.5 pr-4 font-normal">
                  <span className="inline-flex items-center gap-1">
                    against <RunMark run={run} className="text-ink-2" />
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {report.runs.map((row) => (
              <tr key={row.run_id} className="border-b border-line">
                <th className="py-2 pr-4 font-normal">
                  <RunMark run={row} />
                </th>
                {report.runs.map((column) => {
                  const pair = data.pairs.find((one) => one.run_id === row.run_id && one.baseline_run_id === column.run_id);
                  return (
                    <td key={column.run_id} className="py-2 pr-4 align-top">
                      {pair === undefined ? (
                        <span className="text-ink-3">·</span>
                      ) : (
                        <span className="flex flex-col items-start gap-0.5">
                          <VerdictBadge word={pair.verdict} sentence={pair.sentence} />
                          <span className="num pl-2 text-ink-3">{formatDifference(unit, pair.difference)}</span>
                        </span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="mt-2 max-w-[80ch] text-meta text-ink-3">{data.note}</p>
    </section>
  );
}
