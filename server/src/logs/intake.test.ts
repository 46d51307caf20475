import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemScope } from '@whetstone/contract';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openTestStorage } from '../test/storage.ts';
import { StoreUnavailableError, type LogDatabase, type Storage } from '../storage/index.ts';
import { createLogs, type Logs, type LogsDeps } from './index.ts';
import { firstPage, promptLog } from './test/open.ts';

let storage: Storage;
let away = false;
let refuse: ((table: string, lines: readonly Uint8Array[]) => boolean) | null = null;
const tokens: string[] = [];
let logDatabase: LogDatabase;
beforeAll(async () => {
  storage = await openTestStorage();
  const { logDatabase: real } = storage;
  const reach = () => {
    if (away) throw new StoreUnavailableError('clickhouse', 'unplugged by the test');
  };
  // The real store behind a plug that can be pulled.
  logDatabase = {
    query: async (...args) => {
      reach();
      return real.query(...args);
    },
    stream: (...args) => real.stream(...args),
    command: (...args) => real.command(...args),
    insert: async (table, lines, token, options) => {
      reach();
      tokens.push(token);
      const bad = refuse?.(table, lines) ? [Buffer.from('{"workspace_id": nonsense')] : [];
      await real.insert(table, [...lines, ...bad], token, options);
    },
  };
});
afterAll(() => storage.close());

