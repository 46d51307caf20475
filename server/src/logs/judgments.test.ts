import { systemScope, type JudgmentValue } from '@whetstone/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NewJudgment } from './index.ts';
import { firstPage, openTestLogs, promptLog, type TestLogs } from './test/open.ts';

let room: TestLogs;
beforeAll(async () => {
  room = await openTestLogs();
});
afterAll(() => room.close());

let workspaces = 0;
const newScope = () => systemScope(`ws_${++workspaces}`, 'test');
const vote = (more: Partial<NewJudgment>): NewJudgment => ({
  evaluatorId: 'ev_1',
  evaluatorVersionId: 'evv_1',
  logId: 'l',
  source: 'user',
  value: true,
  origin: 'api',
  ...more,
});

test('a judgment keeps its typed value, in the queue and in the store', async () => {
  const { logs } = room;
  const scope = newScope();
  await logs.record(scope, promptLog({ id: 'l' }));
  const values: (JudgmentValue | null)[] = [true, false, 0, -1.5, 'text', '', ['a', 'b'], [], null];
  const ids: string[] = [];
  for (const value of values) ids.push((await logs.judge(scope, vote({ value, judge: 'u', reason: 'why', metadata: { a: [1] } }))).id);
  for (const drain of [false, true]) {
    if (drain) await logs.drained(5_000);
    for (const [i, id] of ids.entries()) {
      expect(await logs.findJudgment(scope, id)).toMatchObject({
        value: values[i],
        judge: 'u',
        reason: 'why',
        metadata: { a: [1] },
        logId: 'l',
      });
      expect(await logs.find(scope, id)).toBeNull();
    }
  }
});

test('values are counted by version, the last of each judge alone', async () => {
  const { logs } = room;
  const scope = newScope();
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  await logs.record(scope, promptLog({ id: 'l', fileId: 'pr_1', versionId: 'prv_1' }));
  await logs.record(scope, promptLog({ id: 'm', fileId: 'pr_1', versionId: 'prv_2' }));
  await logs.record(scope, promptLog({ id: 'n', fileId: 'pr_2', versionId: 'prv_3' }));
  await logs.judge(scope, vote({ value: 'bad', judge: 'a', createdAt: at(1) }));
  await logs.judge(scope, vote({ value: 'good', judge: 'a', createdAt: at(2) }));
  await logs.judge(scope, vote({ value: 'good', judge: 'b' }));
  await logs.judge(scope, vote({ value: 'bad', judge: 'b', logId: 'm' }));
  await logs.judge(scope, vote({ value: ['slow', 'rude'], evaluatorId: 'ev_2', logId: 'm' }));
  await logs.judge(scope, vote({ value: true, evaluatorId: 'ev_3', logId: 'm' }));
  await logs.judge(scope, vote({ value: 'good', evaluatorId: 'ev_unasked', logId: 'm' }));
  await logs.judge(scope, vote({ value: 'good', logId: 'n' }));
  const counts = await logs.judgmentCounts(scope, 'pr_1', ['ev_1', 'ev_2', 'ev_3']);
  expect(counts.map(({ versionId, evaluatorId, value, n }) => [versionId, evaluatorId, value, n])).toEqual([
    ['prv_1', 'ev_1', 'good', 2],
    ['prv_2', 'ev_1', 'bad', 1],
    ['prv_2', 'ev_2', 'rude', 1],
    ['prv_2', 'ev_2', 'slow', 1],
    ['prv_2', 'ev_3', 'true', 1],
  ]);
  expect(await logs.judgmentCounts(newScope(), 'pr_1', ['ev_1'])).toEqual([]);
});

test('of each evaluator, source and judge the newest counts', async () => {
  const { logs } = room;
  const scope = newScope();
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  await logs.judge(scope, vote({ value: 'first', judge: 'a', createdAt: at(1) }));
  await logs.judge(scope, vote({ value: 'second', judge: 'a', createdAt: at(2) }));
  await logs.judge(scope, vote({ value: 'other judge', judge: 'b', createdAt: at(1) }));
  await logs.judge(scope, vote({ value: 'code', source: 'code', createdAt: at(3) }));
  await logs.judge(scope, vote({ value: 'other log', logId: 'm' }));
  const current = await logs.judgmentsOf(scope, ['l', 'm', 'n']);
  expect(current.get('l')?.map(({ value }) => value)).toEqual(['other judge', 'second', 'code']);
  expect(current.get('m')?.map(({ value }) => value)).toEqual(['other log']);
  expect(current.has('n')).toBe(false);
  const { records, total } = await logs.judgments(scope, { evaluatorId: 'ev_1' }, { ...firstPage, size: 2 });
  expect([records.length, total]).toEqual([2, 5]);
});

test('the same id replaces, and a deleted judgment is gone at once', async () => {
  const { logs } = room;
  const scope = newScope();
  await logs.judge(scope, vote({ id: 'mine', value: 1 }));
  await logs.drained(5_000);
  await logs.judge(scope, vote({ id: 'mine', value: 2 }));
  expect((await logs.judgmentsOf(scope, ['l'])).get('l')).toMatchObject([{ value: 2, rowVersion: 2 }]);
  expect(await logs.delete(scope, ['mine'])).toBe(1);
  expect(await logs.findJudgment(scope, 'mine')).toBeNull();
  expect((await logs.judgmentsOf(scope, ['l'])).size).toBe(0);
  expect((await logs.judgments(scope, {}, firstPage)).total).toBe(0);
});

test('what is known of the judged log is copied, and a judgment may come before its log', async () => {
  const { logs, storage } = room;
  const scope = newScope();
  await logs.record(scope, promptLog({ id: 'l', environmentId: 'env_1', unit: 'unit_1', armId: 'arm_1', experimentId: 'exp_1' }));
  await logs.judge(scope, vote({}));
  await logs.judge(scope, vote({ logId: 'not yet' }));
  await logs.drained(5_000);
  const rows = await storage.logDatabase.query(
    'SELECT log_id, log_file_id, log_version_id, log_environment_id, log_unit, log_arm_id, log_at IS NULL AS unknown FROM judgments WHERE workspace_id = {w:String} ORDER BY log_id',
    { w: scope.workspaceId },
  );
  expect(rows).toEqual([
    {
      log_id: 'l',
      log_file_id: 'pr_1',
      log_version_id: 'prv_1',
      log_environment_id: 'env_1',
      log_unit: 'unit_1',
      log_arm_id: 'arm_1',
      unknown: 0,
    },
    { log_id: 'not yet', log_file_id: '', log_version_id: '', log_environment_id: '', log_unit: '', log_arm_id: '', unknown: 1 },
  ]);
});
