import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { acsTwoSample } from '../sequential/acs.ts';
import { momentsOf } from '../numeric/sums.ts';
import { type ArmMoments, armOf, armOfSums, mergeArms, noUnits } from './arm-moments.ts';
import { cuped } from './cuped.ts';
import { pooledDifference } from './difference.ts';
import { answersInWords, armValue, lookAtAnswers, lookAtSampleRatio, sampleRatioInWords } from './flags.ts';
import { lookInWords, roughly } from './look-words.ts';
import { type LookInput, type LookPlan, lookAtArms, wantsOrder } from './look.ts';

const plan: LookPlan = { nStar: 5000, smallestDifference: 0.05, higherIsBetter: true, range: [0, 1] };
const halves = [0.5, 0.5];
const yes = (n: number, count: number) => armOf(Array.from({ length: n }, (_, i) => (i < count ? 1 : 0)));
const look = (arms: readonly ArmMoments[], other: Partial<LookInput> = {}) =>
  lookAtArms({ ...plan, epochs: [{ arms, shares: halves }], ...other })[0]!;
const points = (d: number) => (100 * d).toFixed(1);
const words = { control: 'A', arm: 'B', format: (d: number) => `${points(d)} points`, bare: points, smallestDifference: 0.05 };

describe('the moments of an arm', () => {
  const random = seededRandom(1);
  const values = Array.from({ length: 50 }, () => Math.exp(random()));
  const before = values.map((value, i) => (i % 4 === 0 ? null : value + random()));
  it('are the same from a list, from totals, and merged from parts', () => {
    const whole = armOf(values, before);
    const sum = (power: number) => values.reduce((total, value) => total + value ** power, 0);
    const ofTotals = armOfSums({ n: 50, y: sum(1), yy: sum(2), yyy: sum(3), before: whole.before });
    const merged = mergeArms(
      mergeArms(noUnits, armOf(values.slice(0, 17), before.slice(0, 17))),
      armOf(values.slice(17), before.slice(17)),
    );
    for (const key of ['mean', 'squares', 'cubes'] as const) {
      expect(ofTotals[key]).toBeCloseTo(whole[key], 9);
      expect(merged[key]).toBeCloseTo(whole[key], 9);
    }
    expect(merged.before!.xy).toBeCloseTo(whole.before!.xy, 9);
    expect(whole.yesNo).toBe(false);
    expect(armOfSums({ n: 9, y: 4, yy: 4, yyy: 4 }).yesNo).toBe(true);
  });
  it('refuse what is no number', () => {
    expect(() => armOfSums({ n: 1, y: Number.NaN, yy: 1, yyy: 1 })).toThrow(RangeError);
    expect(() => armOf([1, 2], [1])).toThrow(RangeError);
  });
});

