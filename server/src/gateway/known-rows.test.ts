import { describe, expect, it } from 'vitest';
import { KnownRows } from './known-rows.ts';

const none = { rows: 0 };

/** Loads on demand, each answered by the test. */
function withLoads() {
  const waiting: { give(rows: number): void; fail(): void }[] = [];
  const load = () =>
    new Promise<{ rows: number }>((resolve, reject) => {
      waiting.push({ give: (rows) => resolve({ rows }), fail: () => reject(new Error('gone')) });
    });
  let now = 0;
  const known = new KnownRows(load, none, () => now);
  return { known, waiting, later: (ms: number) => void (now += ms) };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('settings for those who ask on every call', () => {
  it('are read once however many ask at first, and are then at hand without a promise', async () => {
    const { known, waiting } = withLoads();
    const asked = [known.get('a'), known.get('a')];
    expect(waiting).toHaveLength(1);
    waiting[0]?.give(1);
    expect([await asked[0], await asked[1]]).toEqual([{ rows: 1 }, { rows: 1 }]);
    expect(known.get('a')).toEqual({ rows: 1 });
  });

  it('are read again behind whoever asks, and serve on when that fails', async () => {
    const { known, waiting, later } = withLoads();
    const first = known.get('a');
    waiting[0]?.give(1);
    await first;
    later(5_000);
    expect([known.get('a'), known.get('a')]).toEqual([{ rows: 1 }, { rows: 1 }]);
    expect(waiting).toHaveLength(2);
    waiting[1]?.fail();
    await settled();
    expect(known.get('a')).toEqual({ rows: 1 });
    later(5_000);
    void known.get('a');
    waiting[2]?.give(2);
    await settled();
    expect(known.get('a')).toEqual({ rows: 2 });
  });

  it('once dropped, are waited for; when they cannot be read the last known serve, and are soon asked for again', async () => {
    const { known, waiting, later } = withLoads();
    const first = known.get('a');
    waiting[0]?.give(1);
    await first;
    known.drop('a');
    const again = known.get('a');
    expect(again).toBeInstanceOf(Promise);
    waiting[1]?.fail();
    expect(await again).toEqual({ rows: 1 });
    later(1_000);
    void known.get('a');
    expect(waiting).toHaveLength(3);
  });

  it('that were dropped while they were read are not kept', async () => {
    const { known, waiting } = withLoads();
    const first = known.get('a');
    known.drop();
    waiting[0]?.give(1);
    await first;
    const second = known.get('a');
    waiting[1]?.give(2);
    expect(await second).toEqual({ rows: 2 });
    expect(known.get('a')).toEqual({ rows: 2 });
  });

  it('of nobody known are none while the store is away', async () => {
    const { known, waiting } = withLoads();
    const first = known.get('a');
    waiting[0]?.fail();
    expect(await first).toBe(none);
  });
});
