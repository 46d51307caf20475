import { planMcNemar, planPaired } from '@whetstone/statistics';

/** The share of cases that is taken to change its outcome from one version to the other, before anything was run. */
export const usualFlips = 0.2;

/** Cases that show a difference of pass rates four times in five. */
export function casesFor(delta: number, flips = usualFlips): number {
  return planMcNemar({ discordance: Math.min(1, Math.max(flips, delta)), delta }).pairs;
}

/** The smallest difference of pass rates that so many cases show four times in five; null where not even the largest is. */
export function tellable(cases: number, flips = usualFlips): number | null {
  if (casesFor(1, flips) > cases) return null;
  let [low, high] = [0, 1];
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2;
    if (casesFor(middle, flips) <= cases) high = middle;
    else low = middle;
  }
  return high;
}

/** Cases that show a difference of scores four times in five, when the differences of cases spread by a quarter of the scale. */
export function casesForScore(delta: number, range: number): number {
  return planPaired({ sdDifference: range / 4, delta }).n;
}