describe('a look', () => {
  it('is that of the asymptotic confidence sequence', () => {
    const [a, b] = [yes(3000, 900), yes(3000, 1080)];
    const vector = acsTwoSample(a, b, { nStar: 5000 });
    const seen = look([a, b]);
    expect(seen.lower).toBeCloseTo(vector.lower!, 12);
    expect(seen.upper).toBeCloseTo(vector.upper!, 12);
    expect(seen).toMatchObject({ verdict: 'better', moreUnits: null, method: 'asymptotic confidence sequence' });
    expect(seen.p).toBeLessThan(0.05);
  });
  it('adjusts by what was known before as CUPED does on the lists', () => {
    const random = seededRandom(2);
    const arm = (n: number, shift: number) => {
      const x = Array.from({ length: n }, () => (random() < 0.3 ? null : 1000 + 5 * random()));
      return { x, y: x.map((value) => (value ?? 1001) / 5 + random() + shift) };
    };
    const [a, b] = [arm(80, 0), arm(120, 0.2)];
    const lists = cuped(a, b);
    const pooled = pooledDifference([{ control: armOf(a.y, a.x), arm: armOf(b.y, b.x) }])!;
    expect(pooled.estimate).toBeCloseTo(lists.estimate!, 8);
    expect(pooled.seWelch).toBeCloseTo(lists.se!, 8);
    expect(look([armOf(a.y, a.x), armOf(b.y, b.x)], { range: null }).adjusted).toBeLessThan(0.6);
  });
  it.each([
    ['nobody', [noUnits, noUnits], 'no_data'],
    ['one user', [yes(1, 1), noUnits], 'too_early'],
    ['an empty arm', [yes(5000, 400), noUnits], 'too_early'],
    ['99 users', [yes(50, 10), yes(49, 20)], 'too_early'],
    ['all alike', [yes(100, 0), yes(100, 0)], 'no_spread'],
    ['all alike, without bounds', [armOf(Array(100).fill(7)), armOf(Array(100).fill(7))], 'no_spread'],
  ] as const)('of %s shows no interval and says why', (_, arms, reason) => {
    const seen = look(arms, reason === 'no_spread' && !arms[0].yesNo ? { range: null } : {});
    expect(seen).toMatchObject({ verdict: 'cannot_tell', lower: null, upper: null, reason, p: null });
    expect(Object.values(seen).some((value) => Number.isNaN(value))).toBe(false);
    expect(lookInWords(seen, words)).toMatch(/^(No data|Too early|Cannot tell)/);
  });
  it('is held to betting where users are few, and has limits even when all are alike', () => {
    const y = Array.from({ length: 200 }, (_, i) => (i % 4 === 1 || i % 3 === 0 ? 1 : 0));
    const inB = y.map((_, i) => i % 2);
    const arms = [0, 1].map((arm) => armOf(y.filter((__, i) => i % 2 === arm)));
    const epochs = [{ arms, shares: halves }];
    expect(wantsOrder({ epochs, range: [0, 1] }, 1)).toBe(true);
    const ordered = [null, { y, inB, probB: 0.5 }];
    const [alone, held] = [look(arms), look(arms, { ordered })];
    expect(held.lower).toBeLessThanOrEqual(alone.lower!);
    expect(held.upper).toBeGreaterThanOrEqual(alone.upper!);
    expect(held.p).toBeGreaterThanOrEqual(alone.p!);
    const none = look([yes(100, 0), yes(100, 0)], { ordered: [null, { y: y.map(() => 0), inB, probB: 0.5 }] });
    expect(none).toMatchObject({ reason: null, method: 'betting mixture', verdict: 'cannot_tell' });
    expect(none.lower).toBeLessThan(0);
    expect(wantsOrder({ epochs: [...epochs, { arms, shares: [0.9, 0.1] }], range: [0, 1] }, 1)).toBe(false);
    expect(wantsOrder({ epochs, range: null }, 1)).toBe(false);
  });
  it('compares within epochs: arms alike in each are alike, whatever the shares', () => {
    const epochs = [
      { arms: [yes(500, 250), yes(500, 250)], shares: halves },
      { arms: [yes(900, 90), yes(100, 10)], shares: [0.9, 0.1] },
    ];
    const [seen] = lookAtArms({ ...plan, epochs });
    expect(seen!.estimate).toBeCloseTo(0, 12);
    expect(seen!.epochs).toHaveLength(2);
    const [lost] = lookAtArms({ ...plan, epochs: [...epochs, { arms: [yes(50, 5), yes(3, 3)], shares: [0.9, 0.1] }] });
    expect(lost!.dropped[0]!.count).toBe(53);
    expect(lost!.estimate).toBeCloseTo(0, 12);
  });
  it('of several arms asks more of each, also when one was stopped', () => {
    const [a, b] = [yes(3000, 900), yes(3000, 1080)];
    const [first] = lookAtArms({ ...plan, epochs: [{ arms: [a, b, noUnits], shares: [0.5, 0.5, 0] }] });
    expect(first!.level).toBeCloseTo(0.975, 12);
    expect(first!.lower).toBeLessThan(look([a, b]).lower!);
  });
  it('names users for the smallest difference worth having, not for the observed one', () => {
    const [near, far] = [look([yes(300, 150), yes(300, 151)]), look([yes(300, 140), yes(300, 161)])];
    expect(near.moreFor).toBe('smallest');
    expect(Math.abs(near.moreUnits! - far.moreUnits!) / near.moreUnits!).toBeLessThan(0.02);
    // The plan at 80 % power is 5,982 users, when nStar is that too.
    expect(near.moreUnits! + 600).toBeGreaterThan(5_982);
    expect(near.moreUnits! + 600).toBeLessThan(6_060);
    expect(lookInWords(near, { ...words, perDay: 900 })).toBe(
      'Cannot tell yet; about 5,500 more users at this rate, 7 days, to see a difference of 5.0 points.',
    );
  });
  it('of what ended asks for nobody more: it says what stayed open', () => {
    const ended = { ...words, ended: 'Ended' as const };
    expect(lookInWords(look([yes(300, 150), yes(300, 151)]), ended)).toMatch(
      /^Ended before it could tell: B is between \d+\.\d points below and \d+\.\d points above A\.$/,
    );
    expect(lookInWords(look([yes(50, 10), yes(49, 20)]), ended)).toBe('Ended before it could tell, with 99 users.');
    expect(lookInWords(look([noUnits, noUnits]), ended)).toBe('Ended without data: no users have an outcome.');
    expect(lookInWords(look([yes(400, 90), yes(400, 180)], { mode: 'fixed' }), ended)).toMatch(/^Ended before the planned number of users/);
    expect(lookInWords(look([yes(3000, 900), yes(3000, 1080)]), ended)).toMatch(/^B is better by/);
  });
  it('turns with the direction, and tells what is too small to matter', () => {
    expect(look([yes(3000, 900), yes(3000, 1080)], { higherIsBetter: false }).verdict).toBe('worse');
    const small = look([yes(200_000, 60_000), yes(200_000, 62_000)]);
    expect(small).toMatchObject({ verdict: 'better', belowSmallestWorthwhile: true });
    expect(lookInWords(small, words)).toMatch(/^B is better by 0\.\d to 1\.\d points, which is less than the 5\.0 points worth having\.$/);
  });
  it('shows a fixed plan once, and nothing before', () => {
    const before = look([yes(2499, 900), yes(2500, 1080)], { mode: 'fixed' });
    expect(before).toMatchObject({ estimate: null, lower: null, p: null, reason: 'not_yet', moreUnits: 1 });
    const then = look([yes(2500, 900), yes(2500, 1080)], { mode: 'fixed' });
    expect(then).toMatchObject({ method: 'Newcombe', verdict: 'better' });
    expect(then.p! < 0.05).toBe(then.lower! > 0);
    expect(look([yes(400, 90), yes(400, 180)], { mode: 'fixed', entered: 5000 }).verdict).toBe('better');
    const three = lookAtArms({ ...plan, mode: 'fixed', epochs: [{ arms: [yes(1700, 9), yes(1600, 9), yes(1700, 9)], shares: [1, 1, 1] }] });
    expect(three.map(({ reason }) => reason)).toEqual([null, null]);
  });
  it('refuses when a few users decide the mean', () => {
    const tail = armOf([...Array.from({ length: 199 }, (_, i) => i / 200), 5000]);
    const seen = look([tail, armOf(Array.from({ length: 200 }, (_, i) => i / 200))], { range: null });
    expect(seen).toMatchObject({ reason: 'too_skewed', lower: null, verdict: 'cannot_tell' });
    expect(lookInWords(seen, words)).toContain('extreme values');
  });
  it('p and interval agree, skewed or not', () => {
    const random = seededRandom(4);
    for (let i = 0; i < 200; i += 1) {
      const arm = (shift: number) => armOf(Array.from({ length: 150 }, () => shift - Math.log(1 - random())));
      const { lower, upper, p, reason } = look([arm(0), arm(random())], {
        range: null,
        nStar: 300,
        mode: i % 2 === 0 ? 'fixed' : 'sequential',
      });
      if (reason === null) expect(lower! > 0 || upper! < 0).toBe(p! < 0.05);
    }
  });
  it('refuses what cannot be', () => {
    expect(() => lookAtArms({ ...plan, epochs: [] })).toThrow(RangeError);
    expect(() => lookAtArms({ ...plan, nStar: 0, epochs: [{ arms: [noUnits, noUnits], shares: halves }] })).toThrow(RangeError);
    expect(() => lookAtArms({ ...plan, epochs: [{ arms: [noUnits, noUnits], shares: [1] }] })).toThrow(RangeError);
  });
});

