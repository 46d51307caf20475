import { expect, it } from 'vitest';
import { isChosen, overrideOf, sumOfEstimates } from './with-model.ts';

const estimate = (mid: number | null, seconds: number | null, basis: string[]) => ({
  cases: 10,
  logs: 10,
  from_cache: 1,
  judge_calls: 2,
  cost_usd: mid === null ? null : { low: mid / 2, mid, high: mid * 2 },
  seconds,
  basis,
  versions: [],
});

it('names a provider only when one was chosen', () => {
  expect(overrideOf({ versionId: 'v', model: 'm', provider: null })).toEqual({ model: 'm' });
  expect(overrideOf({ versionId: 'v', model: 'm', provider: 'p' })).toEqual({ model: 'm', provider: 'p' });
  expect([isChosen({ versionId: 'v', model: ' ', provider: null }), isChosen({ versionId: 'v', model: 'm', provider: null })]).toEqual([
    false,
    true,
  ]);
});

it('adds estimates up, and knows no sum of what is not known', () => {
  const [a, b] = [estimate(1, 5, ['x']), estimate(2, 6, ['x', 'y'])];
  expect(sumOfEstimates([a, b])).toMatchObject({
    cases: 10,
    logs: 20,
    from_cache: 2,
    judge_calls: 4,
    cost_usd: { low: 1.5, mid: 3, high: 6 },
    seconds: 11,
    basis: ['x', 'y'],
  });
  expect(sumOfEstimates([a, estimate(null, null, [])])).toMatchObject({ cost_usd: null, seconds: null });
  expect(sumOfEstimates([a, undefined])).toBeUndefined();
  expect(sumOfEstimates([])).toBeUndefined();
});
