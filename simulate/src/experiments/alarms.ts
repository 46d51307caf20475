import { type LookPlan, type Random, armOfSums, drawIndex, lookAtAnswers, lookAtArms } from '@whetstone/statistics';
import { type Figure, type Setting, type Told, atMost, share } from '../study.ts';
import { type Course, everClaims, follow } from './course.ts';
import { type Outcome, betas, clustered, falling, foreseeable, lateVotes, lognormals, rates, usersWithLogs } from './outcomes.ts';

const suite = 'A/A, a look every 100 users';
export const yesNo: LookPlan = { nStar: 5000, smallestDifference: 0.02, higherIsBetter: true, range: [0, 1] };
export const unbounded: LookPlan = { nStar: 5000, smallestDifference: 0.1, higherIsBetter: true, range: null };
const users = 10_000;
const bound = atMost(0.05);
const contrast = (note: string): Told => ({ note });

const tenth = [{ from: 0, shares: [0.9, 0.1] }];
const moving = [
  { from: 0, shares: [0.5, 0.5] },
  { from: 3000, shares: [0.9, 0.1] },
  { from: 6000, shares: [0.2, 0.8] },
];
const stopping = [
  { from: 0, shares: [0.4, 0.3, 0.3] },
  { from: 2000, shares: [0.7, 0.3, 0] },
];

const alike = (setting: Setting, name: string, outcome: Outcome, course: Partial<Course> = {}): Figure =>
  share(setting, suite, name, (random) => everClaims(random, { plan: yesNo, units: users, outcome, ...course }), { bound });

/** What a test would say that is repeated at every look: z = difference / Welch's standard error beyond 1.96. */
function naive(setting: Setting, name: string, outcome: Outcome, course: Partial<Course>, note: string): Figure {
  const trial = (random: Random) => {
    let claimed = false;
    follow(random, { plan: yesNo, units: users, outcome, ...course }, ({ epochs }) => {
      const arms = [0, 1].map((arm) => {
        const [n, y] = epochs.reduce(
          ([units, sum], each) => [units + each.arms[arm]!.n, sum + each.arms[arm]!.n * each.arms[arm]!.mean],
          [0, 0],
        );
        return { n, rate: y / n };
      });
      const [a, b] = arms as [(typeof arms)[0], (typeof arms)[0]];
      const se = Math.sqrt((a.rate * (1 - a.rate)) / a.n + (b.rate * (1 - b.rate)) / b.n);
      claimed = Math.abs(b.rate - a.rate) > 1.959964 * se;
      return claimed;
    });
    return claimed;
  };
  return share(setting, suite, name, trial, contrast(note));
}

export function experimentAlarms(setting: Setting): Figure[] {
  const late = 'a third of users vote, in B twice as late';
  return [
    alike(setting, 'rate 50 %', rates(0.5, 0.5)),
    naive(setting, 'for contrast: rate 50 %, a test at every look', rates(0.5, 0.5), {}, 'what looking all the time does to p < 0.05'),
    alike(setting, 'rate 2 %', rates(0.02, 0.02)),
    alike(setting, 'rate 50 %, the order of users known', rates(0.5, 0.5), { ordered: true, units: 2000 }),
    alike(setting, 'rate 1 %, a tenth of the traffic in B', rates(0.01, 0.01), { epochs: tenth }),
    alike(setting, 'rate 1 %, a tenth in B, the order of users known', rates(0.01, 0.01), { epochs: tenth, ordered: true, units: 1000 }),
    alike(setting, 'scores Beta(8, 2)', betas([8, 2], [8, 2])),
    alike(setting, 'latency, lognormal sigma 1', lognormals(1, 1), { plan: unbounded }),
    alike(setting, 'latency, lognormal sigma 1, a tenth in B', lognormals(1, 1), { plan: unbounded, epochs: tenth }),
    alike(setting, 'latency, lognormal sigma 2', lognormals(2, 1), { plan: unbounded }),
    alike(setting, 'users with many logs, correlation 0.3', clustered(0.5, 0.5)),
    naiveOfLogs(setting),
    alike(setting, `${late}, window of 3 days`, lateVotes(1 / 3, [4, 8], 72)),
    liveTotals(setting, `for contrast: ${late}, totals of all users so far`),
    alike(setting, 'any of 3 arms against control', rates(0.3, 0.3), { epochs: [{ from: 0, shares: [0.25, 0.25, 0.25, 0.25] }] }),
    alike(setting, 'two arms, one stopped at 2,000 users', rates(0.3, 0.3), { epochs: stopping }),
    alike(setting, 'shares changed twice while the rate falls', falling(users, 0), { epochs: moving }),
    naive(setting, 'for contrast: the same, epochs thrown together', falling(users, 0), { epochs: moving }, 'Simpson: arms at other times'),
    alike(setting, 'adjusted by what was known before (CUPED)', foreseeable(0), { plan: unbounded }),
    answers(setting),
  ];
}

