import type { LogFilterField } from '@whetstone/domain';
import { ListFilter } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { formatCount } from '../../kit/format.ts';
import { Popover } from '../../kit/popover.tsx';
import { valueOf } from './completions.ts';
import { readyFilters } from '../feedback/ready-filters.ts';
import { hasTerm, hasTerms, term, toggleTerm, toggleTerms } from './filter-text.ts';
import type { Facets } from './use-facets.ts';

const titles: Record<string, string> = {
  status: 'Status',
  file: 'File',
  environment: 'Environment',
  model: 'Model',
  origin: 'Origin',
  user: 'User',
  session: 'Session',
  version: 'Version',
  kind: 'Kind',
};
const shown: LogFilterField[] = ['status', 'file', 'environment', 'model', 'version', 'origin', 'kind', 'user'];

/** What occurs in the logs shown, to filter by a press. */
export function FacetsMenu({
  facets,
  value,
  onChange,
  hidden = [],
}: {
  facets: Facets;
  value: string;
  onChange: (value: string) => void;
  hidden?: string[];
}): ReactNode {
  const present = shown.filter((facet) => (facets[facet]?.length ?? 0) > 0 && !hidden.includes(facet));
  return (
    <Popover
      trigger={
        <Button icon={ListFilter} className="h-8 pointer-coarse:h-10">
          <span className="max-md:sr-only">Facets</span>
        </Button>
      }
      align="end"
      className="w-[min(560px,calc(100vw-16px))]"
    >
      <section className="mb-3 border-b border-line pb-3">
        <h3 className="mb-1.5 px-1.5 text-meta text-ink-3">What people said</h3>
        <div className="flex flex-wrap gap-1.5 px-1.5">
          {readyFilters.map(({ label, filter }) => {
            const on = hasTerms(value, filter);
            return (
              <button
                key={filter}
                type="button"
                aria-pressed={on}
                onClick={() => onChange(toggleTerms(value, filter))}
                className={cx(
                  'h-6 rounded-full px-2.5 text-meta shadow-[inset_0_0_0_1px_var(--line-strong)] hover:bg-hover pointer-coarse:h-9',
                  on ? 'bg-accent-soft text-accent-ink' : 'text-ink-2',
                )}
              >
                {label}
              </button>
            );
          })}
        </div>
      </section>
      {present.length === 0 && <p className="text-ink-3">Nothing to choose from in the logs shown.</p>}
      <div className="gap-x-6 sm:columns-2">
        {present.map((facet) => {
          const values = facets[facet]?.slice(0, 6) ?? [];
          const most = Math.max(1, ...values.map((one) => one.count));
          return (
            <section key={facet} className="mb-3 break-inside-avoid">
              <h3 className="mb-1 px-1.5 text-meta text-ink-3">{titles[facet] ?? facet}</h3>
              {values.map((one) => {
                const text = term(facet, valueOf(facet, one));
                const on = hasTerm(value, text);
                return (
                  <button
                    key={one.value}
                    type="button"
                    aria-pressed={on}
                    onClick={() => onChange(toggleTerm(value, text))}
                    className={cx(
                      'relative flex h-6 w-full items-center gap-2 overflow-hidden rounded-sm px-1.5 text-left hover:bg-hover pointer-coarse:h-9',
                      on && 'bg-accent-soft text-accent-ink',
                    )}
                  >
                    <span
                      aria-hidden
                      className="absolute bottom-0 left-0 h-0.5 bg-line-strong"
                      style={{ width: `${(one.count / most) * 100}%` }}
                    />
                    <span className="min-w-0 flex-1 truncate">{one.label ?? (one.value || '(none)')}</span>
                    <span className="num text-ink-3">{formatCount(one.count)}</span>
                  </button>
                );
              })}
            </section>
          );
        })}
      </div>
    </Popover>
  );
}
