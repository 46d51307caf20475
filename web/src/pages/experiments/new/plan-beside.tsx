import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { buttonClass } from '../../../kit/button.tsx';
import { formatCount, formatShare } from '../../../kit/format.ts';
import { Notice } from '../../../kit/notice.tsx';
import { Skeleton } from '../../../kit/skeleton.tsx';
import { Interval } from '../../../parts/evaluation/interval.tsx';
import { scaleOf } from '../../../parts/evaluation/numbers.ts';
import { formatDays, formatMetric, metricTitle } from '../../../parts/experiment/metric.ts';
import { useLinks } from '../../../parts/links.ts';
import type { NewExperiment } from './use-new-experiment.ts';

/** What it would take, beside the form: users and days, looked at any time and once. */
export function PlanBeside({ form }: { form: NewExperiment }): ReactNode {
  const { plan, metric } = form;
  return (
    <aside aria-label="Plan" className="flex flex-col gap-3 rounded-lg bg-sunken px-4 py-3.5">
      <h2 className="text-read font-semibold">What it takes</h2>
      {plan.error ? (
        <p className="text-ink-2">{plan.error.message}</p>
      ) : metric === null || form.file === null ? (
        <p className="text-ink-3">The plan comes once it is clear what is tried and what decides.</p>
      ) : plan.data === undefined ? (
        !plan.isLoading ? (
          <p className="text-ink-3">Say which difference would be worth having: how many users it takes follows from it.</p>
        ) : (
          <Skeleton className="h-40" />
        )
      ) : (
        <Plan form={form} plan={plan.data} />
      )}
    </aside>
  );
}

type PlanOf = NonNullable<NewExperiment['plan']['data']>;

function Plan({ form, plan }: { form: NewExperiment; plan: PlanOf }): ReactNode {
  const links = useLinks();
  const { baseline } = plan;
  const mode = form.choices.mode ?? 'sequential';
  return (
    <>
      <p className="text-ink">{plan.words}</p>
      <dl className="grid grid-cols-2 gap-x-4">
        {(['sequential', 'fixed'] as const).map((each) => (
          <div key={each} className={each === mode ? 'text-ink' : 'text-ink-3'}>
            <dt className="text-meta">{each === 'sequential' ? 'Look at any time' : 'Once, at the end'}</dt>
            <dd>
              <span className="num text-title font-semibold">{plan[each].units === null ? '–' : formatCount(plan[each].units)}</span> users
            </dd>
            <dd className="text-meta">{plan[each].days === null ? 'days: not known' : `about ${formatDays(plan[each].days)}`}</dd>
          </div>
        ))}
      </dl>
      <p className="text-meta text-ink-3">
        Found four times in five. Looking at any time costs about 1.75 times a fixed plan’s users, and often stops early.
      </p>
      <div className="border-t border-line pt-3">
        <p className="text-meta text-ink-3">{form.metric && metricTitle(form.metric)}, last 28 days</p>
        {baseline.estimate === null ? (
          <p className="text-ink-2">{baseline.reason_text ?? 'Nothing was measured yet.'}</p>
        ) : (
          <div className="flex items-center gap-3">
            <span className="num font-medium">{formatMetric(plan.unit, baseline.estimate)}</span>
            <Interval {...baseline} scale={scaleOf(plan.unit === '%' ? [0, 1] : null, [baseline])} className="flex-1" />
          </div>
        )}
        {plan.units_per_day !== null && (
          <p className="text-meta text-ink-3">about {formatCount(plan.units_per_day)} users a day take part</p>
        )}
      </div>
      {plan.without_unit !== null && plan.without_unit > 0.01 && (
        <Notice
          kind="warning"
          title={`${formatShare(plan.without_unit)} of calls do not say who the user is`}
          actions={
            <Link {...links.connect} className={buttonClass({ size: 'sm' })}>
              How to
            </Link>
          }
        >
          They get control and count for nobody. Send <code>user</code> with each call, or the header <code>x-whetstone-unit</code>.
        </Notice>
      )}
      {plan.warnings.map((one) => (
        <p key={one} className="text-meta text-undecided">
          {one}
        </p>
      ))}
    </>
  );
}
