import { AppError } from '@whetstone/contract';
import { beforeEach, describe, expect, test } from 'vitest';
import { StoreUnavailableError } from '../storage/index.ts';
import { FreshCache } from './fresh-cache.ts';

interface Value {
  fileId: string;
  n: number;
}

describe('fresh cache', () => {
  let nowMs: number;
  let loads: number;
  let failure: Error | null;
  let cache: FreshCache<Value>;
  beforeEach(() => {
    nowMs = 0;
    loads = 0;
    failure = null;
    cache = new FreshCache({ monotonicMs: () => nowMs, maxEntries: 3 });
  });
  const load = async (): Promise<Value> => {
    loads += 1;
    await Promise.resolve();
    if (failure) throw failure;
    return { fileId: 'f', n: loads };
  };
  const get = (key = 'k', workspace = 'w') => cache.get(workspace, key, load);
  const away = new StoreUnavailableError('postgres', 'gone');

  test('an answer serves for its second, then the next caller waits for a new one', async () => {
    expect((await get()).n).toBe(1);
    nowMs = 499;
    expect((await get()).n).toBe(1);
    nowMs = 1_001;
    expect((await get()).n).toBe(2);
  });

  test('the last known answer serves for a minute while the store is away, and not a moment longer', async () => {
    await get();
    failure = away;
    nowMs = 59_999;
    expect((await get()).n).toBe(1);
    nowMs = 61_100;
    await expect(get()).rejects.toBe(away);
    failure = null;
    expect((await get()).n).toBeGreaterThan(1);
  });

  test('a store that is away is asked about once a second, not by every call', async () => {
    await get();
    failure = away;
    nowMs = 2_000;
    for (let i = 0; i < 100; i += 1) await get();
    expect(loads).toBe(2);
    nowMs = 3_100;
    await get();
    expect(loads).toBe(3);
  });

  test('what is no longer there is forgotten, even if the store goes away next', async () => {
    await get();
    failure = new AppError('not_found', 'gone');
    nowMs = 1_500;
    await expect(get()).rejects.toThrow('gone');
    failure = away;
    await expect(get()).rejects.toBe(away);
  });

  test('an answer that a change overtook reaches those who asked before it, and is not kept', async () => {
    const { promise: gate, resolve: openGate } = Promise.withResolvers<void>();
    const before = cache.get('w', 'k', async () => {
      await gate;
      return { fileId: 'f', n: 100 };
    });
    cache.drop('w', 'f');
    const after = get();
    openGate();
    expect((await before).n).toBe(100);
    expect((await after).n).toBe(1);
    expect((await get()).n).toBe(1);
  });

  test('a change of one file leaves others, a change of the workspace leaves other workspaces', async () => {
    await get('a', 'w');
    await cache.get('w', 'b', async () => ({ fileId: 'other', n: 50 }));
    await get('c', 'v');
    const start = loads;
    cache.drop('w', 'f');
    await cache.get('w', 'b', load);
    await get('c', 'v');
    expect(loads).toBe(start);
    await get('a', 'w');
    expect(loads).toBe(start + 1);
    cache.drop('w', null);
    await get('c', 'v');
    expect(loads).toBe(start + 1);
    await get('a', 'w');
    expect(loads).toBe(start + 2);
  });

  test('it stays within its bound and keeps what was renewed last', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await get(key);
    expect(cache.size).toBe(3);
    const before = loads;
    await get('e');
    await get('c');
    expect(loads).toBe(before);
    await get('a');
    expect(loads).toBe(before + 1);
  });
});
