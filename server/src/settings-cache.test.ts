import { describe, expect, it, vi } from 'vitest';
import type { WorkspaceSettings } from './people/index.ts';
import { cacheSettings } from './settings-cache.ts';

function settings(name: string): WorkspaceSettings {
  return {
    id: 'ws_1',
    slug: 'main',
    name,
    createdAt: new Date(0),
    retentionDays: null,
    environmentRetentionDays: {},
    redaction: [],
    demo: 'none',
  };
}

describe('settings for every write', () => {
  it('asks once for many at the same time, and answers from memory for a second', async () => {
    let asked = 0;
    const get = cacheSettings({ workspaces: { get: async () => settings(`ask ${(asked += 1)}`) } } as never);
    const all = await Promise.all([get('ws_1'), get('ws_1'), get('ws_1')]);
    expect(all.map(({ name }) => name)).toEqual(['ask 1', 'ask 1', 'ask 1']);
    expect(get('ws_1')).toMatchObject({ name: 'ask 1' });
    expect(asked).toBe(1);
  });

  it('waits for the present ones when what it has is old, so that a new rule never comes late', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    let asked = 0;
    const get = cacheSettings({ workspaces: { get: async () => settings(`ask ${(asked += 1)}`) } } as never);
    await get('ws_1');
    now.mockReturnValue(10_000);
    expect((await get('ws_1')).name).toBe('ask 2');
    now.mockRestore();
  });

  it('keeps the last known while the store is away, and says so when it never knew', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    let away = false;
    const get = cacheSettings({
      workspaces: {
        get: async () => {
          if (away) throw new Error('postgres is not available');
          return settings('known');
        },
      },
    } as never);
    await get('ws_1');
    away = true;
    now.mockReturnValue(60_000);
    expect((await get('ws_1')).name).toBe('known');
    await expect(Promise.resolve(get('ws_2'))).rejects.toThrow('not available');
    now.mockRestore();
  });
});
