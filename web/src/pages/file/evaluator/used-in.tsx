import type { MonitorResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Answer } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { buttonClass } from '../../../kit/button.tsx';
import { formatShare } from '../../../kit/format.ts';
import { Empty, Notice } from '../../../kit/notice.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { Ago } from '../../../kit/time.tsx';
import { useLinks } from '../../../parts/links.ts';
import { VersionMark } from '../../../parts/version.tsx';

type Evaluation = Answer<'evaluations.list'>['records'][number];

/** Where the evaluator judges: in production, and in evaluations, newest first, each with the version that judges there. */
export function UsedIn({ evaluatorId }: { evaluatorId: string }): ReactNode {
  const links = useLinks();
  const evaluations = useQuery(query('evaluations.list', { query: { size: 100 } }));
  const monitors = useQuery(query('monitors.list', { query: {} }));
  const error = evaluations.error ?? monitors.error;
  if (error)
    return (
      <Notice kind="error" title="What uses it could not be read" className="m-3">
        {error.message}
      </Notice>
    );
  if (evaluations.data === undefined || monitors.data === undefined) return <SkeletonRows count={5} />;
  const watching = monitors.data.records.filter(({ evaluator }) => evaluator.id === evaluatorId);
  const used = evaluations.data.records.flatMap((evaluation) => {
    const mine = evaluation.evaluators.find(({ version }) => version.id === evaluatorId);
    return mine === undefined ? [] : [{ evaluation, version: mine.version }];
  });
  if (used.length + watching.length === 0)
    return (
      <Empty
        title="Nothing names it yet"
        action={
          <Link {...links.newEvaluation({ evaluator: evaluatorId })} className={buttonClass({})}>
            New evaluation
          </Link>
        }
      >
        Save a version, and choose it when you make an evaluation: it judges every case of a dataset, for every version side by side. On a
        prompt’s page “Monitoring” it judges new logs of production as they come.
      </Empty>
    );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {watching.length > 0 && <Monitors monitors={watching} />}
      {used.length > 0 && <Evaluations used={used} />}
    </div>
  );
}

function Monitors({ monitors }: { monitors: readonly MonitorResponse[] }): ReactNode {
  const links = useLinks();
  return (
    <section aria-label="Monitors">
      <h3 className="bg-sunken px-4 py-1 text-meta text-ink-3">In production</h3>
      <ul>
        {monitors.map(({ id, file, version, environment, rate, text }) => (
          <li key={id} className="border-b border-line px-4 py-1.5">
            <div className="flex items-center gap-3">
              <Link {...links.monitoring(file.id)} className="min-w-0 truncate font-medium hover:underline">
                {file.path}
              </Link>
              {version && <VersionMark hash={version.content_hash} name={version.name} className="text-meta text-ink-2" />}
              <span className="ml-auto whitespace-nowrap text-meta text-ink-3">
                {formatShare(rate)} of {environment?.name ?? 'all logs'}
              </span>
            </div>
            <p className="truncate text-meta text-ink-3">{text}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Evaluations({
  used,
}: {
  used: readonly { evaluation: Evaluation; version: Evaluation['evaluators'][number]['version'] }[];
}): ReactNode {
  const links = useLinks();
  return (
    <section aria-label="Evaluations">
      <h3 className="bg-sunken px-4 py-1 text-meta text-ink-3">Evaluations</h3>
      <ul>
        {used.map(({ evaluation, version }) => (
          <li key={evaluation.id} className="flex h-9 items-center gap-3 border-b border-line px-4">
            <Link {...links.evaluation(evaluation.id)} className="min-w-0 truncate font-medium hover:underline">
              {evaluation.name}
            </Link>
            <VersionMark hash={version.content_hash} name={version.version_name} className="text-meta text-ink-2" />
            <Ago at={evaluation.created_at} className="ml-auto text-meta text-ink-3" />
          </li>
        ))}
      </ul>
    </section>
  );
}
