import { tInterval } from '@whetstone/statistics';

/** USD: the likeliest, and between what it may well lie. */
export interface Money {
  low: number;
  mid: number;
  high: number;
}

/** Beyond a millionth of a millionth of a dollar is the noise of binary fractions. */
export function roundUsd(usd: number): number {
  return Math.round(usd * 1e12) / 1e12;
}

/** Fewer tell little of how much they differ. */
const fewest = 5;
/** What was seen of few calls, or of other ones, may be so many times too much or too little. */
const guess = 2;

/** What one costs, from what others did. @param alike they were the same call, on other inputs */
export function moneyOf(costs: readonly number[], alike: boolean): Money | null {
  if (costs.length === 0) return null;
  const mid = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  if (!alike || costs.length < fewest) return { low: mid / guess, mid, high: mid * guess };
  const interval = tInterval(costs);
  return { low: Math.max(0, interval.lower ?? mid / guess), mid, high: interval.upper ?? mid * guess };
}

/** Null when one of them is not known: a sum of the others would look like the whole. */
export function sumOf(parts: readonly (Money | null)[]): Money | null {
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length) return null;
  const total = (of: (part: Money) => number): number => roundUsd(known.reduce((sum, part) => sum + of(part), 0));
  return { low: total(({ low }) => low), mid: total(({ mid }) => mid), high: total(({ high }) => high) };
}
