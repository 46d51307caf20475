import type { EvaluatorLogResponse } from '@whetstone/contract';
import { CircleAlert, ThumbsDown, ThumbsUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { Tip } from '../../kit/tip.tsx';

/** Whether a judgment speaks for the log: by the valence of its option, or of its number or truth. */
export function valenceOf(judgment: EvaluatorLogResponse): 'positive' | 'negative' | 'neutral' {
  const spec = judgment.evaluator.spec;
  const value = judgment.judgment;
  if (typeof value === 'boolean') return value ? 'positive' : 'negative';
  const chosen = Array.isArray(value) ? value : [value];
  const valences = chosen.map((one) => spec.options?.find((option) => option.name === one)?.valence);
  return valences.find((valence) => valence === 'negative') ?? valences.find((valence) => valence === 'positive') ?? 'neutral';
}

export function judgmentText(judgment: EvaluatorLogResponse): string {
  const value = judgment.judgment;
  if (judgment.error) return 'could not judge';
  if (value === null) return 'no judgment';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Judgments as small marks: who said what on hover. */
export function JudgmentMarks({ judgments, limit = 3 }: { judgments: EvaluatorLogResponse[]; limit?: number }): ReactNode {
  if (judgments.length === 0) return null;
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      {judgments.slice(0, limit).map((judgment) => (
        <Tip key={judgment.id} label={`${judgment.evaluator.name}: ${judgmentText(judgment)}`}>
          <span className="inline-flex min-w-0 items-center">
            <JudgmentMark judgment={judgment} />
          </span>
        </Tip>
      ))}
      {judgments.length > limit && <span className="num text-ink-3">+{judgments.length - limit}</span>}
    </span>
  );
}

export function JudgmentMark({ judgment }: { judgment: EvaluatorLogResponse }): ReactNode {
  const valence = valenceOf(judgment);
  if (judgment.error) return <CircleAlert size={14} strokeWidth={1.5} className="text-undecided" role="img" aria-label="Could not judge" />;
  if (valence === 'positive')
    return <ThumbsUp size={14} strokeWidth={1.75} className="text-better" role="img" aria-label={judgmentText(judgment)} />;
  if (valence === 'negative')
    return <ThumbsDown size={14} strokeWidth={1.75} className="text-worse" role="img" aria-label={judgmentText(judgment)} />;
  return <span className={cx('num max-w-20 truncate rounded-sm bg-pressed px-1 text-ink-2')}>{judgmentText(judgment)}</span>;
}
