import type { DatapointChange } from '@whetstone/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { queryKey } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { formatCount } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { caseOf, cellText, type CellColumn, columnKey, columnsOf } from './cells.ts';
import { CaseText } from './case-text.tsx';

type Kind = DatapointChange['kind'];
const pageRows = 50;
const kinds = {
  added: { word: 'added', tone: 'better' },
  changed: { word: 'changed', tone: 'undecided' },
  removed: { word: 'removed', tone: 'worse' },
} as const;

/** What two versions of a dataset differ by, datapoint by datapoint. */
export function DatasetChanges({ fileId, from, to }: { fileId: string; from: string; to: string }): ReactNode {
  const [kind, setKind] = useState<Kind | 'all'>('all');
  const found = useInfiniteQuery({
    queryKey: queryKey('datasets.changes', { fileId, from, to, kind }),
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      call('datasets.changes', {
        params: { id: fileId },
        query: { from, to, page: pageParam, size: pageRows, ...(kind === 'all' ? {} : { kind }) },
        signal,
      }),
    getNextPageParam: (last, all) => (all.length * pageRows < last.total ? all.length + 1 : undefined),
    staleTime: Infinity,
  });
  if (found.error)
    return (
      <Notice kind="error" title="The versions could not be compared">
        {found.error.message}
      </Notice>
    );
  const counts = found.data?.pages[0]?.counts;
  if (counts === undefined) return <SkeletonRows count={6} height={48} />;
  const records = found.data?.pages.flatMap((page) => page.records) ?? [];
  const label = (one: Kind) => `${formatCount(counts[one])} ${kinds[one].word}`;
  return (
    <section aria-label="Datapoints that differ">
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <Segmented
          label="Which changes"
          value={kind}
          onChange={setKind}
          options={[
            { value: 'all', label: 'All' },
            ...(['added', 'changed', 'removed'] as const).map((one) => ({ value: one, label: label(one) })),
          ]}
        />
        <span className="text-meta text-ink-3">{formatCount(counts.same)} the same</span>
      </div>
      {records.length === 0 ? (
        <p className="text-ink-3">{kind === 'all' ? 'Both versions have the same datapoints.' : `None was ${kind}.`}</p>
      ) : (
        <ul className="divide-y divide-line rounded-md border border-line">
          {records.map((change) => (
            <li key={change.after?.id ?? change.before?.id} className="flex items-start gap-3 px-3 py-2.5">
              <span className="w-18 shrink-0 pt-0.5">
                <Badge tone={kinds[change.kind].tone}>{kinds[change.kind].word}</Badge>
              </span>
              <OneChange change={change} />
            </li>
          ))}
        </ul>
      )}
      {found.hasNextPage && (
        <Button className="mt-3" busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          Show more
        </Button>
      )}
    </section>
  );
}

function OneChange({ change: { kind, before, after } }: { change: DatapointChange }): ReactNode {
  const one = after ?? before;
  if (one === null) return null;
  if (kind !== 'changed' || before === null || after === null)
    return <CaseText datapoint={one} className={kind === 'removed' ? 'text-ink-2 line-through decoration-worse/50' : ''} />;
  const [was, is] = [caseOf(before), caseOf(after)];
  const differing = columnsOf([was, is]).filter((column) => cellText(was, column) !== cellText(is, column));
  return (
    <div className="flex min-w-0 flex-1 flex-col gap-2">
      <CaseText datapoint={{ inputs: before.inputs, messages: before.messages }} className="text-ink-2" />
      {differing.map((column) => (
        <div key={columnKey(column)} className="grid gap-x-3 sm:grid-cols-[120px_minmax(0,1fr)]">
          <span className="text-meta leading-5 text-ink-3">{nameOf(column)}</span>
          <div className="flex min-w-0 flex-col gap-0.5">
            <Side text={cellText(was, column)} className="bg-worse-soft" mark="−" />
            <Side text={cellText(is, column)} className="bg-better-soft" mark="+" />
          </div>
        </div>
      ))}
    </div>
  );
}

function Side({ text, mark, className }: { text: string; mark: string; className: string }): ReactNode {
  if (text === '') return null;
  return (
    <span className={`flex gap-2 rounded-sm px-1.5 ${className}`}>
      <span aria-hidden className="num text-ink-3">
        {mark}
      </span>
      <span className="line-clamp-6 min-w-0 whitespace-pre-wrap wrap-anywhere">{text.slice(0, 4_000)}</span>
    </span>
  );
}

function nameOf({ part, name }: CellColumn): string {
  return part === 'target' ? `target ${name}` : name === '' ? part : name;
}
