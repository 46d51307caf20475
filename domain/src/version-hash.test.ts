import { createHash } from 'node:crypto';
import type { PromptKernel } from '@whetstone/contract';
import { describe, expect, test } from 'vitest';
import { canonicalKernel, contentHash, identifyVersion, versionId } from './version-hash.ts';
import { versionHue } from './version-hue.ts';

const bare: PromptKernel = { model: 'gpt-4o', template: [{ role: 'user', content: 'Hi {{name}}' }] };

describe('content of a version', () => {
  test('nulls and documented defaults say nothing', () => {
    const full: PromptKernel = {
      ...bare,
      provider: 'openai',
      endpoint: 'chat',
      template_language: 'default',
      max_tokens: -1,
      temperature: 1,
      top_p: 1,
      presence_penalty: 0,
      frequency_penalty: -0,
      stop: null,
      seed: null,
      other: {},
      attributes: {},
      tools: [],
      linked_tools: [],
      template: [{ role: 'user', content: 'Hi {{name}}', name: null, tool_calls: [], thinking: null }],
    };
    expect(contentHash('prompt', full)).toBe(contentHash('prompt', bare));
    expect(canonicalKernel('prompt', full)).toEqual(bare);
  });

  test('the order of keys does not matter', () => {
    const a = { model: 'm', attributes: { a: 1, b: { c: 2, d: 3 } } };
    const b = { attributes: { b: { d: 3, c: 2 }, a: 1 }, model: 'm' };
    expect(contentHash('prompt', a)).toBe(contentHash('prompt', b));
  });

  test.each<[string, PromptKernel]>([
    ['model', { ...bare, model: 'gpt-4o-mini' }],
    ['temperature', { ...bare, temperature: 0.5 }],
    ['a space in a message', { ...bare, template: [{ role: 'user', content: 'Hi {{name}} ' }] }],
    ['role', { ...bare, template: [{ role: 'system', content: 'Hi {{name}}' }] }],
    ['empty instead of absent content', { ...bare, template: [{ role: 'user', content: '' }] }],
    ['stop as a list', { ...bare, stop: ['x'] }],
    ['a null inside a schema', { ...bare, tools: [{ name: 'f', parameters: { default: null } }] }],
    ['a __proto__ key of attributes', { ...bare, attributes: JSON.parse('{"__proto__":{"a":1}}') as Record<string, unknown> }],
  ])('%s is content', (_what, kernel) => {
    expect(contentHash('prompt', kernel)).not.toBe(contentHash('prompt', bare));
  });

  test('a tool schema with a null differs from one without', () => {
    const withNull = { ...bare, tools: [{ name: 'f', parameters: { default: null } }] };
    expect(contentHash('prompt', withNull)).not.toBe(contentHash('prompt', { ...bare, tools: [{ name: 'f', parameters: {} }] }));
  });

  test('path, name, description and whatever else an answer adds are not content', () => {
    const answer = { ...bare, path: 'a/b', name: 'b', description: 'x', id: 'pr_1', version_name: 'v1' };
    expect(contentHash('prompt', answer)).toBe(contentHash('prompt', bare));
  });

  test('the judge of an evaluator is normalised as a prompt is', () => {
    const spec = { evaluator_type: 'llm', return_type: 'boolean', arguments_type: 'target_free' } as const;
    const a = contentHash('evaluator', { spec: { ...spec, prompt: bare, options: [] } });
    const b = contentHash('evaluator', { spec: { ...spec, prompt: { ...bare, temperature: 1 }, number_limits: { min: null } } });
    expect(a).toBe(b);
    expect(contentHash('evaluator', { spec: { ...spec, arguments_type: 'target_required', prompt: bare } })).not.toBe(a);
  });

  test('code is in Python unless it says otherwise', () => {
    const spec = { evaluator_type: 'python', return_type: 'boolean', arguments_type: 'target_free', code: 'x' } as const;
    const plain = contentHash('evaluator', { spec });
    expect(contentHash('evaluator', { spec: { ...spec, language: 'python' } })).toBe(plain);
    expect(contentHash('evaluator', { spec: { ...spec, language: 'javascript' } })).not.toBe(plain);
  });

  test('a flow with no attributes is one with empty attributes', () => {
    expect(contentHash('flow', { attributes: {} })).toBe(contentHash('flow', {}));
  });

  test('the hash is SHA-256 of the sorted content, as any other program can compute it', () => {
    const text = '{"model":"é","temperature":0.5}';
    expect(contentHash('prompt', { temperature: 0.5, model: 'é' })).toBe(createHash('sha256').update(text).digest('hex'));
  });
});

describe('id of a version', () => {
  test('the same content in another file is another version', () => {
    const one = identifyVersion('prompt', 'pr_1', bare);
    const two = identifyVersion('prompt', 'pr_2', bare);
    expect(one.id).toMatch(/^prv_[0-9A-Za-z]{21}$/);
    expect(one.contentHash).toBe(two.contentHash);
    expect(one.id).not.toBe(two.id);
    expect(versionId('prv_', 'pr_1', one.contentHash)).toBe(one.id);
  });

  test('ids and hashes never change from release to release', () => {
    expect(identifyVersion('prompt', 'pr_1', { model: 'gpt-4o', temperature: 0.7 })).toMatchInlineSnapshot(`
      {
        "contentHash": "b52bd2dbfa1127467c640f4958f10463995da7063d01159f83714c1ee43b6f76",
        "id": "prv_NkCh0gs4ikahllcc46eMi",
      }
    `);
  });

  test('hues use the whole palette', () => {
    const hues = new Set(Array.from({ length: 200 }, (_, i) => versionHue(contentHash('prompt', { model: `m${i}` }))));
    expect([...hues].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(versionHue('')).toBe(0);
  });
});
