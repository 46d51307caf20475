import type { ReportCases } from '@whetstone/contract';
import { X } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { cx } from '../../../../kit/cx.ts';
import { Input } from '../../../../kit/field.tsx';
import { formatCount } from '../../../../kit/format.ts';
import { useHotkeys } from '../../../../kit/hotkeys.ts';
import { Select } from '../../../../kit/select.tsx';
import { RunMark } from '../../../../parts/evaluation/run-mark.tsx';
import { useReportHere } from '../report-context.ts';
import { caseSorts, filterOf, sortOf } from './use-cases.ts';

const typingMs = 250;

/** Which cases are shown: all, those that changed, those that failed; by what and in which order. */
export function CasesBar({ counts }: { counts: ReportCases['counts'] | null }): ReactNode {
  const { report, search, onSearch, evaluator, run } = useReportHere();
  const filter = filterOf(search.filter);
  const others = report.runs.filter((one) => !one.baseline);
  const choices = [
    { value: null, label: 'All', count: counts?.all },
    ...(others.length > 0
      ? [
          { value: 'better' as const, label: 'Better', count: counts?.better },
          { value: 'worse' as const, label: 'Worse', count: counts?.worse },
          { value: 'any' as const, label: 'Flipped', count: counts === null ? undefined : counts.better + counts.worse },
        ]
      : []),
    { value: 'failed' as const, label: 'Failed', count: counts?.failed },
    { value: 'missing' as const, label: 'Missing', count: counts?.missing },
    ...(report.flaky_total > 0 ? [{ value: 'flaky' as const, label: 'Flaky', count: undefined }] : []),
  ];
  return (
    <div className="flex flex-col gap-2 pb-2">
      <div className="-mx-4 flex gap-1 overflow-x-auto px-4 md:mx-0 md:flex-wrap md:px-0" role="group" aria-label="Which cases">
        {choices.map((one) => (
          <button
            key={one.label}
            type="button"
            aria-pressed={filter === one.value}
            onClick={() => onSearch({ filter: one.value ?? undefined })}
            className={cx(
              'inline-flex h-7 shrink-0 items-center gap-1.5 rounded-full px-3 text-meta transition-colors pointer-coarse:h-10',
              filter === one.value ? 'bg-pressed font-medium text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink',
            )}
          >
            {one.label}
            {one.count !== undefined && <span className="num text-ink-3">{formatCount(one.count)}</span>}
          </button>
        ))}
      </div>
      <div className="flex flex-wrap items-center gap-x-1 gap-y-2">
        <SearchField />
        {report.evaluators.length > 1 && (
          <Select
            bare
            label="Judged by"
            value={evaluator?.evaluator_version_id ?? null}
            options={report.evaluators.map((one) => ({ value: one.evaluator_version_id, label: `by ${one.name}` }))}
            onChange={(value) =>
              onSearch({ evaluator: report.evaluators.find((one) => one.primary)?.evaluator_version_id === value ? undefined : value })
            }
            className="max-w-56"
          />
        )}
        {others.length > 1 && (
          <Select
            bare
            label="Compared run"
            value={run?.run_id ?? null}
            options={others.map((one) => ({ value: one.run_id, label: <RunMark run={one} /> }))}
            onChange={(value) => onSearch({ run: value })}
          />
        )}
        <Select
          bare
          label="Order"
          value={sortOf(search.sort)}
          options={caseSorts}
          onChange={(value) => onSearch({ sort: value === 'position' ? undefined : value })}
        />
        {search.slice !== undefined && (
          <button
            type="button"
            onClick={() => onSearch({ slice: undefined })}
            aria-label={`Show cases of every kind, not only ${search.slice}`}
            className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-full bg-accent-soft px-3 text-meta text-accent-ink"
          >
            <span className="truncate">{search.slice}</span>
            <X size={12} strokeWidth={1.75} aria-hidden className="shrink-0" />
          </button>
        )}
      </div>
    </div>
  );
}

function SearchField(): ReactNode {
  const { search, onSearch } = useReportHere();
  const [text, setText] = useState(search.q ?? '');
  const field = useRef<HTMLInputElement>(null);
  useHotkeys({ '/': () => field.current?.focus() });
  useEffect(() => setText(search.q ?? ''), [search.q]);
  useEffect(() => {
    if (text === (search.q ?? '')) return;
    const timer = window.setTimeout(() => onSearch({ q: text === '' ? undefined : text }), typingMs);
    return () => window.clearTimeout(timer);
  }, [text, search.q, onSearch]);
  return (
    <Input
      ref={field}
      type="search"
      aria-label="Search in cases"
      placeholder="Search in inputs and answers"
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      className="mr-2 h-7 max-w-72 min-w-40 flex-1 max-sm:max-w-none max-sm:basis-full"
    />
  );
}
