import type { ReportSlices } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { useReportHere } from './report-context.ts';
import { toCases } from './to-cases.ts';

/** What the cases that got better, and those that got worse, have in common. */
export function InCommon({ data }: { data: ReportSlices }): ReactNode {
  const { better, worse } = data.common;
  if (better.length === 0 && worse.length === 0) return null;
  return (
    <div className="mb-4 grid gap-x-8 gap-y-3 @3xl/page:grid-cols-2">
      <Traits title="Cases that got worse" traits={worse} filter="worse" className="text-worse" />
      <Traits title="Cases that got better" traits={better} filter="better" className="text-better" />
    </div>
  );
}

function Traits({
  title,
  traits,
  filter,
  className,
}: {
  title: string;
  traits: ReportSlices['common']['better'];
  filter: 'better' | 'worse';
  className: string;
}): ReactNode {
  const { onSearch } = useReportHere();
  return (
    <div className="min-w-0">
      <h3 className={`text-meta font-medium ${className}`}>{title}</h3>
      {traits.length === 0 ? (
        <p className="text-ink-3">have nothing in common that the others lack.</p>
      ) : (
        <ul>
          {traits.map((one) => (
            <li key={one.filter}>
              <button
                type="button"
                onClick={() => {
                  onSearch({ slice: one.filter, filter }, true);
                  toCases();
                }}
                className="w-full rounded-sm py-0.5 text-left wrap-anywhere hover:underline"
              >
                {one.sentence}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
