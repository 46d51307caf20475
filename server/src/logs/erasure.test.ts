import { createHash } from 'node:crypto';
import { systemScope, type Scope } from '@whetstone/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstPage, openTestLogs, promptLog, type TestLogs } from './test/open.ts';

let room: TestLogs;
let now = Date.now();
beforeAll(async () => {
  room = await openTestLogs({ now: () => now });
});
afterAll(() => room.close());

let workspaces = 0;
const newScope = () => systemScope(`ws_${++workspaces}`, 'test');
const keepAll = async () => ({ days: null, environments: {} });
const longText = 'secret '.repeat(50_000);

async function physical(scope: Scope, table: 'logs' | 'judgments' = 'logs'): Promise<{ id: string; deleted: number }[]> {
  return room.storage.logDatabase.query('SELECT id, deleted FROM {t:Identifier} WHERE workspace_id = {w:String} ORDER BY id, deleted', {
    w: scope.workspaceId,
    t: table,
  });
}
async function blobsOf(scope: Scope): Promise<string[]> {
  const rows = await room.storage.logDatabase.query<{ hash: string }>(
    'SELECT DISTINCT arrayJoin(blob_hashes) AS hash FROM logs WHERE workspace_id = {w:String}',
    { w: scope.workspaceId },
  );
  return rows.map(({ hash }) => hash);
}

