import { normalQuantile } from '../numeric/normal.ts';
import { kappaOf, mixtureMultiplier } from '../sequential/mixture.ts';
import { type Aim, checkPositive } from './paired.ts';

export interface SequentialPlan {
  kappa: number;
  /** Standard errors either side at the planned size. */
  multiplier: number;
  /** Users of both arms together at which the power is reached; looking earlier costs nothing. */
  users: number;
  /** Users at which arms that do not differ are shown to differ by less than `delta` in most runs. */
  usersForNoDifference: number;
}

/**
 * Users for an experiment that is watched all the time (`acsTwoSample` with nStar = users): about 1.75 times those of a fixed
 * plan at 80 % power. "No difference of delta" needs about (multiplier + 1.28)² of the variance, where a fixed plan needs the
 * same as for a difference.
 * @param shareB the share of users that see B
 */
export function planSequential({
  varA,
  varB,
  shareB = 0.5,
  delta,
  alpha = 0.05,
  power = 0.8,
}: Aim & { varA: number; varB: number; shareB?: number; delta: number }): SequentialPlan {
  checkPositive(Math.abs(delta), 'The difference to find');
  if (!(shareB > 0 && shareB < 1)) throw new RangeError(`A share of ${shareB} is not between 0 and 1.`);
  const kappa = kappaOf(alpha);
  const multiplier = mixtureMultiplier(kappa, alpha);
  const perUser = varA / (1 - shareB) + varB / shareB;
  const users = (margin: number) => Math.ceil(((multiplier + margin) ** 2 * perUser) / delta ** 2);
  return { kappa, multiplier, users: users(normalQuantile(power)), usersForNoDifference: users(normalQuantile(0.9)) };
}
