import { type GuardPlan, type Random, lookAtGuard, lookAtSampleRatio } from '@whetstone/statistics';
import { type Bound, type Figure, type Setting, type Told, atLeast, atMost, share } from '../study.ts';
import { yesNo } from './alarms.ts';
import { type Outcome, betas, lognormals, rates } from './outcomes.ts';
import { drawBinomial } from './binomial.ts';
import { follow } from './course.ts';

/** Arms that do not have the users they should have. */
export function sampleRatios(setting: Setting): Figure[] {
  const suite = 'sample ratio, a look every 100 users';
  const alarm = (random: Random, shareB: number, users: number, wrong: (counts: number[]) => boolean = isAlarm) => {
    const counts = [0, 0];
    for (let i = 0; i < users; i += 100) {
      enter(random, counts, shareB);
      if (wrong(counts)) return true;
    }
    return false;
  };
  const found = (name: string, shareB: number, users: number, told: Told) =>
    share(setting, suite, name, (random) => alarm(random, shareB, users), told);
  const chiSquare = ([a, b]: number[]) => (a! - b!) ** 2 / (a! + b!) > 10.8276;
  return [
    found('52/48 instead of 50/50: found by 20,000 users', 0.48, 20_000, { bound: atLeast(0.9) }),
    found('53/47 instead of 50/50: found by 10,000 users', 0.47, 10_000, { bound: atLeast(0.9) }),
    found('50/50 as meant: alarms in 50,000 users', 0.5, 50_000, { bound: atMost(0.001) }),
    share(setting, suite, 'for contrast: chi-square below 0.001 at any look', (random) => alarm(random, 0.5, 50_000, chiSquare), {
      note: 'what looking all the time does to it',
    }),
    share(setting, suite, 'shares changed at 10,000 users: alarms in 20,000', changedShares, { bound: atMost(0.001) }),
  ];
}

const isAlarm = (counts: number[]): boolean => lookAtSampleRatio([{ counts, shares: [0.5, 0.5] }]).alarm;

/** A hundred users more. */
function enter(random: Random, counts: number[], shareB: number): void {
  const inB = drawBinomial(random, 100, shareB);
  counts[0]! += 100 - inB;
  counts[1]! += inB;
}

function changedShares(random: Random): boolean {
  const epochs = [
    { counts: [0, 0], shares: [0.5, 0.5] },
    { counts: [0, 0], shares: [0.9, 0.1] },
  ];
  for (let i = 0; i < 20_000; i += 100) {
    const epoch = epochs[i < 10_000 ? 0 : 1]!;
    enter(random, epoch.counts, epoch.shares[1]!);
    if (lookAtSampleRatio(epochs.slice(0, i < 10_000 ? 1 : 2)).alarm) return true;
  }
  return false;
}

const harm: GuardPlan = { bound: { ratio: 1 }, higherIsBetter: false, tests: 1, nStar: 5000, range: [0, 1] };
const tenth = [{ from: 0, shares: [0.9, 0.1] }];

interface Watched {
  plan?: Partial<GuardPlan>;
  users?: number;
  epochs?: { from: number; shares: number[] }[];
  ordered?: boolean;
}

/** Arms that do harm are stopped; others are not. */
export function guards(setting: Setting): Figure[] {
  const suite = 'guards, a look every 100 users';
  const stops = (name: string, outcome: Outcome, bound: Bound, watched: Watched = {}): Figure =>
    share(setting, suite, name, (random) => stopped(random, outcome, watched), { bound });
  const falls = atMost(0.05);
  const latency = { plan: { range: null, bound: { difference: 0.1 } } };
  return [
    stops('fails 4 % instead of 2 %: stopped within 5,000 users', rates(0.02, 0.04), atLeast(0.9), { users: 5000 }),
    stops('fails 2 % as control: stopped within 20,000 users', rates(0.02, 0.02), falls, { users: 20_000 }),
    stops('fails 2 % as control, a tenth in B', rates(0.02, 0.02), falls, { epochs: tenth }),
    stops('fails 3 % where 1.5 times 2 % are tolerated', rates(0.02, 0.03), falls, { plan: { bound: { ratio: 1.5 } } }),
    share(
      setting,
      suite,
      'any of 3 guards, no harm',
      (random) => [0.02, 0.1, 0.5].some((p) => stopped(random, rates(p, p), { plan: { tests: 3 } })),
      { bound: falls },
    ),
    stops('score 0.1 lower as tolerated, by betting, 1,000 users', betas([8, 2], [7, 3]), falls, {
      users: 1000,
      ordered: true,
      plan: { higherIsBetter: true, bound: { difference: 0.1 } },
    }),
    stops('score 0.3 lower where 0.1 are tolerated, by betting: stopped within 1,000 users', betas([8, 2], [5, 5]), atLeast(0.9), {
      users: 1000,
      ordered: true,
      plan: { higherIsBetter: true, bound: { difference: 0.1 } },
    }),
    stops('latency capped, as control', lognormals(1, 1, 10), falls, latency),
    stops('latency capped, as control, a tenth in B', lognormals(1, 1, 10), falls, { ...latency, epochs: tenth }),
    stops('latency capped, half longer: stopped within 5,000 users', lognormals(1, 1.5, 10), atLeast(0.9), { ...latency, users: 5000 }),
  ];
}

function stopped(random: Random, outcome: Outcome, { plan, users = 10_000, epochs, ordered = false }: Watched): boolean {
  let breached = false;
  follow(random, { plan: yesNo, units: users, outcome, ordered, ...(epochs && { epochs }) }, (seen) => {
    breached = lookAtGuard({ ...harm, ...plan, epochs: seen.epochs, arm: 1, ordered: seen.ordered }).state === 'breached';
    return breached;
  });
  return breached;
}
