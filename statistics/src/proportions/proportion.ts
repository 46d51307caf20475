import { betaQuantile } from '../numeric/beta.ts';
import { checkLevel } from '../numeric/normal.ts';
import { type Estimate, estimateOf } from '../result.ts';
import { checkCount, wilson } from './wilson.ts';

/**
 * The exact interval: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits illustrated in the case of the
 * binomial", Biometrika 26 (1934) 404-413. Covers at least the level whatever p is, and is wider for it. For hard rules.
 *
 * Assumes independent trials. @throws RangeError when x is not between 0 and n
 */
export function clopperPearson(x: number, n: number, level = 0.95): Estimate {
  checkCount(x, n);
  checkLevel(level);
  const tail = (1 - level) / 2;
  return estimateOf({
    estimate: n === 0 ? null : x / n,
    lower: x === 0 ? 0 : betaQuantile(x, n - x + 1, tail),
    upper: x === n ? 1 : betaQuantile(x + 1, n - x, 1 - tail),
    level,
    n,
    method: 'Clopper-Pearson',
    reason: n === 0 ? 'no_data' : null,
  });
}

/**
 * The interval that the product shows for a proportion of independent trials: exact where successes or failures are under 10,
 * Wilson's above. Covers 95 % on average over p and, for n from 50, no p between 0.01 and 0.99 less than 92 %
 * (docs/statistics.md has the figures).
 */
export function proportion(x: number, n: number, level = 0.95): Estimate {
  return Math.min(x, n - x) < 10 ? clopperPearson(x, n, level) : wilson(x, n, level);
}
