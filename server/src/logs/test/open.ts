import { systemScope, type Scope } from '@whetstone/contract';
import { openTestStorage } from '../../test/storage.ts';
import type { Storage } from '../../storage/index.ts';
import { createLogs, type Logs, type LogsDeps, type NewLog } from '../index.ts';

export interface TestLogs {
  logs: Logs;
  storage: Storage;
  scope: Scope;
  /** Closes the room and opens it again on the same directory. */
  reopen(deps?: Partial<LogsDeps>): Promise<Logs>;
  close(): Promise<void>;
}

export async function openTestLogs(deps: Partial<LogsDeps> = {}): Promise<TestLogs> {
  const storage = await openTestStorage();
  const open = (more: Partial<LogsDeps>) => createLogs({ storage, settings: () => ({ redaction: [] }), ...deps, ...more });
  const room: TestLogs = {
    logs: open({}),
    storage,
    scope: systemScope('ws_a', 'test'),
    reopen: async (more = {}) => {
      await room.logs.close();
      room.logs = open(more);
      return room.logs;
    },
    close: async () => {
      await room.logs.close();
      await storage.close();
    },
  };
  return room;
}

/** A prompt log with as much as a call leaves. */
export function promptLog(more: Partial<NewLog> = {}): NewLog {
  return { kind: 'prompt', fileId: 'pr_1', versionId: 'prv_1', origin: 'api', output: 'an answer', ...more };
}

export const firstPage = { page: 1, size: 50, payload: false, count: true };
