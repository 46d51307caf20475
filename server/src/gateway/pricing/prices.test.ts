import { systemScope } from '@whetstone/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Storage } from '../../storage/index.ts';
import { describeOnEditions } from '../../test/storage.ts';
import { PriceBook } from './price-book.ts';
import { builtInPrices } from './price-table.ts';
import { costOf, findPrice } from './prices.ts';
import { findProvider } from '../providers/table.ts';
import { createPriceStore } from './store.ts';

const usage = { promptTokens: 1000, outputTokens: 100, reasoningTokens: null, cachedTokens: 400 };

describe('prices', () => {
  it('every row is of a known provider', () => {
    expect(builtInPrices.length).toBeGreaterThan(50);
    expect(builtInPrices.filter((row) => findProvider(row.provider) === null)).toEqual([]);
  });

  it('the longest prefix decides, an exact name before all', () => {
    expect(findPrice([], 'gpt-4o-mini-2024-07-18', null)?.model).toBe('gpt-4o-mini*');
    expect(findPrice([], 'gpt-4o-2024-11-20', null)?.model).toBe('gpt-4o*');
    expect(findPrice([], 'gpt-4', null)?.model).toBe('gpt-4');
    expect(findPrice([], 'no-such-model', null)).toBeNull();
  });

  it("a workspace's own row comes first, also a wider one", () => {
    const own = [
      {
        model: 'gpt-*',
        provider: 'openai',
        inputPerMillion: 1,
        outputPerMillion: 2,
        cachedInputPerMillion: null,
        source: 'workspace' as const,
      },
    ];
    expect(findPrice(own, 'gpt-4o-mini', 'openai')?.model).toBe('gpt-*');
    expect(findPrice(own, 'gpt-4o-mini', 'groq')).toBeNull();
  });

  it('cached tokens have their own price, else the full one', () => {
    const price = {
      model: 'm',
      provider: 'p',
      inputPerMillion: 10,
      outputPerMillion: 20,
      cachedInputPerMillion: 1,
      source: 'built-in' as const,
    };
    expect(costOf(price, usage)).toEqual({ promptCost: 0.0064, outputCost: 0.002 });
    expect(costOf({ ...price, cachedInputPerMillion: null }, usage).promptCost).toBe(0.01);
  });

  it('unknown is not free', () => {
    expect(costOf(null, usage)).toEqual({ promptCost: null, outputCost: null });
    const price = {
      model: 'm',
      provider: 'p',
      inputPerMillion: null,
      outputPerMillion: 20,
      cachedInputPerMillion: null,
      source: 'workspace' as const,
    };
    expect(costOf(price, { ...usage, outputTokens: null })).toEqual({ promptCost: null, outputCost: null });
  });
});

describeOnEditions('the price book', (open) => {
  let storage: Storage;
  beforeAll(async () => {
    storage = await open();
  });
  afterAll(() => storage.close());

  it("keeps a workspace's rows, replaces and resets them, and shows them to no other", async () => {
    const book = new PriceBook(
      createPriceStore(storage, () => new Date()),
      () => performance.now(),
    );
    const scope = systemScope('ws_a', 'test');
    const other = systemScope('ws_b', 'test');
    const row = { model: 'gpt-4o*', provider: 'openai', inputPerMillion: 0.1, outputPerMillion: 0.123456, cachedInputPerMillion: null };
    await book.set(scope, row);
    await book.set(scope, { ...row, inputPerMillion: 7 });
    expect(await book.find(scope, 'gpt-4o', 'openai')).toEqual({ ...row, inputPerMillion: 7, source: 'workspace' });
    expect((await book.list(scope)).filter(({ model, provider }) => model === 'gpt-4o*' && provider === 'openai')).toHaveLength(1);
    expect((await book.find(other, 'gpt-4o', 'openai'))?.source).toBe('built-in');
    await book.reset(scope, 'gpt-4o*', 'openai');
    expect((await book.find(scope, 'gpt-4o', 'openai'))?.inputPerMillion).toBe(2.5);
    await expect(book.set(scope, { ...row, model: 'a*b' })).rejects.toMatchObject({ status: 422 });
  });
});
