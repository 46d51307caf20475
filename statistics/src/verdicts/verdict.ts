import { type Reason, reasons } from '../result.ts';

export type Verdict = 'better' | 'worse' | 'no_difference' | 'cannot_tell';

export interface Judged {
  verdict: Verdict;
  /** Better or worse, but the whole interval is smaller than what is worth having. */
  belowSmallestWorthwhile: boolean;
}

export interface VerdictInput {
  /** The interval that is shown, of B minus A. */
  lower: number | null;
  upper: number | null;
  /** The smallest difference worth having, above 0, set before the data; null when nobody said. */
  margin: number | null;
  higherIsBetter: boolean;
}

/**
 * What an interval of a difference says, from the interval that is shown and nothing else: above 0 better, below 0 worse, within
 * ±margin no difference of at least the margin, else it cannot be told. Limits that touch do not count. No interval: cannot be
 * told.
 */
export function verdict({ lower, upper, margin, higherIsBetter }: VerdictInput): Judged {
  if (lower === null || upper === null) return { verdict: 'cannot_tell', belowSmallestWorthwhile: false };
  const [low, high] = higherIsBetter ? [lower, upper] : [-upper, -lower];
  if (low > 0) return { verdict: 'better', belowSmallestWorthwhile: margin !== null && high < margin };
  if (high < 0) return { verdict: 'worse', belowSmallestWorthwhile: margin !== null && low > -margin };
  const inside = margin !== null && low > -margin && high < margin;
  return { verdict: inside ? 'no_difference' : 'cannot_tell', belowSmallestWorthwhile: false };
}

export interface Words {
  /** What A and B are called. */
  a: string;
  b: string;
  /** A difference without its sign, such as `3.1 points` or `120 ms`; the second form leaves the unit out. */
  format: (difference: number) => string;
  bare?: (difference: number) => string;
  /** What one unit is called, in the plural: cases, users. */
  units?: string;
  /** How many more would tell, from the planner, for `cannot_tell`. */
  more?: number | null;
}

/** The verdict as a sentence: `B is better by 3.1 to 7.4 points`. */
export function verdictInWords(input: VerdictInput & { reason?: Reason | null }, words: Words): string {
  const { a, b, format, bare = format, units = 'cases', more = null } = words;
  const { verdict: said, belowSmallestWorthwhile } = verdict(input);
  const margin = input.margin === null ? '' : format(input.margin);
  if (said === 'no_difference') return `No difference of ${margin} or more between ${a} and ${b}.`;
  if (said === 'cannot_tell') {
    const why = input.reason === 'too_skewed' || input.reason === 'missing_decides' ? ` ${reasons[input.reason]}` : '';
    const need =
      more === null || margin === '' ? '' : ` About ${more.toLocaleString('en')} more ${units} would show a difference of ${margin}.`;
    return `Cannot tell with this many ${units}.${why}${need}`;
  }
  const [near, far] = [Math.abs(input.lower!), Math.abs(input.upper!)].sort((x, y) => x - y) as [number, number];
  const small = belowSmallestWorthwhile ? `, which is smaller than the ${margin} worth having` : '';
  return `${b} is ${said} by ${bare(near)} to ${format(far)}${small}.`;
}
