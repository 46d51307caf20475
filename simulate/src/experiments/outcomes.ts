import { type Random, drawBeta, drawNormal } from '@whetstone/statistics';
import { bernoulli, drawLognormal } from '../draw.ts';
import type { Unit } from './course.ts';

/** What a unit of an arm may be worth, with the true difference of B and A. */
export interface Outcome {
  draw: (random: Random, arm: number, index: number) => Unit;
  difference: number;
}

export const rates = (a: number, b: number): Outcome => ({
  draw: (random, arm) => ({ y: bernoulli(random, arm === 1 ? b : a) }),
  difference: b - a,
});

export const betas = (a: readonly [number, number], b: readonly [number, number]): Outcome => ({
  draw: (random, arm) => ({ y: drawBeta(random, ...(arm === 1 ? b : a)) }),
  difference: b[0] / (b[0] + b[1]) - a[0] / (a[0] + a[1]),
});

export const lognormals = (sigma: number, factor: number): Outcome => ({
  draw: (random, arm) => ({ y: (arm === 1 ? factor : 1) * drawLognormal(random, sigma) }),
  difference: (factor - 1) * Math.exp(sigma ** 2 / 2),
});

/** Logs of a user: many have one, a few have dozens; how many has nothing to do with how good they are. */
const logsOf = (random: Random): number => Math.min(200, Math.ceil(2 * drawLognormal(random, 1)));

/** Users with several logs each whose own rate varies (correlation 0.3): the mean of the user is one value. */
export function clustered(a: number, b: number, logs?: { sum: number[]; n: number[] }): Outcome {
  const strength = 0.7 / 0.3;
  return {
    draw: (random, arm) => {
      const mean = arm === 1 ? b : a;
      const rate = drawBeta(random, mean * strength, (1 - mean) * strength);
      const count = logsOf(random);
      let good = 0;
      for (let i = 0; i < count; i += 1) good += bernoulli(random, rate);
      if (logs !== undefined) {
        logs.sum[arm]! += good;
        logs.n[arm]! += count;
      }
      return { y: good / count };
    },
    difference: b - a,
  };
}

/** Votes of a third of the users, exponentially late; in B later than in A. Those within a window of 24 hours count. */
export function lateVotes(share: number, hours: readonly [number, number], window = 24): Outcome {
  const within = (arm: number) => share * (1 - Math.exp(-window / hours[arm]!));
  return {
    draw: (random, arm) => ({ y: random() < share && -hours[arm]! * Math.log(1 - random()) < window ? 1 : 0 }),
    difference: within(1) - within(0),
  };
}

/** An outcome that was foreseeable in part (correlation 0.7), of two users in three. */
export function foreseeable(difference: number): Outcome {
  return {
    draw: (random, arm) => {
      const x = drawNormal(random);
      const y = 0.7 * x + Math.sqrt(1 - 0.49) * drawNormal(random) + (arm === 1 ? difference : 0);
      return { y, x: random() < 2 / 3 ? x : null };
    },
    difference,
  };
}

/** A rate that falls while the experiment runs, so that arms whose traffic is later look worse. */
export const falling = (units: number, difference: number): Outcome => ({
  draw: (random, arm, index) => ({ y: bernoulli(random, 0.5 - (0.3 * index) / units + (arm === 1 ? difference : 0)) }),
  difference,
});
