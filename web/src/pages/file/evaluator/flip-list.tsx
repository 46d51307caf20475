import type { EvaluatorSpec, LogResponse } from '@whetstone/contract';
import { ArrowRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../../kit/cx.ts';
import { previewsOf } from '../../../parts/logs/log-file.ts';
import type { Flip } from './compare.ts';
import { Verdict, whyOf } from './verdict.tsx';

/** The logs on which two versions differ, what got worse first. */
export function FlipList({
  specs: [before, after],
  flips,
  logs,
  here,
  onLook,
}: {
  specs: readonly [EvaluatorSpec, EvaluatorSpec];
  flips: readonly Flip[];
  logs: readonly LogResponse[];
  here: string | null;
  onLook: (id: string) => void;
}): ReactNode {
  if (flips.length === 0) return <p className="px-4 py-4 text-ink-2">Nothing flips: both answer the same on every one of these logs.</p>;
  return (
    <ul aria-label="Flips" className="border-t border-line">
      {flips.map(({ logId, from, to }) => {
        const log = logs.find(({ id }) => id === logId);
        const { output, input } = log === undefined ? { output: '', input: '' } : previewsOf(log);
        return (
          <li key={logId} className="border-b border-line">
            <button
              type="button"
              aria-current={logId === here}
              onClick={() => onLook(logId)}
              className={cx(
                'flex w-full flex-col gap-0.5 px-4 py-1.5 text-left hover:bg-hover',
                logId === here && 'bg-pressed shadow-[inset_2px_0_0_var(--accent)] hover:bg-pressed',
              )}
            >
              <span className="flex items-center gap-2">
                <Verdict spec={before} tried={from} />
                <ArrowRight size={13} strokeWidth={1.5} className="shrink-0 text-ink-3" aria-label="became" />
                <Verdict spec={after} tried={to} />
                <span className="min-w-0 flex-1 truncate text-ink-2">{output || input || 'no output'}</span>
              </span>
              {whyOf(to) !== '' && <span className="truncate text-meta text-ink-3">{whyOf(to)}</span>}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
