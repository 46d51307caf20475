import type { ReactNode } from 'react';

/** One question of the form. */
export function Part({ title, hint, children }: { title: string; hint?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <section className="border-b border-line py-6">
      <h2 className="text-read font-semibold">{title}</h2>
      {hint !== undefined && <p className="mt-0.5 max-w-[72ch] text-ink-3">{hint}</p>}
      <div className="mt-3 flex flex-col gap-4">{children}</div>
    </section>
  );
}