let opened: { logs: Logs; dataDir: string }[] = [];
afterEach(async () => {
  away = false;
  refuse = null;
  for (const { logs, dataDir } of opened) {
    await logs.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
  opened = [];
});

function open(deps: Partial<LogsDeps> = {}, dataDir = mkdtempSync(join(tmpdir(), 'whetstone-intake-'))): Logs {
  const logs = createLogs({ storage: { dataDir, logDatabase, blobs: storage.blobs }, settings: () => ({ redaction: [] }), ...deps });
  opened.push({ logs, dataDir });
  return logs;
}

let workspaces = 0;
const newScope = () => systemScope(`ws_${++workspaces}`, 'test');

describe('F7: the store goes away and comes back', () => {
  test('logs are taken, found by id, changed and judged meanwhile, and arrive once', async () => {
    const logs = open();
    const scope = newScope();
    away = true;
    const ids: string[] = [];
    for (let i = 0; i < 50; i++) ids.push((await logs.record(scope, promptLog({ output: `log ${i}` }))).id);
    await logs.change(scope, ids[0] ?? '', { output: 'changed' });
    await logs.judge(scope, {
      id: 'j',
      evaluatorId: 'e',
      evaluatorVersionId: 'v',
      logId: ids[1] ?? '',
      source: 'user',
      value: 1,
      origin: 'api',
    });
    expect((await logs.find(scope, ids[0] ?? ''))?.output).toBe('changed');
    expect(await logs.findJudgment(scope, 'j')).toMatchObject({ value: 1 });
    expect(await logs.drained(300)).toBe(false);
    expect(logs.backlog()).toMatchObject({ error: expect.stringContaining('unplugged') });
    expect(logs.backlog().waiting).toBeGreaterThanOrEqual(52);
    await expect(logs.list(scope, {}, firstPage)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(logs.find(scope, 'unknown')).rejects.toMatchObject({ code: 'unavailable' });
    away = false;
    expect(await logs.drained(20_000)).toBe(true);
    expect(logs.backlog()).toMatchObject({ waiting: 0, error: null });
    expect((await logs.list(scope, {}, firstPage)).total).toBe(50);
    expect((await logs.find(scope, ids[0] ?? ''))?.output).toBe('changed');
  });

  test('a log that the store already has is merged when it is back', async () => {
    const logs = open();
    const scope = newScope();
    const created = new Date('2026-05-05T00:00:00Z');
    await logs.record(
      scope,
      promptLog({ id: 'known', createdAt: created, user: 'u', inputs: { q: 1 }, output: 'first', metadata: { a: 1 } }),
    );
    await logs.drained(5_000);
    away = true;
    await logs.record(scope, promptLog({ id: 'known', output: 'second' }));
    await logs.record(scope, promptLog({ id: 'known', promptTokens: 7 }));
    await logs.record(scope, promptLog({ id: 'new', output: 'third' }));
    expect((await logs.find(scope, 'known'))?.promptTokens).toBe(7);
    away = false;
    expect(await logs.drained(20_000)).toBe(true);
    expect(await logs.find(scope, 'known')).toMatchObject({
      at: created,
      user: 'u',
      inputs: { q: 1 },
      promptTokens: 7,
      metadata: { a: 1 },
    });
    expect((await logs.list(scope, {}, firstPage)).total).toBe(2);
  });

  test('what waits outlives a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'whetstone-intake-'));
    const scope = newScope();
    away = true;
    const before = open({}, dataDir);
    const { id } = await before.record(scope, promptLog({ output: 'kept', messages: [{ role: 'user', content: 'q' }] }));
    await before.record(scope, promptLog({ id: 'line\nbreak "quoted"', output: 'odd' }));
    await before.close();
    const after = open({}, dataDir);
    expect((await after.find(scope, id))?.output).toBe('kept');
    expect((await after.find(scope, 'line\nbreak "quoted"'))?.output).toBe('odd');
    expect(after.backlog().waiting).toBeGreaterThanOrEqual(2);
    away = false;
    expect(await after.drained(20_000)).toBe(true);
    expect((await after.list(scope, {}, firstPage)).total).toBe(2);
  });
});

describe('the queue', () => {
  test('tokens never come again, even when the queue was empty at a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'whetstone-intake-'));
    const scope = newScope();
    tokens.length = 0;
    for (let i = 0; i < 3; i++) {
      const logs = open({}, dataDir);
      await logs.record(scope, promptLog({ output: `same ${i}` }));
      expect(await logs.drained(5_000)).toBe(true);
      await logs.close();
    }
    expect(new Set(tokens).size).toBe(3);
    expect((await open({}, dataDir).list(scope, {}, firstPage)).total).toBe(3);
  });

  test('a batch that was sent but not confirmed is sent again with the same rows and token', async () => {
    let fail = 1;
    const logs = open({
      faults: {
        afterInsert: async () => {
          if (fail-- > 0) throw new Error('cut off');
        },
      },
    });
    const scope = newScope();
    tokens.length = 0;
    await logs.record(scope, promptLog());
    await expect.poll(() => tokens.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await logs.record(scope, promptLog());
    expect(await logs.drained(10_000)).toBe(true);
    expect(tokens[1]).toBe(tokens[0]);
    const [row] = await storage.logDatabase.query<{ n: number }>('SELECT count() AS n FROM logs WHERE workspace_id = {w:String}', {
      w: scope.workspaceId,
    });
    expect(row?.n).toBe(2);
  });

  test('rows gather while nobody looks, are there for whoever does, and come soon from then on', async () => {
    const logs = open();
    const scope = newScope();
    tokens.length = 0;
    for (let i = 0; i < 8; i += 1) {
      await logs.record(scope, promptLog());
      await sleep(200);
    }
    expect(tokens).toHaveLength(0);
    expect((await logs.list(scope, {}, firstPage)).total).toBe(8);
    expect(tokens).toHaveLength(1);
    await logs.record(scope, promptLog());
    await expect.poll(() => tokens.length, { timeout: 1_000, interval: 20 }).toBe(2);
  });

  test('with replicas, whose lists this process does not see, rows never wait long', async () => {
    const logs = open({ replicated: true });
    tokens.length = 0;
    await logs.record(newScope(), promptLog());
    await expect.poll(() => tokens.length, { timeout: 1_000, interval: 20 }).toBe(1);
  });

  test('one row that the store refuses does not hold up the others', async () => {
    const logs = open();
    const scope = newScope();
    refuse = (table, lines) => table === 'logs' && lines.some((line) => Buffer.from(line).includes('poison'));
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => logs.record(scope, promptLog({ id: `l${i}`, output: i === 7 ? 'poison' : 'fine' }))),
    );
    expect(await logs.drained(20_000)).toBe(true);
    expect((await logs.list(scope, {}, firstPage)).total).toBe(19);
    expect(await logs.find(scope, 'l7')).toBeNull();
  });

  test('a backlog beyond its bound is refused as unavailable, and taken again when it shrank', async () => {
    away = true;
    const logs = open({ maxBacklogBytes: 30_000 });
    const scope = newScope();
    await logs.record(scope, promptLog({ id: 'in', output: 'x'.repeat(10_000) }));
    await expect(logs.record(scope, promptLog({ id: 'out', output: 'x'.repeat(10_000) }))).rejects.toMatchObject({ code: 'unavailable' });
    away = false;
    await logs.drained(20_000);
    expect(await logs.find(scope, 'out')).toBeNull();
    await logs.record(scope, promptLog({ id: 'out', output: 'x'.repeat(10_000) }));
    expect((await logs.find(scope, 'out'))?.output).toHaveLength(10_000);
  });

  test('F5: nothing is acknowledged after a failed flush; after a failed sync nothing until a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'whetstone-intake-'));
    const scope = newScope();
    let failure: string | null = null;
    const logs = open(
      {
        faults: {
          beforeFlush: async () => {
            if (failure) throw new Error(failure);
          },
        },
      },
      dataDir,
    );
    await logs.record(scope, promptLog({ id: 'before' }));
    failure = 'ENOSPC: no space left on device';
    await expect(logs.record(scope, promptLog({ id: 'full' }))).rejects.toMatchObject({ code: 'unavailable' });
    expect(logs.backlog().error).toContain('ENOSPC');
    failure = null;
    await logs.record(scope, promptLog({ id: 'after' }));
    expect(await logs.find(scope, 'full')).toBeNull();
    failure = 'EIO: i/o error, fsync';
    await expect(logs.record(scope, promptLog({ id: 'broken' }))).rejects.toMatchObject({ code: 'unavailable' });
    failure = null;
    await expect(logs.record(scope, promptLog({ id: 'still broken' }))).rejects.toMatchObject({ code: 'unavailable' });
    await logs.close();
    const again = open({}, dataDir);
    await again.record(scope, promptLog({ id: 'restarted' }));
    expect((await again.list(scope, {}, firstPage)).records.map(({ id }) => id).sort()).toEqual(['after', 'before', 'restarted']);
  });
});

