import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { CopyButton } from '../../kit/copy.tsx';
import { cx } from '../../kit/cx.ts';
import { pretty } from './json.ts';

/** Named values: short ones in a line, long ones folded. */
export function Values({
  values,
  folded = [],
}: {
  values: Record<string, unknown>;
  /** Names of values that are shown elsewhere too. */ folded?: readonly string[];
}): ReactNode {
  return (
    <dl className="max-w-[92ch]">
      {Object.entries(values).map(([name, value]) => (
        <Value key={name} name={name} value={value} folded={folded.includes(name)} />
      ))}
    </dl>
  );
}

function Value({ name, value, folded }: { name: string; value: unknown; folded: boolean }): ReactNode {
  const text = pretty(value);
  const long = text.length > 160 || text.includes('\n');
  const [open, setOpen] = useState(!folded && text.length < 1200);
  return (
    <div className="group/value grid gap-x-4 border-b border-line py-1.5 last:border-b-0 sm:grid-cols-[minmax(76px,140px)_minmax(0,1fr)_24px]">
      <dt className="flex items-start gap-1 pt-px">
        <code className="truncate text-accent-ink">{name}</code>
        {long && (
          <button
            type="button"
            aria-expanded={open}
            aria-label={`${open ? 'Fold' : 'Unfold'} ${name}`}
            onClick={() => setOpen(!open)}
            className="rounded-sm text-ink-3 hover:text-ink"
          >
            <ChevronRight size={14} strokeWidth={1.5} className={cx('transition-transform', open && 'rotate-90')} aria-hidden />
          </button>
        )}
      </dt>
      <dd
        className={cx(
          'min-w-0 whitespace-pre-wrap wrap-anywhere',
          typeof value !== 'string' && 'font-mono text-[12px]',
          !open && 'truncate whitespace-nowrap text-ink-2',
          open && long && 'max-h-96 overflow-y-auto',
        )}
      >
        {value === null || text === '' ? <span className="text-ink-3">{value === null ? 'null' : 'empty'}</span> : text}
      </dd>
      <dd className="max-sm:hidden">
        <CopyButton text={text} className="opacity-0 group-focus-within/value:opacity-100 group-hover/value:opacity-100" />
      </dd>
    </div>
  );
}
