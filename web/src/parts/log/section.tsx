import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';

/** A part of a page under its own small heading. */
export function Section({
  title,
  aside,
  className,
  children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}): ReactNode {
  return (
    <section className={cx('pt-5', className)}>
      <header className="mb-1 flex min-h-6 items-center gap-2">
        <h2 className="font-semibold">{title}</h2>
        <div className="ml-auto flex items-center gap-1.5 text-meta text-ink-3">{aside}</div>
      </header>
      {children}
    </section>
  );
}
