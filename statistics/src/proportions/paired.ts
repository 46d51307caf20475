import { logBinomialDensity, binomialCdf } from '../numeric/beta.ts';
import { zOf } from '../numeric/normal.ts';
import { bisect } from '../numeric/roots.ts';
import { type Estimate, estimateOf } from '../result.ts';

/** How many cases fell in each cell of passed and failed, A against B. */
export interface PairedCounts {
  bothPass: number;
  onlyB: number;
  onlyA: number;
  neither: number;
}

export interface PairedProportions extends Estimate {
  /** Exact McNemar, two-sided: McNemar, "Note on the sampling error of the difference between correlated proportions" (1947). */
  pExact: number;
  /** Mid-p McNemar, less conservative: M. W. Fagerland, S. Lydersen and P. Laake, BMC Medical Research Methodology 13 (2013) 91. */
  pMid: number;
}

/**
 * The difference of two pass rates over the same cases, B minus A: T. Tango, "Equivalence test and confidence interval for the
 * difference in proportions for the paired-sample design", Statistics in Medicine 17 (1998) 891-908. Holds when no case flips,
 * where a t interval has no width. One judgment a side and case; with repeats use `pairedMeanDifference`. Leaving 0 it errs in up to
 * 5.4 % of comparisons of equals: `pairedVerdictInterval` does not.
 *
 * Assumes independent cases. @throws RangeError for a count below 0
 */
export function pairedProportions({ bothPass, onlyB, onlyA, neither }: PairedCounts, level = 0.95): PairedProportions {
  if (Math.min(bothPass, onlyB, onlyA, neither) < 0) throw new RangeError('A count of cases is below 0.');
  const n = bothPass + onlyB + onlyA + neither;
  const rest = { level, n, method: 'Tango', ...mcnemar(onlyB, onlyA) };
  if (n === 0) return estimateOf({ ...rest, reason: 'no_data' });
  const z = zOf(level);
  const estimate = (onlyB - onlyA) / n;
  const score = (d: number) => tangoScore(onlyB, onlyA, n, d);
  return estimateOf({
    ...rest,
    estimate,
    lower: estimate <= -1 ? -1 : bisect((d) => score(d) - z, -1, estimate),
    upper: estimate >= 1 ? 1 : bisect((d) => score(d) + z, estimate, 1),
  });
}

/**
 * `pairedProportions` as the product shows it: a limit that leaves 0 while the mid-p test does not reject is moved to 0, so that
 * equals are told apart in at most 5.0 % of comparisons whatever the share of flips
 * (docs/decisions/intervals-that-keep-their-word.md has the figures).
 */
export function pairedVerdictInterval(counts: PairedCounts, level = 0.95): PairedProportions {
  const result = pairedProportions(counts, level);
  if (result.lower === null || result.upper === null || result.pMid < 1 - level) return result;
  return { ...result, method: 'Tango, with mid-p McNemar', lower: Math.min(0, result.lower), upper: Math.max(0, result.upper) };
}

/** Tango's score statistic at the difference d; falls as d rises. */
function tangoScore(b: number, c: number, n: number, d: number): number {
  const above = b - c - n * d;
  const linear = -b - c + (2 * n - b + c) * d;
  const constant = -c * d * (1 - d);
  const q = (Math.sqrt(Math.max(0, linear * linear - 8 * n * constant)) - linear) / (4 * n);
  const variance = n * (2 * q + d * (1 - d));
  if (variance > 0) return above / Math.sqrt(variance);
  return Math.abs(above) < 1e-12 ? 0 : above * Infinity;
}

/**
 * Tango's score of no difference, standard normal when there is none: (b − c)/sqrt(b + c), McNemar's without correction; 0 when
 * no case flips.
 */
export function scoreOfNoDifference({ bothPass, onlyB, onlyA, neither }: PairedCounts): number {
  return tangoScore(onlyB, onlyA, bothPass + onlyB + onlyA + neither, 0);
}

function mcnemar(b: number, c: number): { pExact: number; pMid: number } {
  const flips = b + c;
  if (flips === 0) return { pExact: 1, pMid: 1 };
  const fewer = Math.min(b, c);
  const twice = 2 * binomialCdf(fewer, flips, 0.5);
  const density = Math.exp(logBinomialDensity(fewer, flips, 0.5));
  return { pExact: Math.min(1, twice), pMid: Math.min(1, twice - density) };
}
