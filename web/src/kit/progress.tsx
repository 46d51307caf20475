import type { ReactNode } from 'react';
import { formatDuration, formatShare } from './format.ts';

/** How far something is, as a bar with words above it and a way to stop below. Without a total the bar only says that it goes on. */
export function Progress({
  label,
  detail,
  share,
  children,
}: {
  label: string;
  detail: ReactNode;
  /** From 0 to 1; null while nobody knows. */
  share: number | null;
  children?: ReactNode;
}): ReactNode {
  const known = share === null ? {} : { 'aria-valuenow': Math.round(share * 100), 'aria-valuemin': 0, 'aria-valuemax': 100 };
  return (
    <div>
      <div className="mb-2 flex min-h-6 flex-wrap items-baseline gap-x-3">
        <span className="font-medium">{label}</span>
        <span className="num text-ink-2">{detail}</span>
        {share !== null && <span className="num ml-auto text-ink-3">{formatShare(Math.floor(share * 100) / 100)}</span>}
      </div>
      <div role="progressbar" aria-label={label} {...known} className="h-1.5 overflow-hidden rounded-full bg-pressed">
        <div
          className={
            share === null
              ? 'h-full w-full animate-[breathe_1.6s_ease-in-out_infinite] bg-accent/45'
              : 'h-full rounded-full bg-accent transition-[width]'
          }
          style={share === null ? undefined : { width: `${share * 100}%` }}
        />
      </div>
      {children}
    </div>
  );
}

/** Time left at the rate so far, once there is one: after two seconds and a hundredth. */
export function timeLeft(share: number, sinceMs: number, nowMs: number): string | null {
  const passed = nowMs - sinceMs;
  if (passed < 2_000 || share < 0.01 || share >= 1) return null;
  const seconds = Math.ceil((passed * (1 - share)) / share / 1000);
  return `about ${seconds < 60 ? `${seconds}\u202fs` : formatDuration(seconds * 1000)} left`;
}
