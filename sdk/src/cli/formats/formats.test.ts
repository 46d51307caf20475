import type { AnyObject } from '@whetstone/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatOf, FormatError, readName } from './index.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 200 }).map((value) => value.toWellFormed().replaceAll('\0', ''));
const lines = fc
  .array(fc.oneof(text, fc.constantFrom('---', '', '  x', 'def f():', '<<<<<<< here', '\t')), { maxLength: 8 })
  .map((all) => all.join('\n'));
const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value).replaceAll('__proto__', 'proto')) as unknown);
const object = fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), json, { maxKeys: 4 }).map((value) => ({ ...value }));
const said = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
const print = (kind: Parameters<typeof formatOf>[0], version: AnyObject) => formatOf(kind).print?.(version) ?? '';
const parse = (kind: Parameters<typeof formatOf>[0], source: string) => formatOf(kind).parse(source);

describe('files as text', () => {
  it('gives back the code of an evaluator to the letter, whatever lines it has', () => {
    fc.assert(
      fc.property(lines, fc.constantFrom('boolean', 'number', 'text'), (code, returnType) => {
        const spec = { evaluator_type: 'python', arguments_type: 'target_free', return_type: returnType, code };
        expect(parse('evaluator', print('evaluator', { spec }))).toEqual({ spec });
      }),
    );
  });

  it('gives back what reviewers and judging models are told', () => {
    fc.assert(
      fc.property(lines, (told) => {
        const human = {
          evaluator_type: 'human',
          arguments_type: 'target_free',
          return_type: 'text',
          ...(told === '' ? {} : { instructions: told }),
        };
        expect(parse('evaluator', print('evaluator', { spec: human }))).toEqual({ spec: human });
        const judge = {
          evaluator_type: 'llm',
          arguments_type: 'target_free',
          return_type: 'boolean',
          prompt: { model: 'm', template: [{ role: 'user', content: told }] },
        };
        const back = parse('evaluator', print('evaluator', { spec: judge }))['spec'] as typeof judge;
        expect(back.prompt.template[0]?.content ?? '').toBe(told);
      }),
    );
  });

  it('gives back tools and flows with whatever JSON they hold', () => {
    fc.assert(
      fc.property(lines, object, object, (source, settings, attributes) => {
        const kernel = {
          tool_type: 'python',
          ...(Object.keys(settings).length === 0 ? {} : { setup_values: settings }),
          ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
          ...(source === '' ? {} : { source_code: source }),
        };
        expect(said(parse('tool', print('tool', kernel)))).toEqual(said(kernel));
        expect(said(parse('flow', print('flow', { attributes })))).toEqual({ attributes: said(attributes) });
      }),
    );
  });

  it('gives back every datapoint, one a line', () => {
    const datapoint = fc.record(
      {
        inputs: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), text, { minKeys: 1, maxKeys: 3 }),
        target: fc.record({ output: text }),
        split: fc.constantFrom('train', 'test'),
        tags: fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 3 }),
        metadata: fc.record({ log_id: text }),
      },
      { requiredKeys: ['inputs'] },
    );
    fc.assert(
      fc.property(fc.array(datapoint, { maxLength: 5 }), (given) => {
        const datapoints = said(given) as AnyObject[];
        const printed = print('dataset', { datapoints, attributes: { source: 'logs' } });
        expect(printed.split('\n')).toHaveLength(datapoints.length + 2);
        expect(said(parse('dataset', printed))).toEqual({ action: 'set', attributes: { source: 'logs' }, datapoints });
      }),
    );
  });

  it.each([
    ['evaluator', 'no front matter', 1],
    ['evaluator', '---\nevaluator_type: llm\nreturn_type: boolean\n---\n---\nmodel: m\ntemperature: hot\n---\n', 7],
    ['tool', '---\nfunction: {\n---\n', 2],
    ['flow', '---\n- a list\n---\n', 2],
    ['dataset', '{}\n[1]\n', 2],
    ['dataset', '{"input": {}}\n', 1],
  ] as const)('names the line of what is wrong in %s text %j', (kind, source, line) => {
    let error: unknown;
    try {
      parse(kind, source);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FormatError);
    expect((error as FormatError).line).toBe(line);
  });

  it('knows a file by its name', () => {
    expect(readName('a/b.prompt')).toMatchObject({ path: 'a/b', format: { kind: 'prompt' } });
    expect(readName('a/b.v2.dataset.jsonl')).toMatchObject({ path: 'a/b.v2', format: { kind: 'dataset' } });
    expect(readName('a/b.jsonl')).toBeNull();
    expect(readName('.prompt')).toBeNull();
  });
});