describe('the flags of an experiment', () => {
  it('find arms without the users they should have, over epochs', () => {
    const fine = lookAtSampleRatio([
      { counts: [5000, 5010], shares: halves },
      { counts: [900, 100], shares: [0.9, 0.1] },
    ]);
    expect(fine).toMatchObject({ alarm: false, n: 11_010 });
    expect(fine.arms[1]!.expected).toBe(5105);
    const wrong = lookAtSampleRatio([{ counts: [5400, 4600], shares: halves }]);
    expect(wrong.alarm).toBe(true);
    expect(sampleRatioInWords(wrong, ['A', 'B'])).toContain('Do not trust this result');
    // What nobody can overlook rings among a hundred users; chance does not.
    expect(lookAtSampleRatio([{ counts: [125, 32], shares: halves }]).alarm).toBe(true);
    expect(lookAtSampleRatio([{ counts: [90, 60], shares: halves }]).alarm).toBe(false);
    expect(lookAtSampleRatio([{ counts: [10, 1], shares: [1, 0] }]).alarm).toBe(true);
    expect(lookAtSampleRatio([{ counts: [0, 0], shares: halves }])).toMatchObject({ alarm: false, evidence: null });
  });
  it('find that others answer', () => {
    const answers = (a: number, b: number) => lookAtAnswers([{ arms: [yes(2000, a), yes(2000, b)], shares: halves }], { nStar: 5000 });
    expect(answers(200, 205).differ).toBe(false);
    expect(answersInWords(answers(200, 400), ['A', 'B'])).toContain('A 10.0 %, B 20.0 %');
    expect(answers(200, 400).differ).toBe(true);
  });
  it('an arm alone has limits, also when all are alike and bounded', () => {
    expect(armValue(yes(400, 0), { nStar: 2500, range: [0, 1] })).toMatchObject({ estimate: 0, lower: 0, reason: null });
    expect(armValue(armOf([3, 3]), { nStar: 10, range: null })).toMatchObject({ lower: null, reason: 'no_spread' });
    expect(armValue(noUnits, { nStar: 10, range: null })).toMatchObject({ estimate: null, reason: 'no_data' });
    const value = armValue(yes(400, 100), { nStar: 2500, range: [0, 1] });
    const { squares } = momentsOf(Array.from({ length: 400 }, (_, i) => (i < 100 ? 1 : 0)));
    expect(value.upper! - 0.25).toBeGreaterThan(1.96 * Math.sqrt(squares / 399 / 400));
  });
});

it.each([
  [7.2, 8],
  [99, 99],
  [2341, 2400],
  [100, 100],
])('%d is roughly %d', (value, rough) => expect(roughly(value)).toBe(rough));
