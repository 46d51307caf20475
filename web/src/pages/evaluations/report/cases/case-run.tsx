import type { ReportCase, ReportRun } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Badge } from '../../../../kit/badge.tsx';
import { buttonClass } from '../../../../kit/button.tsx';
import { formatDuration, formatMoney } from '../../../../kit/format.ts';
import { Segmented } from '../../../../kit/segmented.tsx';
import { AddToDatasetButton } from '../../../../parts/dataset/add-to-dataset-button.tsx';
import { TextDiff } from '../../../../parts/diff/text-diff.tsx';
import { RunMark } from '../../../../parts/evaluation/run-mark.tsx';
import { useLinks } from '../../../../parts/links.ts';
import { useReportHere } from '../report-context.ts';
import { judgmentText, Outcome } from './outcome.tsx';

type CaseLog = ReportCase['runs'][number]['logs'][number];

/** What one run answered to a case, and how that was judged. */
export function CaseRun({
  run,
  logs,
  baselineLogs,
}: {
  run: ReportRun;
  logs: readonly CaseLog[];
  /** The baseline's answers, to show what differs; null to show the answer alone. */
  baselineLogs: readonly CaseLog[] | null;
}): ReactNode {
  const links = useLinks();
  const [chosen, setChosen] = useState<number | null>(null);
  const at = Math.min(chosen ?? logs.length - 1, logs.length - 1);
  const log = logs[at];
  const before = baselineLogs?.[Math.min(at, baselineLogs.length - 1)];
  return (
    <article aria-label={`Answer of ${run.label}`} className="border-b border-line py-3 last:border-b-0">
      <header className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
        <RunMark run={run} className="font-medium" />
        {run.baseline && <Badge tone="soft">baseline</Badge>}
        {log && (
          <span className="num text-ink-3">
            {formatMoney(log.cost_usd)} · {formatDuration(log.latency_ms)}
          </span>
        )}
        {log && (
          <span className="ml-auto flex items-center gap-1.5">
            <AddToDatasetButton iconOnly logs={{ log_ids: [log.log_id] }} what="the answer" />
            <Link {...links.log(log.log_id)} className={buttonClass({ look: 'quiet', size: 'sm' })}>
              Log
            </Link>
            {run.version?.kind === 'prompt' && (
              <Link {...links.playground(log.log_id)} className={buttonClass({ size: 'sm' })}>
                <FlaskConical size={13} strokeWidth={1.5} aria-hidden /> Open in playground
              </Link>
            )}
          </span>
        )}
      </header>
      {logs.length > 1 && (
        <Segmented
          label={`Repetition of ${run.label}`}
          value={String(at)}
          onChange={(value) => setChosen(Number(value))}
          options={logs.slice(0, 12).map((_, index) => ({ value: String(index), label: String(index + 1) }))}
          className="mt-1 max-w-full overflow-x-auto"
        />
      )}
      {log === undefined ? (
        <p className="mt-1 text-undecided">No answer to this case.</p>
      ) : (
        <>
          <Output log={log} before={before} />
          <Judgments log={log} />
        </>
      )}
    </article>
  );
}

function Output({ log, before }: { log: CaseLog; before: CaseLog | undefined }): ReactNode {
  if (log.error !== null) return <p className="mt-1.5 rounded-md bg-worse-soft px-3 py-2 wrap-anywhere">The call failed: {log.error}</p>;
  const text = log.output ?? '';
  const same = before !== undefined && before.output === log.output;
  return (
    <div className="mt-1.5">
      {before !== undefined && before.error === null && !same ? (
        <TextDiff before={before.output ?? ''} after={text} />
      ) : (
        <p className="max-h-112 overflow-y-auto text-read whitespace-pre-wrap wrap-anywhere">
          {text === '' ? <span className="text-base text-ink-3">no text</span> : text}
        </p>
      )}
      {same && <p className="mt-1 text-meta text-ink-3">The same as the baseline’s.</p>}
      {log.output_cut && <p className="mt-1 text-meta text-ink-3">Cut here; the log has all of it.</p>}
    </div>
  );
}

function Judgments({ log }: { log: CaseLog }): ReactNode {
  const { report } = useReportHere();
  return (
    <ul className="mt-2">
      {report.evaluators.map((evaluator) => {
        const judgment = log.judgments.find((one) => one.evaluator_version_id === evaluator.evaluator_version_id);
        return (
          <li key={evaluator.evaluator_version_id} className="flex items-start gap-2 py-1">
            <span className="flex h-5 w-5 shrink-0 items-center justify-center">
              {typeof judgment?.value !== 'number' && <Outcome judgment={judgment} />}
            </span>
            <span className="min-w-0 flex-1">
              <span className="font-medium">{evaluator.name}</span>{' '}
              <span className="text-ink-2">{judgment === undefined ? 'not judged' : judgmentText(judgment)}</span>
              {(judgment?.error ?? judgment?.reason) && (
                <span className={`block wrap-anywhere ${judgment?.error ? 'text-worse' : 'text-ink-2'}`}>
                  {judgment?.error ?? judgment?.reason}
                </span>
              )}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
