import type { ReportCase } from '@whetstone/contract';
import { ArrowDown, ArrowUp, CircleAlert, Minus, ThumbsDown, ThumbsUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../../../kit/cx.ts';
import { formatDifference, type ScoreUnit } from '../../../../parts/evaluation/numbers.ts';

export type CaseJudgment = ReportCase['runs'][number]['logs'][number]['judgments'][number];

export function judgmentText({ value, error }: CaseJudgment): string {
  if (error !== null) return 'could not judge';
  if (value === null) return 'no judgment';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  return Array.isArray(value) ? value.join(', ') : value;
}

/** A judgment as a mark: a thumb where it speaks for or against the answer, its value where it does neither. */
export function Outcome({ judgment }: { judgment: CaseJudgment | undefined }): ReactNode {
  if (judgment === undefined) return <Minus size={13} className="shrink-0 text-ink-3" role="img" aria-label="Not judged" />;
  const text = judgmentText(judgment);
  if (judgment.error !== null)
    return <CircleAlert size={14} strokeWidth={1.75} className="shrink-0 text-undecided" role="img" aria-label={text} />;
  if (typeof judgment.value === 'number') return <span className="num shrink-0 rounded-sm bg-pressed px-1 text-ink-2">{text}</span>;
  if (judgment.outcome === 'good')
    return <ThumbsUp size={14} strokeWidth={1.75} className="shrink-0 text-better" role="img" aria-label={text} />;
  if (judgment.outcome === 'bad')
    return <ThumbsDown size={14} strokeWidth={1.75} className="shrink-0 text-worse" role="img" aria-label={text} />;
  return <span className="num max-w-24 shrink-0 truncate rounded-sm bg-pressed px-1 text-ink-2">{text}</span>;
}

/** How a case changed against the baseline. */
export function Change({ of, unit }: { of: Pick<ReportCase, 'change' | 'difference'>; unit: ScoreUnit }): ReactNode {
  if (of.change === 'unknown') return <span className="text-meta text-ink-3">not compared</span>;
  if (of.change === 'same') return <span className="text-meta text-ink-3">the same</span>;
  const better = of.change === 'better';
  const Icon = better ? ArrowUp : ArrowDown;
  return (
    <span className={cx('inline-flex items-center gap-1 text-meta', better ? 'text-better' : 'text-worse')}>
      <Icon size={13} strokeWidth={1.75} aria-hidden />
      {of.change}
      {unit === 'number' && of.difference !== null && <span className="num">{formatDifference(unit, of.difference)}</span>}
    </span>
  );
}
