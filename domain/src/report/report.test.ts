import type { EvaluatorSpec, JudgmentValue } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import type { ReportInput } from './input.ts';
import { junitHead } from './junit.ts';
import { reportMarkdown } from './markdown.ts';
import { buildReport } from './report.ts';
import { outcomeOf, scaleOf } from './scale.ts';
import { fieldsOf, traitsOf } from './traits.ts';
import { intervalWords, short } from './words.ts';

const spec = (return_type: EvaluatorSpec['return_type'], more: Partial<EvaluatorSpec> = {}): EvaluatorSpec =>
  ({ evaluator_type: 'external', arguments_type: 'target_free', return_type, ...more }) as EvaluatorSpec;
const options = [
  { name: 'clear', valence: 'positive' as const },
  { name: 'rude', valence: 'negative' as const },
  { name: 'long', valence: 'neutral' as const },
];

describe('judgments as numbers', () => {
  it.each<[string, EvaluatorSpec, JudgmentValue, number | string]>([
    ['true', spec('boolean'), true, 1],
    ['text for a boolean', spec('boolean'), 'true', 'wrong_type'],
    ['a number within its limits', spec('number', { number_limits: { min: 1, max: 5 } }), 4, 4],
    ['a number beyond them', spec('number', { number_limits: { min: 1, max: 5 } }), 6, 'wrong_type'],
    ['no number', spec('number'), Number.NaN, 'wrong_type'],
    ['a good option', spec('select', { options }), 'clear', 1],
    ['a bad option', spec('select', { options }), 'rude', 0],
    ['an option that is neither', spec('select', { options }), 'long', 'neutral'],
    ['no option', spec('select', { options }), 'blue', 'wrong_type'],
    ['several options, by the share of good ones', spec('multi_select', { options }), ['clear', 'rude', 'long'], 0.5],
    ['no options chosen', spec('multi_select', { options }), [], 'neutral'],
    ['text', spec('text'), 'anything', 'neutral'],
  ])('%s', (_name, given, value, expected) => {
    expect(scaleOf(given).read(value)).toBe(expected);
  });
  it('are good or bad at the ends of the range, by the direction', () => {
    const latency = scaleOf(spec('number', { number_limits: { min: 0, max: 10 }, number_valence: 'negative' }));
    expect([0, 5, 10].map((value) => outcomeOf(latency, value))).toEqual(['good', 'neutral', 'bad']);
    expect(outcomeOf(scaleOf(spec('number')), 3)).toBe('neutral');
  });
});

