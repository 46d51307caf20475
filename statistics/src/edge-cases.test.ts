import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as s from './index.ts';

/** What no vector covers: nothing, one, all alike, and input that cannot be. */
const alike = (count: number, value: number) => Array.from({ length: count }, () => value);

describe('undefined is null with a reason', () => {
  it.each<[string, s.Estimate]>([
    ['wilson', s.wilson(0, 0)],
    ['newcombeDifference', s.newcombeDifference(1, 2, 0, 0)],
    ['pairedProportions', s.pairedProportions({ bothPass: 0, onlyA: 0, onlyB: 0, neither: 0 })],
    ['clusteredMean', s.clusteredMean({ sums: [], sizes: [] })],
    ['clusteredDifference', s.clusteredDifference({ sums: [1], sizes: [1] }, { sums: [1, 2], sizes: [1, 2] })],
    ['welch', s.welch([], [1, 2])],
    ['acsTwoSample', s.acsTwoSample(s.momentsOf([]), s.momentsOf([1]), { nStar: 100 })],
    ['acsInformation', s.acsInformation(0.1, 0, { tau2: 1 })],
    ['bettingMixture', s.bettingMixture([])],
    ['cuped', s.cuped({ y: [], x: [] }, { y: [], x: [] })],
    ['aipw', s.aipw({ y: [], inB: [], propensityB: [], modelA: [], modelB: [] }, { nStar: 10 })],
    [
      'cohenKappa',
      s.cohenKappa([
        [4, 0],
        [0, 0],
      ]),
    ],
    ['fleissKappa', s.fleissKappa([])],
    ['krippendorffAlpha', s.krippendorffAlpha([])],
    ['roganGladen', s.roganGladen({ positive: 1, n: 2, truePositive: 1, nPositive: 2, trueNegative: 1, nNegative: 2 })],
    ['ppiMean', s.ppiMean({ labels: [], judgeOnLabelled: [], judgeOnUnlabelled: [1] })],
    ['activeMean', s.activeMean({ judge: [1, 0], labelProbability: [0.5, 0.5], label: [null, null] })],
    ['poolEpochs', s.poolEpochs([])],
    [
      'offPolicy',
      s.offPolicy({ reward: [1, 0], loggedPropensity: [0, 1], targetProbability: [1, 1], modelForAction: [0, 0], modelForTarget: [0, 0] }),
    ],
  ])('%s', (_, result) => {
    expect(result.reason).not.toBeNull();
    expect(s.reasons[result.reason!].length).toBeGreaterThan(10);
    expect(Object.values(result).some((value) => Number.isNaN(value))).toBe(false);
  });
});

describe('what cannot be is refused', () => {
  it.each<[string, () => unknown]>([
    ['a level of 95', () => s.wilson(1, 2, 95)],
    ['more passes than trials', () => s.clusteredWilson({ sums: [3], sizes: [2] })],
    ['a value that is no number', () => s.tInterval([1, Number.NaN])],
    ['a bet on what is not between 0 and 1', () => s.bettingCS([2])],
    ['weights that are not above 0', () => s.sampleRatio([1, 2], [1, 0])],
    ['a plan for no difference', () => s.planPaired({ sdDifference: 1, delta: 0 })],
    ['a difference larger than the share of flips', () => s.planMcNemar({ discordance: 0.1, delta: 0.2 })],
    ['a baseline that leaves no room', () => s.newDetector({ baseline: 1, direction: 'up', averageRunLength: 100 })],
    ['an assignment that is not at random', () => s.bettingMixtureDifference({ y: [1], inB: [1], probB: 1 })],
    ['a case that could not be labelled', () => s.activeMean({ judge: [1], labelProbability: [0], label: [null] })],
    [
      'ratings of different number',
      () =>
        s.fleissKappa([
          [1, 2],
          [1, 1],
        ]),
    ],
  ])('%s', (_, call) => {
    expect(call).toThrow(RangeError);
  });
});

