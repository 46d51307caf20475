import type { ReportSlices } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { formatCount } from '../../../kit/format.ts';
import { Tip } from '../../../kit/tip.tsx';
import { Interval } from '../../../parts/evaluation/interval.tsx';
import { formatDifference, formatScore, type ScoreUnit } from '../../../parts/evaluation/numbers.ts';
import { VerdictBadge } from '../../../parts/evaluation/verdict-badge.tsx';
import { useReportHere } from './report-context.ts';
import { toCases } from './to-cases.ts';

const tracks = '@3xl/page:grid-cols-[minmax(140px,1.4fr)_70px_90px_90px_minmax(150px,1.2fr)_140px]';

/** Groups of cases with both scores and the difference. A row shows its cases below. */
export function SliceTable({ data, unit }: { data: ReportSlices; unit: ScoreUnit }): ReactNode {
  const { onSearch, run, baseline } = useReportHere();
  const ends = data.slices.flatMap((one) => [one.lower, one.upper, one.difference]).filter((value) => value !== null);
  const most = Math.max(1e-9, ...ends.map(Math.abs)) * 1.1;
  if (data.slices.length === 0)
    return (
      <p className="text-ink-3">
        {data.fields.length === 0 && (data.by === 'input' || data.by === 'tag')
          ? `The cases have no ${data.by === 'tag' ? 'tags' : 'variables'} to slice by.`
          : 'No group has enough cases to be shown.'}
      </p>
    );
  return (
    <div role="table" aria-label="Slices">
      <div role="row" className={`hairline-b grid h-8 items-center gap-x-4 text-meta text-ink-3 @max-3xl/page:hidden ${tracks}`}>
        <span role="columnheader">Cases with</span>
        <span role="columnheader" className="text-right">
          Cases
        </span>
        <span role="columnheader" className="truncate text-right">
          {baseline?.label}
        </span>
        <span role="columnheader" className="truncate text-right">
          {run?.label}
        </span>
        <span role="columnheader">Difference</span>
        <span role="columnheader">Hint</span>
      </div>
      {data.slices.map((one) => (
        <div
          key={one.filter}
          role="row"
          className={`grid grid-cols-2 items-center gap-x-4 gap-y-1 border-b border-line py-2 @3xl/page:min-h-9 @3xl/page:py-1 ${tracks}`}
        >
          <span role="cell" className="min-w-0">
            <button
              type="button"
              onClick={() => {
                onSearch({ slice: one.filter, filter: undefined }, true);
                toCases();
              }}
              className="max-w-full truncate rounded-sm text-left hover:underline"
            >
              {one.value === '' ? 'nothing' : one.value}
            </button>
          </span>
          <span role="cell" className="num text-right">
            {formatCount(one.cases)}
            <span className="font-sans text-ink-3 @3xl/page:hidden"> cases</span>
          </span>
          <span role="cell" className="num @3xl/page:text-right">
            {formatScore(unit, one.baseline.estimate)}
            <span className="text-ink-3 @3xl/page:hidden"> → {formatScore(unit, one.run.estimate)}</span>
          </span>
          <span role="cell" className="num text-right @max-3xl/page:hidden">
            {formatScore(unit, one.run.estimate)}
          </span>
          <span role="cell" className="flex items-center gap-3 @max-3xl/page:order-last @max-3xl/page:col-span-2">
            <Interval
              estimate={one.difference}
              lower={one.lower}
              upper={one.upper}
              scale={[-most, most]}
              around={{ margin: null }}
              className="flex-1"
            />
            <span className="num w-22 shrink-0 text-right">{formatDifference(unit, one.difference)}</span>
          </span>
          <span role="cell" className="@max-3xl/page:text-right">
            <Tip
              label={`${formatCount(one.became_better)} got better, ${formatCount(one.became_worse)} got worse${one.p_adjusted === null ? '' : `; p ${one.p_adjusted.toPrecision(2)}, adjusted for all slices shown`}`}
            >
              <span className="inline-flex">
                <VerdictBadge word={one.verdict} />
              </span>
            </Tip>
          </span>
        </div>
      ))}
      {data.left_out > 0 && <p className="pt-1.5 text-meta text-ink-3">{formatCount(data.left_out)} rarer ones are left out.</p>}
    </div>
  );
}
