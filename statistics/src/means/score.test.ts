import { describe, expect, it } from 'vitest';
import { drawNormal, seededRandom } from '../random.ts';
import { bootstrap, ratioOfClusters } from './bootstrap.ts';
import { quantileInterval, winsorise } from './median.ts';
import { flakyCases, meanScore, passRate } from './score.ts';
import { skewedT, skewness } from './skew.ts';
import { tInterval } from './t.ts';

const single = (values: readonly (number | null)[]) => values.map((value) => [value]);

describe('the mean score of a version', () => {
  it('of scores that are all alike has a width, by betting', () => {
    const result = meanScore(single(Array.from({ length: 40 }, () => 1)), [0, 1]);
    expect(result).toMatchObject({ estimate: 1, upper: 1, method: 'betting mixture' });
    expect(result.lower).toBeGreaterThan(0.75);
    expect(result.lower).toBeLessThan(0.97);
  });
  it('counts cases as units, and what is missing', () => {
    const result = meanScore([[0.2, 0.4, null], [null], [0.9], [0.3, 0.1]], [0, 1]);
    expect(result).toMatchObject({ n: 5, units: 3 });
    expect(result.estimate).toBeCloseTo((0.3 + 0.9 + 0.2) / 3, 12);
    expect(result.dropped).toEqual([
      { count: 2, why: 'missing or failed judgments' },
      { count: 1, why: 'cases without a judgment' },
    ]);
  });
  it('stays within the range and is in its unit', () => {
    const random = seededRandom(8);
    const percent = meanScore(single(Array.from({ length: 60 }, () => 100 - 3 * random() ** 3)), [0, 100]);
    expect(percent.upper).toBeLessThanOrEqual(100);
    expect(percent.lower).toBeGreaterThan(95);
    expect(() => meanScore(single([101]), [0, 100])).toThrow(RangeError);
  });
  it('without a case is nothing, with one no interval unless bounded', () => {
    expect(meanScore([], null)).toMatchObject({ estimate: null, lower: null, reason: 'no_data', n: 0 });
    expect(meanScore([[5]], null)).toMatchObject({ estimate: 5, lower: null, reason: 'one_unit' });
    expect(meanScore([[0.5]], [0, 1])).toMatchObject({ estimate: 0.5, lower: 0, upper: 1 });
  });
});

describe("Student's t, widened for skew", () => {
  const random = seededRandom(4);
  const skewed = Float64Array.from({ length: 80 }, () => Math.exp(0.7 * drawNormal(random)));
  it('reaches further on the long side, never nearer on the other', () => {
    const [plain, wide] = [tInterval(skewed), skewedT(skewed)];
    expect(skewness(skewed)).toBeGreaterThan(1);
    expect(wide.upper! - wide.estimate!).toBeGreaterThan(1.1 * (plain.upper! - plain.estimate!));
    expect(wide.lower).toBeCloseTo(plain.lower!, 12);
  });
  it('mirrors with the values, and its p goes with its limits', () => {
    const mirrored = skewedT(skewed.map((value) => -value));
    expect(mirrored.lower).toBeCloseTo(-skewedT(skewed).upper!, 12);
    for (const shift of [1, 1.2, 1.3, 1.5, 1.8, 2.2, 2.5]) {
      const { lower, upper, p } = skewedT(skewed.map((value) => value - shift));
      expect(lower! > 0 || upper! < 0, `at ${shift}`).toBe(p! < 0.05);
    }
  });
  it('warns before it refuses', () => {
    const normal = Float64Array.from({ length: 50 }, () => drawNormal(random));
    expect(skewedT(normal).warnings).toEqual([]);
    const heavy = Float64Array.from([...normal, 9]);
    expect(skewedT(heavy).warnings).toHaveLength(1);
    expect(skewedT(Float64Array.from([...normal, 1e6])).reason).toBe('too_skewed');
    expect(skewedT(Float64Array.from([...normal, 1e6]), 0.95, true).reason).toBeNull();
  });
});

describe('the pass rate of a version', () => {
  it('of single judgments is exact where few passed or failed, and Wilson above', () => {
    expect(passRate(single([...Array.from({ length: 45 }, () => 1), 0, 0, null])).method).toBe('Clopper-Pearson');
    expect(passRate(single(Array.from({ length: 40 }, (_, i) => i % 2)))).toMatchObject({ method: 'Wilson', estimate: 0.5 });
  });
  it('of repeats that agree is as sure as its cases, not as its judgments', () => {
    const repeated = passRate(Array.from({ length: 40 }, (_, i) => Array.from({ length: 10 }, () => i % 2)));
    const once = passRate(single(Array.from({ length: 40 }, (_, i) => i % 2)));
    expect(repeated.upper! - repeated.lower!).toBeGreaterThan(0.95 * (once.upper! - once.lower!));
    expect(repeated.units).toBe(40);
  });
  it('names the flaky cases, the most undecided first', () => {
    const flaky = flakyCases([
      [1, 1, 1],
      [1, 0, 1, 1],
      [0, 0],
      [1, 0],
      [null, 1],
    ]);
    expect(flaky.map(({ index }) => index)).toEqual([3, 1]);
    expect(flaky[1]!.rate.estimate).toBe(0.75);
  });
});

describe('other means of saying where a value lies', () => {
  it('a median has limits by ranks: of 20 values the 6th and 15th', () => {
    const values = Array.from({ length: 20 }, (_, i) => i + 1);
    expect(quantileInterval(values)).toMatchObject({ estimate: 10.5, lower: 6, upper: 15 });
    expect(quantileInterval([1, 2, 3])).toMatchObject({ estimate: 2, lower: null, reason: 'too_few_units' });
  });
  it('winsorising says how many it cut', () => {
    const { values, cut } = winsorise([1, 5, 100, 7], 6);
    expect([...values]).toEqual([1, 5, 6, 6]);
    expect(cut).toBe(2);
  });
  it('a bootstrap by chance comes to what all resamples come to, and the same seed to the same', () => {
    const clusters = Array.from({ length: 30 }, (_, i) => Array.from({ length: 1 + (i % 3) }, (_, j) => ((i * 7 + j) % 10) / 10));
    const again = () => bootstrap(clusters, ratioOfClusters, seededRandom(9));
    expect(again()).toEqual(again());
    const { lower, upper, estimate } = again();
    expect(lower).toBeLessThan(estimate!);
    expect(upper).toBeGreaterThan(estimate!);
    expect(bootstrap(clusters.slice(0, 5), ratioOfClusters, seededRandom(9))).toMatchObject({ lower: null, reason: 'too_few_units' });
  });
});
