import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ApiError } from '../../../api/errors.ts';
import { Button, buttonClass } from '../../../kit/button.tsx';
import { Empty, Notice } from '../../../kit/notice.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { formatMetricSize, metricTitle } from '../../../parts/experiment/metric.ts';
import { useLinks } from '../../../parts/links.ts';
import { PageBar } from '../../../parts/shell/page-bar.tsx';
import { Arms } from './arms.tsx';
import { Differences } from './differences.tsx';
import { Draft, Settings } from './draft.tsx';
import { ExperimentActions } from './experiment-actions.tsx';
import { Explained } from './explained.tsx';
import { Guards } from './guards.tsx';
import { History } from './history.tsx';
import { LooksChart } from './looks-chart.tsx';
import { Section } from './section.tsx';
import { Trust } from './trust.tsx';
import { TryUnits } from './try-units.tsx';
import { type Here, useExperiment } from './use-experiment.ts';
import { VerdictHead } from './verdict-head.tsx';

const route = getRouteApi('/w/$slug/experiments/$experimentId');

/** What an experiment is, what it found so far, and what can be done about it. */
export function ExperimentPage(): ReactNode {
  const { experimentId: id } = route.useParams();
  const links = useLinks();
  const { experiment, result, history, refresh } = useExperiment(id);
  const { data } = experiment;
  const name = data?.name ?? 'Experiment';
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageBar
        title={name}
        crumbs={[{ label: 'Experiments', link: links.experiments() }, { label: name }]}
        actions={data && <ExperimentActions experiment={data} result={result.data} refresh={refresh} />}
      />
      {data === undefined ? (
        experiment.error ? (
          <Unread error={experiment.error} onAgain={() => void experiment.refetch()} />
        ) : (
          <SkeletonRows count={10} height={48} />
        )
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
          <div className="mx-auto w-full max-w-280 px-4 pb-16 md:px-6">
            <Place here={data} />
            {data.state === 'draft' ? (
              <Draft experiment={data} />
            ) : result.data === undefined ? (
              result.error ? (
                <Notice kind="error" title="The result could not be read" className="mt-6">
                  {result.error.message}
                </Notice>
              ) : (
                <SkeletonRows count={8} height={48} />
              )
            ) : (
              <Found here={{ experiment: data, result: result.data, refresh }} />
            )}
            <TryUnits experiment={data} refresh={refresh} />
            <History events={history.data?.records ?? []} />
          </div>
        </div>
      )}
    </div>
  );
}

/** Where it is at work, on the way back to it. */
function Place({ here }: { here: Here['experiment'] }): ReactNode {
  const links = useLinks();
  return (
    <p className="pt-4 text-meta text-ink-3">
      <Link {...links.fileExperiments(here.file.id)} className="underline decoration-line-strong underline-offset-2 hover:text-ink">
        {here.file.path}
      </Link>{' '}
      in {here.environment.name}
      {here.hold_out !== null && `, ${Number((here.hold_out * 100).toFixed(1))} % of users are held out on control`}
    </p>
  );
}

function Found({ here }: { here: Here }): ReactNode {
  const { experiment, result } = here;
  const { primary, secondary } = result;
  const fixedYet = experiment.mode === 'fixed' && primary.comparisons.every((one) => one.difference.estimate === null);
  return (
    <>
      <VerdictHead here={here} />
      <Section
        title="Difference from control"
        hint={`${metricTitle(primary.metric)}. The shaded band is too small to be worth having (${formatMetricSize(primary.unit, experiment.smallest_difference)}).`}
      >
        <Differences experiment={experiment} outcome={primary} margin={experiment.smallest_difference} />
        {fixedYet ? (
          <p className="pt-3 text-ink-3">
            The interval is shown once, when the planned number of users was counted. Looking earlier would mislead.
          </p>
        ) : (
          <div className="pt-6">
            <LooksChart experiment={experiment} result={result} />
          </div>
        )}
      </Section>
      <Arms here={here} />
      <Guards here={here} />
      {secondary.map((outcome) => (
        <Section key={outcome.metric.value} title={metricTitle(outcome.metric)} hint="Shown, does not decide.">
          <Differences experiment={experiment} outcome={outcome} />
        </Section>
      ))}
      <Trust here={here} />
      <Explained mode={experiment.mode} />
      <details className="pt-8">
        <summary className="cursor-default text-read font-semibold">How it was set up</summary>
        <div className="pt-3">
          <Settings experiment={experiment} />
        </div>
      </details>
    </>
  );
}

function Unread({ error, onAgain }: { error: Error; onAgain: () => void }): ReactNode {
  const links = useLinks();
  if (error instanceof ApiError && error.status === 404)
    return (
      <Empty
        title="This experiment does not exist"
        action={
          <Link {...links.experiments()} className={buttonClass({ look: 'primary' })}>
            All experiments
          </Link>
        }
      >
        It was deleted, or the link is from another workspace.
      </Empty>
    );
  return (
    <Notice
      kind="error"
      title="The experiment could not be read"
      className="m-4"
      actions={
        <Button size="sm" onClick={onAgain}>
          Try again
        </Button>
      }
    >
      {error.message}
    </Notice>
  );
}
