import type { EvaluationResponse } from '@whetstone/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { call } from '../../api/client.ts';
import { queryKey } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { EvaluationRow, rowTracks } from './evaluation-row.tsx';

const pageRows = 25;

/** Evaluations, newest first, each with what it found. */
export function EvaluationsList({
  fileId,
  text = '',
  empty,
}: {
  /** Only those of one file. */
  fileId?: string | undefined;
  /** Part of a name. */
  text?: string;
  /** What stands here when there is none at all. */
  empty: ReactNode;
}): ReactNode {
  const list = useInfiniteQuery({
    queryKey: queryKey('evaluations.list', { fileId }),
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) => call('evaluations.list', { query: { page: pageParam, size: pageRows, file_id: fileId }, signal }),
    getNextPageParam: (last, all) => (last.records.length < pageRows ? undefined : all.length + 1),
  });
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const all = list.data?.pages.flatMap((page) => page.records) ?? [];
  // The server has no search by name: what is looked for may be on a page that was not read yet.
  useEffect(() => {
    if (text !== '' && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [text, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (list.error)
    return (
      <Notice
        kind="error"
        title="The evaluations could not be read"
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
  if (list.isPending) return <SkeletonRows count={8} height={44} />;
  if (all.length === 0) return empty;
  const shown = all.filter((one) => (one.name ?? '').toLowerCase().includes(text.toLowerCase()));
  return (
    <>
      <Rows shown={shown} withFile={fileId === undefined} />
      {shown.length === 0 && !hasNextPage && <p className="px-4 py-6 text-ink-3">No evaluation is called “{text}”.</p>}
      {hasNextPage && (
        <div className="p-4">
          <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            Show older ones
          </Button>
        </div>
      )}
    </>
  );
}

function Rows({ shown, withFile }: { shown: EvaluationResponse[]; withFile: boolean }): ReactNode {
  const [at, setAt] = useState(-1);
  const rows = useRef<HTMLDivElement>(null);
  const step = (by: number) => {
    const next = Math.min(shown.length - 1, Math.max(0, at + by));
    setAt(next);
    rows.current?.querySelectorAll<HTMLElement>('a[data-row]')[next]?.focus();
  };
  useHotkeys({ j: () => step(1), k: () => step(-1), down: () => step(1), up: () => step(-1) });
  return (
    <div role="table" aria-label="Evaluations" ref={rows}>
      <div role="row" className={cx('hairline-b grid h-8 items-center gap-x-4 px-4 text-meta text-ink-3 max-md:hidden', rowTracks)}>
        <span role="columnheader">Name</span>
        <span role="columnheader">Versions</span>
        <span role="columnheader">Primary score</span>
        <span role="columnheader">Verdict</span>
        <span role="columnheader">Status</span>
        <span role="columnheader" className="text-right">
          Started
        </span>
      </div>
      {shown.map((one) => (
        <EvaluationRow key={one.id} evaluation={one} withFile={withFile} />
      ))}
    </div>
  );
}
