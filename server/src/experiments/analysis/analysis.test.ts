import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AnalysisHouse, dice, hourMs, openAnalysisHouse, users } from './test/house.ts';

const dayMs = 24 * hourMs;
let house: AnalysisHouse;

beforeEach(async () => {
  house = await openAnalysisHouse();
});
afterEach(() => house.close());

describe('an experiment in which B is better', () => {
  test('is decided once windows have closed, not before', async () => {
    const id = await house.begin();
    expect(await house.result(id)).toMatchObject({ verdict: { kind: 'no_data', words: 'No data yet: no unit has taken part.' } });
    const roll = dice(1);
    await house.visit(id, users(600), (armId) => ({ vote: roll() < (armId === 'b' ? 0.6 : 0.3) ? 'good' : 'bad' }));
    house.now += dayMs - hourMs;
    expect(await house.settle(id)).toBe(0);
    const open = await house.result(id);
    expect(open.verdict.kind).toBe('no_data');
    expect(open.primary.arms.map(({ matured }) => matured)).toEqual([0, 0]);
    expect(open.primary.arms.reduce((sum, { units }) => sum + units, 0)).toBe(600);
    house.now += 2 * hourMs;
    expect(await house.settle(id)).toBe(600);
    expect(await house.settle(id)).toBe(0);
    const result = await house.result(id);
    expect(result.verdict).toMatchObject({ kind: 'better', arm_id: 'b' });
    expect(result.verdict.words).toMatch(/^b is better by \d+(\.\d)? to \d+(\.\d)? points\.$/i);
    const [comparison] = result.primary.comparisons;
    expect(comparison?.p).toBeLessThan(0.05);
    expect(comparison?.difference.lower).toBeGreaterThan(0);
    expect(result.looks).toHaveLength(1);
    expect(result.sample_ratio.alarm).toBe(false);
    expect(result.answers).toMatchObject([{ evaluator: 'feedback/vote', differ: false }]);
    expect((await house.experiments.get(house.scope, id)).row.words).toBe(result.verdict.words);
    expect(JSON.stringify(result)).not.toMatch(/NaN|Infinity/);
  });
});
