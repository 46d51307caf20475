import { describe, expect, test } from 'vitest';
import { costOf, findPrice, formatUsd } from './money.ts';
import type { PriceRow } from './money.ts';

const price: PriceRow = { model: 'm', provider: 'openai', input_per_million: 2.5, output_per_million: 10, cached_input_per_million: 1.25 };

describe('cost', () => {
  test('tokens in and out are charged at their own price', () => {
    expect(costOf({ inputTokens: 1000, outputTokens: 100 }, price)).toEqual({
      promptCostUsd: 0.0025,
      outputCostUsd: 0.001,
      costUsd: 0.0035,
      estimated: false,
    });
  });

  test('cached tokens are part of the tokens in and have their price', () => {
    expect(costOf({ inputTokens: 1000, outputTokens: 0, cachedInputTokens: 800 }, price)).toMatchObject({
      promptCostUsd: 0.0015,
      outputCostUsd: 0,
      estimated: false,
    });
    expect(costOf({ inputTokens: 1000, outputTokens: 0, cachedInputTokens: 5000 }, price).promptCostUsd).toBe(0.00125);
  });

  test('without a price for cached tokens the full price is an estimate', () => {
    expect(
      costOf({ inputTokens: 1000, outputTokens: 0, cachedInputTokens: 800 }, { ...price, cached_input_per_million: null }),
    ).toMatchObject({ promptCostUsd: 0.0025, estimated: true });
  });

  test('what is unknown is null and not zero', () => {
    expect(costOf({ inputTokens: 5, outputTokens: 5 }, null)).toEqual({
      promptCostUsd: null,
      outputCostUsd: null,
      costUsd: null,
      estimated: false,
    });
    expect(costOf({ inputTokens: null, outputTokens: 5 }, price)).toMatchObject({
      promptCostUsd: null,
      outputCostUsd: 0.00005,
      costUsd: null,
    });
    expect(costOf({ inputTokens: 5, outputTokens: 5 }, { ...price, output_per_million: null })).toMatchObject({
      outputCostUsd: null,
      costUsd: null,
    });
  });

  test('a free model costs zero, and no tokens cost zero at any price', () => {
    expect(costOf({ inputTokens: 5, outputTokens: 5 }, { ...price, input_per_million: 0, output_per_million: 0 }).costUsd).toBe(0);
    expect(costOf({ inputTokens: 0, outputTokens: 0 }, null).costUsd).toBe(0);
  });

  test('estimated tokens make an estimated cost', () => {
    expect(costOf({ inputTokens: 5, outputTokens: 5, estimated: true }, price).estimated).toBe(true);
    expect(costOf({ inputTokens: 5, outputTokens: 5, estimated: true }, null).estimated).toBe(false);
  });

  test('binary fractions leave no tail', () => {
    expect(costOf({ inputTokens: 3, outputTokens: 0 }, { ...price, input_per_million: 0.1 }).costUsd).toBe(3e-7);
  });
});

describe('price of a model', () => {
  const row = (model: string, provider = 'openai', source: PriceRow['source'] = 'built-in'): PriceRow => ({
    ...price,
    model,
    provider,
    source,
  });

  test('an exact name is before the longest start, and a start before nothing', () => {
    const rows = [row('gpt-4*'), row('gpt-4o*'), row('gpt-4o'), row('*', 'demo')];
    expect(findPrice(rows, 'openai', 'gpt-4o')?.model).toBe('gpt-4o');
    expect(findPrice(rows, 'openai', 'gpt-4o-mini')?.model).toBe('gpt-4o*');
    expect(findPrice(rows, 'openai', 'gpt-4.1')?.model).toBe('gpt-4*');
    expect(findPrice(rows, 'openai', 'o3')).toBeNull();
    expect(findPrice(rows, 'anthropic', 'gpt-4o')).toBeNull();
    expect(findPrice(rows, 'demo', 'anything')?.model).toBe('*');
  });

  test("a workspace's row is before any built-in one", () => {
    expect(findPrice([row('gpt-4o'), row('gpt-*', 'openai', 'workspace')], 'openai', 'gpt-4o')?.model).toBe('gpt-*');
  });
});

test.each([
  [0, '$0.00'],
  [1234567.891, '$1,234,567.89'],
  [0.01, '$0.01'],
  [0.0035, '$0.0035'],
  [0.0000123, '$0.000012'],
  [-0.5, '-$0.50'],
  [null, '—'],
  [Number.NaN, '—'],
])('%s is shown as %s', (usd, text) => {
  expect(formatUsd(usd)).toBe(text);
});