const small = mkdtempSync(join(tmpdir(), 'whetstone-small-'));
const mounted = mountSmall();
afterAll(() => {
  if (mounted) execFileSync('umount', [small]);
  rmSync(small, { recursive: true, force: true });
});

function mountSmall(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', small], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!mounted)(`F4: a full disk${mounted ? '' : ': skipped, no right to mount a small one'}`, () => {
  test('refuses with a reason, acknowledges nothing that is not stored, and recovers without a restart', async () => {
    const scope = newScope();
    away = true;
    const logs = open({}, join(small, 'data'));
    const acked: string[] = [];
    let error: unknown = null;
    for (let i = 0; i < 3_000 && !error; i++) {
      try {
        acked.push((await logs.record(scope, promptLog({ output: `${i} `.padEnd(20_000, 'x') }))).id);
      } catch (caught) {
        error = caught;
      }
    }
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(acked.length).toBeGreaterThan(50);
    writeFileSync(join(small, 'filler'), '');
    execFileSync('mount', ['-o', 'remount,size=200m', small]);
    away = false;
    const { id } = await logs.record(scope, promptLog({ output: 'after' }));
    expect(await logs.drained(20_000)).toBe(true);
    const [row] = await storage.logDatabase.query<{ n: number }>('SELECT uniqExact(id) AS n FROM logs WHERE workspace_id = {w:String}', {
      w: scope.workspaceId,
    });
    expect(row?.n).toBe(acked.length + 1);
    expect((await logs.find(scope, id))?.output).toBe('after');
  });
});
