import type { ReactNode } from 'react';

/** The sign of Whetstone: a stone, and the edge that it leaves. */
export function Mark({ size = 20 }: { size?: number }): ReactNode {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden className="shrink-0">
      <path fill="var(--accent)" d="M3 22.5 24.5 8 29 12.2 8.2 27z" />
      <path fill="color-mix(in oklab, var(--accent) 45%, var(--page))" d="M3 22.5 24.5 8l1.7 1.6L4.9 24.2z" />
    </svg>
  );
}
