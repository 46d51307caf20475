import type { ReactNode } from 'react';
import { formatCount } from '../../../kit/format.ts';
import { Notice } from '../../../kit/notice.tsx';
import { Ago } from '../../../kit/time.tsx';
import { VerdictBadge } from '../../../parts/evaluation/verdict-badge.tsx';
import { formatMetricSize, formatWindow, metricName, unitOfMetric } from '../../../parts/experiment/metric.ts';
import { StateBadge } from '../../../parts/experiment/state-badge.tsx';
import { type Here, sumOf } from './use-experiment.ts';

/** The whole page in a sentence, what it rests on, and what would make it false. */
export function VerdictHead({ here: { experiment, result } }: { here: Here }): ReactNode {
  const { verdict, primary, sample_ratio: ratio } = result;
  const units = sumOf(primary.arms.map((arm) => arm.units));
  const matured = sumOf(primary.arms.map((arm) => arm.matured));
  const waiting = units - matured;
  return (
    <section aria-label="Verdict" className="pt-6 pb-2">
      <div className="flex min-h-22 flex-col justify-center gap-2">
        <div className="flex flex-wrap items-center gap-2">
          <StateBadge state={experiment.state} />
          {verdict.kind !== 'no_data' && <VerdictBadge word={verdict.kind} />}
          <span className="text-meta text-ink-3">
            as of <Ago at={result.as_of} />
          </span>
        </div>
        <h2 className="max-w-[64ch] text-title font-semibold" data-verdict={verdict.kind} aria-live="polite">
          {verdict.words}
        </h2>
        <p className="flex flex-wrap gap-x-4 gap-y-0.5 text-meta text-ink-3">
          <span>decided by {metricName(experiment.metric)}</span>
          <span>worth having: {formatMetricSize(unitOfMetric(experiment.metric), experiment.smallest_difference)} or more</span>
          <span>
            <span className="num">{formatCount(matured)}</span> users counted
          </span>
          {waiting > 0 && (
            <span>
              <span className="num">{formatCount(waiting)}</span> not tested: their {formatWindow(experiment.window_hours)} are not over
            </span>
          )}
        </p>
        {experiment.state === 'running' && result.rate.words !== '' && <p className="text-ink-2">{result.rate.words}</p>}
        {experiment.ended_why !== null && <p className="text-ink-2">Ended: {experiment.ended_why}</p>}
      </div>
      {ratio.alarm && (
        <Notice kind="error" title="Do not trust this result: users were not split as planned" className="mt-3">
          {ratio.words !== verdict.words && `${ratio.words} `}Something between assignment and log loses users of one arm: look for errors,
          redirects or caches that touch one version only, then start another experiment.
        </Notice>
      )}
      {result.answers.some((one) => one.differ) && (
        <Notice kind="warning" title="Arms differ in who answers" className="mt-3">
          {result.answers
            .filter((one) => one.differ)
            .map((one) => one.words)
            .join(' ')}
        </Notice>
      )}
      {primary.warnings.length > 0 && (
        <Notice kind="warning" className="mt-3">
          {primary.warnings.map((one) => (
            <p key={one}>{one}</p>
          ))}
        </Notice>
      )}
    </section>
  );
}
