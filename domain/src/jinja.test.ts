import { readFileSync } from 'node:fs';
import type { AnyObject } from '@whetstone/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jinjaProblem, jinjaVariables, listJinjaCalls, renderJinja } from './jinja.ts';
import { variables } from './variables.ts';

interface Table {
  inputs: AnyObject;
  calls: Record<string, string>;
  cases: { template: string; is?: string; fails?: string; names?: string[]; with?: AnyObject }[];
}
const table = parse(readFileSync(new URL('../../spec/jinja.yaml', import.meta.url), 'utf8')) as Table;
const results = new Map(Object.entries(table.calls));

describe('the Jinja dialect', () => {
  test('the table is read', () => expect(table.cases.length).toBeGreaterThan(20));

  test.each(table.cases)('$template', ({ template, is, fails, names, with: more }) => {
    const rendered = renderJinja(template, { ...table.inputs, ...more }, { results });
    if (is !== undefined) expect(rendered).toEqual({ ok: true, value: is });
    if (fails !== undefined)
      expect(rendered).toMatchObject({ ok: false, reason: 'invalid', message: expect.stringContaining(fails) as string });
    if (names !== undefined) expect(jinjaVariables(template)).toEqual(names);
  });

  test('each message is a template of its own', () => {
    const template = [
      { role: 'system' as const, content: '{% set x = name %}{{ x }}' },
      { role: 'user' as const, content: [{ type: 'text' as const, text: '{{ x }}{{ q }}' }] },
    ];
    expect(renderJinja(template, { name: 'Ada', q: 'why' })).toEqual({
      ok: true,
      value: [
        { role: 'system', content: 'Ada' },
        { role: 'user', content: [{ type: 'text', text: 'why' }] },
      ],
    });
    expect(variables(template, 'jinja')).toEqual(['name', 'x', 'q']);
    expect(variables(template, 'default')).toEqual(['x', 'q']);
  });

  test('calls are listed with constants and inputs as arguments', () => {
    expect(listJinjaCalls("{{ tone('a') }}{% if x %}{{ tone(name, 2) }}{% endif %}{{ range(3) }}", { name: 'Ada' })).toEqual([
      { key: 'tone("a")', name: 'tone', args: ['a'] },
      { key: 'tone("Ada", 2)', name: 'tone', args: ['Ada', 2] },
    ]);
  });

  test('a template that does not parse says why and has no variables', () => {
    expect(jinjaProblem('{% if %}')).not.toBeNull();
    expect(jinjaProblem('{{ fine }}')).toBeNull();
    expect(jinjaVariables('{% if %}')).toEqual([]);
  });
});

describe('T3: hostile Jinja ends and stays inside', () => {
  test('whatever a value holds, it appears literally', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', '%', ' ', 'a', '#', '"', '-') }), (value) => {
        expect(renderJinja('<{{ v }}>', { v: value })).toEqual({ ok: true, value: `<${value}>` });
      }),
    );
  });

  test.each([
    ['a loop of loops', '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}', /steps/],
    ['a range without bound', '{% for a in range(999999999) %}{% endfor %}', /limited/],
    ['a backward range', '{% for a in range(0, 999999999, -1) %}{% endfor %}{{ range(5, 0, 0) }}', /step other than zero/],
    ['deep nesting', `${'{{ ('.repeat(1)}${'('.repeat(50_000)}`, /cannot be rendered/],
    ['a macro that calls itself', '{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}', /nested too deeply|steps/],
  ])('%s is refused', (_name, template, says) => {
    const rendered = renderJinja(template, {}, { maxSteps: 100_000 });
    expect(rendered).toMatchObject({ ok: false, reason: 'invalid', message: expect.stringMatching(says) as string });
  });

  test('a text that doubles is stopped at the cap', () => {
    const doubling = "{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}";
    expect(renderJinja(doubling, {}, { maxChars: 1000 })).toMatchObject({ ok: false, reason: 'too_large' });
    expect(renderJinja('{{ x }}{{ x }}{{ x }}', { x: 'abcde' }, { maxChars: 12 })).toMatchObject({ ok: false, reason: 'too_large' });
  });

  test('rendering changes nothing outside', () => {
    const inputs = { user: { a: 1 } };
    renderJinja('{% set user = 1 %}{% set x = [].append(1) %}{{ {}.__proto__ }}', inputs);
    expect(inputs).toEqual({ user: { a: 1 } });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
