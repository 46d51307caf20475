import { type ReactNode, useSyncExternalStore } from 'react';
import { cx } from './cx.ts';
import { formatAgo, formatExact } from './format.ts';
import { Tip } from './tip.tsx';

const listeners = new Set<() => void>();
const stepMs = 10_000;
let current = Date.now();
setInterval(() => {
  current = Date.now();
  for (const listener of listeners) listener();
}, stepMs);
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The present, in steps of ten seconds: one clock for all relative times on the page. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => current);
}

/** How long ago, and exactly when on hover. */
export function Ago({ at, className }: { at: string | null | undefined; className?: string }): ReactNode {
  const now = useNow();
  if (at === null || at === undefined) return <span className={cx('text-ink-3', className)}>never</span>;
  const ahead = Date.parse(at) - now;
  return (
    <Tip label={formatExact(at)}>
      <time dateTime={at} className={cx('whitespace-nowrap tabular-nums', className)}>
        {/* What happened since the clock's last step is not in the future. */}
        {formatAgo(at, ahead > 0 && ahead <= stepMs ? now + ahead : now)}
      </time>
    </Tip>
  );
}
