import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';
import { Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';

/** A page of settings, or a part of one: what it is about, in one sentence, and what one can do. */
export function Panel({
  title,
  about,
  action,
  className,
  children,
}: {
  title: ReactNode;
  about?: ReactNode;
  action?: ReactNode;
  className?: string;
  children?: ReactNode;
}): ReactNode {
  return (
    <section className={cx('mb-10', className)}>
      <header className="mb-3 flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="text-read font-semibold">{title}</h2>
          {about !== undefined && <p className="max-w-[72ch] text-ink-2">{about}</p>}
        </div>
        {action}
      </header>
      {children}
    </section>
  );
}

/** What a query gives, once it is there; before that its shape, or why it failed. */
export function Loaded<T>({
  query,
  rows = 4,
  children,
}: {
  query: { data: T | undefined; error: Error | null };
  rows?: number;
  children: (data: T) => ReactNode;
}): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null)
    return (
      <Notice kind="error" title="This could not be read">
        {query.error.message}
      </Notice>
    );
  return <SkeletonRows count={rows} height={40} />;
}

/** A list of like things. On a phone its columns wrap. */
export function Rows({ children, empty }: { children: ReactNode[]; empty?: ReactNode }): ReactNode {
  if (children.length === 0) return empty === undefined ? null : <p className="border-y border-line py-4 text-ink-3">{empty}</p>;
  return <ul className="border-t border-line">{children}</ul>;
}
export function Row({ className, children }: { className?: string; children: ReactNode }): ReactNode {
  return <li className={cx('flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line py-2', className)}>{children}</li>;
}

/** A name over what is known about it. */
export function Title({ children, sub, className }: { children: ReactNode; sub?: ReactNode; className?: string }): ReactNode {
  return (
    <div className={cx('min-w-0 flex-1 basis-48', className)}>
      <div className="flex min-w-0 items-center gap-2 truncate font-medium">{children}</div>
      {sub !== undefined && <div className="truncate text-meta text-ink-3">{sub}</div>}
    </div>
  );
}
