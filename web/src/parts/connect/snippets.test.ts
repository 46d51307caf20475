import { describe, expect, it } from 'vitest';
import { snippet, snippets } from './snippets.ts';

const facts = { url: 'http://127.0.0.1:4400', key: 'wsk_test', path: 'support/answer', inputs: ['question', 'articles'] };

describe('snippets to copy', () => {
  it.each(snippets.map((one) => one.value))('of %s name the server, the key and the prompt', (kind) => {
    const text = snippet(kind, facts);
    for (const part of ['http://127.0.0.1:4400/v', 'wsk_test', 'support/answer', '"question"', '"articles"']) expect(text).toContain(part);
  });
  it('of curl carry a body that is JSON', () => {
    const body = /-d '([\s\S]*)'$/.exec(snippet('curl', facts))?.[1] ?? '';
    expect(JSON.parse(body)).toEqual({
      model: 'prompt:support/answer',
      messages: [],
      inputs: { question: 'Hello from my application', articles: '…' },
    });
  });
  it.each(snippets.map((one) => one.value))('of %s work before there is a prompt', (kind) => {
    expect(snippet(kind, { ...facts, path: null, inputs: [] })).toContain('demo-fast');
  });
});
