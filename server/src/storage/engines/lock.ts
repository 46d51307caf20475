import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { StorageRefusedError } from '../errors.ts';

export interface DirectoryLock {
  release(): void;
}

// The holder writes its pid just after it took the lock.
const SETTLE_MS = 300;
// A killed server's engine process lets go when its statement is over.
const ORPHAN_MS = 10_000;

/**
 * Takes the one lock of a data directory. SQLite's EXCLUSIVE transaction is a file lock of the
 * kernel, so it goes with the process that holds it, however that process ends.
 *
 * @param holderPid the server: what a refused process is told to look for
 * @throws StorageRefusedError at once when another server holds it; when that server is dead and only
 * its engine process is left, after 10 s
 */
export async function lockDirectory(dataDir: string, holderPid: number): Promise<DirectoryLock> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const pidFile = join(dataDir, 'lock.pid');
  const started = Date.now();
  for (;;) {
    const held = tryLock(join(dataDir, 'lock.sqlite'));
    if (held) {
      writeFileSync(pidFile, `${holderPid}\n`, { mode: 0o600 });
      return { release: () => held.close() };
    }
    const pid = readPid(pidFile);
    if (Date.now() - started > (isAlive(pid) ? SETTLE_MS : ORPHAN_MS)) {
      throw new StorageRefusedError(
        `The data directory ${dataDir} is in use by process ${pid ?? 'unknown'}. ` +
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

function readPid(file: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** A dead process that nobody has waited for yet (its state is Z) does not count. */
export function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}
