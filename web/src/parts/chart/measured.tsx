import type { Proportion } from '@whetstone/statistics';
import type { ReactNode } from 'react';
import { formatCount, formatShare } from '../../kit/format.ts';
import { Tip } from '../../kit/tip.tsx';

/** Below this a proportion is said in words: any interval would fill the scale. */
const enough = 20;

/** A proportion with the interval in which the true one lies; its sample on hover. Null: nothing was measured. */
export function Measured({
  of: proportion,
  what,
  max,
}: {
  of: Proportion | null;
  what: string;
  /** The right end of the scale; by default a little above the interval. */
  max?: number;
}): ReactNode {
  if (proportion === null) return <span className="text-ink-3">no calls yet</span>;
  const { value, low, high, successes, trials } = proportion;
  const sample = `${formatCount(successes)} of ${formatCount(trials)} ${what}; 95 % interval ${formatShare(low)} to ${formatShare(high)}`;
  if (trials < enough) {
    return (
      <Tip label={sample}>
        <span className="text-ink-3">
          not enough yet ({formatCount(successes)} of {formatCount(trials)})
        </span>
      </Tip>
    );
  }
  return (
    <Tip label={sample}>
      <span className="inline-flex items-center gap-2">
        <span className="num">{formatShare(value)}</span>
        <Whisker value={value} low={low} high={high} max={max ?? Math.max(0.05, high * 1.15)} />
      </span>
    </Tip>
  );
}

/** The interval as a line, the value as a tick on it. */
export function Whisker({
  value,
  low,
  high,
  max,
  width = 56,
}: {
  value: number;
  low: number;
  high: number;
  max: number;
  width?: number;
}): ReactNode {
  const x = (share: number) => 1 + (Math.min(share, max) / max) * (width - 2);
  return (
    <svg width={width} height={10} aria-hidden className="shrink-0">
      <line x1={0} x2={width} y1={5} y2={5} stroke="var(--line)" />
      <line x1={x(low)} x2={Math.max(x(high), x(low) + 1)} y1={5} y2={5} stroke="var(--ink-3)" strokeWidth={1.5} />
      <line x1={x(value)} x2={x(value)} y1={1} y2={9} stroke="var(--ink)" strokeWidth={1.5} />
    </svg>
  );
}
