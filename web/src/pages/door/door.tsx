import { type ReactNode, useEffect } from 'react';
import { Mark } from '../../kit/mark.tsx';

/** The frame of every page before one is inside: one column, one thing to do. */
export function Door({
  title,
  lead,
  children,
  foot,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
}): ReactNode {
  useEffect(() => {
    document.title = `${title} · Whetstone`;
  }, [title]);
  return (
    <main className="flex min-h-full flex-col items-center bg-ground px-4 py-[max(24px,12vh)]">
      <div className="w-full max-w-90">
        <div className="mb-8 flex items-center gap-2">
          <Mark size={24} />
          <span className="text-read font-semibold">Whetstone</span>
        </div>
        <h1 className="text-title font-semibold">{title}</h1>
        {lead !== undefined && <p className="mt-1 text-ink-2">{lead}</p>}
        <div className="mt-6">{children}</div>
        {foot !== undefined && <div className="mt-8 text-meta text-ink-3">{foot}</div>}
      </div>
    </main>
  );
}