const input = (
  evaluator: EvaluatorSpec,
  runs: readonly (readonly (JudgmentValue | null)[])[],
  more: Partial<ReportInput> = {},
): ReportInput => ({
  evaluation: { id: 'evr_1', name: '<b>a | b</b>', fileId: null, status: 'completed' },
  cases: Array.from({ length: runs[0]?.length ?? 0 }, (_, i) => `dp_${i}`),
  groups: null,
  evaluators: [{ versionId: 'evv_1', fileId: 'ev_1', path: 'judges/one', name: 'one', spec: evaluator }],
  runs: runs.map((values, i) => ({
    run_id: `rn_${i}`,
    label: 'same',
    version: null,
    dataset: null,
    control: false,
    status: 'completed',
    created_at: '2026-11-01T00:00:00.000Z',
    members: null,
    judgedBeforeSettings: false,
    logs: values.map((value, at) => ({
      at,
      failed: false,
      costUsd: i === 0 ? 0.002 : 0.001,
      costEstimated: false,
      latencyMs: null,
      promptTokens: 3,
      outputTokens: null,
      judgments: [value === null ? null : { value, failed: false }],
    })),
  })),
  ...more,
});
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('a report from arrays', () => {
  it('calls runs of one name apart', () => {
    expect(buildReport(input(spec('boolean'), [[true], [false]])).runs.map(({ label }) => label)).toEqual(['same (run 1)', 'same (run 2)']);
  });
  it('says which is cheaper by the median of what cases differ in, and knows no latency where none was measured', () => {
    const { measures } = buildReport(input(spec('boolean'), [range(20).map(() => true), range(20).map(() => true)]));
    expect(measures[0]?.comparisons[0]).toMatchObject({ verdict: 'better', exploratory: true, became_better: 20 });
    expect(measures[0]?.comparisons[0]?.sentence).toBe('same (run 2) is cheaper by $0.001 to $0.001 a case (median).');
    expect(measures[1]?.scores[0]).toMatchObject({ estimate: null, n: 0 });
    expect(measures[1]?.comparisons[0]).toMatchObject({ verdict: 'cannot_tell', not_compared: 20 });
  });
  it('says of a number without a direction that it is higher, and not that it is better', () => {
    const words = spec('number', { number_valence: 'neutral', number_limits: { min: 0, max: 100 } });
    const [judge] = buildReport(input(words, [range(40).map((i) => 10 + (i % 5)), range(40).map((i) => 50 + (i % 7))])).evaluators;
    expect(judge?.comparisons[0]).toMatchObject({ verdict: 'cannot_tell', reason: 'no_direction' });
    expect(judge?.comparisons[0]?.sentence).toMatch(
      /^same \(run 2\) is higher than same \(run 1\) by .+ does not say whether more is better\.$/,
    );
  });
  it('gives text no score', () => {
    const report = buildReport(input(spec('text'), [['a'], ['b']]));
    expect(report.evaluators[0]?.scores[0]).toMatchObject({ estimate: null, reason: 'no_order', judged: 1 });
    expect(report.verdict).toEqual({ word: 'nothing', sentence: 'No evaluator gives a score yet, so there is nothing to compare by.' });
  });
  it('puts whole numbers that are few into bins of their own, and others into ten of the range', () => {
    const stars = buildReport(input(spec('number', { number_limits: { min: 1, max: 5 } }), [[1, 5, 5]])).evaluators[0]?.scores[0]
      ?.distribution;
    expect(stars).toEqual({
      type: 'numbers',
      bins: [1, 2, 3, 4, 5].map((n) => ({ from: n, to: n, count: n === 1 ? 1 : n === 5 ? 2 : 0 })),
    });
    const unit = buildReport(input(spec('number', { number_limits: { min: 0, max: 1 } }), [[0.05, 0.95, 1]])).evaluators[0]?.scores[0]
      ?.distribution;
    expect(unit?.type === 'numbers' && unit.bins.map(({ count }) => count)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
  });
  it('lets no name break Markdown or JUnit', () => {
    const report = buildReport(input(spec('boolean'), [[true], [false]]));
    expect(reportMarkdown(report)).toContain('# \\<b\\>a \\| b\\</b\\>');
    expect(junitHead({ ...report, name: 'a\u0000"<&' })).toContain('<testsuites name="a\uFFFD&quot;&lt;&amp;">');
  });
});

describe('traits', () => {
  const cases = range(12).map((i) => ({
    inputs: { id: `n${i}`, country: i < 6 ? 'DE' : 'FR' },
    messages: [{ role: 'user' as const, content: i < 4 ? 'I want a Refund' : 'hello there' }],
    metadata: { plan: i % 2 === 0 ? 'pro' : 'free' },
    split: null,
    tags: i === 0 ? ['x'] : [],
  }));
  const facts = { cases, answers: cases.map((_, i) => ({ outputLength: i, failed: i === 3, finishReason: null, model: 'm' })) };
  it('name what groups anything first', () => {
    expect(fieldsOf('input', facts)).toEqual(['country', 'id']);
    expect(fieldsOf('tag', facts)).toEqual(['metadata.plan', 'tag']);
  });
  it('are cut by value, by quarters of length, and by words that some mention', () => {
    expect(traitsOf('input', facts).map(({ filter, cases: at }) => [filter, at.length])).toEqual([
      ['input.country=DE', 6],
      ['input.country=FR', 6],
    ]);
    expect(traitsOf('output_length', facts).map(({ value, cases: at }) => [value, at.length])).toEqual([
      ['up to 2 characters', 3],
      ['3 to 5 characters', 3],
      ['6 to 8 characters', 3],
      ['9 to 11 characters', 3],
    ]);
    expect(traitsOf('topic', facts).map(({ filter }) => filter)).toContain('topic=refund');
    expect(traitsOf('error', facts).find(({ value }) => value === 'failed')?.cases).toEqual([3]);
  });
});

it('numbers are short and keep what they mean', () => {
  expect([0, 0.000_038_7, 0.0123, 1.234, 12.34, 840.2, 123_456].map(short)).toEqual([
    '0',
    '0.0000387',
    '0.0123',
    '1.23',
    '12.3',
    '840',
    '123456',
  ]);
  expect(intervalWords('points', { estimate: 0.82, lower: 0.74, upper: 0.88 })).toBe('82.0 % (74.0 to 88.0)');
  expect(intervalWords('ms', { estimate: null, lower: null, upper: null })).toBe('unknown');
});
