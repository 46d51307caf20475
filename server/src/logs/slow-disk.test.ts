import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AppError } from '@whetstone/contract';
import { expect, test } from 'vitest';
import { firstPage, openTestLogs, promptLog } from './test/open.ts';

/** What a slow disk takes for a flush. */
const flushMs = 200;
const text = 'x'.repeat(50_000);

/** What the process holds on to, the collector's leavings left out. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('F20: on a slow disk writers share a flush, and all of them are answered', { timeout: 60_000 }, async () => {
  let flushes = 0;
  const room = await openTestLogs({
    faults: {
      beforeFlush: async () => {
        flushes += 1;
        await sleep(flushMs);
      },
    },
  });
  const writers = 200;
  const rounds = 3;
  const ids: string[] = [];
  const write = async (writer: number): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      ids.push((await room.logs.record(room.scope, promptLog({ output: `${writer} ${round}` }))).id);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_none, writer) => write(writer)));
  expect(new Set(ids).size).toBe(writers * rounds);
  // One flush a write would be 600 of them, two minutes one after the other.
  expect(flushes).toBeLessThan(writers);
  expect(await room.logs.drained(30_000)).toBe(true);
  expect((await room.logs.list(room.scope, {}, firstPage)).total).toBe(writers * rounds);
  await room.close();
});

test(
  'F20: more than the disk and the store take is refused at once, with the time to wait, in bounded memory',
  { timeout: 120_000 },
  async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const maxBacklogBytes = 4 << 20;
    const room = await openTestLogs({ maxBacklogBytes, faults: { beforeFlush: () => sleep(flushMs), beforeInsert: () => held } });
    const acknowledged: string[] = [];
    const refused: unknown[] = [];
    const before = heldBytes();
    const writers = 50;
    const tries = 160;
    const write = async (): Promise<void> => {
      for (let turn = 0; turn < tries; turn += 1) {
        await room.logs.record(room.scope, promptLog({ output: text })).then(
          ({ id }) => acknowledged.push(id),
          (error: unknown) => refused.push(error),
        );
      }
    };
    await Promise.all(Array.from({ length: writers }, write));
    const grown = heldBytes() - before;

    expect(acknowledged.length + refused.length).toBe(writers * tries);
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(acknowledged.length * text.length).toBeLessThan(maxBacklogBytes);
    for (const error of refused) {
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'unavailable', status: 503, retryAfterSeconds: expect.any(Number) as number });
    }
    // 400 MB were offered; a few flushes of what was taken, and what the collector has not yet seen, may be there.
    expect(grown).toBeLessThan(200 * 1024 * 1024);

    release();
    expect(await room.logs.drained(30_000)).toBe(true);
    for (const id of acknowledged) expect((await room.logs.find(room.scope, id))?.output).toBe(text);
    expect((await room.logs.list(room.scope, {}, firstPage)).total).toBe(acknowledged.length);
    await room.logs.record(room.scope, promptLog({ output: 'room again' }));
    await room.close();
  },
);
