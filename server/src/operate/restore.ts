import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import type { Storage } from '../storage/index.ts';
import { appliedMigrations, controlIsEmpty, loadControl } from './store.ts';
import type { BackupManifest } from './backup.ts';

const maxEntryBytes = 1024 * 1024 * 1024;

/**
 * Fills empty stores from a backup. Nothing is written to the control store before the whole file was read, so a
 * restore that fails can be tried again in the same empty directory.
 * @returns what the backup says of itself
 * @throws Error with one line for the operator
 */
export async function restore(storage: Storage, file: string): Promise<BackupManifest> {
  if (!(await controlIsEmpty(storage))) {
    throw new Error('The target already holds a workspace. Restore into an empty data directory (WHETSTONE_DATA_DIR) and empty databases.');
  }
  const control = new Map<string, string[]>();
  let first: BackupManifest | null = null;
  let last: BackupManifest | null = null;
  const entries = createReadStream(file).pipe(extract());
  for await (const part of entries) {
    const { name } = part.header;
    if ((part.header.size ?? 0) > maxEntryBytes) throw new Error(`${name} in the backup is larger than any that Whetstone writes.`);
    const content = await buffer(part);
    if (name === 'manifest.json') first = await readManifest(storage, content);
    else if (first === null) throw new Error(`${file} is no Whetstone backup: it does not start with a manifest.`);
    else if (name === 'complete.json') last = JSON.parse(content.toString()) as BackupManifest;
    else await takeEntry(storage, name, content, control);
  }
  if (first === null) throw new Error(`${file} is no Whetstone backup.`);
  if (last === null)
    throw new Error(
      `${file} was cut off: its last entry is missing. The target holds no workspace; remove its data directory and restore a whole file.`,
    );
  await loadControl(storage, control);
  return last;
}

async function readManifest(storage: Storage, content: Buffer): Promise<BackupManifest> {
  const manifest = JSON.parse(content.toString()) as BackupManifest;
  const known = new Set(await appliedMigrations(storage));
  const newer = manifest.migrations.filter((name) => !known.has(name));
  if (manifest.format !== 1 || newer.length > 0) {
    throw new Error(
      `The backup is of Whetstone ${manifest.version}, newer than this program. Restore it with that version or a later one.`,
    );
  }
  return manifest;
}

async function takeEntry(storage: Storage, name: string, content: Buffer, control: Map<string, string[]>): Promise<void> {
  const [folder, ...rest] = name.split('/');
  if (folder === 'postgres') {
    const table = (rest[0] ?? '').replace(/\.jsonl\.gz$/, '');
    control.set(table, lines(content));
  } else if (folder === 'clickhouse') {
    const table = rest[0] ?? '';
    if (!/^\w+$/.test(table)) throw new Error(`${name} in the backup names no table.`);
    // The token makes a second try of the same part harmless.
    await storage.logDatabase.insert(
      table,
      lines(content).map((line) => Buffer.from(line)),
      `restore:${name}`,
    );
  } else if (folder === 'blobs') {
    await storage.blobs.put(content);
  } else if (name === 'secret') {
    await writeFile(join(storage.dataDir, 'secret'), content, { mode: 0o600 });
  }
}

function lines(content: Buffer): string[] {
  const text = gunzipSync(content, { maxOutputLength: maxEntryBytes }).toString();
  return text === '' ? [] : text.split('\n');
}
