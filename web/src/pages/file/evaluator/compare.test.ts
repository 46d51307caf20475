import type { EvaluatorSpec, JudgmentValue, TriedJudgment } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { againstPeople, compareTrials } from './compare.ts';

const boolean: EvaluatorSpec = { evaluator_type: 'python', code: '', arguments_type: 'target_free', return_type: 'boolean' };

function tried(values: Record<string, JudgmentValue | null>): Map<string, TriedJudgment> {
  const rest = { datapoint_id: null, reason: null, stdout: null, cost_usd: null, calls: [] };
  return new Map(
    Object.entries(values).map(([log_id, value]): [string, TriedJudgment] => {
      if (value === 'failed') return [log_id, { log_id, outcome: 'failed', judgment: null, error: 'no', ...rest }];
      const outcome = value === null ? ('not_judged' as const) : ('judged' as const);
      return [log_id, { log_id, outcome, judgment: value, error: null, ...rest }];
    }),
  );
}

describe('two versions over the same logs', () => {
  const before = tried({ a: true, b: true, c: false, d: 'failed', e: null });
  const after = tried({ a: true, b: false, c: true, d: true, e: null });

  it('names what flips, what got worse first, and counts what one of them did not judge apart', () => {
    const found = compareTrials(boolean, before, after, ['a', 'b', 'c', 'd', 'e', 'not tried']);
    expect(found.flips.map(({ logId, kind }) => [logId, kind])).toEqual([
      ['b', 'worse'],
      ['c', 'better'],
      ['d', 'other'],
    ]);
    expect(found).toMatchObject({ both: 3, apart: 2 });
    expect(found.kappa?.agreement).toBeCloseTo(1 / 3);
    expect(found.difference?.estimate.estimate).toBeCloseTo(0);
  });

  it('compares numbers by their mean, in the direction that is good', () => {
    const spec: EvaluatorSpec = { ...boolean, return_type: 'number', number_valence: 'negative' };
    const found = compareTrials(spec, tried({ a: 1, b: 2, c: 3 }), tried({ a: 2, b: 2, c: 5 }), ['a', 'b', 'c']);
    expect(found.kappa).toBeNull();
    expect(found.difference).toMatchObject({ of: 'mean', estimate: { estimate: 1 } });
    expect(found.flips.map(({ kind }) => kind)).toEqual(['worse', 'worse']);
  });

  it('overlooks the order of labels', () => {
    const options = [{ name: 'rude', valence: 'negative' as const }, { name: 'long' }];
    const spec: EvaluatorSpec = { ...boolean, return_type: 'multi_select', options };
    expect(compareTrials(spec, tried({ a: ['rude', 'long'] }), tried({ a: ['long', 'rude'] }), ['a']).flips).toEqual([]);
    expect(compareTrials(spec, tried({ a: ['long'] }), tried({ a: ['rude'] }), ['a']).flips).toMatchObject([{ kind: 'worse' }]);
  });
});

it('holds an evaluator against people over the logs that both judged', () => {
  const people = new Map([
    ['a', 'positive'],
    ['b', 'negative'],
    ['c', 'negative'],
    ['d', 'positive'],
  ] as const);
  const found = againstPeople(boolean, tried({ a: true, b: false, c: true, d: null }), people);
  expect(found?.labelled).toBe(3);
  expect(found?.accuracy.sensitivity).toMatchObject({ estimate: 1, n: 1 });
  expect(found?.accuracy.specificity).toMatchObject({ estimate: 0.5, n: 2 });
  expect(againstPeople(boolean, new Map(), people)).toBeNull();
});
