import type { GuardSpec } from '@whetstone/contract';
import type { WatchedMetric } from './watched.ts';

/** Numbers of a metric, as people read them. */
export interface Format {
  value: (value: number) => string;
  /** A difference without its sign; of rates in points. */
  difference: (value: number) => string;
  bare: (value: number) => string;
}

export function formatOf({ unit }: Pick<WatchedMetric, 'unit'>): Format {
  if (unit === '%')
    return {
      value: (value) => `${digits(100 * value)} %`,
      difference: (value) => `${digits(100 * value)} ${Math.abs(value) === 0.01 ? 'point' : 'points'}`,
      bare: (value) => digits(100 * value),
    };
  const of = (value: number): string => (unit === '' ? digits(value) : `${digits(value)} ${unit}`);
  return { value: of, difference: of, bare: digits };
}

/** One decimal, more where that would say 0. */
function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000) return Math.round(value).toLocaleString('en');
  if (size >= 1 || size === 0) return String(Number(value.toFixed(1)));
  return String(Number(value.toPrecision(2)));
}

export function nameOf({ spec }: Pick<WatchedMetric, 'spec'>): string {
  return spec.name ?? spec.value;
}

/** What a guard tolerates: `1.5 times control's rate`. */
export function toleratedWords(metric: WatchedMetric, { bound }: GuardSpec, control: string): string {
  const what = nameOf(metric);
  if ('ratio' in bound) return bound.ratio === 1 ? `${control} in “${what}”` : `${bound.ratio} times ${control} in “${what}”`;
  if (bound.difference === 0) return `${control} in “${what}”`;
  return `${control} by ${formatOf(metric).difference(bound.difference)} in “${what}”`;
}
