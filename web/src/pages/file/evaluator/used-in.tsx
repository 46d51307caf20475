import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { query } from '../../../api/query.ts';
import { buttonClass } from '../../../kit/button.tsx';
import { Empty, Notice } from '../../../kit/notice.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { Ago } from '../../../kit/time.tsx';
import { useLinks } from '../../../parts/links.ts';
import { VersionMark } from '../../../parts/version.tsx';

/** The evaluations that name this evaluator, newest first, each with the version that judges there. */
export function UsedIn({ evaluatorId }: { evaluatorId: string }): ReactNode {
  const links = useLinks();
  const { data, error, isPending } = useQuery(query('evaluations.list', { query: { size: 100 } }));
  if (error)
    return (
      <Notice kind="error" title="The evaluations could not be read" className="m-3">
        {error.message}
      </Notice>
    );
  if (isPending) return <SkeletonRows count={5} />;
  const used = data.records.flatMap((evaluation) => {
    const mine = evaluation.evaluators.find(({ version }) => version.id === evaluatorId);
    return mine === undefined ? [] : [{ evaluation, version: mine.version }];
  });
  if (used.length === 0)
    return (
      <Empty
        title="No evaluation names it yet"
        action={
          <Link {...links.newEvaluation({ evaluator: evaluatorId })} className={buttonClass({})}>
            New evaluation
          </Link>
        }
      >
        Save a version, and choose it when you make an evaluation: it then judges every case of a dataset, for every version side by side.
      </Empty>
    );
  return (
    <ul className="min-h-0 flex-1 overflow-y-auto">
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
  );
}
