import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { Checkbox } from '../../kit/checkbox.tsx';
import { Field } from '../../kit/field.tsx';
import { formatDate } from '../../kit/format.ts';
import { Select } from '../../kit/select.tsx';
import { useNow } from '../../kit/time.tsx';
import { FilterBar } from '../../parts/logs/filter-bar.tsx';
import { ranges } from '../../parts/logs/log-range.ts';
import { useFacets } from '../../parts/logs/use-facets.ts';
import { Stripe } from '../../parts/version.tsx';

const everything = {};

export function LogsSource({
  filter,
  range,
  live,
  onFilter,
  onRange,
  onLive,
  children,
}: {
  filter: string;
  range: string;
  live: boolean;
  onFilter: (filter: string) => void;
  onRange: (range: string) => void;
  onLive: (live: boolean) => void;
  children: ReactNode;
}): ReactNode {
  const facets = useFacets(everything);
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <FilterBar value={filter} facets={facets} error={null} onChange={onFilter} />
        <div className="w-40">
          <Select label="Time" value={range} options={ranges} onChange={onRange} disabled={live} />
        </div>
      </div>
      <p className="text-ink-2" aria-live="polite">
        {children}
      </p>
      <label className="flex items-start gap-2.5">
        <Checkbox label="New logs join" checked={live} onChange={onLive} className="mt-0.5" />
        <span>
          New logs join
          <span className="block text-meta text-ink-3">Starts empty and fills as logs that match come in.</span>
        </span>
      </label>
    </>
  );
}

export function RunsSource({
  pair,
  evaluation,
  runs,
  onEvaluation,
  onRuns,
}: {
  pair: boolean;
  evaluation: string | null;
  runs: (string | null)[];
  onEvaluation: (id: string) => void;
  onRuns: (runs: (string | null)[]) => void;
}): ReactNode {
  const now = useNow();
  const evaluations = useQuery(query('evaluations.list', { query: { size: 100 } }));
  const found = useQuery({
    ...query('evaluations.list_runs_for_evaluation', { params: { id: evaluation ?? '' } }),
    enabled: evaluation !== null,
  });
  if (evaluations.data?.records.length === 0) return <p className="text-ink-3">There is no evaluation yet whose runs could be reviewed.</p>;
  const options = (found.data?.runs ?? []).map((one) => ({
    value: one.id,
    label: (
      <span className="flex items-center gap-2">
        <Stripe hash={one.version?.content_hash} />
        {one.version?.version_name ?? one.version?.content_hash.slice(0, 7) ?? 'No version'}
        <span className="text-ink-3">{formatDate(one.created_at, now)}</span>
      </span>
    ),
  }));
  const names = pair ? ['First run', 'Second run'] : ['Run'];
  return (
    <div className="grid gap-4 sm:grid-cols-3">
      <Field label="Evaluation">
        {(props) => (
          <Select
            id={props.id}
            value={evaluation}
            options={(evaluations.data?.records ?? []).map((one) => ({ value: one.id, label: one.name ?? one.id }))}
            onChange={(id) => {
              onEvaluation(id);
              onRuns([null, null]);
            }}
          />
        )}
      </Field>
      {evaluation !== null &&
        names.map((name, at) => (
          <Field key={name} label={name}>
            {(props) => <Select id={props.id} value={runs[at] ?? null} options={options} onChange={(id) => onRuns(runs.with(at, id))} />}
          </Field>
        ))}
    </div>
  );
}
