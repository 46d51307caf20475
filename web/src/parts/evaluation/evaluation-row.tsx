import type { EvaluationReport, EvaluationResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { query } from '../../api/query.ts';
import { cx } from '../../kit/cx.ts';
import { formatCount } from '../../kit/format.ts';
import { Skeleton } from '../../kit/skeleton.tsx';
import { Tip } from '../../kit/tip.tsx';
import { Ago } from '../../kit/time.tsx';
import { useLinks } from '../links.ts';
import { Stripe, versionColour } from '../version.tsx';
import { Interval } from './interval.tsx';
import { formatScore, scaleOf } from './numbers.ts';
import { RunMark } from './run-mark.tsx';
import { StatusWord } from './status-word.tsx';
import { VerdictBadge } from './verdict-badge.tsx';

export const rowTracks = 'md:grid-cols-[minmax(160px,1.6fr)_minmax(90px,0.9fr)_minmax(150px,1fr)_150px_104px_minmax(76px,120px)]';
const mostNames = 2;
const mostStripes = 8;
const runningMs = 3_000;

/** One evaluation in the list. What it found is read when the row comes into view. */
export function EvaluationRow({ evaluation, withFile }: { evaluation: EvaluationResponse; withFile: boolean }): ReactNode {
  const links = useLinks();
  const row = useRef<HTMLAnchorElement>(null);
  const seen = useSeen(row);
  const report = useQuery({
    ...query('reports.get', { params: { id: evaluation.id } }),
    enabled: seen && evaluation.runs_count > 0,
    staleTime: 30_000,
    refetchInterval: ({ state }) => (state.data?.status === 'running' || state.data?.status === 'pending' ? runningMs : false),
  });
  const tree = useQuery(query('files.tree'));
  const file = withFile ? tree.data?.files.find((one) => one.id === evaluation.file_id) : undefined;
  const name = evaluation.name ?? 'Without a name';
  const { data, error } = report;
  const waits = evaluation.runs_count > 0 && data === undefined && error === null;
  return (
    <Link
      {...links.evaluation(evaluation.id)}
      ref={row}
      role="row"
      data-row
      className={cx(
        'grid gap-x-4 gap-y-1 border-b border-line px-4 py-2 -outline-offset-2 hover:bg-hover max-md:grid-cols-[minmax(0,1fr)_auto] md:h-12 md:items-center md:py-0',
        rowTracks,
      )}
    >
      <span role="cell" className="flex min-w-0 flex-col">
        <span className="truncate font-medium">{name}</span>
        {file && <span className="truncate text-meta text-ink-3">{file.path}</span>}
      </span>
      <span role="cell" className="flex min-w-0 items-center gap-3 max-md:order-3">
        {waits ? <Skeleton className="w-20" /> : data ? <Versions report={data} /> : <span className="text-ink-3">no runs</span>}
      </span>
      <span role="cell" className="min-w-0 max-md:order-5 max-md:col-span-2">
        {waits ? <Skeleton className="w-28" /> : data && <PrimaryScore report={data} />}
      </span>
      <span role="cell" className="flex items-center max-md:order-2 max-md:justify-end">
        {waits ? <Skeleton className="w-16" /> : data && <VerdictOf report={data} />}
      </span>
      <span role="cell" className="flex items-center max-md:order-4 max-md:justify-end">
        {error ? (
          <Tip label={error.message}>
            <span className="text-meta text-worse">not read</span>
          </Tip>
        ) : (
          data && <StatusWord status={data.status} />
        )}
      </span>
      <span role="cell" className="flex min-w-0 flex-col text-right text-meta text-ink-3 max-md:hidden">
        <Ago at={evaluation.created_at} />
        <span className="truncate">{evaluation.created_by?.full_name ?? ''}</span>
      </span>
    </Link>
  );
}

function Versions({ report }: { report: EvaluationReport }): ReactNode {
  return (
    <>
      {report.runs.length <= mostNames ? (
        report.runs.map((run) => <RunMark key={run.run_id} run={run} className="text-ink-2" />)
      ) : (
        <>
          <span className="flex items-center gap-1">
            {report.runs.slice(0, mostStripes).map((run) => (
              <Stripe key={run.run_id} hash={run.version?.content_hash} />
            ))}
          </span>
          <span className="text-ink-2">{report.runs.length} versions</span>
        </>
      )}
    </>
  );
}

/** What the verdict is about: the score of a run that is better than the baseline, else of the last one that stands against it. */
function PrimaryScore({ report }: { report: EvaluationReport }): ReactNode {
  const primary = report.evaluators.find((one) => one.primary);
  if (primary === undefined) return <span className="text-ink-3">no primary evaluator</span>;
  const better = primary.comparisons.find((one) => one.verdict === 'better')?.run_id;
  const run = report.runs.find((one) => one.run_id === better) ?? report.runs.findLast((one) => !one.baseline) ?? report.runs[0];
  const score = primary.scores.find((one) => one.run_id === run?.run_id);
  if (score === undefined || score.estimate === null) return <span className="truncate text-ink-3">not judged yet</span>;
  const interval =
    score.lower === null || score.upper === null
      ? (score.reason_text ?? 'no interval')
      : `${formatScore(primary.unit, score.lower)} to ${formatScore(primary.unit, score.upper)}`;
  return (
    <Tip label={`${primary.name}, ${run?.label ?? ''}: ${interval}, ${formatCount(score.units)} cases`}>
      <span className="flex items-center gap-2.5">
        <span className="num w-14 shrink-0 text-right">{formatScore(primary.unit, score.estimate)}</span>
        <Interval
          {...score}
          scale={scaleOf(primary.range, primary.scores)}
          colour={versionColour(run?.version?.content_hash)}
          className="max-w-32 flex-1"
        />
      </span>
    </Tip>
  );
}

function VerdictOf({ report }: { report: EvaluationReport }): ReactNode {
  if (report.status === 'running' || report.status === 'pending') return <span className="text-meta text-ink-3">not yet</span>;
  if (report.runs.length < 2) return <span className="text-meta text-ink-3">one run</span>;
  return <VerdictBadge word={report.verdict.word} sentence={report.verdict.sentence} />;
}

/** Whether the element has come into view. */
function useSeen(element: React.RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (element.current === null) return;
    const watcher = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setSeen(true);
      },
      { rootMargin: '200px' },
    );
    watcher.observe(element.current);
    return () => watcher.disconnect();
  }, [element]);
  return seen;
}
