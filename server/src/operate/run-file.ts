import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How a command on the same machine finds the running server: its address and a token of this run, readable by the
 * owner of the data directory only.
 */
export interface RunFile {
  url: string;
  token: string;
  pid: number;
}

const name = 'running.json';

export function makeToken(): string {
  return randomBytes(32).toString('base64url');
}

export function writeRunFile(dataDir: string, run: RunFile): void {
  writeFileSync(join(dataDir, name), JSON.stringify(run), { mode: 0o600 });
}

export function removeRunFile(dataDir: string): void {
  rmSync(join(dataDir, name), { force: true });
}

/** The server that runs on this data directory; null when none does. */
export function findRunning(dataDir: string): RunFile | null {
  try {
    const run = JSON.parse(readFileSync(join(dataDir, name), 'utf8')) as RunFile;
    process.kill(run.pid, 0);
    return run;
  } catch {
    return null;
  }
}
