import type { EvaluatorResponse, ExperimentResponse } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { parseMetric } from '@whetstone/domain';
import { choicesOf, type Facts, metricOf, metricOfEvaluator, requestOf, weightsOf } from './form.ts';

const facts = (more: Partial<Facts> = {}): Facts => ({
  fileId: 'pr_1',
  environment: 'production',
  versions: ['v2'],
  names: new Map([['v2', 'gentle']]),
  metric: metricOf({}, []),
  smallest: '5',
  usualName: 'gentle against what runs',
  ...more,
});
const body = (...[choices, more]: [Parameters<typeof requestOf>[0], Partial<Facts>?]) => {
  const made = requestOf(choices, facts(more));
  if (!('body' in made)) throw new Error(made.problem);
  return made.body;
};
const judge = (spec: object) => ({ path: 'team/tone "check"', spec }) as unknown as EvaluatorResponse;

describe('the form of an experiment', () => {
  it('asks without further choices for good votes, half and half, guarded by errors', () => {
    expect(body({})).toMatchObject({
      name: 'gentle against what runs',
      arms: [{ weight: 0.5 }, { version_id: 'v2', name: 'gentle', weight: 0.5 }],
      traffic: 1,
      metric: { value: 'vote:good', per_unit: 'any', direction: 'up', missing: 'zero' },
      guards: [{ metric: { value: 'error' }, bound: { ratio: 1 } }],
      smallest_difference: 0.05,
      mode: 'sequential',
      window_hours: 24,
    });
  });

  it('takes differences of costs as they are typed and of shares in points', () => {
    const choices = {
      metric: 'cost',
      guards: [
        { value: 'latency', bound: '250' },
        { value: 'edited', bound: '3' },
      ],
    };
    const made = body(choices, { metric: metricOf(choices, []), smallest: '0,002' });
    expect(made.smallest_difference).toBe(0.002);
    expect(made.guards.map((one) => one.bound)).toEqual([{ difference: 250 }, { difference: 0.03 }]);
  });

  it('says what is in the way, one thing at a time', () => {
    const problem = (...args: Parameters<typeof requestOf>) => {
      const made = requestOf(...args);
      return 'problem' in made ? made.problem : null;
    };
    expect(problem({}, facts({ versions: [] }))).toMatch(/Add a version/);
    expect(problem({ weights: { control: '60', v2: '50' } }, facts())).toMatch(/100 %/);
    expect(problem({}, facts({ metric: metricOf({ metric: 'formula', formula: 'vote:good -' }, []) }))).toMatch(/what decides/);
    expect(problem({}, facts({ smallest: '0' }))).toMatch(/worth having/);
    expect(problem({ traffic: '0' }, facts())).toMatch(/take part/);
    expect(problem({ guards: [{ value: 'error', bound: '0.5' }] }, facts())).toMatch(/bound/);
  });

  it('makes shares that sum to 1', () => {
    const made = weightsOf({ control: '33.3', a: '33.3', b: '33.4' }, ['control', 'a', 'b']);
    expect(made!.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    expect(weightsOf({ control: '50' }, ['control', 'a'])).toBeNull();
    expect(weightsOf({ control: '100', a: '0' }, ['control', 'a'])).toBeNull();
  });

  it('makes metrics of evaluators by their values, whatever their path', () => {
    for (const spec of [
      { return_type: 'boolean' },
      { return_type: 'number' },
      {
        return_type: 'select',
        options: [
          { name: 'very good', valence: 'positive' },
          { name: 'good', valence: 'positive' },
        ],
      },
      { return_type: 'select', options: [{ name: 'rude', valence: 'negative' }] },
    ]) {
      const parsed = parseMetric(metricOfEvaluator(judge(spec))!.value);
      expect(parsed.ok && [...parsed.terms.values()].every((term) => term.type === 'judgment' && term.path === 'team/tone "check"')).toBe(
        true,
      );
    }
    expect(metricOfEvaluator(judge({ return_type: 'select', options: [{ name: 'rude', valence: 'negative' }] }))!.direction).toBe('down');
    expect(metricOfEvaluator(judge({ return_type: 'text' }))).toBeNull();
  });

  it('opens a draft as it was', () => {
    const arms = [
      { id: 'control', control: true, version: null, weight: 0.3 },
      { id: 'b', control: false, version: { id: 'v2' }, weight: 0.7 },
    ];
    const first = body({ weights: { control: '30', v2: '70' }, secondary: ['cost'], hypothesis: 'Kinder' });
    const draft = { ...first, arms, file: { id: 'pr_1' }, environment: { name: 'production' } } as unknown as ExperimentResponse;
    const choices = choicesOf(draft);
    expect(body(choices, { metric: metricOf(choices, []), smallest: choices.smallest! })).toEqual(first);
  });
});
