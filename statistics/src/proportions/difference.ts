import { zOf } from '../numeric/normal.ts';
import { type Estimate, estimateOf } from '../result.ts';
import { checkCount, wilsonLimits } from './wilson.ts';

/**
 * p1 − p2 of two independent groups, by Wilson limits of each, squared and added: R. G. Newcombe, "Interval estimation for the
 * difference between independent proportions: comparison of eleven methods", Statistics in Medicine 17 (1998) 873-890, method 10.
 *
 * Assumes independent trials within and between groups; for pairs use `pairedProportions`.
 * @throws RangeError when an x is not between 0 and its n
 */
export function newcombeDifference(x1: number, n1: number, x2: number, n2: number, level = 0.95): Estimate {
  checkCount(x1, n1);
  checkCount(x2, n2);
  const z = zOf(level);
  const rest = { level, n: n1 + n2, method: 'Newcombe' };
  if (n1 === 0 || n2 === 0) return estimateOf({ ...rest, reason: 'no_data' });
  const [p1, p2] = [x1 / n1, x2 / n2];
  const [first, second] = [wilsonLimits(x1, n1, z), wilsonLimits(x2, n2, z)];
  return estimateOf({
    ...rest,
    estimate: p1 - p2,
    lower: p1 - p2 - Math.hypot(p1 - first.lower, second.upper - p2),
    upper: p1 - p2 + Math.hypot(first.upper - p1, p2 - second.lower),
  });
}
