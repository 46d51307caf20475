import type { EvaluatorSpec, TriedJudgment } from '@whetstone/contract';
import { CircleAlert, CircleDashed, ThumbsDown, ThumbsUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../../kit/cx.ts';
import { valueText, valueValence } from '../../../parts/judge/value.ts';

/** What an evaluator said of a log, in a cell. */
export function Verdict({ spec, tried }: { spec: EvaluatorSpec; tried: TriedJudgment | undefined }): ReactNode {
  if (tried === undefined) return <span className="text-ink-3">–</span>;
  if (tried.outcome === 'failed')
    return (
      <span className="inline-flex items-center gap-1 text-worse">
        <CircleAlert size={13} strokeWidth={1.75} aria-hidden /> failed
      </span>
    );
  if (tried.judgment === null)
    return (
      <span className="inline-flex items-center gap-1 whitespace-nowrap text-ink-3">
        <CircleDashed size={13} strokeWidth={1.75} aria-hidden /> not judged
      </span>
    );
  const valence = valueValence(spec, tried.judgment);
  const Icon = valence === 'positive' ? ThumbsUp : valence === 'negative' ? ThumbsDown : null;
  return (
    <span
      className={cx(
        'inline-flex min-w-0 items-center gap-1.5',
        valence === 'positive' ? 'text-better' : valence === 'negative' ? 'text-worse' : '',
      )}
    >
      {Icon && <Icon size={13} strokeWidth={1.75} className="shrink-0" aria-hidden />}
      <span className={cx('truncate', typeof tried.judgment === 'number' && 'num')}>{valueText(tried.judgment)}</span>
    </span>
  );
}

/** Why, in one line: the reason, or what went wrong. */
export const whyOf = (tried: TriedJudgment | undefined): string => (tried?.error ?? tried?.reason ?? '').replaceAll(/\s+/g, ' ').trim();
