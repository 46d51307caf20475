import { describe, expect, it } from 'vitest';
import { completions, evaluatorOf } from './completions.ts';
import { filterProblem, term, toggleTerm, wordAt } from './filter-text.ts';

describe('editing a filter', () => {
  it('adds a term and takes it out again, whatever stands around it', () => {
    const failing = toggleTerm('"money back" (a OR b)', 'status:error');
    expect(failing).toBe('"money back" (a OR b) status:error');
    expect(toggleTerm(failing, 'status:error')).toBe('"money back" (a OR b)');
  });
  it('quotes a value that would not be read as one word', () => {
    expect(term('user', 'Ada "the" first')).toBe('user:"Ada \\"the\\" first"');
    expect(filterProblem(term('user', 'a (b, c'))).toBeNull();
  });
  it('says what is wrong with what is no filter', () => {
    expect(filterProblem('status:broken')).toContain('one of');
    expect(filterProblem('status:error')).toBeNull();
  });
  it('finds the word under the cursor', () => {
    expect(wordAt('status:error mod', 16)).toEqual({ start: 13, end: 16, word: 'mod' });
  });
});

describe('completion', () => {
  const facets = { model: [{ value: 'swift-1', label: null, count: 12 }], file: [{ value: 'pr_1', label: 'support/answer', count: 3 }] };
  it('offers fields until there is a colon', () => {
    expect(completions('lat', {}).map((one) => one.insert)).toEqual(['latency>']);
  });
  it('offers the values that occur, and keeps a minus', () => {
    expect(completions('-model:sw', facets).map((one) => one.insert)).toEqual(['-model:swift-1']);
  });
  it('offers evaluators, and then what they say', () => {
    const judged = {
      judged: ['quality/vote', 'by hand/vote'].map((value) => ({ value, label: null, count: 0 })),
      'judged values': ['bad', 'not so good'].map((value) => ({ value, label: null, count: 0 })),
    };
    expect(completions('-judged:vot', judged).map((one) => one.insert)).toEqual(['-judged:quality/vote', '-judged:"by hand/vote"']);
    expect(completions('judged:"by hand/vote"=', judged).map((one) => one.insert)).toEqual([
      'judged:"by hand/vote"=bad',
      'judged:"by hand/vote"="not so good"',
    ]);
    expect(evaluatorOf('-judged:quality/vote=b')).toBe('quality/vote');
    expect(evaluatorOf('judged:quality/vote')).toBeNull();
    expect(wordAt('status:ok judged:"by hand/v', 27).word).toBe('judged:"by hand/v');
    expect(wordAt('"a b" judged:"by hand/vote"=ba', 30).word).toBe('judged:"by hand/vote"=ba');
  });
  it('names a file by its path', () => {
    expect(completions('file:ans', facets).map((one) => one.insert)).toEqual(['file:support/answer']);
  });
});
