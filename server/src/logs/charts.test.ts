import { systemScope } from '@whetstone/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestLogs, promptLog, type TestLogs } from './test/open.ts';

let room: TestLogs;
const scope = systemScope('ws_charts', 'test');
const start = Date.UTC(2026, 0, 5);
const hour = 3_600_000;
beforeAll(async () => {
  room = await openTestLogs();
  const { logs } = room;
  for (let i = 0; i < 10; i++) {
    await logs.record(
      scope,
      promptLog({
        id: `l${i}`,
        createdAt: new Date(start + i * hour),
        latencyMs: 100 * (i + 1),
        promptCost: 0.5,
        promptTokens: 2,
        outputTokens: 3,
        model: i < 7 ? 'big' : 'small',
        fileId: i === 9 ? 'pr_2' : 'pr_1',
      }),
    );
  }
  await logs.record(scope, promptLog({ id: 'l3', error: 'broken' }));
  await logs.record(scope, promptLog({ id: 'deleted', createdAt: new Date(start) }));
  await logs.delete(scope, ['deleted']);
});
afterAll(() => room.close());

test('a series has equal buckets from the start, empty ones too, and counts each log once', async () => {
  const range = { from: new Date(start), to: new Date(start + 20 * hour) };
  const series = await room.logs.series(scope, range, { buckets: 10, groupBy: 'none' });
  expect(series).toMatchObject({ bucketSeconds: 7200, start: range.from, end: range.to });
  expect(series.groups).toEqual([
    {
      key: '',
      count: [2, 2, 2, 2, 2, 0, 0, 0, 0, 0],
      errors: [0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
      costUsd: [1, 1, 1, 1, 1, 0, 0, 0, 0, 0],
      tokens: [10, 10, 10, 10, 10, 0, 0, 0, 0, 0],
      p50Ms: expect.any(Array),
      p95Ms: expect.any(Array),
    },
  ]);
  const [group] = series.groups;
  expect(group?.p95Ms[4]).toBeGreaterThan(group?.p95Ms[0] ?? Infinity);
  expect(group?.p50Ms.slice(5)).toEqual([null, null, null, null, null]);
});

test('a series by group has the largest first, and one of nothing has empty buckets', async () => {
  const { logs } = room;
  const range = { from: new Date(start), to: new Date(start + 10 * hour) };
  const { groups } = await logs.series(scope, range, { buckets: 10, groupBy: 'model' });
  expect(groups.map(({ key, count }) => [key, count.reduce((a, b) => a + b)])).toEqual([
    ['big', 7],
    ['small', 3],
  ]);
  const none = await logs.series(systemScope('ws_nothing', 'test'), {}, { buckets: 24, groupBy: 'none' });
  expect(none.groups[0]?.count.every((n) => n === 0)).toBe(true);
});

test('facets and counts are of what a filter finds', async () => {
  const { logs } = room;
  const facets = await logs.facets(scope, { statuses: ['ok'] });
  expect(facets['status']).toEqual([{ value: 'ok', count: 9 }]);
  expect(facets['file']).toEqual([
    { value: 'pr_1', count: 8 },
    { value: 'pr_2', count: 1 },
  ]);
  const counts = await logs.counts(scope, ['pr_1', 'pr_2', 'pr_3']);
  expect(counts.get('pr_1')).toEqual({ total: 9, byVersion: new Map([['prv_1', 9]]), lastAt: new Date(start + 8 * hour) });
  expect(counts.has('pr_3')).toBe(false);
});

test('an export has every log with its payload once, newest first, and stops when told', async () => {
  const { logs } = room;
  const ids: string[] = [];
  for await (const log of logs.export(scope, {}, new AbortController().signal)) {
    expect(log).toMatchObject({ payload: 'full', output: 'an answer' });
    ids.push(log.id);
  }
  expect(ids).toEqual(['l9', 'l8', 'l7', 'l6', 'l5', 'l4', 'l3', 'l2', 'l1', 'l0']);
  const stop = new AbortController();
  stop.abort(new Error('enough'));
  await expect(logs.export(scope, {}, stop.signal)[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
});

test('what an agent cost is counted once: at the model calls below it, or at the agent where only agents are asked for', async () => {
  const { logs } = room;
  const at = start + 100 * hour;
  const agent = {
    kind: 'agent' as const,
    fileId: 'ag_1',
    versionId: 'agv_1',
    origin: 'api' as const,
    model: 'big',
    promptCost: 3,
    promptTokens: 7,
  };
  await logs.record(scope, { ...agent, id: 'run', provider: 'whetstone', createdAt: new Date(at) });
  await logs.record(
    scope,
    promptLog({ id: 'below', traceParentId: 'run', createdAt: new Date(at), promptCost: 3, promptTokens: 7, fileId: 'pr_9', model: 'big' }),
  );
  // One that the application ran has its cost from nowhere else.
  await logs.record(scope, { ...agent, id: 'elsewhere', createdAt: new Date(at), promptCost: 1, promptTokens: 1 });
  const range = { from: new Date(at - hour), to: new Date(at + hour) };
  const sums = async (filter: object, groupBy: 'none' | 'file' | 'model') =>
    (await logs.series(scope, { ...range, ...filter }, { buckets: 1, groupBy })).groups.map(({ key, costUsd, tokens }) => [
      key,
      costUsd.reduce((a, b) => a + b),
      tokens.reduce((a, b) => a + b),
    ]);
  expect(await sums({}, 'none')).toEqual([['', 4, 8]]);
  expect(await sums({}, 'model')).toEqual([['big', 4, 8]]);
  expect(new Map((await sums({}, 'file')).map(([key, ...rest]) => [key, rest]))).toEqual(
    new Map([
      ['ag_1', [1, 1]],
      ['pr_9', [3, 7]],
    ]),
  );
  expect(await sums({ fileIds: ['ag_1'] }, 'none')).toEqual([['', 4, 8]]);
});
