import type { ImportReport } from '@whetstone/contract';
import { ChevronRight, Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../../kit/button.tsx';
import { formatCount } from '../../../kit/format.ts';
import { saveBlob } from '../../../parts/download.ts';

type Problem = ImportReport['problems'][number];
/** Few enough to be read without unfolding. */
const fewPlaces = 3;

/** What could not be carried: the same reason once, with the places where it holds. */
export function Problems({ report, dry }: { report: ImportReport; dry: boolean }): ReactNode {
  const { problems, more } = report;
  if (problems.length === 0)
    return <p className="text-ink-2">{dry ? 'Everything can be carried over as it is.' : 'Everything was carried over as it was.'}</p>;
  const reasons = [...Map.groupBy(problems, ({ what, why }) => `${what}\n${why}`).values()].toSorted((a, b) => b.length - a.length);
  return (
    <>
      <ul className="border-t border-line">
        {reasons.map((places) => (
          <Reason key={`${places[0]?.what} ${places[0]?.why}`} places={places} />
        ))}
      </ul>
      <div className="mt-3 flex flex-wrap items-center gap-3">
        <Button size="sm" icon={Download} onClick={() => saveBlob(asCsv(problems), 'import-problems.csv')}>
          Save this list
        </Button>
        {more > 0 && <span className="text-meta text-ink-3">and {formatCount(more)} more of which only the number is told</span>}
      </div>
    </>
  );
}

function Reason({ places }: { places: readonly Problem[] }): ReactNode {
  const [first] = places;
  if (first === undefined) return null;
  const list = (
    <ul className="max-h-60 overflow-y-auto pb-1">
      {places.map(({ where }, at) => (
        <li key={at} className="py-0.5">
          <code className="text-ink-2 wrap-anywhere">{where}</code>
        </li>
      ))}
    </ul>
  );
  const head = (
    <>
      <span className="inline-block font-medium first-letter:uppercase">{first.what}</span>
      {places.length > 1 && <span className="num ml-2 text-ink-3">{formatCount(places.length)} times</span>}
      <span className="block max-w-[72ch] text-ink-2 wrap-anywhere first-letter:uppercase">{first.why}</span>
    </>
  );
  if (places.length <= fewPlaces)
    return (
      <li className="border-b border-line py-2">
        {head}
        {list}
      </li>
    );
  return (
    <li className="border-b border-line py-2">
      <details className="group/reason">
        <summary className="flex list-none items-start gap-1.5">
          <ChevronRight
            size={14}
            strokeWidth={1.5}
            aria-hidden
            className="mt-1 shrink-0 text-ink-3 transition-transform group-open/reason:rotate-90"
          />
          <span className="min-w-0 flex-1">{head}</span>
        </summary>
        <div className="mt-1 pl-5">{list}</div>
      </details>
    </li>
  );
}

/** A cell that begins like a formula is text all the same. */
function asCsv(problems: readonly Problem[]): Blob {
  const cell = (text: string) => `"${(/^[=+\-@\t]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  const lines = problems.map(({ where, what, why }) => [where, what, why].map(cell).join(','));
  return new Blob([['where,what,why', ...lines].join('\r\n'), '\r\n'], { type: 'text/csv' });
}
