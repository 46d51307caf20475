import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { type Comparing, compareCases, compareVersions, holmLevels } from './compare.ts';
import { verdictInWords } from './verdict.ts';

const passFail: Comparing = { range: [0, 1], higherIsBetter: true, margin: 0.05 };
const once = (passes: readonly number[]) => passes.map((value) => [value]);
const first = (n: number, passing: number) => Array.from({ length: n }, (_, i) => (i < passing ? 1 : 0));

describe('two versions over the same cases', () => {
  it('are told apart when enough cases flip one way', () => {
    const result = compareCases(once(first(100, 60)), once(first(100, 90)), passFail);
    expect(result).toMatchObject({ verdict: 'better', method: 'Tango', n: 200, units: 100, dropped: [], reason: null });
    expect(result.estimate).toBeCloseTo(0.3, 12);
    expect(result.p).toBeLessThan(1e-6);
  });
  it('are not told apart when as many flip each way, and not called equal when too few cases say so', () => {
    const a = [...first(10, 10), ...first(10, 0), ...first(30, 20)];
    const b = [...first(10, 0), ...first(10, 10), ...first(30, 20)];
    expect(compareCases(once(a), once(b), passFail).verdict).toBe('cannot_tell');
  });
  it('have no difference of the margin when many cases agree', () => {
    expect(compareCases(once(first(500, 400)), once(first(500, 400)), passFail).verdict).toBe('no_difference');
  });
  it('with four flips, all one way, are not told apart: the exact chance of that is 1 in 8', () => {
    const result = compareCases(once(first(50, 40)), once(first(50, 44)), passFail);
    expect(result.lower).toBeLessThanOrEqual(0);
    expect(result.verdict).toBe('cannot_tell');
  });
  it('turn the verdict with the direction', () => {
    const [a, b] = [once(first(100, 60)), once(first(100, 90))];
    expect(compareCases(a, b, { ...passFail, higherIsBetter: false }).verdict).toBe('worse');
    expect(compareCases(b, a, passFail).verdict).toBe('worse');
  });
  it('are judged by cases, not by repeats: the same repeats again tell nothing new', () => {
    const random = seededRandom(3);
    const a = Array.from({ length: 40 }, () => [random(), random()]);
    const b = Array.from({ length: 40 }, () => [random(), random()]);
    const single = compareCases(a, b, passFail);
    const doubled = compareCases(
      a.map((r) => [...r, ...r]),
      b.map((r) => [...r, ...r]),
      passFail,
    );
    expect(doubled.lower).toBeCloseTo(single.lower!, 12);
    expect(doubled.units).toBe(40);
    expect(doubled.n).toBe(2 * single.n);
  });
  it('give a bounded interval when no case differs, where t would claim certainty', () => {
    const repeated = Array.from({ length: 30 }, () => [1, 1, 0]);
    const result = compareCases(repeated, repeated, passFail);
    expect(result.estimate).toBe(0);
    expect(result.lower).toBeLessThan(-0.05);
    expect(result.upper).toBeGreaterThan(0.05);
  });
  it('that repeat without ever disagreeing say as much as judged once, never less', () => {
    const [before, after] = [once(first(100, 60)), once(first(100, 90))];
    const thrice = (cases: number[][]) => cases.map((repeats) => [...repeats, ...repeats, ...repeats]);
    const single = compareCases(before, after, passFail);
    const repeated = compareCases(thrice(before), thrice(after), passFail);
    expect(repeated).toMatchObject({ method: 'Tango', lower: single.lower, upper: single.upper, p: single.p, units: 100, n: 600 });
    expect(compareCases(thrice(once(first(80, 60))), thrice(once(first(80, 60))), passFail).verdict).toBe('no_difference');
  });
  it('without bounds and all alike cannot be told, with the reason', () => {
    const result = compareCases(once(first(30, 0)), once(first(30, 0)), { ...passFail, range: null });
    expect(result).toMatchObject({ verdict: 'cannot_tell', lower: null, upper: null, reason: 'no_spread' });
  });
  it('are too skewed when one case decides', () => {
    const a = once(first(50, 0));
    const b = once([...first(49, 0).map((_, i) => i / 100), 1000]);
    const result = compareCases(a, b, { range: null, higherIsBetter: false, margin: 1 });
    expect(result).toMatchObject({ verdict: 'cannot_tell', reason: 'too_skewed', lower: null });
    const words = { a: 'v1', b: 'v2', format: (d: number) => `${d} ms` };
    expect(verdictInWords({ ...result, margin: 1, higherIsBetter: false }, words)).toContain('Too skewed at this size');
  });
  it('of grouped cases are less sure than of independent ones', () => {
    const random = seededRandom(5);
    const groups = Array.from({ length: 100 }, (_, i) => `g${Math.floor(i / 10)}`);
    const shift = Array.from({ length: 10 }, () => random() - 0.5);
    const a = once(first(100, 0));
    const b = a.map((_, i) => [shift[Math.floor(i / 10)]! + 0.1 * random()]);
    const options = { ...passFail, range: null };
    const width = ({ lower, upper }: { lower: number | null; upper: number | null }) => upper! - lower!;
    const clustered = compareCases(a, b, { ...options, groups });
    expect(width(clustered)).toBeGreaterThan(2 * width(compareCases(a, b, options)));
    expect(clustered.units).toBe(10);
    expect(clustered.warnings.join(' ')).toContain('10 independent units');
  });
});

