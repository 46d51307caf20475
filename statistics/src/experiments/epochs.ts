import { zOf } from '../numeric/normal.ts';
import { type Estimate, estimateOf } from '../result.ts';

/** The difference within one epoch, in which the shares of traffic stayed as they were. */
export interface Epoch {
  diff: number | null;
  se: number | null;
  users: number;
}

export interface PooledEpochs extends Estimate {
  se: number | null;
}

/**
 * One difference from several epochs: arms compared within each and averaged by users, since pooling the raw data would confound
 * the arm with the time at which it had more traffic (Simpson). Epochs without a difference are dropped and counted. Users who
 * moved between arms are left out before. The interval is for one look; give estimate and se to `acsInformation` for every look.
 */
export function poolEpochs(epochs: readonly Epoch[], level = 0.95): PooledEpochs {
  const kept = epochs.filter((epoch) => epoch.diff !== null && epoch.se !== null && epoch.users > 0);
  const n = kept.reduce((sum, { users }) => sum + users, 0);
  const lost = epochs.reduce((sum, { users }) => sum + users, 0) - n;
  const rest = {
    level,
    n,
    method: 'epochs pooled by users',
    dropped: lost > 0 ? [{ count: lost, why: 'users in epochs without a difference' }] : [],
  };
  if (n === 0) return estimateOf({ ...rest, se: null, reason: 'no_data' });
  const estimate = kept.reduce((sum, { diff, users }) => sum + (diff! * users) / n, 0);
  const se = Math.sqrt(kept.reduce((sum, epoch) => sum + ((epoch.se! * epoch.users) / n) ** 2, 0));
  if (se === 0) return estimateOf({ ...rest, estimate, se, reason: 'no_spread' });
  const half = zOf(level) * se;
  return estimateOf({ ...rest, estimate, se, lower: estimate - half, upper: estimate + half });
}
