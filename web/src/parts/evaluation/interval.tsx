import type { ReactNode } from 'react';
import { cx } from '../../kit/cx.ts';

export interface IntervalProps {
  estimate: number | null;
  lower: number | null;
  upper: number | null;
  scale: readonly [number, number];
  /** CSS colour of the value's tick. */
  colour?: string;
  /** Draws a line at zero, and shades what is smaller than worth having. */
  around?: { margin: number | null };
  className?: string;
}

/** A value with the interval in which the true one lies, as a whisker that stretches with its box. The figures stand beside it. */
export function Interval({ estimate, lower, upper, scale, colour = 'var(--ink)', around, className }: IntervalProps): ReactNode {
  const [from, to] = scale;
  const x = (value: number) => Math.min(100, Math.max(0, ((value - from) / (to - from || 1)) * 100));
  const span = (low: number, high: number) => ({ left: `${x(low)}%`, width: `${Math.max(0.5, x(high) - x(low))}%` });
  return (
    <span aria-hidden className={cx('relative block h-4 min-w-16', className)}>
      {around?.margin != null && <span className="absolute inset-y-0 rounded-sm bg-pressed" style={span(-around.margin, around.margin)} />}
      <span className="absolute inset-x-0 top-1/2 h-px bg-line" />
      {around !== undefined && <span className="absolute inset-y-0 w-px bg-line-strong" style={{ left: `${x(0)}%` }} />}
      {lower !== null && upper !== null && (
        <span className="absolute top-1/2 h-[2px] -translate-y-1/2 rounded-full bg-ink-3" style={span(lower, upper)} />
      )}
      {estimate !== null && (
        <span
          className="absolute top-1/2 h-3 w-[3px] -translate-x-1/2 -translate-y-1/2 rounded-full"
          style={{ left: `${x(estimate)}%`, background: colour }}
        />
      )}
    </span>
  );
}
