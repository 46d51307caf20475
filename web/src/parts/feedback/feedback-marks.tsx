import type { EvaluatorLogResponse } from '@whetstone/contract';
import { Check, Copy, CornerUpRight, type LucideIcon, Pencil, RotateCcw, ThumbsDown, ThumbsUp, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { formatShare } from '../../kit/format.ts';
import { Tip } from '../../kit/tip.tsx';
import { type Mark, marksOf } from './marks.ts';

const icons: Record<string, LucideIcon> = {
  good: ThumbsUp,
  bad: ThumbsDown,
  accepted: Check,
  copied: Copy,
  shared: CornerUpRight,
  edited: Pencil,
  corrected: Pencil,
  regenerated: RotateCcw,
  dismissed: X,
};
const tints = { positive: 'text-better', negative: 'text-worse', neutral: 'text-ink-2' };

/** What people said of a log, as small marks that fit a column: votes, how much was edited, what was done. */
export function FeedbackMarks({ judgments, limit = 4 }: { judgments: readonly EvaluatorLogResponse[]; limit?: number }): ReactNode {
  const marks = marksOf(judgments);
  if (marks.length === 0) return null;
  // The last place says how many more there are.
  const shown = marks.length > limit ? marks.slice(0, limit - 1) : marks;
  return (
    <span className="flex min-w-0 items-center gap-1.5 overflow-hidden">
      {shown.map((mark) => (
        <Tip key={mark.key} label={mark.text}>
          <span className={cx('inline-flex shrink-0 items-center gap-0.5', tints[mark.valence])}>
            <Sign mark={mark} />
          </span>
        </Tip>
      ))}
      {shown.length < marks.length && (
        <Tip
          label={marks
            .slice(shown.length)
            .map(({ text }) => text)
            .join(', ')}
        >
          <span className="num shrink-0 text-ink-3">+{marks.length - shown.length}</span>
        </Tip>
      )}
    </span>
  );
}

function Sign({ mark }: { mark: Mark }): ReactNode {
  const Icon = icons[mark.name];
  return (
    <>
      {Icon ? (
        <Icon size={14} strokeWidth={1.75} role="img" aria-label={mark.text} />
      ) : (
        <span className="max-w-14 truncate rounded-sm bg-pressed px-1 text-meta">{mark.name}</span>
      )}
      {mark.edited !== null && <span className="num text-meta">{formatShare(mark.edited)}</span>}
      {mark.count > 1 && <span className="num text-meta">{mark.count}</span>}
    </>
  );
}
