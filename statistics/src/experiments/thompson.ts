import { betaCdf, betaDensity } from '../numeric/beta.ts';
import { simpson } from '../numeric/roots.ts';
import { type Random, drawBeta } from '../random.ts';

/** Beta(successes + 1, failures + 1) of an arm. */
export type BetaPrior = readonly [number, number];

export interface Allocation {
  /** The probability that B is better, given what was seen. */
  probBBest: number;
  /** The share of new units that should see B: that probability, kept between the floor and its complement. */
  allocationB: number;
}

/**
 * Thompson's allocation for two arms with yes/no outcomes: W. R. Thompson, "On the likelihood that one unknown probability
 * exceeds another", Biometrika 25 (1933) 285-294; by quadrature to 1e-7. Uniform for the first 500 users, then per batch of 100,
 * for new units only: a returning user's arm is known, so that its propensity is 0 or 1. The allocation is logged with every
 * assignment.
 * @param floor at least 0.1 for verdicts by `aipw`; 0.05 with rare outcomes gave 11 % errors
 */
export function thompsonProbability(betaA: BetaPrior, betaB: BetaPrior, floor = 0.1): Allocation {
  if (!(floor >= 0 && floor <= 0.5)) throw new RangeError(`A floor of ${floor} is not between 0 and ½.`);
  const [a, b] = betaB;
  const mean = a / (a + b);
  const spread = 12 * Math.sqrt((mean * (1 - mean)) / (a + b + 1));
  const [from, to] = [Math.max(0, mean - spread), Math.min(1, mean + spread)];
  const raw = simpson((x) => betaDensity(a, b, x) * betaCdf(betaA[0], betaA[1], x), from, to, 1000);
  const probBBest = Math.min(1, Math.max(0, raw));
  return { probBBest, allocationB: Math.min(1 - floor, Math.max(floor, probBBest)) };
}

/**
 * Which arm a new unit sees when the aim is to find the best: the arm that is best in a draw with one half, else draws until
 * another is best. D. Russo, "Simple Bayesian algorithms for best arm identification", COLT 2016.
 */
export function topTwo(arms: readonly BetaPrior[], random: Random): number {
  if (arms.length < 2) throw new RangeError('A choice is between two arms or more.');
  const best = () => {
    const draws = arms.map(([a, b]) => drawBeta(random, a, b));
    return draws.indexOf(Math.max(...draws));
  };
  const first = best();
  if (random() < 0.5) return first;
  for (let tries = 0; tries < 1000; tries += 1) {
    const other = best();
    if (other !== first) return other;
  }
  // The leader is so far ahead that the other is drawn almost never: any of the rest will do.
  return (first + 1) % arms.length;
}
