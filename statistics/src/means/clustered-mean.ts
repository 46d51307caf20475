import { type Numbers, sumOf } from '../numeric/sums.ts';
import { tOf } from '../numeric/student.ts';
import { type Estimate, droppedOf, estimateOf } from '../result.ts';

/** Per unit, in the same order: the sum of its values and how many it has. */
export interface Clusters {
  sums: Numbers;
  sizes: Numbers;
  /** How many units are just like it; 1 each when absent. A database counts like units faster than it sends them. */
  counts?: Numbers;
}

/** What every estimate from clusters begins with: the ratio, and the residual of each cluster that is not empty. */
export interface ClusterParts {
  ratio: number;
  total: number;
  /** Clusters with a value. */
  count: number;
  empty: number;
  /** Σ e² with e = sum − ratio · size. */
  residuals: number;
  /** Σ e² / (1 − size/total). */
  residualsCr2: number;
  /** Σ size². */
  sizesSquared: number;
  /** Σ size² / (total − size), and of its square. */
  leverage: number;
  leverageSquared: number;
  largest: number;
}

/** @throws RangeError when the lists differ in length or a size is below 0 */
export function clusterParts({ sums, sizes, counts }: Clusters): ClusterParts {
  if (sums.length !== sizes.length) throw new RangeError(`${sums.length} sums and ${sizes.length} sizes are not of the same clusters.`);
  if (counts !== undefined && counts.length !== sizes.length) throw new RangeError('Each kind of unit has one count.');
  const times = (values: Numbers): number =>
    sumOf(counts === undefined ? values : Float64Array.from(values, (value, g) => value * counts[g]!));
  const total = times(sizes);
  const ratio = times(sums) / total;
  const parts = {
    ratio,
    total,
    count: 0,
    empty: 0,
    residuals: 0,
    residualsCr2: 0,
    sizesSquared: 0,
    leverage: 0,
    leverageSquared: 0,
    largest: 0,
  };
  for (let g = 0; g < sizes.length; g += 1) {
    const size = sizes[g]!;
    const alike = counts?.[g] ?? 1;
    if (!(size >= 0)) throw new RangeError(`A cluster of ${size} values is none.`);
    if (size === 0) {
      parts.empty += alike;
      continue;
    }
    const square = (sums[g]! - ratio * size) ** 2;
    const leverage = (size * size) / (total - size);
    parts.count += alike;
    parts.residuals += alike * square;
    parts.residualsCr2 += (alike * square) / (1 - size / total);
    parts.sizesSquared += alike * size * size;
    parts.leverage += alike * leverage;
    parts.leverageSquared += alike * leverage * leverage;
    parts.largest = Math.max(parts.largest, size);
  }
  return parts;
}

/** CR1: G/(G−1) · Σe² / total². Null below two clusters. */
export function cr1Variance({ count, residuals, total }: ClusterParts): number | null {
  return count < 2 ? null : ((count / (count - 1)) * residuals) / (total * total);
}

/** CR2 with its Satterthwaite degrees of freedom, in closed form for a single mean. */
export function cr2({ residualsCr2, total, sizesSquared, leverage, leverageSquared }: ClusterParts): { variance: number; df: number } {
  return {
    variance: residualsCr2 / (total * total),
    df: (total * total) / (sizesSquared + leverage * leverage - leverageSquared),
  };
}

export interface ClusteredMean extends Estimate {
  se: number | null;
  df: number | null;
  /** The simpler CR1 interval beside it, t with G−1 degrees of freedom: the delta method for a ratio of means. */
  cr1: { se: number; df: number; lower: number; upper: number } | null;
}

export function clusterWarnings({ count, largest, total }: ClusterParts): string[] {
  const warnings: string[] = [];
  if (count < 20) warnings.push(`Only ${count} independent units: the interval is rough.`);
  if (largest > 0.2 * total) warnings.push(`One unit holds ${Math.round((100 * largest) / total)} % of the values.`);
  return warnings;
}

/**
 * The mean of all values, Σ sums / Σ sizes, when values of one unit are alike: cluster-robust CR2 with Satterthwaite's degrees of
 * freedom, R. M. Bell and D. F. McCaffrey, "Bias reduction in standard errors for linear regression with multi-stage samples",
 * Survey Methodology 28 (2002) 169-181; beside it CR1, which is the delta method of A. Deng, U. Knoblich and J. Lu, "Applying the
 * delta method in metric analytics", KDD 2018. Units without a value are dropped and counted.
 *
 * Assumes independent units. One unit alone: no interval.
 */
export function clusteredMean(clusters: Clusters, level = 0.95): ClusteredMean {
  const parts = clusterParts(clusters);
  const rest = {
    level,
    n: parts.total,
    units: parts.count,
    method: 'clustered mean (CR2)',
    dropped: droppedOf({ count: parts.empty, why: 'units without a value' }),
    se: null,
    df: null,
    cr1: null,
  };
  if (parts.count === 0) return estimateOf({ ...rest, reason: 'no_data' });
  const v1 = cr1Variance(parts);
  if (v1 === null) return estimateOf({ ...rest, estimate: parts.ratio, reason: 'one_unit' });
  const { variance, df } = cr2(parts);
  const se = Math.sqrt(variance);
  const half = tOf(level, df) * se;
  const se1 = Math.sqrt(v1);
  const half1 = tOf(level, parts.count - 1) * se1;
  return estimateOf({
    ...rest,
    estimate: parts.ratio,
    lower: parts.ratio - half,
    upper: parts.ratio + half,
    se,
    df,
    cr1: { se: se1, df: parts.count - 1, lower: parts.ratio - half1, upper: parts.ratio + half1 },
    warnings: clusterWarnings(parts),
  });
}