describe('missing judgments', () => {
  const a = once(first(100, 60)) as (number | null)[][];
  it('are counted, their cases dropped, and the verdict stands when they could not turn it', () => {
    const b = once(first(100, 90)) as (number | null)[][];
    b[0] = [null];
    const result = compareCases(a, b, passFail);
    expect(result.dropped).toEqual([{ count: 1, why: 'cases that lack a side' }]);
    expect(result).toMatchObject({ verdict: 'better', missingAsWorst: { verdict: 'better' }, missingAsBest: { verdict: 'better' } });
  });
  it('that could turn the verdict leave it open', () => {
    const b = first(100, 70).map((value, i) => [i < 12 ? null : value]);
    const result = compareCases(a, b, passFail);
    expect(result).toMatchObject({ verdict: 'cannot_tell', reason: 'missing_decides' });
    expect(result.missingAsWorst?.verdict).not.toBe('better');
  });
  it('are treated alike on both sides', () => {
    const holes = (cases: (number | null)[][]) => cases.map((repeats, i) => (i % 7 === 0 ? [null] : repeats));
    const b = once(first(100, 90));
    const there = compareCases(holes(a), holes(b), passFail);
    const back = compareCases(holes(b), holes(a), passFail);
    expect(there.lower).toBeCloseTo(-back.upper!, 12);
  });
});

describe('several versions', () => {
  it('are shown at levels at which the interval leaves 0 exactly when Holm rejects', () => {
    expect(holmLevels([0.001, 0.02, 0.6])).toEqual([1 - 0.05 / 3, 1 - 0.05 / 2, 0.95].map((level) => expect.closeTo(level, 12)));
    expect(holmLevels([0.04, 0.03])).toEqual([expect.closeTo(0.975, 12), expect.closeTo(0.975, 12)]);
    expect(holmLevels([0.04])).toEqual([expect.closeTo(0.95, 12)]);
  });
  it('need more evidence than one', () => {
    const base = once(first(60, 40));
    const somewhat = once([...first(60, 40).slice(0, 52), 1, 1, 1, 1, 1, 1, 0, 0]);
    expect(compareCases(base, somewhat, passFail).verdict).toBe('better');
    const alone = compareVersions(base, [somewhat], passFail)[0]!;
    const among = compareVersions(base, [somewhat, base, base, base], passFail)[0]!;
    expect(alone.verdict).toBe('better');
    expect(among.verdict).toBe('cannot_tell');
    expect(among.level).toBeCloseTo(1 - 0.05 / 4, 12);
  });
});

it('the p and the interval always agree', () => {
  const cell = fc.integer({ min: 0, max: 30 });
  fc.assert(
    fc.property(cell, cell, cell, cell, (both, onlyB, onlyA, neither) => {
      const a = [...first(both, both), ...first(onlyB, 0), ...first(onlyA, onlyA), ...first(neither, 0)];
      const b = [...first(both, both), ...first(onlyB, onlyB), ...first(onlyA, 0), ...first(neither, 0)];
      if (a.length === 0) return;
      const { lower, upper, p } = compareCases(once(a), once(b), passFail);
      expect(lower! > 1e-9 || upper! < -1e-9).toBe(p! < 0.05);
    }),
  );
});

describe('the verdict in words', () => {
  const format = (d: number) => `${(100 * d).toFixed(1)} points`;
  const bare = (d: number) => (100 * d).toFixed(1);
  const words = { a: 'A', b: 'B', format, bare };
  it.each([
    [0.031, 0.074, 0.02, 'B is better by 3.1 to 7.4 points.'],
    [-0.074, -0.031, 0.02, 'B is worse by 3.1 to 7.4 points.'],
    [0.001, 0.009, 0.02, 'B is better by 0.1 to 0.9 points, which is smaller than the 2.0 points worth having.'],
    [-0.01, 0.015, 0.02, 'No difference of 2.0 points or more between A and B.'],
    [-0.01, 0.03, 0.02, 'Cannot tell with this many cases.'],
  ])('of %f to %f', (lower, upper, margin, sentence) => {
    expect(verdictInWords({ lower, upper, margin, higherIsBetter: true }, words)).toBe(sentence);
  });
  it('says what would tell, naming the difference', () => {
    const told = verdictInWords(
      { lower: -0.01, upper: 0.03, margin: 0.02, higherIsBetter: true },
      { ...words, more: 2300, units: 'users' },
    );
    expect(told).toBe('Cannot tell with this many users. About 2,300 more users would show a difference of 2.0 points.');
  });
});
