import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { AppError } from '@whetstone/contract';
import { pack, type Pack } from 'tar-stream';
import type { Logs } from '../logs/index.ts';
import type { Storage } from '../storage/index.ts';
import { appliedMigrations, controlRows, controlTables, logRows, logTables } from './store.ts';

export interface BackupManifest {
  format: 1;
  version: string;
  at: string;
  migrations: string[];
  /** The last entry repeats this; without it the file was cut off. */
  rows: Record<string, number>;
}

const batchBytes = 8 * 1024 * 1024;

/**
 * A whole copy of the instance as a tar of gzipped JSON lines, while it runs: what was acknowledged before the call
 * is in it. Logs are read before the control data, so every version that a log names is there too.
 * @returns a stream of the file's bytes
 * @throws AppError `unavailable` when the intake queue does not reach the log store within a minute
 */
export async function backup(deps: { storage: Storage; logs: Pick<Logs, 'drained'>; version: string; now: Date }): Promise<Pack> {
  if (!(await deps.logs.drained(60_000))) {
    throw new AppError(
      'unavailable',
      'The intake queue did not drain within a minute, so a backup would miss logs. See /readyz for what is wrong with the log store.',
    );
  }
  const tar = pack();
  write(tar, deps).catch((error: unknown) => tar.destroy(error as Error));
  return tar;
}

async function write(tar: Pack, deps: { storage: Storage; version: string; now: Date }): Promise<void> {
  const { storage } = deps;
  const rows: Record<string, number> = {};
  const manifest: BackupManifest = {
    format: 1,
    version: deps.version,
    at: deps.now.toISOString(),
    migrations: await appliedMigrations(storage),
    rows,
  };
  await entry(tar, 'manifest.json', Buffer.from(JSON.stringify(manifest)));
  for (const table of await logTables(storage)) rows[`clickhouse/${table}`] = await writeLogs(tar, storage, table);
  const byTable = new Map<string, string[]>();
  const tables = await controlTables(storage);
  for (const table of tables) byTable.set(table, []);
  for (const { table, line } of await controlRows(storage, tables)) byTable.get(table)?.push(line);
  for (const [table, lines] of byTable) {
    rows[`postgres/${table}`] = lines.length;
    await entry(tar, `postgres/${table}.jsonl.gz`, gzipSync(lines.join('\n')));
  }
  await writeFiles(tar, storage);
  await entry(tar, 'complete.json', Buffer.from(JSON.stringify(manifest)));
  tar.finalize();
}

async function writeLogs(tar: Pack, storage: Storage, table: string): Promise<number> {
  let lines: string[] = [];
  let bytes = 0;
  let count = 0;
  let part = 0;
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    part += 1;
    await entry(tar, `clickhouse/${table}/${String(part).padStart(6, '0')}.jsonl.gz`, gzipSync(lines.join('\n'), { level: 1 }));
    lines = [];
    bytes = 0;
  };
  for await (const row of logRows(storage, table)) {
    const line = JSON.stringify(row);
    lines.push(line);
    bytes += line.length;
    count += 1;
    if (bytes > batchBytes) await flush();
  }
  await flush();
  return count;
}

/** Blobs, and the key that opens stored credentials when it was made here. */
async function writeFiles(tar: Pack, storage: Storage): Promise<void> {
  const folder = join(storage.dataDir, 'blobs');
  if (existsSync(folder)) {
    for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || !/^[0-9a-f]{64}$/.test(file.name)) continue;
      const content = await readFile(join(file.parentPath, file.name)).catch(() => null);
      if (content !== null) await entry(tar, `blobs/${file.name}`, content);
    }
  }
  const secret = join(storage.dataDir, 'secret');
  if (existsSync(secret)) await entry(tar, 'secret', await readFile(secret));
}

async function entry(tar: Pack, name: string, content: Buffer): Promise<void> {
  const sink = tar.entry({ name, size: content.length, mode: 0o600 });
  sink.end(content);
  await finished(sink);
}
