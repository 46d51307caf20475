import { createHash } from 'node:crypto';
import { chmodSync, constants, cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import type { MigrationSet } from '../migrations.ts';

const cache = join(import.meta.dirname, '../../../../node_modules/.cache/whetstone');

/**
 * Where both embedded engines' directories are kept as they are after the migrations, beside the installed packages: a first
 * start copies them in 0.2 s instead of making them in 3 s. `prepareTemplate` makes them.
 *
 * @returns a directory that may not exist; another one for other engines, migrations, job queues or versions of Whetstone
 */
export function templateOf(migrations: MigrationSet): string {
  const { version, dependencies } = manifest;
  const packages = [dependencies['@electric-sql/pglite'], dependencies.chdb, dependencies['pg-boss']];
  const applied = [migrations.postgres, migrations.clickhouse].map((set) => set.map(({ name, checksum }) => `${name}:${checksum}`));
  const key = createHash('sha256').update(JSON.stringify([version, packages, applied]));
  return join(cache, `engines-${key.digest('hex').slice(0, 16)}`);
}

/**
 * Makes the directory of an engine whole or not at all: `fill` makes it beside its place, it is synced and then renamed, so
 * that a kill or a power cut in the middle leaves nothing that looks like a database. What such an end left is removed.
 */
export async function makeWhole(directory: string, fill: (draft: string) => Promise<void>): Promise<void> {
  const drafts = `${basename(directory)}.new-`;
  for (const name of readdirSync(dirname(directory))) {
    if (name.startsWith(drafts)) rmSync(join(dirname(directory), name), { recursive: true, force: true });
  }
  const draft = mkdtempSync(join(dirname(directory), drafts));
  await fill(draft);
  // PostgreSQL takes no directory that others may look into; a copied one has its template's mode.
  chmodSync(draft, 0o700);
  await syncTree(draft);
  rmSync(directory, { recursive: true, force: true });
  renameSync(draft, directory);
  await sync(dirname(directory));
}

/** @returns whether `draft` now holds what `source` holds; otherwise it is empty */
export function copyInto(draft: string, source: string): boolean {
  if (!existsSync(source)) return false;
  try {
    // In one call of the runtime; its asynchronous sibling takes four times as long. ClickHouse's links are relative.
    cpSync(source, draft, { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE });
    return true;
  } catch {
    // Another user's, or just being removed.
    for (const name of readdirSync(draft)) rmSync(join(draft, name), { recursive: true, force: true });
    return false;
  }
}

async function syncTree(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = [directory, ...entries.filter((entry) => !entry.isSymbolicLink()).map((entry) => join(entry.parentPath, entry.name))];
  // As many as the engine process has threads: the file system joins them in a few commits of its journal.
  const width = 24;
  for (let start = 0; start < paths.length; start += width) await Promise.all(paths.slice(start, start + width).map(sync));
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}
