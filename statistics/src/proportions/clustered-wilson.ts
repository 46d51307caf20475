import { type Clusters, clusterParts, clusterWarnings, cr1Variance, cr2 } from '../means/clustered-mean.ts';
import { zOf } from '../numeric/normal.ts';
import { tOf } from '../numeric/student.ts';
import { type Estimate, droppedOf, estimateOf } from '../result.ts';
import { wilsonLimits } from './wilson.ts';

export interface ClusteredProportion extends Estimate {
  /** Independent trials that would say as much. */
  effectiveN: number;
}

/**
 * A pass rate when units have several logs or repeats: Wilson's interval at the effective sample size, min(Σ sizes, p(1−p)/V ·
 * (z/t)²) with V the clustered (CR1) variance; where nothing varies, as many trials as units. E. L. Korn and B. I. Graubard,
 * "Confidence intervals for proportions with small expected number of positive counts estimated from survey data", Survey
 * Methodology 24 (1998) 193-201. Best for rare events.
 *
 * @param spread `CR1` with G − 1 degrees of freedom; `CR2` with Satterthwaite's, which covers where sizes have a long tail (100
 * clusters, rate 0.9: 94 % against 93 %) and is the same where they are alike
 *
 * Assumes independent units. @throws RangeError when a unit has more successes than trials
 */
export function clusteredWilson(clusters: Clusters, level = 0.95, spread: 'CR1' | 'CR2' = 'CR1'): ClusteredProportion {
  for (let g = 0; g < clusters.sums.length; g += 1) {
    if (!(clusters.sums[g]! >= 0 && clusters.sums[g]! <= clusters.sizes[g]!))
      throw new RangeError(`${clusters.sums[g]} of ${clusters.sizes[g]} is not a proportion.`);
  }
  const parts = clusterParts(clusters);
  const rest = {
    level,
    n: parts.total,
    units: parts.count,
    method: `clustered Wilson (${spread})`,
    dropped: droppedOf({ count: parts.empty, why: 'units without a value' }),
  };
  if (parts.count === 0) return estimateOf({ ...rest, lower: 0, upper: 1, effectiveN: 0, reason: 'no_data' });
  const p = parts.ratio;
  const z = zOf(level);
  const cr1 = cr1Variance(parts);
  const { variance, df } = cr1 === null || spread === 'CR1' ? { variance: cr1, df: parts.count - 1 } : cr2(parts);
  const varies = variance !== null && variance > 0 && p > 0 && p < 1;
  const effectiveN = varies ? Math.min(parts.total, ((p * (1 - p)) / variance) * (z / tOf(level, df)) ** 2) : parts.count;
  const limits = wilsonLimits(p === 1 ? effectiveN : p * effectiveN, effectiveN, z);
  return estimateOf({ ...rest, estimate: p, ...limits, effectiveN, warnings: clusterWarnings(parts) });
}