test('a deleted log is a 404 at once, out of lists, and may be deleted once', async () => {
  const { logs } = room;
  const scope = newScope();
  for (const drain of [false, true]) {
    const { id } = await logs.record(scope, promptLog({ output: 'secret' }));
    await logs.record(scope, promptLog({ id: `stays-${drain}` }));
    if (drain) await logs.drained(5_000);
    expect(await logs.delete(scope, [id, id, 'unknown'])).toBe(1);
    expect(await logs.find(scope, id)).toBeNull();
    expect((await logs.list(scope, {}, firstPage)).records.map((log) => log.id)).not.toContain(id);
    expect((await logs.list(scope, { search: 'secret' }, firstPage)).total).toBe(0);
    expect(await logs.delete(scope, [id])).toBe(0);
    await expect(logs.change(scope, id, {})).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('a log that is deleted while it waits leaves no text in the queue', async () => {
  const { logs, storage } = room;
  const scope = newScope();
  const { id } = await logs.record(scope, promptLog({ output: 'secret text' }));
  await logs.delete(scope, [id]);
  await logs.drained(5_000);
  const rows = await storage.logDatabase.query('SELECT output, search_text FROM logs WHERE workspace_id = {w:String} AND deleted = 1', {
    w: scope.workspaceId,
  });
  for (const row of rows) expect(row).toEqual({ output: null, search_text: '' });
});

test('erasing removes payloads and blobs of what was deleted, and keeps what others still use', async () => {
  const { logs, storage } = room;
  const scope = newScope();
  await logs.record(scope, promptLog({ id: 'gone', output: longText }));
  await logs.record(scope, promptLog({ id: 'gone too', output: `${longText} and more` }));
  await logs.record(scope, promptLog({ id: 'stays', output: longText }));
  await logs.drained(5_000);
  const [one = '', two = ''] = await blobsOf(scope);
  expect(await storage.blobs.has(one)).toBe(true);
  await logs.delete(scope, ['gone', 'gone too']);
  // A blob that was written a moment ago is nobody's to remove.
  await logs.erase(new Date(now), keepAll);
  expect([await storage.blobs.has(one), await storage.blobs.has(two)]).toEqual([true, true]);
  now += 3_600_000;
  await logs.erase(new Date(now), keepAll);
  expect((await physical(scope)).filter(({ deleted }) => deleted === 0)).toEqual([{ id: 'stays', deleted: 0 }]);
  expect((await logs.find(scope, 'stays'))?.output).toBe(longText);
  expect(await storage.blobs.has(one)).not.toBe(await storage.blobs.has(two));
  now += 40 * 86_400_000;
  await logs.erase(new Date(now), keepAll);
  expect(await physical(scope)).toEqual([{ id: 'stays', deleted: 0 }]);
});

test('a blob whose log could not be written is swept after a day, and those of logs stay', async () => {
  const scope = newScope();
  const disk = { full: false };
  const failing = await room.reopen({
    faults: { beforeFlush: async () => void (disk.full && (await Promise.reject(new Error('ENOSPC: no space left on device')))) },
  });
  const orphan = `${longText}, never acknowledged`;
  const name = createHash('sha256').update(orphan).digest('hex');
  await failing.record(scope, promptLog({ id: 'kept', output: `${longText}, kept` }));
  disk.full = true;
  await expect(failing.record(scope, promptLog({ id: 'lost', output: orphan }))).rejects.toMatchObject({ code: 'unavailable' });
  disk.full = false;
  expect(await room.storage.blobs.has(name)).toBe(true);
  expect(await failing.sweepBlobs(new Date())).toBe(0);
  // The files' own times are the clock's.
  now += 25 * 3_600_000;
  expect(await failing.sweepBlobs(new Date(Date.now() + 25 * 3_600_000))).toBeGreaterThan(0);
  expect(await room.storage.blobs.has(name)).toBe(false);
  expect((await failing.find(scope, 'kept'))?.output).toBe(`${longText}, kept`);
});

test('everything of one user goes, also what comes late', async () => {
  const { logs } = room;
  const scope = newScope();
  await logs.record(scope, promptLog({ id: 'a', user: 'u1' }));
  await logs.record(scope, promptLog({ id: 'b', user: 'u1' }));
  await logs.record(scope, promptLog({ id: 'c', user: 'u2' }));
  const judgment = { evaluatorId: 'ev', evaluatorVersionId: 'evv', value: true, origin: 'api' as const };
  await logs.judge(scope, { ...judgment, id: 'j1', logId: 'c', source: 'user', judge: 'u1' });
  await logs.judge(scope, { ...judgment, id: 'j2', logId: 'a', source: 'code' });
  await logs.judge(scope, { ...judgment, id: 'j3', logId: 'c', source: 'code' });
  expect(await logs.deleteUser(scope, 'u1')).toBe(2);
  expect(await logs.find(scope, 'a')).toBeNull();
  expect((await logs.list(scope, {}, firstPage)).records.map(({ id }) => id)).toEqual(['c']);
  expect((await logs.judgments(scope, {}, firstPage)).records.map(({ id }) => id)).toEqual(['j3']);
  await logs.erase(new Date(now), keepAll);
  expect((await physical(scope)).filter(({ deleted }) => deleted === 0)).toEqual([{ id: 'c', deleted: 0 }]);
  expect((await physical(scope, 'judgments')).filter(({ deleted }) => deleted === 0)).toEqual([{ id: 'j3', deleted: 0 }]);
});

test('the logs of a deleted file go, and those of others stay', async () => {
  const { logs } = room;
  const scope = newScope();
  await logs.record(scope, promptLog({ id: 'a', fileId: 'pr_a' }));
  await logs.record(scope, promptLog({ id: 'b', fileId: 'pr_b' }));
  await logs.deleteFile(scope, 'pr_a');
  expect((await logs.list(scope, {}, firstPage)).records.map(({ id }) => id)).toEqual(['b']);
  expect((await logs.counts(scope, ['pr_a', 'pr_b'])).has('pr_a')).toBe(false);
});

test('a deleted workspace leaves nothing', async () => {
  const { logs, storage } = room;
  const [scope, other] = [newScope(), newScope()];
  await logs.record(scope, promptLog({ id: 'a', output: longText.slice(1) }));
  await logs.record(other, promptLog({ id: 'a' }));
  await logs.drained(5_000);
  const blobs = await blobsOf(scope);
  now += 3_600_000;
  await logs.deleteWorkspace(scope.workspaceId);
  expect(await physical(scope)).toEqual([]);
  expect(await storage.blobs.has(blobs[0] ?? '')).toBe(false);
  expect(await logs.find(other, 'a')).not.toBeNull();
});

test('retention is by workspace and environment', async () => {
  const { logs } = room;
  const [scope, other] = [newScope(), newScope()];
  const old = new Date(now - 10 * 86_400_000);
  for (const environmentId of ['short', 'forever', null])
    await logs.record(scope, promptLog({ id: `old-${environmentId}`, environmentId, createdAt: old }));
  await logs.record(scope, promptLog({ id: 'new', environmentId: 'short' }));
  await logs.record(other, promptLog({ id: 'old', createdAt: old }));
  const retention = async (workspaceId: string) =>
    workspaceId === scope.workspaceId ? { days: 30, environments: { short: 5, forever: null } } : { days: null, environments: {} };
  await logs.erase(new Date(now), retention);
  expect((await physical(scope)).map(({ id }) => id)).toEqual(['new', 'old-forever', 'old-null']);
  await logs.erase(new Date(now), async (id) => ({ ...(await retention(id)), days: id === scope.workspaceId ? 5 : null }));
  expect((await physical(scope)).map(({ id }) => id)).toEqual(['new', 'old-forever']);
  expect(await physical(other)).toHaveLength(1);
});
