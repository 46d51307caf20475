import { reasons } from '@whetstone/statistics';
import type { ReportComparison, ReportPairwise } from '@whetstone/contract';

/** Numbers as the report says them. */

export type Unit = 'points' | 'number' | 'usd' | 'ms';

const reasonWords = {
  ...reasons,
  no_order: 'Its values have no better and worse.',
  no_direction: 'The evaluator does not say whether more is better.',
};

export function reasonText(reason: ReportComparison['reason']): string | null {
  return reason === null ? null : reasonWords[reason];
}

/** Three digits that mean something, without an exponent where people read it. */
export function short(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-6) return String(Number(value.toPrecision(3)));
  const places = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return String(Number(value.toFixed(Math.min(9, places))));
}

/** A difference without its sign: with its unit, and bare. */
export function differenceWords(unit: Unit): { format: (d: number) => string; bare: (d: number) => string } {
  const bare = (d: number): string => {
    const size = Math.abs(d);
    return unit === 'points' ? (100 * size).toFixed(1) : unit === 'usd' ? `$${short(size)}` : short(size);
  };
  const format = (d: number): string => (unit === 'points' ? `${bare(d)} points` : unit === 'ms' ? `${bare(d)} ms` : bare(d));
  return { format, bare };
}

/** A score, such as `82.0 %`, `3.4`, `$0.0012` or `840 ms`. */
export function scoreWords(unit: Unit, value: number | null): string {
  if (value === null) return 'unknown';
  if (unit === 'points') return `${(100 * value).toFixed(1)} %`;
  return unit === 'usd' ? `$${short(value)}` : unit === 'ms' ? `${short(value)} ms` : short(value);
}

/** A score with its interval. */
export function intervalWords(
  unit: Unit,
  { estimate, lower, upper }: { estimate: number | null; lower: number | null; upper: number | null },
): string {
  const main = scoreWords(unit, estimate);
  if (estimate === null || lower === null || upper === null) return main;
  const bare = (value: number) => (unit === 'points' ? (100 * value).toFixed(1) : scoreWords(unit, value));
  return `${main} (${bare(lower)} to ${bare(upper)})`;
}

/** `a, b and c` */
export function listWords(names: readonly string[]): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** `won 12, tied 3, lost 5 of 20; wins 60.0 % (36.1 to 80.9), losses 25.0 % (8.7 to 49.1)` */
export function pairWords({ pairs, wins, ties, losses, failed, win_rate: won, loss_rate: lost }: ReportPairwise): string {
  const counts = `won ${wins}, tied ${ties}, lost ${losses} of ${pairs}`;
  const without = failed === 0 ? '' : `, ${failed} could not be judged`;
  return `${counts}${without}; wins ${intervalWords('points', won)}, losses ${intervalWords('points', lost)}`;
}

/** What the order of showing did. */
export function positionWords({ position }: ReportPairwise): string {
  const { pairs, disagreed, rate, first_preferred: first, second_preferred: second } = position;
  if (pairs === 0) return 'In which order the answers were shown is not known.';
  if (disagreed === 0) return `The judge said the same in both orders of all ${pairs} pairs.`;
  return `Position bias: in ${disagreed} of ${pairs} pairs, ${intervalWords('points', rate)}, the judge changed its mind with the order (for the first ${first}, for the second ${second}); these are ties.`;
}
