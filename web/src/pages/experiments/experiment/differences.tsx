import type { ExperimentResponse, MetricOutcome } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Tip } from '../../../kit/tip.tsx';
import { Interval } from '../../../parts/evaluation/interval.tsx';
import { VerdictBadge } from '../../../parts/evaluation/verdict-badge.tsx';
import { ArmMark } from '../../../parts/experiment/arm-mark.tsx';
import { formatMetricDifference } from '../../../parts/experiment/metric.ts';
import { versionColour } from '../../../parts/version.tsx';
import { aroundZero } from './scale.ts';
import { armOf } from './use-experiment.ts';

/** Each arm against control: the verdict, the difference as a picture, and its figures. */
export function Differences({
  experiment,
  outcome,
  margin = null,
}: {
  experiment: ExperimentResponse;
  outcome: MetricOutcome;
  /** Smallest difference worth having; null where none was named. */
  margin?: number | null;
}): ReactNode {
  const scale = aroundZero(
    outcome.comparisons.map((one) => one.difference),
    margin,
  );
  const drawn = outcome.comparisons.some((one) => one.difference.estimate !== null);
  const several =
    outcome.comparisons.length > 1 ? outcome.comparisons.find((one) => one.difference.estimate !== null)?.difference.level : undefined;
  const up = (outcome.metric.direction ?? 'up') === 'up';
  return (
    <div role="table" aria-label="Differences from control">
      {outcome.comparisons.map((one) => {
        const arm = armOf(experiment, one.arm_id);
        const { estimate, lower, upper } = one.difference;
        return (
          <div
            key={one.arm_id}
            role="row"
            className="grid items-center gap-x-4 gap-y-1 border-b border-line py-2 max-md:grid-cols-[minmax(0,1fr)_auto] md:min-h-11 md:grid-cols-[minmax(110px,180px)_124px_minmax(160px,1fr)_minmax(170px,220px)]"
          >
            <span role="cell" className="min-w-0">
              {arm && <ArmMark arm={arm} className="font-medium" />}
            </span>
            <span role="cell" className="max-md:justify-self-end">
              <VerdictBadge word={one.verdict} sentence={one.words} />
            </span>
            <span role="cell" className="max-md:col-span-2">
              {estimate === null ? (
                <span className="text-ink-3">{one.difference.reason_text ?? 'not shown yet'}</span>
              ) : (
                <Interval
                  {...one.difference}
                  scale={scale}
                  colour={versionColour(arm?.version?.content_hash)}
                  around={{ margin }}
                  className="h-6"
                />
              )}
            </span>
            <span role="cell" className="max-md:col-span-2">
              {estimate !== null && (
                <Tip label={one.words}>
                  <span className="flex flex-wrap items-baseline gap-x-2">
                    <span className="num font-medium">{formatMetricDifference(outcome.unit, estimate)}</span>
                    <span className="num text-meta whitespace-nowrap text-ink-3">
                      {lower === null || upper === null
                        ? (one.difference.reason_text ?? 'no interval')
                        : `${formatMetricDifference(outcome.unit, lower)} to ${formatMetricDifference(outcome.unit, upper)}`}
                    </span>
                  </span>
                </Tip>
              )}
            </span>
          </div>
        );
      })}
      {drawn && (
        <div
          aria-hidden
          className="grid gap-x-4 text-meta text-ink-3 max-md:grid-cols-1 md:grid-cols-[minmax(110px,180px)_124px_minmax(160px,1fr)_minmax(170px,220px)]"
        >
          <span className="max-md:hidden" />
          <span className="max-md:hidden" />
          <span className="flex justify-between pt-1">
            <span>← {up ? 'worse' : 'better'} than control</span>
            <span>{up ? 'better' : 'worse'} than control →</span>
          </span>
        </div>
      )}
      {drawn && several !== undefined && (
        <p className="pt-1 text-meta text-ink-3">
          Each interval holds with {Number((several * 100).toFixed(2))} %, so that all of them together hold with 95 %.
        </p>
      )}
    </div>
  );
}
