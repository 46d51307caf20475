import type { ReactNode } from 'react';
import { formatCount } from '../../../kit/format.ts';
import { Empty, Notice } from '../../../kit/notice.tsx';
import { Progress, timeLeft } from '../../../kit/progress.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { useNow } from '../../../kit/time.tsx';
import { SampleBar } from './sample-bar.tsx';
import { TrialDetail } from './trial-detail.tsx';
import { TrialSummary } from './trial-summary.tsx';
import { TrialTable } from './trial-table.tsx';
import type { Sample } from './use-sample.ts';
import type { TrialRun, Trials, Tryable } from './use-trials.ts';

/** The evaluator on real logs: each answer, and what they come to. */
export function TryPane({ evaluator, sample, trials }: { evaluator: Tryable; sample: Sample; trials: Trials }): ReactNode {
  const { logs, here } = sample;
  const mine = trials.of(evaluator.hash);
  const tried = logs.flatMap(({ id }) => mine.get(id) ?? []);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <SampleBar sample={sample} />
      <TrialState trials={trials} />
      {tried.length > 0 && <TrialSummary spec={evaluator.spec} tried={tried} tookMs={trials.tookMs} />}
      <SampleState sample={sample} />
      {logs.length > 0 && (
        <>
          <div className="min-h-0 flex-1 overflow-y-auto">
            <TrialTable spec={evaluator.spec} logs={logs} trials={mine} here={here?.id ?? null} onLook={sample.look} />
          </div>
          {here !== null && (
            <div className="max-h-[48%] shrink-0 overflow-y-auto border-t border-line-strong bg-page">
              <TrialDetail key={here.id} spec={evaluator.spec} log={here} tried={mine.get(here.id)} given={sample.given} />
            </div>
          )}
        </>
      )}
    </div>
  );
}

/** How far a trial is, and why it ended early. */
export function TrialState({ trials: { running, error } }: { trials: Trials }): ReactNode {
  return (
    <>
      {running !== null && running.total > 1 && <Running run={running} />}
      {error !== null && (
        <Notice kind="error" title="It could not be tried" className="m-3">
          {error}
        </Notice>
      )}
    </>
  );
}

function Running({ run: { done, total, startedAt } }: { run: TrialRun }): ReactNode {
  useNow();
  const share = total === 0 ? null : done / total;
  const left = share === null ? null : timeLeft(share, startedAt, Date.now());
  return (
    <div className="border-b border-line px-4 py-3">
      <Progress label="Judging" detail={`${formatCount(done)} of ${formatCount(total)}${left === null ? '' : `, ${left}`}`} share={share} />
    </div>
  );
}

/** Before there are logs, and instead of them. */
export function SampleState({ sample }: { sample: Sample }): ReactNode {
  if (sample.error !== null)
    return (
      <Notice kind="error" title="The logs could not be read" className="m-3">
        {sample.error.message}
      </Notice>
    );
  if (sample.pending) return <SkeletonRows count={10} />;
  if (sample.logs.length > 0) return null;
  return (
    <Empty title="No logs to try it on">
      {sample.file === null
        ? 'Run a prompt, or call one through the gateway: every call leaves a log, and an evaluator is written best beside real ones.'
        : 'This file has no logs yet. Choose another file above, or any.'}
    </Empty>
  );
}
