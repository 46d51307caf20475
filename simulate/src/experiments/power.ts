import { type Random, planProportions, planSequential } from '@whetstone/statistics';
import { type Figure, type Setting, type Told, atMost, share } from '../study.ts';
import { yesNo } from './alarms.ts';
import { follow } from './course.ts';
import { rates } from './outcomes.ts';

const suite = 'power';

/** Users until a verdict, in users of a fixed plan with 80 % power; infinite when there was none by three times as many. */
function durations(setting: Setting, name: string, a: number, b: number): { times: number[]; fixed: number; planned: number } {
  const delta = b - a;
  const fixed = 2 * planProportions({ p1: a, p2: b }).n1;
  const planned = planSequential({ varA: a * (1 - a), varB: b * (1 - b), delta }).users;
  const random = setting.random(`${suite} ${name}`);
  const times = Array.from({ length: setting.runs }, () => decidedAt(random, a, b, planned, 3 * fixed) / fixed);
  return { times: times.sort((x, y) => x - y), fixed, planned };
}

function decidedAt(random: Random, a: number, b: number, nStar: number, limit: number): number {
  let at = Infinity;
  const plan = { ...yesNo, nStar, smallestDifference: b - a };
  follow(random, { plan, units: limit, outcome: rates(a, b) }, ({ look, units }) => {
    if (look()[0]!.verdict === 'better') at = units;
    return at < Infinity;
  });
  return at;
}

/** A quantile with half the distance of the ranks one binomial error to either side, or half of a step between looks. */
function quantile(sorted: readonly number[], q: number, step: number): Pick<Figure, 'value' | 'error' | 'runs'> {
  const n = sorted.length;
  const spread = Math.sqrt(n * q * (1 - q));
  const at = (rank: number) => sorted[Math.max(0, Math.min(n - 1, Math.round(rank)))]!;
  return { value: at(n * q), error: Math.max(step / 2, (at(n * q + spread) - at(n * q - spread)) / 2), runs: n };
}

export function experimentPower(setting: Setting): Figure[] {
  const found = (
    [
      [0.5, 0.55],
      [0.1, 0.13],
      [0.02, 0.03],
    ] as const
  ).flatMap(([a, b]) => {
    const name = `rates ${Math.round(100 * a)} % and ${Math.round(100 * b)} %`;
    const { times, fixed, planned } = durations(setting, name, a, b);
    const plan = (users: number) => users.toLocaleString('en');
    const told = (bound: Told['bound'], note: string): Told => ({ ...(bound && { bound }), note });
    return [
      {
        suite,
        name: `${name}: users at 80 % power, in those of a fixed plan`,
        ...quantile(times, 0.8, 100 / fixed),
        ...told(atMost(2), `fixed plan ${plan(fixed)} users, sequential plan ${plan(planned)}`),
      },
      {
        suite,
        name: `${name}: median of users until a verdict`,
        ...quantile(times, 0.5, 100 / fixed),
        ...told(atMost(1.2), 'in users of the fixed plan'),
      },
    ];
  });
  return [...found, noDifferencePlan(setting)];
}

/** The plan for "no difference": arms alike, said to differ by less than the smallest difference by the planned number. */
function noDifferencePlan(setting: Setting): Figure {
  const delta = 0.05;
  const { users, usersForNoDifference } = planSequential({ varA: 0.25, varB: 0.25, delta });
  const trial = (random: Random) => {
    let said = false;
    const course = { plan: { ...yesNo, nStar: users, smallestDifference: delta }, units: usersForNoDifference, outcome: rates(0.5, 0.5) };
    follow(random, course, ({ look }) => {
      said = look()[0]!.verdict === 'no_difference';
      return said;
    });
    return said;
  };
  return share(setting, suite, 'rates alike: "no difference of 5 points" by the users planned for it', trial, {
    note: `${usersForNoDifference.toLocaleString('en')} users`,
  });
}
