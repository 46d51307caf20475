import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { compileRedaction, redact, redactionProblem } from './redact.ts';
import type { RedactionRuleInput } from './redact.ts';

interface Table {
  cases: { name: string; rules: [RedactionRuleInput['kind'], string, string][]; log: object; is: object; counts: number[] }[];
  bad: { kind: RedactionRuleInput['kind']; match: string; says: string }[];
}
const table = parse(readFileSync(new URL('../../spec/redaction.yaml', import.meta.url), 'utf8')) as Table;

function ready(...rules: [RedactionRuleInput['kind'], string, string][]) {
  return compileRedaction(rules.map(([kind, match, replacement], i) => ({ name: `rule ${i}`, kind, match, replacement })));
}

describe('redaction', () => {
  test.each(table.cases)('$name', ({ rules, log, is, counts }) => {
    const before = structuredClone(log);
    expect(redact(log, ready(...rules))).toEqual({ value: is, counts });
    expect(log).toEqual(before);
  });

  test.each(table.bad)('$kind rule $match is refused when it is saved', ({ kind, match, says }) => {
    const rule = { name: 'r', kind, match, replacement: 'x' };
    expect(redactionProblem(rule)).toContain(says);
    expect(() => compileRedaction([{ ...rule, kind: 'pattern', match: 'fine' }, rule])).toThrow(/^Redaction rule 2: /);
  });

  test('a log without a hit is returned itself', () => {
    const log = { inputs: { a: 'x' }, output: 'y' };
    expect(redact(log, ready(['field', 'inputs.b', '-'], ['pattern', 'z+', '-'])).value).toBe(log);
  });

  test('redacting twice changes nothing more', () => {
    const rules = ready(['field', 'inputs.email', '[email]'], ['pattern', '\\d{3}', '[number]']);
    const once = redact({ inputs: { email: 'a@b.cd' }, output: 'a@b.cd 123456' }, rules);
    expect(once.value).toEqual({ inputs: { email: '[email]' }, output: '[email] [number][number]' });
    expect(redact(once.value, rules)).toEqual({ value: once.value, counts: [0, 0] });
  });

  test('a __proto__ key is data on the way', () => {
    const log = JSON.parse('{"inputs":{"__proto__":{"email":"ada@example.com"}}}') as object;
    expect(JSON.stringify(redact(log, ready(['pattern', '\\S+@\\S+', '-'])).value)).toBe('{"inputs":{"__proto__":{"email":"-"}}}');
  });

  test('after a pattern rule no text matches it any more, however deep', () => {
    const rules = ready(['pattern', '[0-9]{3,}', '#']);
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: fc.constantFrom('1', '2', 'a', ' ') }), (value) => {
        const strings: string[] = [];
        JSON.stringify(redact({ inputs: value }, rules).value, (_key, item: unknown) => {
          if (typeof item === 'string') strings.push(item);
          return item;
        });
        expect(strings.filter((text) => /[0-9]{3,}/.test(text))).toEqual([]);
      }),
    );
  });

  test('a pattern that would blow up a backtracking engine is harmless', () => {
    expect(redact({ output: 'a'.repeat(100_000) }, ready(['pattern', '(a+)+b', '-'])).counts).toEqual([0]);
  });
});