describe('planning', () => {
  it('from a run with repeats finds the spread between cases and within, and what buys most', () => {
    const random = s.seededRandom(12);
    const side = () => Array.from({ length: 400 }, () => Array.from({ length: 4 }, () => 0.5 * s.drawNormal(random)));
    const shift = Array.from({ length: 400 }, () => 0.3 * s.drawNormal(random));
    const a = side();
    const b = side().map((repeats, i) => repeats.map((value) => value + shift[i]!));
    const { sdBetween, sdWithin } = s.pairedSpread(a, b);
    expect(sdWithin).toBeCloseTo(0.5, 1);
    expect(sdBetween).toBeCloseTo(0.3, 1);
    const { plan } = s.casesToTell(a, b, { delta: 0.05, costCase: 10 });
    expect(plan!.more).toBe(Math.max(0, plan!.cases - 400));
    expect(plan!.repeats!.repeats).toBeGreaterThan(4);
    expect(plan!.repeats!.cases).toBeLessThan(plan!.cases);
  });
  it('without repeats plans by the spread as it is, and without spread not at all', () => {
    const a = alike(30, 0).map((value) => [value]);
    const b = a.map((_, i) => [i % 3]);
    expect(s.casesToTell(a, b, { delta: 0.5 }).plan).toMatchObject({ repeats: null });
    expect(s.casesToTell(a, a, { delta: 0.5 })).toEqual({ plan: null, reason: 'no_spread' });
  });
  it('a sequential plan asks about 1.75 times a fixed one', () => {
    const fixed = 2 * s.planMeans({ varA: 0.25, varB: 0.25, delta: 0.05 }).each;
    const { users, usersForNoDifference } = s.planSequential({ varA: 0.25, varB: 0.25, delta: 0.05 });
    expect(users / fixed).toBeGreaterThan(1.6);
    expect(users / fixed).toBeLessThan(2);
    expect(usersForNoDifference).toBeGreaterThan(users);
    expect(s.planSequential({ varA: 0.25, varB: 0.25, delta: 0.02 }).usersForNoDifference).toBeCloseTo(46_600, -3);
  });
});

describe('experiments', () => {
  it('CUPED takes out what was known before, also when it is known of some only', () => {
    const random = s.seededRandom(21);
    const arm = (shift: number) => {
      const before = Array.from({ length: 800 }, () => s.drawNormal(random));
      const y = before.map((x) => x + 0.3 * s.drawNormal(random) + shift);
      return { y, x: before.map((x, i) => (i % 4 === 0 ? null : x)) };
    };
    const result = s.cuped(arm(0), arm(0.2));
    expect(result.varianceRatio).toBeLessThan(0.5);
    expect(result.lower).toBeLessThan(0.2);
    expect(result.upper).toBeGreaterThan(0.2);
  });
  it('epochs are compared within, so that moved traffic is no difference', () => {
    // In the second epoch all is better and B has more of the traffic; within each the arms are alike.
    const pooled = s.poolEpochs([
      { diff: 0, se: 0.02, users: 1000 },
      { diff: 0, se: 0.02, users: 3000 },
      { diff: null, se: null, users: 7 },
    ]);
    expect(pooled.estimate).toBe(0);
    expect(pooled.dropped).toEqual([{ count: 7, why: 'users in epochs without a difference' }]);
    expect(pooled.se).toBeCloseTo(0.02 * Math.hypot(0.25, 0.75), 12);
  });
  it('an empty intersection of looks is drift', () => {
    expect(
      s.runningIntersection([
        { lower: 0, upper: 2 },
        { lower: 1, upper: 3 },
      ]),
    ).toEqual({ lower: 1, upper: 2, drift: false });
    expect(
      s.runningIntersection([
        { lower: 0, upper: 1 },
        { lower: 2, upper: 3 },
      ]).drift,
    ).toBe(true);
  });
  it('top-two explores the runner-up in about half of the draws', () => {
    const random = s.seededRandom(2);
    const counts = [0, 0, 0];
    for (let i = 0; i < 2000; i += 1)
      counts[
        s.topTwo(
          [
            [90, 10],
            [50, 50],
            [10, 90],
          ],
          random,
        )
      ]! += 1;
    expect(counts[0]! / 2000).toBeCloseTo(0.5, 1);
    expect(counts[1]).toBeGreaterThan(counts[2]!);
  });
  it('a guard that tolerates more needs more to stop', () => {
    const strict = s.guardConditional(40, 15, s.toleratedShare(0.5));
    const lax = s.guardConditional(40, 15, s.toleratedShare(0.5, 1.5));
    expect(strict.breach).toBe(true);
    expect(lax.breach).toBe(false);
  });
});

