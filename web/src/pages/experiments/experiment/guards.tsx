import type { ExperimentResult } from '@whetstone/contract';
import { CircleAlert, CircleDashed, Eye } from 'lucide-react';
import type { ReactNode } from 'react';
import { Badge } from '../../../kit/badge.tsx';
import { ArmMark } from '../../../parts/experiment/arm-mark.tsx';
import { formatMetric, formatMetricDifference, metricTitle } from '../../../parts/experiment/metric.ts';
import { Section } from './section.tsx';
import { armOf, type Here } from './use-experiment.ts';

type Guard = ExperimentResult['guards'][number];

const states = {
  watching: { word: 'watching', icon: Eye, tone: 'soft' },
  breached: { word: 'broken', icon: CircleAlert, tone: 'worse' },
  no_data: { word: 'no data', icon: CircleDashed, tone: 'plain' },
} as const;

/** What must not get worse, arm by arm: how far the evidence of harm has come. */
export function Guards({ here: { experiment, result } }: { here: Here }): ReactNode {
  if (result.guards.length === 0) return null;
  return (
    <Section title="Guards" hint="The bar is the evidence of harm so far. When it is full, the arm is stopped and its users get control.">
      <ul className="border-t border-line">
        {result.guards.map((guard, at) => (
          <li key={at} className="border-b border-line py-2.5">
            <p className="mb-1 flex flex-wrap items-baseline gap-x-3">
              <span className="font-medium">{metricTitle(guard.outcome.metric)}</span>
              <span className="text-meta text-ink-3">{boundOf(experiment.guards[at]?.bound, guard)}</span>
            </p>
            <ul className="flex flex-col gap-1">
              {guard.arms.map((one) => {
                const arm = armOf(experiment, one.arm_id);
                const { word, icon: Icon, tone } = states[one.state];
                const value = guard.outcome.arms.find((each) => each.arm_id === one.arm_id)?.value.estimate ?? null;
                return (
                  <li
                    key={one.arm_id}
                    className="grid items-center gap-x-4 gap-y-1 max-md:grid-cols-[minmax(0,1fr)_auto] md:grid-cols-[minmax(110px,180px)_100px_72px_minmax(90px,200px)_minmax(0,1fr)]"
                  >
                    {arm ? <ArmMark arm={arm} /> : <span />}
                    <span className="max-md:justify-self-end">
                      <Badge tone={tone}>
                        <Icon size={12} strokeWidth={1.75} aria-hidden /> {word}
                      </Badge>
                    </span>
                    <span className="num text-ink-2">{formatMetric(guard.outcome.unit, value)}</span>
                    <Evidence evidence={one.evidence} threshold={one.threshold} broken={one.state === 'breached'} />
                    <span className="text-meta text-ink-3 max-md:col-span-2">{one.words}</span>
                  </li>
                );
              })}
            </ul>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function boundOf(bound: Here['experiment']['guards'][number]['bound'] | undefined, { outcome }: Guard): string {
  if (bound === undefined) return '';
  if ('ratio' in bound) return bound.ratio === 1 ? 'not more often than control' : `at most ${bound.ratio} times control`;
  return bound.difference === 0
    ? 'not worse than control'
    : `at most ${formatMetricDifference(outcome.unit, bound.difference)} from control`;
}

/** Evidence multiplies, so it is drawn by its logarithm. */
function Evidence({ evidence, threshold, broken }: { evidence: number | null; threshold: number; broken: boolean }): ReactNode {
  const share = broken ? 1 : evidence === null || evidence <= 1 ? 0 : Math.min(1, Math.log(evidence) / Math.log(threshold));
  return (
    <span
      role="meter"
      aria-label="Evidence of harm"
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(share * 100)}
      className="block h-1.5 min-w-16 overflow-hidden rounded-full bg-pressed"
    >
      <span
        className={`block h-full rounded-full transition-[width] ${broken ? 'bg-worse' : share > 0.6 ? 'bg-undecided' : 'bg-ink-3'}`}
        style={{ width: `${Math.max(share * 100, share > 0 ? 3 : 0)}%` }}
      />
    </span>
  );
}
