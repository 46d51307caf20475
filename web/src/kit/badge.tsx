import type { ReactNode } from 'react';
import { cx } from './cx.ts';

const tones = {
  plain: 'text-ink-2 shadow-[inset_0_0_0_1px_var(--line-strong)]',
  soft: 'bg-pressed text-ink-2',
  accent: 'bg-accent-soft text-accent-ink',
  better: 'bg-better-soft text-better',
  worse: 'bg-worse-soft text-worse',
  undecided: 'bg-undecided-soft text-undecided',
};

export function Badge({
  tone = 'plain',
  className,
  children,
}: {
  tone?: keyof typeof tones;
  className?: string;
  children: ReactNode;
}): ReactNode {
  return (
    <span
      className={cx(
        'inline-flex h-5 max-w-full shrink-0 items-center gap-1 whitespace-nowrap rounded-full px-2 text-meta',
        tones[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
