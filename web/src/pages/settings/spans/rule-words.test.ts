import type { OtelRule } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { inWords, placeholdersOf, shadowedBy } from './rule-words.ts';

const said = (rule: OtelRule): string =>
  inWords(rule)
    .map(({ text, code }) => (code ? `‹${text}›` : text))
    .join('');
const equal = (attribute: string, value: string) => ({ attribute, is: 'equal' as const, value });
const present = (attribute: string) => ({ attribute, is: 'present' as const });
const rule = (when: OtelRule['when'], kind: OtelRule['kind'] = null): OtelRule => ({ when, kind, path: 'a/b' });

describe('a rule in words', () => {
  it('is one sentence, with what the rule says literally marked', () => {
    expect(
      said({
        kind: 'prompt',
        when: [equal('service.name', 'shop'), { attribute: 'gen_ai.request.model', is: 'starting', value: 'gpt-' }, present('user.id')],
        path: 'shop/{gen_ai.agent.name}',
      }),
    ).toBe(
      'Model calls whose ‹service.name› is ‹shop› and whose ‹gen_ai.request.model› starts with ‹gpt-› and that have ‹user.id› go to the prompt ‹shop/{gen_ai.agent.name}›, where ‹{gen_ai.agent.name}› is what the span says.',
    );
    expect(said(rule([{ attribute: 'span.name', is: 'containing', value: 'x' }]))).toBe(
      'Spans whose ‹span.name› contains ‹x› go to the file ‹a/b›.',
    );
  });

  it('names each part of the path that the span fills in once', () => {
    expect(placeholdersOf('{a}/{b.c}/{a}/{}')).toEqual(['a', 'b.c']);
    expect(said({ ...rule([present('a')]), path: '{a}/{b}/{c}' })).toContain('where ‹{a}›, ‹{b}› and ‹{c}› are what the span says.');
  });
});

describe('a rule that an earlier one leaves nothing', () => {
  it.each([
    ['the same condition', [equal('a', 'x')], [equal('a', 'x')], true],
    ['a narrower value', [{ attribute: 'a', is: 'starting', value: 'x' }], [equal('a', 'xy')], true],
    ['one more condition', [equal('a', 'x')], [equal('b', 'y'), equal('a', 'x')], true],
    ['presence', [present('a')], [{ attribute: 'a', is: 'containing', value: 'x' }], true],
    [
      'a part of a value that must be there',
      [{ attribute: 'a', is: 'containing', value: 'x' }],
      [{ attribute: 'a', is: 'starting', value: 'ax' }],
      true,
    ],
    ['another value', [equal('a', 'x')], [equal('a', 'y')], false],
    ['a wider one', [equal('a', 'x'), equal('b', 'y')], [equal('a', 'x')], false],
    [
      'a start that may be anywhere',
      [{ attribute: 'a', is: 'starting', value: 'x' }],
      [{ attribute: 'a', is: 'containing', value: 'x' }],
      false,
    ],
    ['another attribute', [present('a')], [present('b')], false],
  ] as [string, OtelRule['when'], OtelRule['when'], boolean][])('is found by %s', (_by, earlier, later, found) => {
    expect(shadowedBy([rule(earlier), rule(later)], 1)).toBe(found ? 0 : null);
  });

  it('may be of the same kind or of one that the earlier does not ask for', () => {
    const both = [equal('a', 'x')];
    expect(shadowedBy([rule(both, 'prompt'), rule(both, 'tool')], 1)).toBe(null);
    expect(shadowedBy([rule(both, 'prompt'), rule(both)], 1)).toBe(null);
    expect(shadowedBy([rule(both), rule(both, 'tool')], 1)).toBe(0);
  });
});
