import type { ReportCase } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { cx } from '../../../../kit/cx.ts';
import { Stripe } from '../../../../parts/version.tsx';
import { useReportHere } from '../report-context.ts';
import { oneLine, titleOf } from './case-text.ts';
import { Change, Outcome } from './outcome.tsx';

const least = { number: 44, title: 180, answer: 190, change: 96, gap: 16 };

/** Tracks of a row: number, what went in, what each run answered, how it changed. */
export function columnsOf(runs: number, short: boolean): { tracks: string; minWidth: number | undefined } {
  if (short) return { tracks: `${least.number}px minmax(0,1fr) auto`, minWidth: undefined };
  const answers = Array.from({ length: runs }, () => `minmax(${least.answer}px,1.3fr)`).join(' ');
  return {
    tracks: `${least.number}px minmax(${least.title}px,1fr) ${answers} ${least.change}px`,
    minWidth: least.number + least.title + runs * least.answer + least.change + (runs + 2) * least.gap,
  };
}

export function CaseCells({ one, number, short, wide }: { one: ReportCase; number: number; short: boolean; wide: boolean }): ReactNode {
  const { report, evaluator } = useReportHere();
  const change = report.runs.length > 1 && <Change of={one} unit={evaluator?.unit ?? 'points'} />;
  return (
    <>
      <span role="gridcell" className={cx('num text-right text-ink-3', short && 'self-start pt-2')}>
        {number}
      </span>
      <span role="gridcell" className={cx('min-w-0', short && 'py-2')}>
        <span className={short ? 'block truncate' : 'line-clamp-2 wrap-anywhere'}>{titleOf(one)}</span>
        {short && (
          <span className={cx('mt-1 flex min-w-0 gap-x-3', wide ? 'flex-row' : 'flex-col gap-y-0.5')}>
            {report.runs.slice(0, wide ? 5 : 2).map((run) => (
              <span key={run.run_id} className="flex min-w-0 flex-1 items-center gap-1.5 text-meta text-ink-2">
                <Stripe hash={run.version?.content_hash} />
                <Answer one={one} runId={run.run_id} lines={1} />
              </span>
            ))}
          </span>
        )}
      </span>
      {!short &&
        report.runs.map((run) => (
          <span key={run.run_id} role="gridcell" className="flex min-w-0 items-start gap-2">
            <Answer one={one} runId={run.run_id} lines={2} />
          </span>
        ))}
      <span role="gridcell" className={short ? 'self-start py-2 pr-2' : ''}>
        {change}
      </span>
    </>
  );
}

/** The last answer of a run, with how the chosen evaluator judged it. */
function Answer({ one, runId, lines }: { one: ReportCase; runId: string; lines: 1 | 2 }): ReactNode {
  const { evaluator } = useReportHere();
  const logs = one.runs.find((run) => run.run_id === runId)?.logs ?? [];
  const log = logs.at(-1);
  if (log === undefined) return <span className="text-meta text-undecided">no answer</span>;
  const judgments = logs.map((each) =>
    each.judgments.find((judgment) => judgment.evaluator_version_id === evaluator?.evaluator_version_id),
  );
  const good = judgments.filter((judgment) => judgment?.outcome === 'good').length;
  return (
    <>
      {evaluator !== null &&
        (logs.length > 1 && evaluator.unit === 'points' ? (
          <span className="num shrink-0 rounded-sm bg-pressed px-1 text-ink-2" title={`${good} of ${logs.length} repetitions are good`}>
            {good}/{logs.length}
          </span>
        ) : (
          <span className="flex h-5 shrink-0 items-center">
            <Outcome judgment={judgments.at(-1)} />
          </span>
        ))}
      <span className={cx('min-w-0 wrap-anywhere', lines === 1 ? 'truncate' : 'line-clamp-2', log.error !== null && 'text-worse')}>
        {log.error ?? (oneLine(log.output ?? '') || <span className="text-ink-3">no text</span>)}
      </span>
    </>
  );
}
