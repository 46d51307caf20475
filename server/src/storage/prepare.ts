import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createStorage } from './create-storage.ts';
import { templateOf } from './engines/template.ts';
import type { Storage } from './index.ts';
import { disown, readMigrations } from './migrations.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Servers of an older checkout beside the same packages may still start from theirs. */
const keptMs = 24 * 3_600_000;

/**
 * Makes the template of this checkout's migrations unless it is there (6 s), and removes older ones.
 * @param fill adds what libraries would make at a first start
 */
export async function prepareTemplate(fill: (storage: Storage) => Promise<void>): Promise<void> {
  const template = templateOf(readMigrations());
  const cache = dirname(template);
  if (existsSync(template)) return;
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    const path = join(cache, name);
    const old = Date.now() - statSync(path).mtimeMs > keptMs;
    if (/^(engines|new-engines|pgdata)-/.test(name) && old) rmSync(path, { recursive: true, force: true });
  }
  const draft = mkdtempSync(join(cache, 'new-engines-'));
  try {
    const storage = await createStorage({ dataDir: draft, log: silent });
    await fill(storage);
    await disown(storage.pool);
    await storage.close();
    for (const name of readdirSync(draft)) {
      if (name !== 'postgres' && name !== 'clickhouse') rmSync(join(draft, name), { recursive: true, force: true });
    }
    // There is nothing secret in it, and who starts the server need not be who installed it.
    for (const entry of readdirSync(draft, { recursive: true, withFileTypes: true })) {
      if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
    }
    chmodSync(draft, 0o755);
    renameSync(draft, template);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another process was first.
    if (!existsSync(template)) throw error;
  }
}
