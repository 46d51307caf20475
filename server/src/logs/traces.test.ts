import { systemScope } from '@whetstone/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewLog } from './index.ts';
import { firstPage, openTestLogs, promptLog, type TestLogs } from './test/open.ts';

let room: TestLogs;
beforeAll(async () => {
  room = await openTestLogs();
});
afterAll(() => room.close());

let workspaces = 0;
const newScope = () => systemScope(`ws_${++workspaces}`, 'test');

const flow = (more: Partial<NewLog> = {}): NewLog => ({ kind: 'flow', fileId: 'fl_1', versionId: 'flv_1', origin: 'api', ...more });

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]));
}

test('F12: whatever order its logs arrive in, a trace is one', async () => {
  const { logs } = room;
  const start = Date.UTC(2026, 0, 1);
  const events: NewLog[] = [
    flow({ id: 'root', createdAt: new Date(start), logStatus: 'incomplete' }),
    promptLog({ id: 'mid', traceParentId: 'root', createdAt: new Date(start + 1000) }),
    { kind: 'tool', fileId: 'tl_1', versionId: 'tv_1', origin: 'api', id: 'leaf', traceParentId: 'mid', createdAt: new Date(start + 2000) },
    flow({ id: 'root', createdAt: new Date(start), output: 'done', logStatus: 'complete' }),
  ];
  const check = async (order: readonly NewLog[]): Promise<void> => {
    const scope = newScope();
    for (const event of order) await logs.record(scope, event);
    for (const id of ['leaf', 'mid', 'root']) {
      const trace = await logs.trace(scope, id);
      expect(trace.map((log) => [log.id, log.traceParentId, log.traceId, log.logStatus])).toEqual([
        ['root', null, 'root', 'complete'],
        ['mid', 'root', 'root', null],
        ['leaf', 'mid', 'root', null],
      ]);
    }
    await expect.poll(async () => (await logs.find(scope, 'leaf'))?.traceId, { timeout: 10_000 }).toBe('root');
    await expect.poll(async () => (await logs.list(scope, { traceId: 'root' }, firstPage)).total, { timeout: 10_000 }).toBe(3);
    expect((await logs.list(scope, { inTrace: true }, firstPage)).total).toBe(2);
    expect((await logs.list(scope, { inTrace: false }, firstPage)).records.map(({ id }) => id)).toEqual(['root']);
  };
  await Promise.all(permutations(events).map(check));
}, 60_000);

test('a trace is finished once and stays so; a later child is kept and marked late', async () => {
  const { logs } = room;
  const scope = newScope();
  const completed: string[] = [];
  const stop = logs.onCompleted((_, log) => void completed.push(log.id));
  await logs.record(scope, flow({ id: 'f', logStatus: 'incomplete' }));
  await logs.record(scope, promptLog({ id: 'early', traceParentId: 'f' }));
  expect(completed).toEqual(['early']);
  await logs.change(scope, 'f', { output: 'x', logStatus: 'complete' });
  await logs.change(scope, 'f', { output: 'y', logStatus: 'complete' });
  await logs.record(scope, flow({ id: 'f', logStatus: 'incomplete' }));
  await logs.record(scope, promptLog({ id: 'late', traceParentId: 'early' }));
  stop();
  expect(completed).toEqual(['early', 'f', 'late']);
  expect((await logs.find(scope, 'f'))?.logStatus).toBe('complete');
  await logs.drained(5_000);
  expect((await logs.trace(scope, 'f')).map(({ id, late }) => [id, late])).toEqual([
    ['f', false],
    ['early', false],
    ['late', true],
  ]);
});

test('a trace that names itself ends', async () => {
  const { logs } = room;
  const scope = newScope();
  await logs.record(scope, promptLog({ id: 'a', traceParentId: 'b' }));
  await logs.record(scope, promptLog({ id: 'b', traceParentId: 'a' }));
  await logs.record(scope, promptLog({ id: 'self', traceParentId: 'self' }));
  expect((await logs.trace(scope, 'a')).length).toBeGreaterThan(0);
  expect(await logs.trace(scope, 'self')).toHaveLength(1);
  expect(await logs.trace(scope, 'unknown')).toEqual([]);
});
