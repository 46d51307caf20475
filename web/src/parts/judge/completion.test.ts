import { describe, expect, it } from 'vitest';
import { completeFields, detailOf, pathsOf } from './completion.ts';

const log = { output: 'Hello', inputs: { question: 'Why?', 'the time': 1 }, messages: [{ role: 'user', content: 'x' }], error: null };
const roots = new Map<string, unknown>([
  ['log', log],
  ['testcase', { target: { answer: 'Hi' } }],
]);
const labels = (text: string, language: 'python' | 'javascript' = 'python') =>
  completeFields(text, roots, language)?.options.map(({ label }) => label) ?? null;

describe('fields of a real log', () => {
  it('are offered wherever one can be named', () => {
    expect(labels('  if log["')).toEqual(['output', 'inputs', 'messages', 'error']);
    expect(labels('return log["inputs"]["qu')).toEqual(['question']);
    expect(labels('x = log.get("inputs", {}).get("')).toEqual(['question', 'the time']);
    expect(labels('return log?.inputs.', 'javascript')).toEqual(['question', 'the time']);
    expect(labels('log["messages"][0]["')).toEqual(['role', 'content']);
    expect(labels('testcase["target"]["')).toEqual(['answer']);
  });

  it('are not offered elsewhere', () => {
    expect(labels('catalog["')).toBeNull();
    expect(labels('other.log["')).toBeNull();
    expect(labels('log["output"]["')).toBeNull();
    expect(labels('log["inputs"]["nothing"]["')).toBeNull();
    expect(labels('log["inputs"')).toBeNull();
  });

  it('are written as the language wants', () => {
    const python = completeFields('log.inp', roots, 'python');
    expect(python).toMatchObject({ from: 3, options: [{ apply: '["inputs"]' }] });
    const javascript = completeFields('log?.inputs?.', roots, 'javascript');
    expect(javascript).toMatchObject({ from: 11, options: [{ apply: '?.question' }, { apply: '?.["the time"]' }] });
  });

  it('tell what stands there', () => {
    expect(detailOf('x'.repeat(80))).toHaveLength(36);
    expect([detailOf(null), detailOf([1, 2]), detailOf({ a: 1, b: 2 }), detailOf(0.5)]).toEqual([
      'nothing',
      'list of 2',
      '{ a, b }',
      '0.5',
    ]);
  });
});

it('names every path that a template may use', () => {
  expect(pathsOf('log', log)).toEqual(['log.output', 'log.inputs.question', 'log.messages', 'log.error']);
});
