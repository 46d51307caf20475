import type { AgainstPeople } from '@whetstone/contract';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { cx } from '../../kit/cx.ts';
import { formatCount, shortId } from '../../kit/format.ts';
import { useLinks } from '../../parts/links.ts';
import { Section } from '../../parts/log/section.tsx';
import { Interval } from './interval.tsx';

/** What the judge said against what people said, down to the logs. */
export function ConfusionTable({ of }: { of: AgainstPeople }): ReactNode {
  const links = useLinks();
  const [open, setOpen] = useState<string | null>(null);
  const cell = (judge: string, human: string) => of.confusion.find((one) => one.judge === judge && one.human === human);
  const shown = of.confusion.find((one) => `${one.judge} ${one.human}` === open);
  const rows = [
    ['Sensitivity', 'Of what people call good, the judge finds', of.sensitivity],
    ['Specificity', 'Of what people call bad, the judge finds', of.specificity],
    ['Agreement', 'Both say the same', of.agreement],
    ['Cohen’s kappa', 'Agreement beyond chance', of.kappa],
  ] as const;
  return (
    <Section title="Where they agree">
      <div className="grid gap-x-10 gap-y-4 md:grid-cols-[auto_minmax(0,1fr)]">
        <table className="self-start text-center">
          <caption className="sr-only">Judge against people, labelled logs</caption>
          <thead className="text-meta text-ink-3">
            <tr>
              <td />
              <th className="px-3 py-1 font-normal">people: good</th>
              <th className="px-3 py-1 font-normal">people: bad</th>
            </tr>
          </thead>
          <tbody>
            {['good', 'bad'].map((judge) => (
              <tr key={judge}>
                <th className="pr-3 text-right text-meta font-normal whitespace-nowrap text-ink-3">judge: {judge}</th>
                {['good', 'bad'].map((human) => {
                  const found = cell(judge, human);
                  const key = `${judge} ${human}`;
                  return (
                    <td key={human} className="p-0.5">
                      <button
                        type="button"
                        aria-expanded={open === key}
                        disabled={found === undefined || found.count === 0}
                        aria-label={`${found?.count ?? 0} logs that the judge calls ${judge} and people call ${human}`}
                        onClick={() => setOpen(open === key ? null : key)}
                        className={cx(
                          'num h-12 w-28 rounded-md text-read enabled:hover:shadow-[inset_0_0_0_1px_var(--line-strong)]',
                          judge === human ? 'bg-better-soft' : 'bg-worse-soft',
                          open === key && 'shadow-[inset_0_0_0_1.5px_var(--accent)]',
                        )}
                      >
                        {formatCount(found?.count ?? 0)}
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
        <dl className="min-w-0 border-t border-line">
          {rows.map(([name, note, value]) => (
            <div key={name} className="flex flex-wrap items-center gap-x-4 border-b border-line py-1.5">
              <dt className="min-w-0 flex-1 basis-52">
                {name} <span className="block text-meta text-ink-3">{note}</span>
              </dt>
              <dd>
                <Interval
                  of={value}
                  unit={name.startsWith('Cohen') ? 'number' : 'share'}
                  range={name.startsWith('Cohen') ? [-0.2, 1] : [0, 1]}
                />
              </dd>
            </div>
          ))}
        </dl>
      </div>
      {shown !== undefined && (
        <div className="mt-3 flex flex-wrap gap-x-3 gap-y-1.5">
          <span className="text-ink-2">
            Judge {shown.judge}, people {shown.human}:
          </span>
          {shown.log_ids.map((id) => (
            <Link key={id} {...links.log(id)} className="num text-accent-ink hover:underline">
              {shortId(id)}
            </Link>
          ))}
          {shown.count > shown.log_ids.length && (
            <span className="text-ink-3">and {formatCount(shown.count - shown.log_ids.length)} more</span>
          )}
        </div>
      )}
    </Section>
  );
}
