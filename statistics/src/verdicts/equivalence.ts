import { tInterval } from '../means/t.ts';
import { welch } from '../means/welch.ts';
import type { Numbers } from '../numeric/sums.ts';
import { studentCdf } from '../numeric/student.ts';
import type { Reason } from '../result.ts';

export interface Equivalence {
  /** The larger of the two one-sided probabilities; null where there is no spread to judge by. */
  p: number | null;
  /** The 1−2·alpha interval, which lies within ±margin exactly when p < alpha. */
  lower: number | null;
  upper: number | null;
  equivalent: boolean;
  n: number;
  method: string;
  reason: Reason | null;
}

/**
 * Whether a mean difference is within ±margin: two one-sided tests, D. J. Schuirmann, "A comparison of the two one-sided tests procedure
 * and the power approach", Journal of Pharmacokinetics and Biopharmaceutics 15 (1987) 657-680. The margin is set before the data.
 */
export function tostPaired(differences: Numbers, margin: number, alpha = 0.05): Equivalence {
  return within(tInterval(differences, 1 - 2 * alpha), margin, alpha);
}

/** The same for two groups of different units, by Welch. */
export function tostWelch(a: Numbers, b: Numbers, margin: number, alpha = 0.05): Equivalence {
  return within(welch(a, b, 1 - 2 * alpha), margin, alpha);
}

function within(mean: ReturnType<typeof welch>, margin: number, alpha: number): Equivalence {
  if (!(margin > 0)) throw new RangeError(`A margin of ${margin} is none.`);
  const { estimate, se, df, lower, upper, n, reason } = mean;
  const rest = { lower, upper, n, method: `two one-sided tests (${mean.method})`, reason };
  if (estimate === null || se === null || df === null || se === 0) return { ...rest, p: null, equivalent: false };
  const p = Math.max(1 - studentCdf((estimate + margin) / se, df), studentCdf((estimate - margin) / se, df));
  return { ...rest, p, equivalent: p < alpha };
}
