import type { DatasetResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Badge } from '../../../kit/badge.tsx';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Checkbox } from '../../../kit/checkbox.tsx';
import { cx } from '../../../kit/cx.ts';
import { formatCount, formatShare } from '../../../kit/format.ts';
import { Empty, Notice } from '../../../kit/notice.tsx';
import { Select } from '../../../kit/select.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { CaseText } from '../../../parts/dataset/case-text.tsx';
import { removeRows, restoreRows } from './edits.ts';
import type { EditHistory } from './use-edits.ts';

type Group = Answer<'datasets.duplicates'>['groups'][number];

const thresholds = [
  { value: '0.95', label: 'Nearly the same' },
  { value: '0.8', label: 'Much alike' },
  { value: '0.6', label: 'Somewhat alike' },
] as const;

/** Datapoints that say the same; what is surplus is marked as removed, and saved with the rest. */
export function Duplicates({
  file,
  history,
  mayWrite,
  onClose,
}: {
  file: DatasetResponse;
  history: EditHistory;
  mayWrite: boolean;
  onClose: () => void;
}): ReactNode {
  const [threshold, setThreshold] = useState<(typeof thresholds)[number]['value']>('0.8');
  const [page, setPage] = useState(1);
  const found = useQuery({
    ...query('datasets.duplicates', {
      params: { id: file.id },
      query: { version_id: file.version_id, threshold: Number(threshold), page, size: 25 },
    }),
    staleTime: Infinity,
  });
  const { removed } = history.edits;
  const remove = (ids: readonly string[]) => history.change((edits) => removeRows(edits, ids, []));
  const data = found.data;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-260 px-4 py-5 md:px-6">
        <div className="flex flex-wrap items-center gap-2">
          <IconButton icon={ArrowLeft} label="Back to the table" onClick={onClose} className="-ml-2" />
          <h2 className="mr-2 text-read font-semibold">Duplicates</h2>
          <Select
            label="How alike"
            value={threshold}
            options={thresholds}
            onChange={(next) => {
              setThreshold(next);
              setPage(1);
            }}
            className="w-44"
          />
          {data && data.total > 0 && (
            <span className="text-ink-2">
              {formatCount(data.exact_groups)} with the same text, {formatCount(data.near_groups)} alike
            </span>
          )}
          <span className="flex-1" />
          {mayWrite && data && data.surplus_exact.length > 0 && (
            <Button onClick={() => remove(data.surplus_exact)}>Remove {formatCount(data.surplus_exact.length)} with the same text</Button>
          )}
          {mayWrite && data && data.surplus_near.length > 0 && (
            <Button onClick={() => remove(data.surplus_near)}>Remove {formatCount(data.surplus_near.length)} alike</Button>
          )}
        </div>
        <p className="mt-2 max-w-[72ch] text-ink-3">
          Inputs and messages are compared, without case and punctuation; texts are alike by the runs of three words that they share. The
          first of each group stays.
        </p>
        {found.error && (
          <Notice kind="error" title="The search failed" className="mt-4">
            {found.error.message}
          </Notice>
        )}
        {found.isPending && !found.error && <SkeletonRows count={8} height={56} />}
        {data?.total === 0 && (
          <Empty title="No duplicates" className="mx-0 px-0">
            None of the {formatCount(data.datapoints)} datapoints says what another says.
          </Empty>
        )}
        <ul className="mt-4 flex flex-col gap-4">
          {data?.groups.map((group) => (
            <li key={group.members.map(({ datapoint }) => datapoint.id).join()}>
              <GroupView
                group={group}
                removed={removed}
                mayWrite={mayWrite}
                onRemoved={(id, gone) => history.change((edits) => (gone ? removeRows(edits, [id], []) : restoreRows(edits, [id])))}
              />
            </li>
          ))}
        </ul>
        {data && data.total > data.size && (
          <div className="mt-4 flex items-center gap-2">
            <Button disabled={page === 1} onClick={() => setPage(page - 1)}>
              Before
            </Button>
            <span className="num text-ink-2">
              {page} of {Math.ceil(data.total / data.size)}
            </span>
            <Button disabled={page * data.size >= data.total} onClick={() => setPage(page + 1)}>
              Next
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

function GroupView({
  group,
  removed,
  mayWrite,
  onRemoved,
}: {
  group: Group;
  removed: ReadonlySet<string>;
  mayWrite: boolean;
  onRemoved: (id: string, gone: boolean) => void;
}): ReactNode {
  return (
    <div className="overflow-hidden rounded-md border border-line">
      <div className="flex flex-wrap items-center gap-2 bg-sunken px-3 py-1.5 text-meta text-ink-2">
        <Badge tone="soft">{group.kind === 'exact' ? 'Same text' : `Alike from ${formatShare(group.similarity)}`}</Badge>
        {group.targets_differ && <Badge tone="undecided">Targets differ</Badge>}
        {group.more > 0 && <span>and {formatCount(group.more)} more</span>}
      </div>
      <ul>
        {group.members.map(({ datapoint, position, similarity }, index) => {
          const gone = removed.has(datapoint.id);
          return (
            <li
              key={datapoint.id}
              className={cx('flex gap-3 border-t border-line px-3 py-2.5 first:border-t-0', gone && 'bg-worse-soft/50')}
            >
              {mayWrite && (
                <Checkbox
                  checked={!gone}
                  onChange={(kept) => onRemoved(datapoint.id, !kept)}
                  label={`Keep row ${position + 1}`}
                  className="mt-0.5"
                />
              )}
              <span className="num w-12 shrink-0 text-right text-meta leading-5 text-ink-3">{(position + 1).toLocaleString('en')}</span>
              <CaseText datapoint={datapoint} className={gone ? 'text-ink-3 line-through' : ''} />
              <span className="num shrink-0 text-meta leading-5 text-ink-3">{index === 0 ? 'first' : formatShare(similarity)}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
