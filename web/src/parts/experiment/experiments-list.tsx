import type { ExperimentResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { Ago } from '../../kit/time.tsx';
import { useLinks } from '../links.ts';
import { ArmMark } from './arm-mark.tsx';
import { metricName } from './metric.ts';
import { StateBadge } from './state-badge.tsx';

type State = ExperimentResponse['state'];

const tracks = 'md:grid-cols-[minmax(150px,1.1fr)_minmax(150px,1fr)_minmax(180px,1.8fr)_96px_minmax(70px,100px)]';
const runningMs = 10_000;
const mostArms = 3;

/** Experiments, what runs first; each with its answer so far in words. */
export function ExperimentsList({
  fileId,
  state,
  empty,
}: {
  /** Only those of one file. */
  fileId?: string | undefined;
  state?: State | undefined;
  /** What stands here when there is none at all. */
  empty: ReactNode;
}): ReactNode {
  const list = useQuery({
    ...query('experiments.list', { query: { file_id: fileId } }),
    refetchInterval: ({ state: read }) => (read.data?.records.some((one) => one.state === 'running') === true ? runningMs : false),
  });
  if (list.error)
    return (
      <Notice
        kind="error"
        title="The experiments could not be read"
        className="m-4"
        actions={
          <Button size="sm" onClick={() => void list.refetch()}>
            Try again
          </Button>
        }
      >
        {list.error.message}
      </Notice>
    );
  if (list.isPending) return <SkeletonRows count={6} height={52} />;
  if (list.data.records.length === 0) return empty;
  const shown = list.data.records
    .filter((one) => state === undefined || one.state === state)
    .toSorted((a, b) => Number(b.state === 'running') - Number(a.state === 'running'));
  if (shown.length === 0) return <p className="px-4 py-6 text-ink-3">No experiment is {state === 'draft' ? 'a draft' : state}.</p>;
  return <Rows shown={shown} withFile={fileId === undefined} />;
}

function Rows({ shown, withFile }: { shown: ExperimentResponse[]; withFile: boolean }): ReactNode {
  const [at, setAt] = useState(-1);
  const rows = useRef<HTMLDivElement>(null);
  const step = (by: number) => {
    const next = Math.min(shown.length - 1, Math.max(0, at + by));
    setAt(next);
    rows.current?.querySelectorAll<HTMLElement>('a[data-row]')[next]?.focus();
  };
  useHotkeys({ j: () => step(1), k: () => step(-1), down: () => step(1), up: () => step(-1) });
  return (
    <div role="table" aria-label="Experiments" ref={rows}>
      <div role="row" className={cx('hairline-b grid h-8 items-center gap-x-4 px-4 text-meta text-ink-3 max-md:hidden', tracks)}>
        <span role="columnheader">Name</span>
        <span role="columnheader">Arms</span>
        <span role="columnheader">Answer so far</span>
        <span role="columnheader">State</span>
        <span role="columnheader" className="text-right">
          Started
        </span>
      </div>
      {shown.map((one) => (
        <Row key={one.id} experiment={one} withFile={withFile} />
      ))}
    </div>
  );
}

function Row({ experiment: one, withFile }: { experiment: ExperimentResponse; withFile: boolean }): ReactNode {
  const links = useLinks();
  return (
    <Link
      {...links.experiment(one.id)}
      role="row"
      data-row
      className={cx(
        'grid gap-x-4 gap-y-1 border-b border-line px-4 py-2 -outline-offset-2 hover:bg-hover max-md:grid-cols-[minmax(0,1fr)_auto] md:min-h-13 md:items-center',
        tracks,
      )}
    >
      <span role="cell" className="flex min-w-0 flex-col">
        <span className="truncate font-medium">{one.name}</span>
        <span className="truncate text-meta text-ink-3">
          {withFile && `${one.file.path}, `}
          {one.environment.name}
        </span>
      </span>
      <span role="cell" className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5 max-md:order-3 max-md:col-span-2">
        {one.arms.slice(0, mostArms).map((arm) => (
          <ArmMark key={arm.id} arm={arm} className="max-w-32 text-ink-2" />
        ))}
        {one.arms.length > mostArms && <span className="text-meta text-ink-3">and {one.arms.length - mostArms} more</span>}
      </span>
      <span role="cell" className="min-w-0 max-md:order-4 max-md:col-span-2">
        <span className={cx('line-clamp-2', one.words === null ? 'text-ink-3' : 'text-ink-2')}>{one.words ?? emptyWords(one)}</span>
      </span>
      <span role="cell" className="flex items-center max-md:order-2 max-md:justify-end">
        <StateBadge state={one.state} />
      </span>
      <span role="cell" className="text-right text-meta text-ink-3 max-md:hidden">
        {one.started_at === null ? 'not started' : <Ago at={one.started_at} />}
      </span>
    </Link>
  );
}

function emptyWords(one: ExperimentResponse): string {
  if (one.state === 'draft') return `Will ask for ${metricName(one.metric)}`;
  return one.state === 'running' ? 'Nothing to compare yet' : (one.ended_why ?? 'Ended without an answer');
}
