import type { ReportEvaluator } from '@whetstone/contract';
import { formatDuration, formatMoney, formatShare } from '../../kit/format.ts';

export type ScoreUnit = ReportEvaluator['unit'];

/** A score as a person reads it: a pass rate in percent, a number with the digits that matter. */
export function formatScore(unit: ScoreUnit, value: number | null): string {
  if (value === null) return '–';
  if (unit === 'points') return formatShare(value);
  if (unit === 'usd') return formatMoney(value);
  if (unit === 'ms') return formatDuration(value);
  return plain(value);
}

/** A difference without its sign: `3.1 points`, `120 ms`. */
export function formatSize(unit: ScoreUnit, value: number): string {
  const size = Math.abs(value);
  if (unit === 'points') {
    const points = Number((size * 100).toFixed(size < 0.001 ? 2 : 1));
    return `${points} ${points === 1 ? 'point' : 'points'}`;
  }
  return formatScore(unit, size);
}

/** A difference with its sign; zero has none. */
export function formatDifference(unit: ScoreUnit, value: number | null): string {
  if (value === null) return '–';
  return `${value > 0 ? '+' : value < 0 ? '−' : ''}${formatSize(unit, value)}`;
}

/** A time to come, in whole seconds below a minute: nobody knows it better. */
export function roughly(seconds: number): string {
  return seconds < 60 ? `${Math.max(1, Math.ceil(seconds))}\u202fs` : formatDuration(seconds * 1000);
}

function plain(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)));
}

/** The ends of the scale on which scores stand beside each other: the evaluator's own, else a little beyond the widest interval. */
export function scaleOf(
  range: readonly [number, number] | null,
  scores: readonly { estimate: number | null; lower: number | null; upper: number | null }[],
): [number, number] {
  if (range !== null) return [range[0], range[1]];
  const ends = scores.flatMap((one) => [one.lower, one.estimate, one.upper]).filter((value) => value !== null);
  if (ends.length === 0) return [0, 1];
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const room = high === low ? Math.max(Math.abs(high) * 0.1, 1e-9) : (high - low) * 0.08;
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room];
}

/** No axis reaches beyond what a score can be: 100.3 % is no pass rate. */
export function within(range: readonly [number, number] | null, [low, high]: readonly [number, number]): [number, number] {
  return range === null ? [low, high] : [Math.max(range[0], low), Math.min(range[1], high)];
}
