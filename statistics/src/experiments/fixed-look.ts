import type { Range } from '../means/score.ts';
import { hallReach } from '../means/skew.ts';
import { tOf } from '../numeric/student.ts';
import { bisect } from '../numeric/roots.ts';
import { newcombeDifference } from '../proportions/difference.ts';
import type { Reason } from '../result.ts';
import { yesOf } from './arm-moments.ts';
import { type Pair, type PooledDifference, leastUnits } from './difference.ts';

/** What a look shows of a difference. */
export interface Shown {
  lower: number | null;
  upper: number | null;
  p: number | null;
  method: string;
  reason: Reason | null;
}

/**
 * The one look of a fixed plan. Yes and no: Newcombe within epochs, limits of the epochs combined by the method of variance estimates
 * recovery (G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures", Statistics in Medicine 27 (2008) 1693-1702).
 * Else t with Welch's standard error, reaching further on the side where the difference is skewed (Hall 1992, see skew.ts). p is
 * where the interval would touch 0.
 *
 * Assumes that nobody acted on an earlier look.
 */
export function fixedLook(pairs: readonly Pair[], difference: PooledDifference, { alpha, range }: { alpha: number; range: Range }): Shown {
  const counted = pairs.filter(({ control, arm }) => Math.min(control.n, arm.n) >= leastUnits);
  const yesNo = range !== null && range[0] === 0 && range[1] === 1 && counted.every(({ control, arm }) => control.yesNo && arm.yesNo);
  // What was known before is worth more than the shape of a proportion.
  if (yesNo && difference.varianceRatio === null) {
    return shownBy('Newcombe', alpha, (level) => newcombeOfEpochs(counted, difference.n, level));
  }
  const { estimate, seWelch, df, skew } = difference;
  if (df === null || seWelch === 0) return { lower: null, upper: null, p: null, method: 'none', reason: 'no_spread' };
  const cut = (limit: number) => (range === null ? limit : Math.max(range[0] - range[1], Math.min(range[1] - range[0], limit)));
  return shownBy('Welch, widened for skew', alpha, (level) => {
    const t = tOf(level, df);
    return [cut(estimate - Math.max(t, hallReach(t, skew)) * seWelch), cut(estimate + Math.max(t, -hallReach(-t, skew)) * seWelch)];
  });
}

type Limits = readonly [number, number];

function shownBy(method: string, alpha: number, at: (level: number) => Limits): Shown {
  const [lower, upper] = at(1 - alpha);
  const distance = (logAlpha: number) => {
    const [low, high] = at(1 - Math.exp(logAlpha));
    return Math.max(low, -high);
  };
  const [least, most] = [Math.log(1e-12), Math.log(0.999)];
  const p = distance(most) <= 0 ? 1 : distance(least) >= 0 ? 1e-12 : Math.exp(bisect(distance, least, most, 1e-7));
  return { lower, upper, p, method, reason: null };
}

function newcombeOfEpochs(pairs: readonly Pair[], n: number, level: number): Limits {
  let [estimate, below, above] = [0, 0, 0];
  for (const { control, arm } of pairs) {
    const weight = (control.n + arm.n) / n;
    const one = newcombeDifference(yesOf(arm), arm.n, yesOf(control), control.n, level);
    estimate += weight * one.estimate!;
    below += (weight * (one.estimate! - one.lower!)) ** 2;
    above += (weight * (one.upper! - one.estimate!)) ** 2;
  }
  return [estimate - Math.sqrt(below), estimate + Math.sqrt(above)];
}
