import type { ReactNode } from 'react';
import { cx } from './cx.ts';

export function Skeleton({ className }: { className?: string }): ReactNode {
  return <div aria-hidden className={cx('skeleton h-4', className)} />;
}

/** Rows in the size of those that will replace them. */
export function SkeletonRows({ count = 8, height = 32 }: { count?: number; height?: number }): ReactNode {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, at) => (
        <div key={at} className="flex items-center gap-3 border-b border-line px-3" style={{ height }}>
          <Skeleton className="h-3 w-16" />
          <Skeleton className="h-3" />
          <div className="skeleton h-3 flex-1" style={{ maxWidth: `${70 - ((at * 37) % 45)}%` }} />
        </div>
      ))}
    </div>
  );
}
