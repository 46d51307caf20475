import { readFileSync } from 'node:fs';
import { AppError } from '@whetstone/contract';
import type { AnyObject, ChatMessage } from '@whetstone/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scanTemplate } from './template-scan.ts';
import { escapeTemplate, listCalls, renderError, renderTemplate, templateVariables } from './template.ts';

interface Table {
  inputs: AnyObject;
  calls: Record<string, string>;
  cases: { template: string; is?: string; missing?: string[]; fails?: string; names?: string[] }[];
}
const table = parse(readFileSync(new URL('../../spec/templates.yaml', import.meta.url), 'utf8')) as Table;
const results = new Map(Object.entries(table.calls));
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('{', '}', '{{', '}}', '"', "'", '(', ')', '\\', 'a', '.', ' '),
    fc.string({ unit: 'grapheme', maxLength: 1 }),
  ),
});

describe('the default dialect', () => {
  test('the table is read', () => expect(table.cases.length).toBe(40));

  test.each(table.cases)('$template', ({ template, is, missing, fails, names }) => {
    const rendered = renderTemplate(template, table.inputs, { results });
    if (is !== undefined) expect(rendered).toEqual({ ok: true, value: is });
    if (missing !== undefined) expect(rendered).toMatchObject({ ok: false, reason: 'missing', missing });
    if (fails !== undefined)
      expect(rendered).toMatchObject({ ok: false, reason: 'invalid', message: expect.stringContaining(fails) as string });
    if (names !== undefined) expect(templateVariables(template)).toEqual(names);
  });

  test('messages are filled in their texts and image URLs, and nowhere else', () => {
    const template: ChatMessage[] = [
      { role: 'system', content: 'You help {{name}}.', name: '{{name}}' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '{{q}}' },
          { type: 'image_url', image_url: { url: 'https://example.com/{{id}}', detail: 'low' } },
        ],
      },
      { role: 'assistant', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":"{{name}}"}' } }] },
    ];
    expect(templateVariables(template)).toEqual(['name', 'q', 'id']);
    expect(renderTemplate(template, { name: 'Ada', q: 'why', id: 7 })).toEqual({
      ok: true,
      value: [
        { role: 'system', content: 'You help Ada.', name: '{{name}}' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'why' },
            { type: 'image_url', image_url: { url: 'https://example.com/7', detail: 'low' } },
          ],
        },
        template[2],
      ],
    });
  });

  test('every missing name is told at once, in the shape of a 422', () => {
    const rendered = renderTemplate('{{a}}{{b.c}}{{a}}', {});
    if (rendered.ok) throw new Error('rendered');
    const error = renderError(rendered);
    expect(error).toBeInstanceOf(AppError);
    expect(error.status).toBe(422);
    expect(error.message).toBe('The template needs values for `a`, `b.c`. Send them in `inputs`.');
    expect(error.details?.map((detail) => detail.loc)).toEqual([
      ['body', 'inputs', 'a'],
      ['body', 'inputs', 'b.c'],
    ]);
  });

  test('equal calls are listed once, and one that lacks an argument not at all', () => {
    expect(listCalls('{{f("x")}}{{ f( \'x\' ) }}{{f(name)}}{{f(absent)}}', { name: ['x'] })).toEqual([
      { key: 'f("x")', name: 'f', args: ['x'] },
      { key: 'f(["x"])', name: 'f', args: [['x']] },
    ]);
  });

  test('an output over the cap is refused, over all messages together', () => {
    const message: ChatMessage = { role: 'user', content: '{{x}}' };
    expect(renderTemplate([message, message], { x: 'abcde' }, { maxChars: 10 }).ok).toBe(true);
    expect(renderTemplate([message, message, message], { x: 'abcde' }, { maxChars: 10 })).toMatchObject({ ok: false, reason: 'too_large' });
  });
});

describe('T3: values cannot inject templates', () => {
  test('whatever a value holds, it appears literally', () => {
    fc.assert(
      fc.property(anyText, anyText, (value, other) => {
        expect(renderTemplate('<{{v}}|{{ v }}|{{o}}>', { v: value, o: other })).toEqual({
          ok: true,
          value: `<${value}|${value}|${other}>`,
        });
      }),
    );
  });

  test('what a tool answered appears literally too', () => {
    fc.assert(
      fc.property(anyText, (result) => {
        expect(renderTemplate('{{ f("x") }}!', {}, { results: new Map([['f("x")', result]]) })).toEqual({ ok: true, value: `${result}!` });
      }),
    );
  });

  test('escaped text renders to itself, whatever surrounds it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(!text.endsWith('{'));
        expect(renderTemplate(`${escapeTemplate(text)}{{v}}`, { v: 'V' })).toEqual({ ok: true, value: `${text}V` });
      }),
    );
  });

  test('any text is scanned without loss: expressions stand where they say', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        let end = 0;
        for (const part of scanTemplate(text)) {
          if (part.type === 'text') continue;
          expect(part.start).toBeGreaterThanOrEqual(end);
          expect(text.slice(part.start, part.start + 2) + text.slice(part.end - 2, part.end)).toBe('{{}}');
          end = part.end;
        }
      }),
    );
  });

  test('a megabyte of half-open expressions is scanned, not backtracked over', () => {
    for (const piece of ['{{', '{{ a(', '{{"', "{{a('", '{{a '])
      expect(scanTemplate(piece.repeat(1_000_000 / piece.length))).toHaveLength(1);
    expect(scanTemplate(`{{${' '.repeat(1_000_000)}`)).toHaveLength(1);
  });
});
