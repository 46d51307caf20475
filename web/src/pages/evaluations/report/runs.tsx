import type { ReportRun } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { formatCount, formatDuration, formatMoney } from '../../../kit/format.ts';
import { Tip } from '../../../kit/tip.tsx';
import { RunMark } from '../../../parts/evaluation/run-mark.tsx';
import { StatusWord } from '../../../parts/evaluation/status-word.tsx';
import { useLinks } from '../../../parts/links.ts';
import { useReportHere } from './report-context.ts';
import { RunMenu } from './run-menu.tsx';
import { RunStopped } from './run-stopped.tsx';
import { RunWaits } from './run-waits.tsx';

const tracks =
  '@3xl/page:grid-cols-[minmax(160px,1.4fr)_minmax(120px,1fr)_90px_80px_minmax(110px,1fr)_minmax(90px,0.8fr)_minmax(90px,0.8fr)_36px]';

/** The runs side by side: what ran, how far it is, what it cost and how long it took. */
export function Runs({ fileId }: { fileId: string | null }): ReactNode {
  const { report } = useReportHere();
  return (
    <section aria-label="Runs" className="border-t border-line">
      <div role="table" aria-label="Runs">
        <div role="row" className={`hairline-b grid h-8 items-center gap-x-4 text-meta text-ink-3 @max-3xl/page:hidden ${tracks}`}>
          <span role="columnheader">Version</span>
          <span role="columnheader">Status</span>
          <span role="columnheader" className="text-right">
            Cases
          </span>
          <span role="columnheader" className="text-right">
            Errors
          </span>
          <span role="columnheader" className="text-right">
            Cost, a case
          </span>
          <span role="columnheader" className="text-right">
            Cost, in all
          </span>
          <span role="columnheader" className="text-right">
            Latency
          </span>
          <span role="columnheader">
            <span className="sr-only">Actions</span>
          </span>
        </div>
        {report.runs.map((run) => (
          <RunRow key={run.run_id} run={run} fileId={fileId} />
        ))}
      </div>
    </section>
  );
}

function RunRow({ run, fileId }: { run: ReportRun; fileId: string | null }): ReactNode {
  const { progress } = useReportHere();
  const links = useLinks();
  const known = progress.get(run.run_id);
  const { cost, latency } = run;
  const target = run.version?.file_id ?? fileId;
  const open = run.status === 'running' || run.status === 'pending';
  return (
    <div className="border-b border-line">
      <div role="row" className={`relative grid grid-cols-2 items-center gap-x-4 gap-y-1 py-2 @3xl/page:min-h-11 @3xl/page:py-1 ${tracks}`}>
        <span role="cell" className="flex min-w-0 items-center gap-2">
          {target === null ? (
            <RunMark run={run} className="font-medium" />
          ) : (
            <Link {...links.file(target, { version: run.version?.version_id })} className="min-w-0 rounded-sm hover:underline">
              <RunMark run={run} className="font-medium" />
            </Link>
          )}
          {run.baseline && <Badge tone="soft">baseline</Badge>}
        </span>
        <span role="cell" className="flex items-center gap-2 @max-3xl/page:justify-end @max-3xl/page:pr-10">
          <StatusWord status={run.status} />
          {known !== undefined && open && (
            <span className="num text-ink-3">
              {formatCount(known.progress.done)}
              {known.progress.total !== null && `/${formatCount(known.progress.total)}`}
            </span>
          )}
          {known !== undefined && known.progress.from_cache > 0 && (
            <Tip label={`${formatCount(known.progress.from_cache)} of ${formatCount(known.progress.done)} answers are from earlier runs`}>
              <span className="text-meta text-ink-3">{formatCount(known.progress.from_cache)} reused</span>
            </Tip>
          )}
        </span>
        <Cell label="Cases">
          {formatCount(run.cases)}
          {run.repetitions > 1 && <span className="text-ink-3"> × {run.repetitions}</span>}
          {run.missing_cases > 0 && !open && <span className="block text-undecided">{formatCount(run.missing_cases)} missing</span>}
        </Cell>
        <Cell label="Errors">
          <span className={run.errors > 0 ? 'text-worse' : 'text-ink-3'}>{formatCount(run.errors)}</span>
        </Cell>
        <Cell label="Cost, a case">
          <Figure of={cost.per_case} format={formatMoney} approximate={cost.estimated} />
        </Cell>
        <Cell label="Cost, in all">
          {formatMoney(cost.total_usd)}
          {cost.unknown > 0 && (
            <Tip label="Nobody knows a price for these; they are not free.">
              <span className="block text-undecided">{formatCount(cost.unknown)} unknown</span>
            </Tip>
          )}
        </Cell>
        <Cell label="Latency">
          <Figure of={latency.p50_ms} format={formatDuration} />
          {latency.p95_ms.estimate !== null && (
            <span className="text-ink-3 @max-3xl/page:ml-2 @3xl/page:block">p95 {formatDuration(latency.p95_ms.estimate)}</span>
          )}
        </Cell>
        <span role="cell" className="flex justify-end @max-3xl/page:absolute @max-3xl/page:top-0.5 @max-3xl/page:right-0">
          <RunMenu run={run} />
        </span>
      </div>
      {known?.stopped_because != null && <RunStopped run={known} />}
      {known !== undefined && !known.orchestrated && (known.status === 'pending' || known.status === 'running') && <RunWaits run={known} />}
    </div>
  );
}

function Cell({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <span role="cell" className="num min-w-0 @max-3xl/page:flex @max-3xl/page:gap-2 @3xl/page:text-right">
      <span className="font-sans text-ink-3 @3xl/page:hidden">{label}</span>
      <span className="min-w-0">{children}</span>
    </span>
  );
}

/** A median with its interval on hover. */
function Figure({
  of: { estimate, lower, upper, n },
  format,
  approximate = false,
}: {
  of: ReportRun['cost']['per_case'];
  format: (value: number | null) => string;
  approximate?: boolean;
}): ReactNode {
  if (estimate === null) return <span className="text-ink-3">–</span>;
  const interval = lower === null || upper === null ? 'no interval' : `95 % interval ${format(lower)} to ${format(upper)}`;
  return (
    <Tip label={`Median of ${formatCount(n)} cases; ${interval}`}>
      <span>
        {approximate && '~'}
        {format(estimate)}
      </span>
    </Tip>
  );
}
