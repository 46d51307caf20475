import type { EvaluationReport } from '@whetstone/contract';
import { Check, CircleDashed, CircleSlash, LoaderCircle, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

const looks: Record<EvaluationReport['status'], { word: string; icon: LucideIcon; className: string }> = {
  pending: { word: 'waiting', icon: CircleDashed, className: 'text-ink-3' },
  running: { word: 'running', icon: LoaderCircle, className: 'text-accent-ink [&_svg]:animate-spin' },
  completed: { word: 'completed', icon: Check, className: 'text-ink-3' },
  cancelled: { word: 'cancelled', icon: CircleSlash, className: 'text-ink-3' },
};

export function StatusWord({ status }: { status: EvaluationReport['status'] }): ReactNode {
  const { word, icon: Icon, className } = looks[status];
  return (
    <span className={`inline-flex items-center gap-1.5 text-meta ${className}`}>
      <Icon size={13} strokeWidth={1.75} aria-hidden />
      {word}
    </span>
  );
}
