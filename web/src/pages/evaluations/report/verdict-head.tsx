import type { RunResponse } from '@whetstone/contract';
import { CircleStop } from 'lucide-react';
import type { ReactNode } from 'react';
import { call } from '../../../api/client.ts';
import { Badge } from '../../../kit/badge.tsx';
import { Button } from '../../../kit/button.tsx';
import { formatCount, formatMoney } from '../../../kit/format.ts';
import { Notice } from '../../../kit/notice.tsx';
import { Progress } from '../../../kit/progress.tsx';
import { Tip } from '../../../kit/tip.tsx';
import { formatSize, roughly } from '../../../parts/evaluation/numbers.ts';
import { VerdictBadge } from '../../../parts/evaluation/verdict-badge.tsx';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';
import { useReportHere } from './report-context.ts';

/** The whole page in a sentence; while runs are under way, how far they are. Both take the same room. */
export function VerdictHead(): ReactNode {
  const { id, report, live, progress, refresh } = useReportHere();
  const { settings, warnings } = report;
  const primary = report.evaluators.find((one) => one.primary);
  return (
    <section aria-label="Verdict" className="pt-6 pb-5">
      <div className="flex min-h-22 flex-col justify-center gap-2">
        {live ? (
          <UnderWay id={id} runs={[...progress.values()]} refresh={refresh} />
        ) : (
          <>
            {report.verdict.word !== 'nothing' && (
              <div className="flex items-center gap-2">
                <VerdictBadge word={report.verdict.word} />
                {settings.set_after_data && (
                  <Tip label="The primary evaluator or the margin was changed when judgments were there already.">
                    <span className="inline-flex">
                      <Badge tone="undecided">exploratory</Badge>
                    </span>
                  </Tip>
                )}
              </div>
            )}
            <h2 className="max-w-[64ch] text-title font-semibold" data-verdict={report.verdict.word}>
              {report.verdict.sentence}
            </h2>
          </>
        )}
        <p className="flex flex-wrap gap-x-4 gap-y-0.5 text-meta text-ink-3">
          <span>
            {formatCount(report.cases)} {report.cases === 1 ? 'case' : 'cases'}
            {report.groups && ` in ${formatCount(report.groups.count)} groups by ${report.groups.by}`}
          </span>
          {primary && <span>decided by {primary.name}</span>}
          {primary && settings.margin !== null && <span>worth having: {formatSize(primary.unit, settings.margin)} or more</span>}
          <span>{Math.round(settings.level * 100)} % intervals, paired by case</span>
        </p>
      </div>
      {warnings.length > 0 && !live && (
        <Notice kind="warning" className="mt-2">
          {warnings.map((one) => (
            <p key={one}>{one}</p>
          ))}
        </Notice>
      )}
    </section>
  );
}

/** How far the runs are, what they cost so far, and ending them. */
export function UnderWay({ id, runs, refresh }: { id: string; runs: readonly RunResponse[]; refresh: () => void }): ReactNode {
  const mayWrite = useMay('write');
  const { busy, run } = useAction('The runs were not cancelled');
  const open = runs.filter((one) => one.status === 'pending' || one.status === 'running');
  const sum = sumOf(runs);
  const cancel = () =>
    void run(async () => {
      for (const one of open)
        await call('evaluations.update_evaluation_run', { params: { id, run_id: one.id }, body: { status: 'cancelled' } });
      refresh();
    }, 'Cancelled. What was answered stays.');
  return (
    <Progress
      label={
        open.every((one) => !one.orchestrated)
          ? 'Waiting for logs'
          : sum.done > 0 || open.some((one) => one.status === 'running')
            ? 'Running'
            : 'Waiting to start'
      }
      share={sum.share}
      detail={
        <>
          {sum.total === null ? `${formatCount(sum.done)} answers` : `${formatCount(sum.done)} of ${formatCount(sum.total)} answers`}
          {sum.failed > 0 && `, ${formatCount(sum.failed)} failed`}
          {sum.cost !== null && `, ${formatMoney(sum.cost)} so far`}
          {sum.secondsLeft !== null && `, about ${roughly(sum.secondsLeft)} left`}
        </>
      }
    >
      <div className="mt-2 flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 text-meta text-ink-3">
          The verdict comes when all have ended: who looks early and often finds differences by chance.
        </p>
        {mayWrite && (
          <Button size="sm" icon={CircleStop} busy={busy} onClick={cancel}>
            Cancel {open.length === 1 ? 'the run' : `${open.length} runs`}
          </Button>
        )}
      </div>
    </Progress>
  );
}

/** All runs together. */
function sumOf(runs: readonly RunResponse[]) {
  const known = runs.map((one) => one.progress);
  const total = known.some((one) => one.total === null) ? null : known.reduce((sum, one) => sum + (one.total ?? 0), 0);
  const done = known.reduce((sum, one) => sum + one.done, 0);
  const costs = known.map((one) => one.cost_usd).filter((one) => one !== null);
  const left = known.map((one) => one.seconds_left).filter((one) => one !== null);
  return {
    total,
    done,
    failed: known.reduce((sum, one) => sum + one.failed, 0),
    share: total === null || total === 0 ? null : Math.min(1, done / total),
    cost: costs.length === 0 ? null : costs.reduce((sum, one) => sum + one, 0),
    secondsLeft: left.length === 0 ? null : Math.max(...left),
  };
}
