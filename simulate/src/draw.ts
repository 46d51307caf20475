import { type Random, type Repeats, drawBeta, drawNormal } from '@whetstone/statistics';

/** Data as evaluations and monitors see it. */

export const bernoulli = (random: Random, p: number): 0 | 1 => (random() < p ? 1 : 0);

export const drawLognormal = (random: Random, sigma: number): number => Math.exp(sigma * drawNormal(random));

/** `n` cases with `repeats` draws each. Loops: most of a simulation's time goes here. */
export function cases(n: number, repeats: number, draw: (index: number) => number): number[][] {
  const drawn: number[][] = [];
  for (let i = 0; i < n; i += 1) {
    const each: number[] = [];
    for (let k = 0; k < repeats; k += 1) each.push(draw(i));
    drawn.push(each);
  }
  return drawn;
}

/** How often each case passes: most are easy or hard, some in between. */
export function difficulties(random: Random, n: number): number[] {
  return Array.from({ length: n }, () => drawBeta(random, 1.2, 0.6));
}

/** The same judgments with a share of them missing. */
export function withHoles(random: Random, judged: Repeats, missing: number): (number | null)[][] {
  return judged.map((repeats) => repeats.map((value) => (random() < missing ? null : value)));
}

/** Sizes of clusters: all five, or with a long tail (lognormal sigma 1, mean near five). */
export function clusterSizes(random: Random, count: number, tail: boolean): number[] {
  return Array.from({ length: count }, () => (tail ? Math.ceil(3 * drawLognormal(random, 1)) : 5));
}

/** Passes per cluster when the rate varies between clusters with the given mean and intra-cluster correlation. */
export function clusterPasses(random: Random, sizes: readonly number[], mean: number, correlation: number): number[] {
  const strength = (1 - correlation) / correlation;
  return sizes.map((size) => {
    const rate = drawBeta(random, mean * strength, (1 - mean) * strength);
    let passes = 0;
    for (let i = 0; i < size; i += 1) passes += bernoulli(random, rate);
    return passes;
  });
}
