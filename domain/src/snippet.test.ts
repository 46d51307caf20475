import { describe, expect, it } from 'vitest';
import { snippetEntries } from './snippet.ts';

describe('the entries of a snippet', () => {
  it.each([
    [{ snippets: [{ key: 'a', value: 'A' }, { name: 'b', text: 'B' }, { key: 'c' }, 'd'] }],
    [{ snippets: { a: 'A', b: 'B' } }],
    [{ values: { a: 'A', b: 'B' } }],
    [{ a: 'A', b: 'B' }],
  ])('are read from %j', (setup) => {
    expect([...snippetEntries(setup)]).toEqual([
      ['a', 'A'],
      ['b', 'B'],
    ]);
  });

  it('are text: other values are written as JSON', () => {
    expect(snippetEntries({ a: { b: 1 }, c: 2 })).toEqual(
      new Map([
        ['a', '{"b":1}'],
        ['c', '2'],
      ]),
    );
    expect(snippetEntries({ snippets: 'nothing of the kind' })).toEqual(new Map());
  });
});
