import type { SliceKind } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { query } from '../../../api/query.ts';
import { Badge } from '../../../kit/badge.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { Select } from '../../../kit/select.tsx';
import { Skeleton } from '../../../kit/skeleton.tsx';
import { RunMark } from '../../../parts/evaluation/run-mark.tsx';
import { useReportHere } from './report-context.ts';
import { InCommon } from './in-common.tsx';
import { SliceTable } from './slice-table.tsx';

const kinds: { value: SliceKind; label: string }[] = [
  { value: 'input_length', label: 'length of the input' },
  { value: 'output_length', label: 'length of the answer' },
  { value: 'input', label: 'a variable' },
  { value: 'tag', label: 'a tag' },
  { value: 'topic', label: 'topic' },
  { value: 'error', label: 'error' },
  { value: 'finish_reason', label: 'why it stopped' },
  { value: 'model', label: 'model' },
];

/** Where the difference lies: groups of cases, and what the cases that changed have in common. To look for ideas, not to decide. */
export function Slices(): ReactNode {
  const { id, report, live, run, baseline, evaluator, search, onSearch } = useReportHere();
  const by = kinds.find((one) => one.value === search.by)?.value ?? 'input_length';
  const [field, setField] = useState<string | null>(null);
  const enabled = !live && run !== null && baseline !== null && evaluator !== null && report.cases > 1;
  const slices = useQuery({
    ...query('reports.slices', {
      params: { id },
      query: {
        baseline: baseline?.run_id,
        run_id: run?.run_id,
        evaluator: evaluator?.evaluator_version_id,
        by,
        field: by === 'input' || by === 'tag' ? (field ?? undefined) : undefined,
      },
    }),
    enabled,
  });
  if (!enabled || evaluator === null) return null;
  const { data, error } = slices;
  const others = report.runs.filter((one) => !one.baseline);
  return (
    <section aria-label="Slices" className="pt-8">
      <header className="mb-2 flex flex-wrap items-center gap-x-2 gap-y-1">
        <h2 className="font-semibold">Where the difference lies, by</h2>
        <Select
          bare
          label="Slice by"
          value={by}
          options={kinds}
          onChange={(value) => onSearch({ by: value === 'input_length' ? undefined : value })}
        />
        {data && data.fields.length > 1 && (by === 'input' || by === 'tag') && (
          <Select
            bare
            label={by === 'tag' ? 'Tag' : 'Variable'}
            value={data.field}
            options={data.fields.map((one) => ({ value: one, label: one }))}
            onChange={setField}
          />
        )}
        {others.length > 1 && (
          <Select
            bare
            label="Compared run of the slices"
            value={run?.run_id ?? null}
            options={others.map((one) => ({ value: one.run_id, label: <RunMark run={one} /> }))}
            onChange={(value) => onSearch({ run: value })}
          />
        )}
        <Badge>exploratory</Badge>
      </header>
      {error && (
        <Notice kind="error" title="The slices could not be read">
          {error.message}
        </Notice>
      )}
      {!error && data === undefined && <Skeleton className="h-24" />}
      {data && (
        <>
          <InCommon data={data} />
          <SliceTable data={data} unit={evaluator.unit} />
          <p className="mt-2 max-w-[90ch] text-meta text-ink-3">{data.note}</p>
        </>
      )}
    </section>
  );
}
