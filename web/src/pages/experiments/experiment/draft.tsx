import type { ExperimentResponse } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { ArmMark } from '../../../parts/experiment/arm-mark.tsx';
import { formatMetricDifference, formatMetricSize, formatWindow, metricName, unitOfMetric } from '../../../parts/experiment/metric.ts';
import { StateBadge } from '../../../parts/experiment/state-badge.tsx';
import { Section } from './section.tsx';

/** What a draft will do. */
export function Draft({ experiment }: { experiment: ExperimentResponse }): ReactNode {
  return (
    <div className="pt-6">
      <StateBadge state="draft" />
      <h2 className="mt-2 max-w-[64ch] text-title font-semibold">Not started. Nobody gets another version yet.</h2>
      <Section title="What it will do">
        <Settings experiment={experiment} />
      </Section>
    </div>
  );
}

/** What was decided before the start, and cannot be changed after it. */
export function Settings({ experiment }: { experiment: ExperimentResponse }): ReactNode {
  const { metric, guards, secondary } = experiment;
  const line = 'grid gap-x-4 gap-y-0.5 border-b border-line py-2 sm:grid-cols-[180px_minmax(0,1fr)]';
  const rows: [string, ReactNode][] = [
    [
      'Arms',
      <span key="arms" className="flex flex-wrap gap-x-5 gap-y-1">
        {experiment.arms.map((arm) => (
          <span key={arm.id} className="inline-flex items-center gap-1.5">
            <ArmMark arm={arm} /> <span className="num text-ink-3">{Number((arm.weight * 100).toFixed(1))}&#x202f;%</span>
          </span>
        ))}
      </span>,
    ],
    [
      'Takes part',
      `${Number((experiment.traffic * 100).toFixed(1))} % of users of ${experiment.file.path} in ${experiment.environment.name}`,
    ],
    ['Decided by', `${metricName(metric)} (${metric.value}), ${metric.direction === 'down' ? 'less' : 'more'} is better`],
    ['Worth having', `${formatMetricSize(unitOfMetric(metric), experiment.smallest_difference)} or more`],
    [
      'Guards',
      guards.length === 0
        ? 'none'
        : guards
            .map(({ metric: of, bound }) =>
              'ratio' in bound
                ? `${metricName(of)}, ${bound.ratio === 1 ? 'not more often than control' : `at most ${bound.ratio} times control`}`
                : `${metricName(of)}, at most ${formatMetricDifference(unitOfMetric(of), bound.difference)}`,
            )
            .join('; '),
    ],
    ...(secondary.length > 0 ? [['Also shown', secondary.map(metricName).join(', ')] as [string, ReactNode]] : []),
    ['A user counts after', formatWindow(experiment.window_hours)],
    ['Read', experiment.mode === 'sequential' ? 'at any time' : 'once, at the planned size'],
    ...(experiment.hypothesis === null ? [] : [['Expected', experiment.hypothesis] as [string, ReactNode]]),
  ];
  return (
    <dl className="border-t border-line">
      {rows.map(([label, value]) => (
        <div key={label} className={line}>
          <dt className="text-ink-3">{label}</dt>
          <dd className="min-w-0 wrap-anywhere">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
