import { normalQuantile, zOf } from '../numeric/normal.ts';
import { type Aim, checkPositive, zSum } from './paired.ts';

function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${p} is not a proportion.`);
}

/**
 * Units a group to tell p2 from p1 in two independent groups: J. L. Fleiss, B. Levin and M. C. Paik, "Statistical methods for rates and
 * proportions" (2003), 4.14, without continuity correction.
 * @param ratio n2 / n1
 */
export function planProportions({ p1, p2, ratio = 1, alpha = 0.05, power = 0.8 }: Aim & { p1: number; p2: number; ratio?: number }): {
  n1: number;
  n2: number;
} {
  checkProbability(p1);
  checkProbability(p2);
  checkPositive(Math.abs(p2 - p1), 'The difference to find');
  checkPositive(ratio, 'The ratio of sizes');
  const pooled = (p1 + ratio * p2) / (1 + ratio);
  const none = zOf(1 - alpha) * Math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled));
  const some = normalQuantile(power) * Math.sqrt(p1 * (1 - p1) + (p2 * (1 - p2)) / ratio);
  const n1 = (none + some) ** 2 / (p2 - p1) ** 2;
  return { n1: Math.ceil(n1), n2: Math.ceil(ratio * n1) };
}

/**
 * Cases for a paired comparison of pass rates, one judgment a side: R. J. Connor, "Sample size for testing differences in proportions for
 * the paired-sample design", Biometrics 43 (1987) 207-211.
 * @param discordance share of cases that flip, either way
 */
export function planMcNemar({ discordance, delta, alpha = 0.05, power = 0.8 }: Aim & { discordance: number; delta: number }): {
  pairs: number;
} {
  checkProbability(discordance);
  checkPositive(Math.abs(delta), 'The difference to find');
  if (Math.abs(delta) > discordance) throw new RangeError('A difference is no larger than the share of cases that flip.');
  const none = zOf(1 - alpha) * Math.sqrt(discordance);
  const some = normalQuantile(power) * Math.sqrt(discordance - delta ** 2);
  return { pairs: Math.ceil((none + some) ** 2 / delta ** 2) };
}

/**
 * By how much clusters inflate a variance: 1 + ((1 + cv²)·mean size − 1)·icc. S. M. Eldridge, D. Ashby and S. Kerry, "Sample size for
 * cluster randomized trials", International Journal of Epidemiology 35 (2006) 1292-1300. Users needed = logs · deff / mean size.
 * @param cv2 squared coefficient of variation of the sizes
 */
export function designEffect({ icc, meanSize, cv2 = 0 }: { icc: number; meanSize: number; cv2?: number }): { deff: number } {
  return { deff: 1 + ((1 + cv2) * meanSize - 1) * icc };
}

/** Units a group to find a difference of means between two independent groups of equal size, by the normal approximation. */
export function planMeans({ varA, varB, delta, ...aim }: Aim & { varA: number; varB: number; delta: number }): { each: number } {
  checkPositive(Math.abs(delta), 'The difference to find');
  return { each: Math.ceil((zSum(aim) ** 2 * (varA + varB)) / delta ** 2) };
}
