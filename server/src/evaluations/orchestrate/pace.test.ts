import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

describe('the pace of a run', () => {
  const never = new AbortController().signal;

  it('holds back beyond its limit, and grows by one for a round of good answers', async () => {
    const pace = new Pace({ start: 2, most: 3, now: () => 0 });
    await pace.take(never);
    await pace.take(never);
    let third = false;
    const waiting = pace.take(never).then(() => (third = true));
    await Promise.resolve();
    expect(third).toBe(false);
    pace.done();
    await waiting;
    pace.done();
    expect(pace.limit).toBe(3);
    pace.done();
    expect(pace.limit).toBe(3);
  });

  it('halves once for the calls that were under way together', async () => {
    const pace = new Pace({ start: 16, most: 16, now: () => 0 });
    const epochs = await Promise.all(Array.from({ length: 16 }, () => pace.take(never)));
    for (const epoch of epochs) pace.refused(epoch, 0);
    expect(pace.limit).toBe(8);
    pace.refused(await pace.take(never), 0);
    expect(pace.limit).toBe(4);
  });

  it('waits as long as a provider asks, and stops waiting when told', async () => {
    let now = 0;
    const pace = new Pace({ start: 1, most: 1, now: () => now });
    pace.refused(await pace.take(never), 30);
    const began = performance.now();
    setTimeout(() => (now = 31), 5);
    await pace.take(never);
    expect(performance.now() - began).toBeGreaterThan(20);
    const stop = new AbortController();
    const stopped = pace.take(stop.signal);
    stop.abort(new Error('over'));
    await expect(stopped).rejects.toThrow('over');
  });
});
