import type { Numbers } from '../numeric/sums.ts';
import { momentsOf } from '../numeric/sums.ts';
import { type Estimate, estimateOf } from '../result.ts';
import { limitsOf, logMixtureWealth, logWealth, mixtureBets, predictableBets } from './bets.ts';

export interface BettingMean extends Estimate {
  /** ln of the evidence that the mean is above ½, and below. */
  logUpAtHalf: number;
  logDownAtHalf: number;
}

function shown(x: Numbers, alpha: number, method: string, limits: { lower: number; upper: number }): Omit<BettingMean, `log${string}`> {
  const { n, mean } = momentsOf(x);
  return estimateOf({ estimate: n === 0 ? null : mean, ...limits, level: 1 - alpha, n, method, reason: n === 0 ? 'no_data' : null });
}

/**
 * Confidence sequence of a mean of values in 0..1 by hedged capital (bets.ts; Waudby-Smith and Ramdas 2024, Theorem 3), one bet
 * at a time. Holds at every n and look for any distribution. `bettingMixture` decides in about half the time: prefer it.
 */
export function bettingCS(x: Numbers, alpha = 0.05): BettingMean {
  const bets = predictableBets(x, alpha);
  const up = (m: number) => logWealth(x, bets, m, 1);
  const down = (m: number) => logWealth(x, bets, m, -1);
  const limits = limitsOf(up, down, 2 / alpha);
  return { ...shown(x, alpha, 'betting', limits), logUpAtHalf: up(0.5), logDownAtHalf: down(0.5) };
}

/**
 * The same with a mixture of six sizes of bets. For bounded scores when all are equal or nearly, for fewer than 500 units, for
 * rare events. The values are taken in the order given, which must not depend on them.
 */
export function bettingMixture(x: Numbers, alpha = 0.05): BettingMean {
  const bets = mixtureBets(x);
  const up = (m: number) => logMixtureWealth(x, bets, m, 1);
  const down = (m: number) => logMixtureWealth(x, bets, m, -1);
  const limits = limitsOf(up, down, 2 / alpha);
  return { ...shown(x, alpha, 'betting mixture', limits), logUpAtHalf: up(0.5), logDownAtHalf: down(0.5) };
}