/** Logs taken for units, at one look only: clusters alone, without the looking. */
function naiveOfLogs(setting: Setting): Figure {
  const { good, logs } = usersWithLogs(0.5);
  const trial = (random: Random) => {
    const [sum, n] = [
      [0, 0],
      [0, 0],
    ];
    for (let i = 0; i < 2000; i += 1) {
      const user = drawIndex(random, logs.length);
      sum[i % 2]! += good[user]!;
      n[i % 2]! += logs[user]!;
    }
    const [a, b] = [0, 1].map((arm) => sum[arm]! / n[arm]!) as [number, number];
    const se = Math.sqrt((a * (1 - a)) / n[0]! + (b * (1 - b)) / n[1]!);
    return Math.abs(b - a) > 1.959964 * se;
  };
  return share(
    setting,
    suite,
    'for contrast: logs taken for users, one look at 2,000 users',
    trial,
    contrast('what not clustering would do'),
  );
}

/** Votes so far of everybody so far: whoever votes later lacks votes at every look. 500 users a day. */
function liveTotals(setting: Setting, name: string): Figure {
  const hours = [4, 8];
  const looks = users / 100;
  const trial = (random: Random) => {
    const votes = [new Float64Array(looks + 1), new Float64Array(looks + 1)];
    const counts = [new Float64Array(looks + 1), new Float64Array(looks + 1)];
    for (let i = 0; i < users; i += 1) {
      const arm = random() < 0.5 ? 0 : 1;
      counts[arm]![Math.floor(i / 100)]! += 1;
      if (random() >= 1 / 3) continue;
      const seenAt = i - (hours[arm]! / 24) * 500 * Math.log(1 - random());
      const look = Math.floor(seenAt / 100);
      if (look < looks) votes[arm]![look]! += 1;
    }
    const [n, good] = [
      [0, 0],
      [0, 0],
    ];
    for (let look = 0; look < looks; look += 1) {
      for (const arm of [0, 1]) {
        n[arm]! += counts[arm]![look]!;
        good[arm]! += votes[arm]![look]!;
      }
      const epochs = [
        { shares: [0.5, 0.5], arms: [0, 1].map((arm) => ({ n: n[arm]!, y: good[arm]!, yy: good[arm]!, yyy: good[arm]! })).map(armOfSums) },
      ];
      const [first] = lookAtArms({ ...yesNo, epochs });
      if (first!.verdict === 'better' || first!.verdict === 'worse') return true;
    }
    return false;
  };
  return share(setting, suite, name, trial, contrast('500 users a day, votes after 4 and 8 hours'));
}

/** The flag that other people answer. */
function answers(setting: Setting): Figure {
  const trial = (random: Random) => {
    let differ = false;
    follow(random, { plan: yesNo, units: users, outcome: rates(0.1, 0.1) }, ({ epochs }) => {
      ({ differ } = lookAtAnswers(epochs, { nStar: 5000 }));
      return differ;
    });
    return differ;
  };
  return share(setting, suite, 'flag that others answer, 10 % answer in both', trial, { bound });
}
