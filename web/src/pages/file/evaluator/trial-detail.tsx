import type { EvaluatorSpec, LogResponse, TriedJudgment } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import { ChevronRight, ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from '../../../kit/button.tsx';
import { Code } from '../../../kit/code.tsx';
import { formatMoney } from '../../../kit/format.ts';
import { Ago } from '../../../kit/time.tsx';
import { useLinks } from '../../../parts/links.ts';
import { fileOf, judgmentsOf, previewsOf } from '../../../parts/logs/log-file.ts';
import { JudgmentMarks } from '../../../parts/logs/judgment-marks.tsx';
import { VersionMark } from '../../../parts/version.tsx';
import { Verdict, whyOf } from './verdict.tsx';

/** The one log that is looked at: what it said, what the evaluator makes of it, and what it printed. */
export function TrialDetail({
  spec,
  log,
  tried,
  given,
  before,
}: {
  spec: EvaluatorSpec;
  log: LogResponse;
  tried: TriedJudgment | undefined;
  /** What another version says of it. */
  before?: { spec: EvaluatorSpec; tried: TriedJudgment } | null;
  /** What the evaluator is given of it. */
  given: { log: unknown; testcase: unknown };
}): ReactNode {
  const links = useLinks();
  const file = fileOf(log);
  const { input, output } = previewsOf(log);
  const mine = judgmentsOf(log);
  return (
    <section aria-label="Log" className="flex flex-col gap-2 px-4 py-3">
      <header className="flex items-center gap-2">
        <span className="truncate font-medium">{file.path}</span>
        <VersionMark hash={file.hash} name={file.versionName} draft={file.draft} className="text-meta text-ink-3" />
        <Ago at={log.created_at} className="text-meta text-ink-3" />
        <span className="flex-1" />
        {mine.length > 0 && <JudgmentMarks judgments={mine} />}
        <Link {...links.log(log.id)} target="_blank" className={buttonClass({ look: 'quiet', size: 'sm' })}>
          <ExternalLink size={13} strokeWidth={1.5} aria-hidden /> Open log
        </Link>
      </header>
      {input !== '' && <p className="line-clamp-2 text-ink-3">{input}</p>}
      <p className="line-clamp-4 wrap-anywhere">{output || <span className="text-ink-3">No output.</span>}</p>
      {before && (
        <p className="flex items-baseline gap-2 text-ink-2">
          <span className="text-meta text-ink-3">The first</span>
          <Verdict spec={before.spec} tried={before.tried} />
          <span className="min-w-0 flex-1 wrap-anywhere">{whyOf(before.tried)}</span>
        </p>
      )}
      {tried !== undefined && (
        <div className="flex flex-col gap-1.5 rounded-md bg-sunken px-3 py-2">
          <div className="flex items-center gap-3 font-medium">
            <Verdict spec={spec} tried={tried} />
            {tried.cost_usd !== null && tried.cost_usd > 0 && (
              <span className="num font-normal text-ink-3">{formatMoney(tried.cost_usd)}</span>
            )}
            {tried.calls.map((id, at) => (
              <Link key={id} {...links.log(id)} target="_blank" className="text-meta font-normal text-accent-ink hover:underline">
                {tried.calls.length === 1 ? 'its call' : `call ${at + 1}`}
              </Link>
            ))}
          </div>
          {tried.pair && tried.pair.orders.length > 0 && (
            <p className="text-meta text-ink-3">
              {tried.pair.orders
                .map(({ first, verdict }) => `${first === 'log' ? 'This answer first' : 'The other first'}: ${verdict}`)
                .join(' · ')}
            </p>
          )}
          {tried.reason !== null && <p className="wrap-anywhere text-ink-2">{tried.reason}</p>}
          {tried.error !== null && <p className="whitespace-pre-wrap wrap-anywhere text-worse">{tried.error}</p>}
          {tried.stdout !== null && (
            <div>
              <div className="text-meta text-ink-3">Printed</div>
              <Code text={tried.stdout} wrap maxHeight="9rem" className="bg-page" />
            </div>
          )}
        </div>
      )}
      <details className="group/given">
        <summary className="flex cursor-default list-none items-center gap-1 text-meta text-ink-3 hover:text-ink">
          <ChevronRight size={13} strokeWidth={1.5} className="transition-transform group-open/given:rotate-90" aria-hidden />
          What the evaluator is given
        </summary>
        <Code text={JSON.stringify({ log: given.log, testcase: given.testcase }, null, 2)} maxHeight="16rem" className="mt-1" />
      </details>
    </section>
  );
}
