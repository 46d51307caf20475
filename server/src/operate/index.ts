import type { Readable } from 'node:stream';
import type { Logs } from '../logs/index.ts';
import type { People } from '../people/index.ts';
import type { Storage } from '../storage/index.ts';
import { backup } from './backup.ts';
import { makeToken } from './run-file.ts';

export type { BackupManifest } from './backup.ts';
export { restore } from './restore.ts';
export { findRunning, removeRunFile, type RunFile, writeRunFile } from './run-file.ts';

/** What the operator of the machine does: whole copies, and links for those who lost their password. */
export interface Operate {
  /** Token of this run, for commands on the same machine. */
  token: string;
  backup(): Promise<Readable>;
  resetLink(email: string): Promise<{ url: string; expiresAt: Date }>;
}

export function createOperate(deps: { storage: Storage; logs: Logs; people: People; version: string }): Operate {
  return {
    token: makeToken(),
    backup: () => backup({ ...deps, now: new Date() }),
    resetLink: (email) => deps.people.members.resetLinkByEmail(email),
  };
}
