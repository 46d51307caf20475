import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openTestStorage, silent } from '../../test/storage.ts';
import { createStorage, StorageRefusedError, StoreUnavailableError, type Storage } from '../index.ts';
import { isAlive, lockDirectory } from './lock.ts';

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'whetstone-engines-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function enginePid(storage: Storage): number {
  const pid = storage.engines?.pid;
  if (pid === undefined) throw new Error('there is no engine process');
  return pid;
}

/** Kills the engine process and waits until another one answers. */
async function killEngines(storage: Storage, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  await storage.engines?.whenReady();
  const pid = enginePid(storage);
  process.kill(pid, signal);
  await expect.poll(() => storage.engines?.pid !== undefined && storage.engines.pid !== pid, { timeout: 60_000 }).toBe(true);
  await storage.engines?.whenReady();
}

// Starting an engine process takes a second on an idle machine and many on a busy one.
describe('the engine process', { timeout: 180_000 }, () => {
  let storage: Storage;
  beforeAll(async () => {
    storage = await openTestStorage({ hangMs: 4_000 });
    await storage.executeSql('CREATE TABLE acknowledged (id bigint PRIMARY KEY)');
    await storage.logDatabase.command(
      `CREATE TABLE acknowledged (id UInt64) ENGINE = MergeTree ORDER BY id
       SETTINGS non_replicated_deduplication_window = 100, fsync_after_insert = 1, fsync_part_directory = 1`,
    );
  });
  afterAll(() => storage.close());

  test('every commit is one sync to disk', async () => {
    const engines = storage.engines;
    await sleep(1_100);
    const before = engines?.syncs ?? 0;
    for (let id = -1; id >= -50; id -= 1) await storage.executeSql('INSERT INTO acknowledged VALUES ($1)', [id]);
    await expect.poll(() => (engines?.syncs ?? 0) - before, { timeout: 20_000 }).toBeGreaterThanOrEqual(50);
    for (let read = 0; read < 50; read += 1) await storage.executeSql('SELECT count(*) FROM acknowledged');
    const after = engines?.syncs ?? 0;
    await sleep(1_100);
    expect(engines?.syncs).toBe(after);
  });

  test('F1, F7: kill -9 under load loses nothing acknowledged, and the process is back by itself', async () => {
    const rounds = 3;
    const written = { postgres: [] as number[], clickhouse: [] as number[] };
    let unavailable = 0;
    let stop = false;
    const write = async (ids: number[], run: (id: number) => Promise<unknown>): Promise<void> => {
      for (let id = 1; !stop; id += 1) {
        try {
          await run(id);
          ids.push(id);
        } catch (error) {
          expect(error).toBeInstanceOf(StoreUnavailableError);
          unavailable += 1;
          await sleep(10);
        }
      }
    };
    const writers = [
      write(written.postgres, (id) => storage.executeSql('INSERT INTO acknowledged VALUES ($1)', [id])),
      write(written.clickhouse, (id) => storage.logDatabase.insert('acknowledged', [Buffer.from(`{"id":${id}}`)], `id-${id}`)),
    ];
    const restarts = storage.engines?.restarts ?? 0;
    for (let round = 0; round < rounds; round += 1) {
      await sleep(200);
      await killEngines(storage);
    }
    await sleep(200);
    stop = true;
    await Promise.all(writers);
    expect(unavailable).toBeGreaterThan(0);
    expect(storage.engines?.restarts).toBeGreaterThanOrEqual(restarts + rounds);

    const { rows } = await storage.executeSql<{ id: number }>('SELECT id FROM acknowledged WHERE id > 0');
    const inPostgres = new Set(rows.map(({ id }) => id));
    expect(written.postgres.filter((id) => !inPostgres.has(id))).toEqual([]);
    const logs = await storage.logDatabase.query<{ id: number }>('SELECT id FROM acknowledged');
    const inClickHouse = new Set(logs.map(({ id }) => id));
    expect(written.clickhouse.filter((id) => !inClickHouse.has(id))).toEqual([]);
    expect(logs).toHaveLength(inClickHouse.size);
  });

  test('a process that hangs is killed and started again', async () => {
    await killEngines(storage, 'SIGSTOP');
    const health = await storage.health();
    expect(health.postgres.ok && health.clickhouse.ok).toBe(true);
  });

  test('health says so while the process is away', async () => {
    process.kill(enginePid(storage), 'SIGSTOP');
    const health = await storage.health();
    expect(health.postgres.ok || health.clickhouse.ok).toBe(false);
    const healthy = async (): Promise<boolean> => {
      const { postgres, clickhouse } = await storage.health();
      return postgres.ok && clickhouse.ok;
    };
    await expect.poll(healthy, { timeout: 60_000 }).toBe(true);
  });

  test('listeners hear again after the process was started again', async () => {
    const heard: string[] = [];
    let reconnected = 0;
    storage.onReconnect(() => (reconnected += 1));
    await storage.listen('after_restart', (payload) => heard.push(payload));
    await killEngines(storage);
    await expect.poll(() => reconnected, { timeout: 60_000 }).toBe(1);
    await storage.notify('after_restart', 'hello');
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['hello']);
  });
});

describe('one process per data directory', { timeout: 120_000 }, () => {
  test('F19: a second process is refused within 2 s with the pid of the first', async () => {
    const dataDir = temporaryDirectory();
    const first = await createStorage({ dataDir, log: silent });
    onTestFinished(() => first.close());
    const second = createStorage({ dataDir, log: silent });
    await expect(second).rejects.toThrow(StorageRefusedError);
    await expect(second).rejects.toThrow(new RegExp(`in use by process ${process.pid}\\.`));
    expect((await first.health()).postgres.ok).toBe(true);
  });

  test('F19: with both stores on servers the directory is held as well', async () => {
    const dataDir = temporaryDirectory();
    const lock = await lockDirectory(dataDir, process.pid);
    await expect(lockDirectory(dataDir, 4711)).rejects.toThrow(`in use by process ${process.pid}.`);
    lock.release();
    (await lockDirectory(dataDir, process.pid)).release();
  });

  test('a server that is killed takes its engine process with it, and the next one starts on the same directory', async () => {
    const dataDir = temporaryDirectory();
    const { server, pid } = await startServer(dataDir);
    server.kill('SIGKILL');
    await once(server, 'exit');
    const next = await createStorage({ dataDir, log: silent });
    onTestFinished(() => next.close());
    expect(isAlive(pid)).toBe(false);
    const { rows } = await next.executeSql<{ id: number }>('SELECT id FROM kept');
    expect(rows).toEqual([{ id: 1 }]);
  });

  test('a cluster that was being made when the process was killed is made anew', async () => {
    const dataDir = temporaryDirectory();
    mkdirSync(join(dataDir, 'postgres'), { recursive: true });
    writeFileSync(join(dataDir, 'postgres', 'half'), '');
    const storage = await createStorage({ dataDir, log: silent });
    onTestFinished(() => storage.close());
    expect((await storage.health()).postgres.ok).toBe(true);
    expect(readdirSync(join(dataDir, 'postgres'))).not.toContain('half');
  });
});

async function startServer(dataDir: string): Promise<{ server: ChildProcess; pid: number }> {
  const script = fileURLToPath(new URL('../../test/held-storage.ts', import.meta.url));
  const server = fork(script, [dataDir], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [message] = await once(server, 'message');
  return { server, pid: Number(message) };
}
