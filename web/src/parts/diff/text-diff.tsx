import type { TextChange } from '@whetstone/domain';
import { type ReactNode, useMemo, useState } from 'react';
import { cx } from '../../kit/cx.ts';
import { foldSame, sideBySide } from './side-by-side.ts';

/** Two texts side by side, or one below the other where there is no room. */
export function TextDiff({ before, after, mono = false }: { before: string; after: string; mono?: boolean }): ReactNode {
  const [unfolded, setUnfolded] = useState(false);
  const rows = useMemo(() => sideBySide(before, after), [before, after]);
  const shown = unfolded ? rows : foldSame(rows);
  return (
    <div
      className={cx(
        '@container overflow-hidden rounded-md border border-line',
        mono ? 'font-mono text-[12px] leading-5' : 'text-base leading-6',
      )}
    >
      {shown.map((row, at) =>
        'folded' in row ? (
          <button
            key={at}
            type="button"
            onClick={() => setUnfolded(true)}
            className="block w-full bg-sunken px-3 py-0.5 text-left font-sans text-meta text-ink-3 hover:text-ink"
          >
            {row.folded === 1 ? '1 line' : `${row.folded} lines`} without a change
          </button>
        ) : (
          <div key={at} className="grid @lg:grid-cols-2">
            <Side parts={row.before} kind="removed" changed={!row.same} />
            <Side parts={row.after} kind="added" changed={!row.same} hiddenWhenStacked={row.same} />
          </div>
        ),
      )}
    </div>
  );
}

function Side({
  parts,
  kind,
  changed,
  hiddenWhenStacked = false,
}: {
  parts: TextChange[] | null;
  kind: 'added' | 'removed';
  changed: boolean;
  hiddenWhenStacked?: boolean;
}): ReactNode {
  const tint = kind === 'added' ? 'bg-better-soft' : 'bg-worse-soft';
  // By colour and sign for those who see it, by the element for those who hear it.
  const Changed = kind === 'added' ? 'ins' : 'del';
  return (
    <div
      className={cx(
        'flex min-w-0 px-3 @lg:odd:border-r @lg:odd:border-line',
        changed && (parts === null ? 'bg-sunken @max-lg:hidden' : tint),
        hiddenWhenStacked && '@max-lg:hidden',
      )}
    >
      <span aria-hidden className={cx('w-4 shrink-0 select-none', kind === 'added' ? 'text-better' : 'text-worse')}>
        {changed && parts !== null && (kind === 'added' ? '+' : '−')}
      </span>
      <span className="min-w-0 flex-1 whitespace-pre-wrap wrap-anywhere">
        {parts?.map((part, at) =>
          part.kind === 'same' ? (
            <span key={at}>{part.text}</span>
          ) : (
            <Changed
              key={at}
              className={cx('rounded-[3px] box-decoration-clone no-underline', kind === 'added' ? 'bg-better/20' : 'bg-worse/20')}
            >
              {part.text}
            </Changed>
          ),
        )}
        {parts !== null && parts.every((part) => part.text === '') && '\u00a0'}
      </span>
    </div>
  );
}
