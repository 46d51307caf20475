import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, type RefObject, Suspense, useState } from 'react';
import { Button } from '../../../../kit/button.tsx';
import { formatCount } from '../../../../kit/format.ts';
import { useHotkeys } from '../../../../kit/hotkeys.ts';
import { Notice } from '../../../../kit/notice.tsx';
import { SkeletonRows } from '../../../../kit/skeleton.tsx';
import { useLinks } from '../../../../parts/links.ts';
import { ReviewThese } from '../../../../parts/review-these.tsx';
import { useMay } from '../../../../parts/session.ts';
import { useReportHere } from '../report-context.ts';
import { CaseRows } from './case-rows.tsx';
import { CasesBar } from './cases-bar.tsx';
import { useCases } from './use-cases.ts';

const AddToDatasetDialog = lazy(() => import('../../../../parts/dataset/add-to-dataset.tsx'));

/** Case by case: what went in, what each run answered, how that was judged. */
export function Cases({ scroller, narrow }: { scroller: RefObject<HTMLDivElement | null>; narrow: boolean }): ReactNode {
  const { search, onSearch, run, report } = useReportHere();
  const navigate = useNavigate();
  const links = useLinks();
  const list = useCases();
  const [at, setAt] = useState<string | null>(search.case ?? null);
  const { cases, counts, total } = list;
  const here = search.case ?? at;
  const mayWrite = useMay('write');
  const [adding, setAdding] = useState<string | null>(null);
  const open = (id: string) => {
    setAt(id);
    onSearch({ case: id }, search.case === undefined);
  };
  const step = (by: number) => {
    const index = cases.findIndex((one) => one.datapoint.id === here);
    const next = cases[Math.min(cases.length - 1, Math.max(0, index + by))];
    if (next === undefined) return;
    setAt(next.datapoint.id);
    if (search.case !== undefined) onSearch({ case: next.datapoint.id });
  };
  const compared = (run ?? report.runs[0])?.run_id;
  /** The last answer of the compared run to the case that the keyboard stands on. */
  const logHere = () => {
    const found = cases.find((one) => one.datapoint.id === here);
    const logs = found?.runs.find((one) => one.run_id === compared)?.logs ?? [];
    return logs.at(-1)?.log_id ?? null;
  };
  useHotkeys({
    j: () => step(1),
    k: () => step(-1),
    down: () => step(1),
    up: () => step(-1),
    enter: () => here !== null && open(here),
    e: () => {
      const log = logHere();
      if (log !== null) void navigate(links.playground(log));
    },
    a: () => mayWrite && setAdding(logHere()),
    escape: () => (search.case !== undefined ? onSearch({ case: undefined }) : setAt(null)),
  });
  /** The answers of the compared run to the cases that are shown. */
  const shown = cases.flatMap(({ runs }) => runs.find((one) => one.run_id === compared)?.logs.at(-1)?.log_id ?? []);
  const filtered = search.filter !== undefined || search.q !== undefined || search.slice !== undefined;
  return (
    <section id="cases" aria-label="Cases" className="scroll-mt-2 pt-8">
      <header className="mb-2 flex items-baseline gap-3">
        <h2 className="font-semibold">Cases</h2>
        {counts !== null && (
          <span className="num text-ink-3">
            {formatCount(total)}
            {filtered && ` of ${formatCount(counts.all)}`}
          </span>
        )}
        {filtered && (
          <span className="ml-auto">
            <ReviewThese logIds={shown} label={`Review these ${formatCount(shown.length)}`} />
          </span>
        )}
      </header>
      <CasesBar counts={counts} />
      {list.error && (
        <Notice kind="error" title="The cases could not be read">
          {list.error.message}
        </Notice>
      )}
      {list.pending && !list.error && <SkeletonRows count={6} height={56} />}
      {!list.pending && !list.error && cases.length === 0 && (
        <div className="flex flex-col items-start gap-2 py-6">
          <p className="text-ink-3">{filtered ? 'No case fits the filter.' : 'No case has been answered yet.'}</p>
          {filtered && <Button onClick={() => onSearch({ filter: undefined, q: undefined, slice: undefined })}>Show all cases</Button>}
        </div>
      )}
      {cases.length > 0 && (
        <CaseRows cases={cases} at={here} narrow={narrow} stale={list.stale} scroller={scroller} onOpen={open} onMore={list.loadMore} />
      )}
      {adding !== null && (
        <Suspense>
          <AddToDatasetDialog logs={{ log_ids: [adding] }} what="the answer" onClose={() => setAdding(null)} />
        </Suspense>
      )}
    </section>
  );
}
