import { tOf } from '../numeric/student.ts';
import { type Estimate, droppedOf, estimateOf } from '../result.ts';
import { type Clusters, clusterParts, clusterWarnings, cr1Variance } from './clustered-mean.ts';
import { satterthwaite } from './welch.ts';

export interface ClusteredDifference extends Estimate {
  se: number | null;
  df: number | null;
}

/**
 * The difference of two clustered means over different units, B minus A: CR1 in each arm, Welch's degrees of freedom on the number of
 * units. For arms of an experiment; cases that both sides saw are compared by `pairedMeanDifference`.
 */
export function clusteredDifference(a: Clusters, b: Clusters, level = 0.95): ClusteredDifference {
  const [partsA, partsB] = [clusterParts(a), clusterParts(b)];
  const rest = {
    level,
    n: partsA.total + partsB.total,
    units: partsA.count + partsB.count,
    method: 'clustered difference (CR1)',
    dropped: droppedOf({ count: partsA.empty + partsB.empty, why: 'units without a value' }),
    se: null,
    df: null,
  };
  if (partsA.count === 0 || partsB.count === 0) return estimateOf({ ...rest, reason: 'no_data' });
  const estimate = partsB.ratio - partsA.ratio;
  const [vA, vB] = [cr1Variance(partsA), cr1Variance(partsB)];
  if (vA === null || vB === null) return estimateOf({ ...rest, estimate, reason: 'one_unit' });
  const se = Math.sqrt(vA + vB);
  const df = satterthwaite(vA, partsA.count, vB, partsB.count);
  if (df === null) return estimateOf({ ...rest, estimate, se, reason: 'no_spread' });
  const half = tOf(level, df) * se;
  const warnings = [...new Set([...clusterWarnings(partsA), ...clusterWarnings(partsB)])];
  return estimateOf({ ...rest, estimate, lower: estimate - half, upper: estimate + half, se, df, warnings });
}
