import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestLogs, promptLog, type TestLogs } from '../test/open.ts';

let room: TestLogs;
beforeAll(async () => {
  room = await openTestLogs();
});
afterAll(() => room.close());

it('counts the newest state of the logs of a run, oldest first: moved ones where they are now, deleted ones nowhere', async () => {
  const { logs, scope } = room;
  const at = (minute: number) => ({ createdAt: new Date(Date.UTC(2026, 10, 1, 12, minute)) });
  await logs.record(scope, promptLog({ id: 'late', runId: 'evr_1', ...at(3) }));
  await logs.record(scope, promptLog({ id: 'early', runId: 'evr_1', datapointId: 'dp_1', ...at(1) }));
  await logs.record(scope, promptLog({ id: 'moved', runId: 'evr_1', ...at(2) }));
  await logs.record(scope, promptLog({ id: 'gone', runId: 'evr_1', ...at(4) }));
  await logs.record(scope, promptLog({ id: 'none', ...at(5) }));
  await logs.record({ ...scope, workspaceId: 'ws_other' }, promptLog({ id: 'theirs', runId: 'evr_1', ...at(1) }));
  await logs.runs.logs(scope, ['evr_1'], []);
  await logs.record(scope, promptLog({ id: 'moved', runId: 'evr_2' }));
  await logs.delete(scope, ['gone']);
  const idsOf = async (...runs: string[]) => (await logs.runs.logs(scope, runs, [])).map(({ id }) => id);
  expect(await idsOf('evr_1')).toEqual(['early', 'late']);
  expect(await idsOf('evr_2')).toEqual(['moved']);
  expect(await idsOf('evr_2', 'evr_1')).toEqual(['early', 'moved', 'late']);
  expect(await idsOf('evr_none')).toEqual([]);
  expect((await logs.runs.logs(scope, ['evr_1'], []))[0]).toMatchObject({ runId: 'evr_1', datapointId: 'dp_1', versionId: 'prv_1' });
});

it('reads the few granules that have the run, not the workspace', async () => {
  const { logDatabase } = room.storage;
  await logDatabase.command(
    `INSERT INTO logs (workspace_id, id, at, row_version, kind, run_id)
     SELECT 'ws_many', toString(number), toDateTime64('2026-11-01 00:00:00', 6, 'UTC') + number, 1, 'prompt',
       if(number BETWEEN 100000 AND 100099, 'evr_rare', '') FROM numbers(200000)`,
  );
  const plan = await logDatabase.query<{ explain: string }>(
    "EXPLAIN indexes = 1 SELECT at, id FROM logs WHERE workspace_id = 'ws_many' AND run_id IN ['evr_rare']",
  );
  const text = plan.map(({ explain }) => explain).join('\n');
  const [, left, all] = /Name: by_run[\s\S]*?Granules: (\d+)\/(\d+)/.exec(text) ?? [];
  expect(Number(left), text).toBeLessThanOrEqual(2);
  expect(Number(all), text).toBeGreaterThan(20);
  const found = await room.logs.runs.logs({ ...room.scope, workspaceId: 'ws_many' }, ['evr_rare'], []);
  expect(found).toHaveLength(100);
});