describe('people and judges', () => {
  it('a judge is measured against people, with its drift', () => {
    const early = { truePositive: 90, falseNegative: 10, trueNegative: 45, falsePositive: 5 };
    const { sensitivity, specificity, agreement, kappa } = s.judgeAccuracy(early);
    expect([sensitivity.estimate, specificity.estimate, agreement.estimate]).toEqual([0.9, 0.9, 0.9]);
    expect(kappa.agreement).toBeCloseTo(0.9, 12);
    const drift = s.judgeDrift(early, { ...early, truePositive: 60, falseNegative: 40 });
    expect(drift.sensitivity.upper).toBeLessThan(0);
    expect(drift.specificity.lower).toBeLessThan(0);
    expect(drift.specificity.upper).toBeGreaterThan(0);
  });
  it('a corrected pass rate keeps the estimate of strata and narrows their limits', () => {
    const given = {
      labelledJudgeGood: 40,
      humanGoodGivenJudgeGood: 38,
      labelledJudgeBad: 10,
      humanGoodGivenJudgeBad: 1,
      judgeGoodAll: 440,
      allCases: 550,
    };
    const [narrow, wide] = [s.judgePassRate(given), s.judgeStratified(given)];
    expect(narrow.estimate).toBe(wide.estimate);
    expect(narrow.upper! - narrow.lower!).toBeLessThan(wide.upper! - wide.lower!);
    const unseen = s.judgePassRate({ ...given, labelledJudgeBad: 0, humanGoodGivenJudgeBad: 0 });
    expect(unseen.estimateDefined).toBe(false);
    expect(unseen.warnings).toHaveLength(1);
  });
  it('a policy spends its budget and labels no case with certainty twice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(60),
        (u, share, budget) => {
          const policy = s.activePolicy(u, budget, share);
          const spent = policy.reduce((sum, p) => sum + p, 0);
          expect(Math.max(...policy)).toBeLessThanOrEqual(1);
          if (share > 0.01) expect(spent).toBeCloseTo(Math.min(budget, u.length), 6);
        },
      ),
    );
  });
  it('as many are chosen as the policy has for, each as often as it says', () => {
    const random = s.seededRandom(7);
    const policy = s.activePolicy([0, 1, 2, 3, 4, 5, 6, 60], 2, 0.3);
    const times = policy.map(() => 0);
    for (let run = 0; run < 4_000; run += 1) {
      const chosen = s.chooseLabels(policy, random);
      expect(chosen).toHaveLength(2);
      for (const i of chosen) times[i]! += 1;
    }
    // Four standard errors.
    for (const [i, p] of policy.entries())
      expect(Math.abs(times[i]! / 4_000 - p)).toBeLessThanOrEqual(4 * Math.sqrt((p * (1 - p)) / 4_000));
    expect(policy[7]).toBe(1);
    expect(s.chooseLabels([0.2, 0.2, 0.1], () => 0.999)).toEqual([]);
  });
  it('alpha takes a bootstrap when it is given dice, and leaves lonely ratings out', () => {
    const items = Array.from({ length: 30 }, (_, i) => [i % 3, i % 5 === 0 ? (i + 1) % 3 : i % 3, null]);
    const result = s.krippendorffAlpha([...items, [1, null, null]], 'nominal', { random: s.seededRandom(1) });
    expect(result.method).toContain('bootstrap');
    expect(result.dropped).toEqual([{ count: 1, why: 'items with fewer than two ratings' }]);
    expect(result.lower).toBeLessThan(result.estimate!);
    expect(result.agreement).toBeCloseTo(0.8, 12);
  });
  it('an alarm comes sooner for a larger change and never without one at the edge', () => {
    const watch: s.Watch = { baseline: 0.2, direction: 'up', averageRunLength: 1000 };
    const at = (value: number) => s.eDetector(alike(300, value), watch).alarmAt;
    expect(at(1)!).toBeLessThan(at(0.5)!);
    expect(at(0.2)).toBeNull();
    expect(s.eDetector(alike(300, 0.2), { ...watch, baseline: 0.8, direction: 'down' }).alarmAt).not.toBeNull();
    expect(s.eDetector(alike(5000, 1), watch).logShiryaevRoberts.every(Number.isFinite)).toBe(true);
  });
});

describe('the generator', () => {
  it('gives the same numbers for a seed, others for another seed or stream, evenly spread', () => {
    const draws = (seed: number, stream = 0) => Array.from({ length: 20_000 }, s.seededRandom(seed, stream));
    expect(draws(1)).toEqual(draws(1));
    expect(draws(1)[0]).not.toBe(draws(2)[0]);
    expect(draws(1)[0]).not.toBe(draws(1, 1)[0]);
    const mean = draws(7).reduce((sum, value) => sum + value / 20_000, 0);
    expect(mean).toBeCloseTo(0.5, 2);
    expect(Math.min(...draws(7))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws(7))).toBeLessThan(1);
  });
});

describe('clusters that are counted', () => {
  it('give what the same clusters give one by one', () => {
    const counted = { sums: [0, 1, 2, 5], sizes: [1, 1, 3, 5], counts: [4, 7, 3, 2] };
    const each = (values: number[]) => values.flatMap((value, g) => Array.from({ length: counted.counts[g]! }, () => value));
    const single = { sums: each(counted.sums), sizes: each(counted.sizes) };
    for (const [one, other] of [
      [s.clusteredMean(counted), s.clusteredMean(single)],
      [s.clusteredWilson(counted, 0.95, 'CR2'), s.clusteredWilson(single, 0.95, 'CR2')],
    ] as const) {
      expect(one.units).toBe(16);
      expect(one.n).toBe(other.n);
      for (const key of ['estimate', 'lower', 'upper'] as const) expect(one[key]).toBeCloseTo(other[key]!, 12);
    }
    expect(() => s.clusteredMean({ ...counted, counts: [1] })).toThrow(RangeError);
  });
});
