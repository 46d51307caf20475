import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { estimateMessageTokens, estimateTokens } from './tokens.ts';

const { cases } = parse(readFileSync(new URL('../../spec/tokens.yaml', import.meta.url), 'utf8')) as {
  cases: { text: string; tokens: number; within: number }[];
};

describe('estimate of tokens', () => {
  test.each(cases)('$text is about $tokens', ({ text, tokens, within }) => {
    const estimate = estimateTokens(text);
    expect(estimate.estimated).toBe(true);
    expect(Math.abs(estimate.tokens - tokens)).toBeLessThanOrEqual(within);
  });

  test('a long text is measured by samples, in proportion', () => {
    const page = 'The quick brown fox jumps over the lazy dog. ';
    const short = estimateTokens(page.repeat(1000)).tokens / 1000;
    const long = estimateTokens(page.repeat(20_000)).tokens / 20_000;
    expect(Math.abs(long / short - 1)).toBeLessThan(0.05);
  });

  test('messages count their texts, pictures, calls and a little for themselves', () => {
    const text = estimateMessageTokens([{ role: 'user', content: 'hello' }]).tokens;
    expect(text).toBe(5);
    const picture = { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } };
    expect(estimateMessageTokens([{ role: 'user', content: [{ type: 'text', text: 'hello' }, picture] }]).tokens).toBe(90);
    const call = { id: '1', type: 'function' as const, function: { name: 'hello', arguments: null } };
    expect(estimateMessageTokens([{ role: 'assistant', tool_calls: [call] }]).tokens).toBe(9);
  });
});
