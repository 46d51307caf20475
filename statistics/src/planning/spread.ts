import { type Repeats, there } from '../means/paired.ts';
import { meanOf, momentsOf, varianceOf } from '../numeric/sums.ts';
import type { Reason } from '../result.ts';

export interface PairedSpread {
  /** Spread of true differences of cases, and of one judgment within a case and side. */
  sdBetween: number | null;
  sdWithin: number | null;
  /** Spread of the differences as they were measured: all that is known when nothing was repeated. */
  sdDifference: number | null;
  n: number;
  reason: Reason | null;
}

/**
 * What the planner needs, from a run that was made: variance within cases pooled over those with repeats, and what is left of the
 * variance of differences between cases (moments; S. R. Searle, G. Casella and C. E. McCulloch, "Variance components", 1992, 3.6). A
 * negative remainder counts as 0. Nothing repeated: `sdWithin` is null and `sdDifference` alone can be planned with.
 */
export function pairedSpread(a: Repeats, b: Repeats): PairedSpread {
  let within = 0;
  let freedom = 0;
  const noise: { inverseA: number; inverseB: number }[] = [];
  const differences: number[] = [];
  for (const [i, repeatsA] of a.entries()) {
    const [keptA, keptB] = [there(repeatsA), there(b[i] ?? [])];
    if (keptA.length === 0 || keptB.length === 0) continue;
    for (const kept of [keptA, keptB]) {
      within += momentsOf(kept).squares;
      freedom += kept.length - 1;
    }
    differences.push(meanOf(keptB) - meanOf(keptA));
    noise.push({ inverseA: 1 / keptA.length, inverseB: 1 / keptB.length });
  }
  const variance = varianceOf(momentsOf(differences));
  const n = differences.length;
  if (variance === null) return { sdBetween: null, sdWithin: null, sdDifference: null, n, reason: n === 0 ? 'no_data' : 'one_unit' };
  const sdDifference = Math.sqrt(variance);
  if (freedom === 0) return { sdBetween: null, sdWithin: null, sdDifference, n, reason: null };
  const withinVariance = within / freedom;
  const fromWithin = withinVariance * meanOf(noise.map(({ inverseA, inverseB }) => inverseA + inverseB));
  return { sdBetween: Math.sqrt(Math.max(0, variance - fromWithin)), sdWithin: Math.sqrt(withinVariance), sdDifference, n, reason: null };
}
