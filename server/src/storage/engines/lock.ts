import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageRefusedError } from '../errors.ts';

export interface DirectoryLock {
  release(): void;
}

// A killed server's engine process needs a moment to notice and let go.
const GRACE_MS = 800;

/**
 * Takes the one lock of a data directory. SQLite's EXCLUSIVE transaction is a file lock of the
 * kernel, so it goes with the process that holds it, however that process ends.
 *
 * @param holderPid what a refused process is told to look for
 * @throws StorageRefusedError within 1.5 s when another process holds it
 */
export async function lockDirectory(dataDir: string, holderPid: number, graceMs = GRACE_MS): Promise<DirectoryLock> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const pidFile = join(dataDir, 'lock.pid');
  const until = Date.now() + graceMs;
  for (;;) {
    const held = tryLock(join(dataDir, 'lock.sqlite'));
    if (held) {
      writeFileSync(pidFile, `${holderPid}\n`, { mode: 0o600 });
      return { release: () => held.close() };
    }
    if (Date.now() >= until) {
      throw new StorageRefusedError(
        `The data directory ${dataDir} is in use by process ${readPid(pidFile)}. ` +
          'Stop that process, or set WHETSTONE_DATA_DIR to another directory.',
      );
    }
    await sleep(50);
  }
}

function tryLock(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/i.test(error.message)) return undefined;
    throw error;
  }
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim() || 'unknown';
  } catch {
    return 'unknown';
  }
}
