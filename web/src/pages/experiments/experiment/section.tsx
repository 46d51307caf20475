import type { ReactNode } from 'react';

/** A part of the page under its heading, with what a reader has to know to read it. */
export function Section({
  title,
  hint,
  actions,
  children,
}: {
  title: string;
  hint?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <section aria-label={title} className="pt-8">
      <div className="mb-3 flex flex-wrap items-end gap-x-4 gap-y-1">
        <div className="min-w-0 flex-1">
          <h2 className="text-read font-semibold">{title}</h2>
          {hint !== undefined && <p className="max-w-[72ch] text-meta text-ink-3">{hint}</p>}
        </div>
        {actions}
      </div>
      {children}
    </section>
  );
}
