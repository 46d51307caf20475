/** The engine process: both embedded databases behind two sockets, for as long as its parent lives. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { StorageRefusedError, messageOf } from '../errors.ts';
import { lockDirectory } from './lock.ts';
import type { EngineConfig, FromEngine, ToEngine } from './messages.ts';
import { CLICKHOUSE_SOCKET, POSTGRES_SOCKET } from './messages.ts';

type Close = () => Promise<void>;

const CLOSE_MS = 4_000;
const counter = { syncs: 0 };
// What is imported below is large, and was compiled before.
enableCompileCache(join(import.meta.dirname, '../../../../node_modules/.cache/whetstone/compiled'));
const config = JSON.parse(process.argv[2] ?? '{}') as EngineConfig;

function say(message: FromEngine): void {
  process.send?.(message);
}

/** Both stores are safe against a kill at any point, so a process that must not go on just ends. */
function die(reason: string): never {
  process.stderr.write(`engine process ends: ${reason}\n`);
  process.kill(process.pid, 'SIGKILL');
  throw new Error(reason);
}

function socketPath(name: string): string {
  const path = join(config.socketDir, name);
  rmSync(path, { force: true });
  return path;
}

async function startControl(): Promise<Close> {
  const { openControlDatabase } = await import('./control-database.ts');
  const { PostgresFront } = await import('./postgres-front.ts');
  const database = await openControlDatabase(join(config.dataDir, 'postgres'), join(config.template, 'postgres'), counter);
  const { rows } = await database.query<{ server_version: string }>('SHOW server_version');
  const front = new PostgresFront({
    path: socketPath(POSTGRES_SOCKET),
    serverVersion: rows[0]?.server_version ?? '18',
    backend: async (messages) => {
      const chunks: Uint8Array[] = [];
      await database.execProtocolRawStream(messages, {
        onRawData: (chunk) => void chunks.push(chunk.slice()),
      });
      return Buffer.concat(chunks);
    },
    onBroken: (error) => die(`PostgreSQL: ${messageOf(error)}`),
  });
  await front.listen();
  return async () => {
    await front.close();
    await database.close();
  };
}

async function startLogs(): Promise<Close> {
  const { LogEngine } = await import('./log-engine.ts');
  const { ClickHouseFront } = await import('./clickhouse-front.ts');
  const { copyInto, makeWhole } = await import('./template.ts');
  const directory = join(config.dataDir, 'clickhouse');
  if (!existsSync(directory)) await makeWhole(directory, async (draft) => void copyInto(draft, join(config.template, 'clickhouse')));
  const engine = new LogEngine({
    directory,
    maxServerMemoryBytes: config.logMemoryBytes,
    parallel: 8,
    onStuck: (statement) => die(`ClickHouse does not end: ${statement}`),
  });
  const front = new ClickHouseFront(engine, socketPath(CLICKHOUSE_SOCKET));
  await front.listen();
  return async () => {
    await front.close();
    await engine.close(CLOSE_MS / 2);
  };
}

async function main(): Promise<void> {
  const lock = await lockDirectory(config.dataDir, config.holderPid);
  mkdirSync(config.socketDir, { recursive: true, mode: 0o700 });
  const closers = await Promise.all([...(config.control ? [startControl()] : []), ...(config.logs ? [startLogs()] : [])]);
  process.on('message', (message: ToEngine) => {
    if (message.type === 'ping') {
      const residentBytes = process.memoryUsage.rss();
      say({ type: 'pong', id: message.id, syncs: counter.syncs, residentBytes });
      return;
    }
    setTimeout(() => die('closing took too long'), CLOSE_MS).unref();
    void Promise.all(closers.map((close) => close())).then(() => {
      lock.release();
      say({ type: 'closed' });
      flushCompileCache();
      // chdb's exit hooks have nothing left to do that is worth waiting for.
      setImmediate(() => process.kill(process.pid, 'SIGKILL'));
    });
  });
  say({ type: 'ready' });
}

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A terminal's Ctrl-C reaches the whole group; the parent decides when the stores close.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

main().catch((error: unknown) => {
  const refused = error instanceof StorageRefusedError;
  process.send?.({ type: 'failed', reason: messageOf(error), refused } satisfies FromEngine, () => process.exit(1));
});
