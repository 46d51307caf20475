import type { Measured } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { Tip } from '../../kit/tip.tsx';

export type Unit = 'share' | 'number';

export function figure(value: number | null, unit: Unit): string {
  if (value === null) return '–';
  return unit === 'share' ? `${(value * 100).toFixed(0)} %` : value.toFixed(2);
}

/** A measured number with its interval as a line on a scale; what it rests on, on hover; in words where nothing can be said. */
export function Interval({
  of,
  unit = 'share',
  range = [0, 1],
}: {
  of: Measured | null;
  unit?: Unit;
  range?: readonly [number, number];
}): ReactNode {
  if (of === null) return <span className="text-ink-3">not applicable</span>;
  const { estimate, lower, upper } = of;
  const told = [
    `${of.n} ${of.n === 1 ? 'case' : 'cases'}`,
    ...(lower === null || upper === null
      ? []
      : [`${Math.round(of.level * 100)} % interval ${figure(lower, unit)} to ${figure(upper, unit)}`]),
    of.method,
    ...of.warnings,
  ].join('; ');
  if (estimate === null) return <span className="text-ink-3">{of.reason ?? 'not known yet'}</span>;
  return (
    <Tip label={told}>
      <span className="inline-flex flex-wrap items-center gap-x-2">
        <span className="num font-medium">{figure(estimate, unit)}</span>
        {lower === null || upper === null ? (
          <span className="text-meta text-ink-3">{of.reason ?? 'no interval'}</span>
        ) : (
          <>
            <Line value={estimate} lower={lower} upper={upper} range={range} />
            <span className="num text-ink-3">
              {figure(lower, unit)} to {figure(upper, unit)}
            </span>
          </>
        )}
      </span>
    </Tip>
  );
}

function Line({
  value,
  lower,
  upper,
  range: [from, to],
}: {
  value: number;
  lower: number;
  upper: number;
  range: readonly [number, number];
}): ReactNode {
  const width = 88;
  const x = (at: number) => 1 + (Math.min(Math.max((at - from) / (to - from), 0), 1) || 0) * (width - 2);
  return (
    <svg width={width} height={10} aria-hidden className="shrink-0">
      <line x1={0} x2={width} y1={5} y2={5} stroke="var(--line)" />
      <line x1={x(lower)} x2={Math.max(x(upper), x(lower) + 1)} y1={5} y2={5} stroke="var(--ink-3)" strokeWidth={1.5} />
      <line x1={x(value)} x2={x(value)} y1={1} y2={9} stroke="var(--ink)" strokeWidth={1.5} />
    </svg>
  );
}
