import type { PromptKernel } from '@whetstone/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffKernels } from './diff.ts';
import { lineDiff, wordDiff } from './text-diff.ts';
import type { TextChange } from './text-diff.ts';

const base: PromptKernel = {
  model: 'gpt-4o',
  template: [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: '{{q}}' },
  ],
  tools: [{ name: 'search', parameters: { type: 'object', properties: { q: { type: 'string' } } } }],
};

describe('difference of versions', () => {
  test('equal content has none, however it is written', () => {
    expect(diffKernels(base, { ...base, temperature: 1, provider: 'openai', linked_tools: [], seed: null })).toEqual([]);
  });

  test('a parameter that left its default shows the default', () => {
    expect(diffKernels(base, { ...base, temperature: 0.2, seed: 7, model: 'o3' })).toEqual([
      { path: 'model', kind: 'changed', before: 'gpt-4o', after: 'o3' },
      { path: 'temperature', kind: 'changed', before: 1, after: 0.2 },
      { path: 'seed', kind: 'added', before: null, after: 7 },
    ]);
  });

  test('an inserted message is added, and those after it did not change', () => {
    const template = [{ role: 'system' as const, content: 'New.' }, ...(base.template as [])];
    expect(diffKernels(base, { ...base, template })).toEqual([{ path: 'template[0]', kind: 'added', before: null, after: template[0] }]);
  });

  test('an edited message is compared inside', () => {
    const template = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: '{{q}}' },
    ];
    expect(diffKernels(base, { ...base, template })).toEqual([
      { path: 'template[0].content', kind: 'changed', before: 'Be kind.', after: 'Be brief.' },
    ]);
    expect(diffKernels(base, { ...base, template: template.slice(0, 1) }).map(({ path, kind }) => [path, kind])).toEqual([
      ['template[0].content', 'changed'],
      ['template[1]', 'removed'],
    ]);
  });

  test('messages instead of a text are one change', () => {
    expect(diffKernels({ model: 'm', template: 'Hi' }, { model: 'm', template: [] })).toEqual(
      [{ path: 'template', kind: 'changed', before: 'Hi', after: null }].map((change) => ({ ...change, kind: 'removed' })),
    );
    expect(diffKernels({ model: 'm', template: 'Hi' }, base).find((change) => change.path === 'template')).toMatchObject({
      kind: 'changed',
      before: 'Hi',
    });
  });

  test('tools are known by name', () => {
    const search = { name: 'search', parameters: { type: 'object', properties: { q: { type: 'number' } } } };
    expect(diffKernels(base, { ...base, tools: [{ name: 'other' }, search] })).toEqual([
      { path: 'tools.search.parameters.properties.q.type', kind: 'changed', before: 'string', after: 'number' },
      { path: 'tools.other', kind: 'added', before: null, after: { name: 'other' } },
    ]);
    const two = { ...base, tools: [{ name: 'a' }, { name: 'b' }] };
    expect(diffKernels(two, { ...base, tools: [{ name: 'b' }, { name: 'a' }] })).toEqual([
      { path: 'tools', kind: 'changed', before: ['a', 'b'], after: ['b', 'a'] },
    ]);
  });

  test('attributes are compared by key, nulls and strange keys included', () => {
    expect(diffKernels({ attributes: { a: { x: 1 }, 'b c': null } }, { attributes: { a: { x: 2 }, d: null } })).toEqual([
      { path: 'attributes.a.x', kind: 'changed', before: 1, after: 2 },
      { path: 'attributes["b c"]', kind: 'removed', before: null, after: null },
      { path: 'attributes.d', kind: 'added', before: null, after: null },
    ]);
  });

  test("a judge's prompt is compared as a prompt, a tool by its code", () => {
    const spec = { evaluator_type: 'llm', return_type: 'boolean', arguments_type: 'target_free' } as const;
    expect(diffKernels({ spec: { ...spec, prompt: base } }, { spec: { ...spec, prompt: { ...base, tools: [] } } })).toMatchObject([
      { path: 'spec.prompt.tools.search', kind: 'removed' },
    ]);
    expect(diffKernels({ source_code: 'a' }, { source_code: 'b' })).toEqual([
      { path: 'source_code', kind: 'changed', before: 'a', after: 'b' },
    ]);
  });
});

describe('difference of texts', () => {
  const textOf = (changes: readonly TextChange[], without: TextChange['kind']) =>
    changes.flatMap((change) => (change.kind === without ? [] : [change.text])).join('');

  test.each([
    ['lines', lineDiff],
    ['words', wordDiff],
  ])('by %s, the pieces join to both texts', (_name, diff) => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b ', ' ', '\n', '\r\n', 'é', '👩‍👧', '.') });
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changes = diff(before, after);
        expect(textOf(changes, 'added')).toBe(before);
        expect(textOf(changes, 'removed')).toBe(after);
        expect(before !== after || changes.every((change) => change.kind === 'same')).toBe(true);
      }),
    );
  });

  test('a changed word is found in its line', () => {
    expect(wordDiff('Be very kind.', 'Be very brief.')).toEqual([
      { kind: 'same', text: 'Be very ' },
      { kind: 'removed', text: 'kind' },
      { kind: 'added', text: 'brief' },
      { kind: 'same', text: '.' },
    ]);
    expect(lineDiff('a\nb\nc\n', 'a\nx\nc\n').map((change) => change.kind)).toEqual(['same', 'removed', 'added', 'same']);
  });

  test('two long texts without a common line are one replacement', () => {
    const lines = (prefix: string) => Array.from({ length: 3000 }, (_, i) => `${prefix}${i}\n`).join('');
    expect(lineDiff(lines('a'), lines('b')).map((change) => change.kind)).toEqual(['removed', 'added']);
  });
});
