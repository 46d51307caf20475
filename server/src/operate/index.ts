import { statfs } from 'node:fs/promises';
import type { Pack } from 'tar-stream';
import type { Logs } from '../logs/index.ts';
import type { People } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import { backup } from './backup.ts';
import { makeToken } from './run-file.ts';
import { storeSizes } from './store.ts';

export type { BackupManifest } from './backup.ts';
export { restore } from './restore.ts';
export { findRunning, removeRunFile, type RunFile, writeRunFile } from './run-file.ts';

/** What the operator of the machine does: whole copies, and links for those who lost their password. */
export interface Operate {
  /** Token of this run, for commands on the same machine. */
  token: string;
  backup(): Promise<Pack>;
  resetLink(email: string): Promise<{ url: string; expiresAt: Date }>;
  sizes(): Promise<Sizes>;
  /** Does at once what jobs do within the hour or the day: takes away what is past its retention, deleted, or left over. */
  erase(): Promise<void>;
}
export interface Sizes {
  postgresBytes: number | null;
  clickhouseBytes: number | null;
  logRows: number | null;
  diskFreeBytes: number | null;
}

export function createOperate(deps: {
  storage: Storage;
  logs: Logs;
  people: People;
  version: string;
  erase: () => Promise<void>;
}): Operate {
  return {
    token: makeToken(),
    backup: () => backup({ ...deps, now: new Date() }),
    async sizes() {
      const [stores, disk] = await Promise.all([storeSizes(deps.storage), statfs(deps.storage.dataDir).catch(() => null)]);
      return { ...stores, diskFreeBytes: disk === null ? null : disk.bavail * disk.bsize };
    },
    erase: () => deps.erase(),
    resetLink: (email) => deps.people.members.resetLinkByEmail(email),
  };
}
