import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Pack, pathName } from './pack.ts';

const never = (): AbortSignal => new AbortController().signal;

describe('a ZIP file that is made while it is read', () => {
  it('is the same bytes whenever it is made', async () => {
    const make = async (): Promise<Buffer> => {
      const pack = new Pack(never());
      const bytes = buffer(pack.stream);
      await pack.json('a.json', { b: 1 });
      await pack.add('b', 'text');
      pack.end();
      return bytes;
    };
    const first = await make();
    await sleep(2_100);
    expect((await make()).equals(first)).toBe(true);
  });

  it('asks for no more than its reader takes', async () => {
    let asked = 0;
    const stop = new AbortController();
    const pack = new Pack(stop.signal);
    const endless = async function* () {
      for (;;) {
        asked += 1;
        yield Array.from({ length: 1_000 }, () => Math.random()).join();
      }
    };
    const added = pack.add('endless', endless());
    await sleep(300);
    const before = asked;
    await sleep(300);
    expect([asked, asked < 100]).toEqual([before, true]);
    stop.abort(new Error('the caller went'));
    await expect(added).rejects.toThrow('the caller went');
  });

  it('ends early, and without ending the process, when something fails', async () => {
    const pack = new Pack(never());
    pack.fail(new Error('the store went away'));
    await expect(buffer(pack.stream)).rejects.toThrow();
  });

  it('has names for ids that somebody chose, none of which leads anywhere', () => {
    expect([pathName('pr_1a'), pathName('..'), pathName('../../x'), pathName('a/b')]).toEqual([
      'pr_1a',
      '%2E%2E',
      '%2E%2E%2F%2E%2E%2Fx',
      'a%2Fb',
    ]);
  });
});
