import type { Random } from '@whetstone/statistics';
import { type Figure, type Setting, type Told, atLeast, atMost, averageOf, share } from '../study.ts';
import { unbounded, yesNo } from './alarms.ts';
import { type Course, everHolds } from './course.ts';
import { type Outcome, betas, clustered, falling, foreseeable, lateVotes, lognormals, rates } from './outcomes.ts';

const suite = 'coverage of differences';
const bound = atLeast(0.94);

/** Intervals of all looks at once, or of the one look of a fixed plan; of those that were shown. */
function coverage(setting: Setting, name: string, outcome: Outcome, course: Omit<Course, 'outcome'>, told: Told = { bound }): Figure {
  let [looks, refused, none] = [0, 0, 0];
  const trial = (random: Random) => {
    const { held, refused: share_ } = everHolds(random, { ...course, outcome }, outcome.difference);
    looks += 1;
    refused += share_;
    if (held === null) none += 1;
    return held;
  };
  const figure = share(setting, suite, name, trial, told);
  if (course.plan.range !== null || refused === 0) return figure;
  return { ...figure, note: `"too skewed" at ${percent(refused / looks)} of looks, at all of them in ${percent(none / looks)} of runs` };
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

interface Kind {
  name: string;
  outcome: Outcome;
  plan?: typeof yesNo;
  epochs?: Course['epochs'];
}

const tenth = [{ from: 0, shares: [0.9, 0.1] }];
const most = [{ from: 0, shares: [0.1, 0.9] }];
const moving = [
  { from: 0, shares: [0.5, 0.5] },
  { from: 1500, shares: [0.9, 0.1] },
  { from: 3000, shares: [0.2, 0.8] },
];

const kinds: readonly Kind[] = [
  { name: 'rates 50 % and 55 %', outcome: rates(0.5, 0.55) },
  { name: 'rates 2 % and 3 %', outcome: rates(0.02, 0.03) },
  { name: 'rates 2 % and 3 %, a tenth in B', outcome: rates(0.02, 0.03), epochs: tenth },
  { name: 'scores Beta(8, 2) and Beta(9, 2)', outcome: betas([8, 2], [9, 2]) },
  { name: 'scores Beta(5, 0.5) and Beta(2, 2), a tenth in B', outcome: betas([5, 0.5], [2, 2]), epochs: tenth },
  { name: 'users with many logs, 50 % and 53 %', outcome: clustered(0.5, 0.53) },
  { name: 'late votes, in B slower than the window', outcome: lateVotes(0.4, [6, 24]) },
  { name: 'lognormal sigma 1, alike', outcome: lognormals(1, 1), plan: unbounded },
  { name: 'lognormal sigma 1, B twice A', outcome: lognormals(1, 2), plan: unbounded },
  { name: 'lognormal sigma 1, B twice A, a tenth in B', outcome: lognormals(1, 2), plan: unbounded, epochs: tenth },
  { name: 'lognormal sigma 1, B twice A, nine tenths in B', outcome: lognormals(1, 2), plan: unbounded, epochs: most },
  { name: 'shares changed twice while the rate falls', outcome: falling(10_000, 0.03), epochs: moving },
  { name: 'adjusted by what was known before (CUPED)', outcome: foreseeable(0.1), plan: unbounded },
];

export function experimentCoverage(setting: Setting): Figure[] {
  const sequential = kinds.map(({ name, outcome, plan = yesNo, epochs }) =>
    coverage(setting, `all looks to 10,000 users: ${name}`, outcome, { plan, units: 10_000, ...(epochs && { epochs }) }),
  );
  const ordered = [rates(0.5, 0.6), rates(0.02, 0.05)].map((outcome, i) =>
    coverage(setting, `all looks to 1,000 users, order known: rates ${['50 % and 60 %', '2 % and 5 %'][i]}`, outcome, {
      plan: { ...yesNo, nStar: 1000 },
      units: 1000,
      ordered: true,
    }),
  );
  const fixed = [400, 5000].flatMap((nStar) =>
    kinds
      .filter(({ epochs }) => epochs !== moving || nStar === 5000)
      .map(({ name, outcome, plan = yesNo, epochs }) =>
        coverage(setting, `fixed plan of ${nStar.toLocaleString('en')} users: ${name}`, outcome, {
          plan: { ...plan, nStar, mode: 'fixed' },
          units: nStar,
          every: nStar,
          ...(epochs && { epochs }),
        }),
      ),
  );
  return [...sequential, ...ordered, ...fixed, ...tooSkewed(setting), gainOfCuped(setting)];
}

/** Tails at which most looks are refused: how often an interval is shown that does not hold. */
function tooSkewed(setting: Setting): Figure[] {
  return [
    { name: 'all looks to 10,000 users', plan: unbounded, every: 100, units: 10_000 },
    { name: 'fixed plan of 5,000 users', plan: { ...unbounded, mode: 'fixed' as const }, every: 5000, units: 5000 },
  ].map(({ name, ...course }) => {
    const outcome = lognormals(2, 2);
    let shown = 0;
    const trial = (random: Random) => {
      const { held } = everHolds(random, { ...course, outcome }, outcome.difference);
      if (held !== null) shown += 1;
      return held !== false;
    };
    const figure = share(setting, suite, `${name}: lognormal sigma 2, B twice A, holds or "too skewed"`, trial, { bound });
    return { ...figure, note: `an interval is shown in ${percent(shown / figure.runs)} of runs` };
  });
}

/** Width with what was known before against that without: what the adjustment gains. */
function gainOfCuped(setting: Setting): Figure {
  const name = 'width adjusted by what was known before, of two users in three, against unadjusted';
  const random = setting.random(`${suite} ${name}`);
  const ratios = Array.from({ length: Math.ceil(setting.runs / 10) }, () => {
    const { last } = everHolds(random, { plan: unbounded, units: 2000, every: 2000, outcome: foreseeable(0.1) }, 0.1);
    return Math.sqrt(last!.adjusted!);
  });
  return { suite, name, ...averageOf(ratios), bound: atMost(0.85) };
}
