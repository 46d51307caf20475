import { type Random, drawBeta, seededRandom } from '@whetstone/statistics';
import { bernoulli, drawLognormal } from '../draw.ts';

/** A unit as it enters the analysis: its outcome, and what was known of it before (`null`: nothing; left out: of nobody). */
export interface Unit {
  y: number;
  x?: number | null;
}

/** What a unit of an arm may be worth, with the true difference of B and A. */
export interface Outcome {
  /** Of yes and no: how often yes. Between looks these are drawn together. */
  rate?: (arm: number, index: number) => number;
  /** Fills in one unit. */
  draw: (random: Random, arm: number, index: number, unit: Unit) => void;
  difference: number;
}

function yesNo(rate: (arm: number, index: number) => number, difference: number): Outcome {
  return {
    rate,
    difference,
    draw: (random, arm, index, unit) => {
      unit.y = bernoulli(random, rate(arm, index));
    },
  };
}

export const rates = (a: number, b: number): Outcome => yesNo((arm) => (arm === 1 ? b : a), b - a);

/** A rate that falls while the experiment runs (by looks, which are 100 users apart), so that an arm whose traffic is later looks worse. */
export const falling = (units: number, difference: number): Outcome =>
  yesNo((arm, index) => 0.5 - (30 * Math.floor(index / 100)) / units + (arm === 1 ? difference : 0), difference);

/** Votes of some of the users, exponentially late; in B later than in A. Those within a window count. */
export function lateVotes(share: number, hours: readonly [number, number], window = 24): Outcome {
  const within = (arm: number) => share * (1 - Math.exp(-window / hours[arm]!));
  return {
    difference: within(1) - within(0),
    draw: (random, arm, _, unit) => {
      unit.y = random() < share && -hours[arm]! * Math.log(1 - random()) < window ? 1 : 0;
    },
  };
}

/** Standard normal draws by the polar method, both numbers of a pair used: most of the time of these studies goes here. */
function normals(): (random: Random) => number {
  let spare = Number.NaN;
  return (random) => {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    for (;;) {
      const u = 2 * random() - 1;
      const v = 2 * random() - 1;
      const s = u * u + v * v;
      if (s === 0 || s >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(s)) / s);
      spare = v * scale;
      return u * scale;
    }
  };
}

/** Lognormal with median 1 in A and `factor` in B; with a cap, `difference` is that without it. */
export function lognormals(sigma: number, factor: number, cap = Infinity): Outcome {
  const normal = normals();
  return {
    difference: (factor - 1) * Math.exp(sigma ** 2 / 2),
    draw: (random, arm, _, unit) => {
      unit.y = Math.min(cap, (arm === 1 ? factor : 1) * Math.exp(sigma * normal(random)));
    },
  };
}

/** Arms whose users are drawn from two large populations, made beforehand; the truth is theirs. */
function populations(a: Float64Array, b: Float64Array): Outcome {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    difference: mean(b) - mean(a),
    draw: (random, arm, _, unit) => {
      const from = arm === 1 ? b : a;
      unit.y = from[Math.floor(random() * from.length)]!;
    },
  };
}

const size = 2 ** 16;

export function betas(a: readonly [number, number], b: readonly [number, number]): Outcome {
  const made = ([first, second]: readonly [number, number]) => {
    const random = seededRandom(1, 1000 * first + second);
    return Float64Array.from({ length: size }, () => drawBeta(random, first, second));
  };
  return populations(made(a), made(b));
}

export interface Users {
  /** Good logs of each user, and all of them. */
  good: Float64Array;
  logs: Float64Array;
}

/** Users with several logs each (many one, some dozens) whose own rate varies: correlation 0.3. */
export function usersWithLogs(mean: number): Users {
  const random = seededRandom(1, 1000 * mean);
  const strength = 0.7 / 0.3;
  const logs = Float64Array.from({ length: size }, () => Math.min(200, Math.ceil(2 * drawLognormal(random, 1))));
  const good = logs.map((count) => {
    const rate = drawBeta(random, mean * strength, (1 - mean) * strength);
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += bernoulli(random, rate);
    return sum;
  });
  return { good, logs };
}

/** The mean of a user is one value. */
export function clustered(a: number, b: number): Outcome {
  const means = ({ good, logs }: Users) => good.map((sum, i) => sum / logs[i]!);
  return populations(means(usersWithLogs(a)), means(usersWithLogs(b)));
}

/** An outcome that was foreseeable in part (correlation 0.7), of two users in three. */
export function foreseeable(difference: number): Outcome {
  const normal = normals();
  return {
    difference,
    draw: (random, arm, _, unit) => {
      const x = normal(random);
      unit.y = 0.7 * x + Math.sqrt(1 - 0.49) * normal(random) + (arm === 1 ? difference : 0);
      unit.x = random() < 2 / 3 ? x : null;
    },
  };
}
