import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Scope, systemScope } from '@whetstone/contract';
import { createFiles, type Files } from '../../files/index.ts';
import { createLogs, type Logs, type NewLog } from '../../logs/index.ts';
import type { Storage } from '../../storage/index.ts';
import { createFeedback, type Feedback } from '../index.ts';

/** One process of the server: its own queue, the stores in common. */
export interface Replica {
  logs: Logs;
  feedback: Feedback;
  close(): Promise<void>;
}
export interface FeedbackHouse extends Replica {
  files: Files;
  scope: Scope;
  workspace(): Promise<Scope>;
  /** `alone`: nobody else writes to the stores, as the process believes. */
  replica(options?: { joins?: boolean; alone?: boolean; dataDir?: string }): Replica;
}

export async function openFeedbackHouse(storage: Storage, clock: () => Date = () => new Date()): Promise<FeedbackHouse> {
  const audit = { record: async () => undefined };
  const files = await createFiles({ storage, audit, clock, randomBytes });
  let workspaces = 0;
  const workspace = async (): Promise<Scope> => {
    const id = `ws_feedback_${(workspaces += 1)}`;
    await files.prepareWorkspace(id);
    return systemScope(id, 'test');
  };
  const replica: FeedbackHouse['replica'] = ({
    joins = true,
    alone = false,
    dataDir = mkdtempSync(join(tmpdir(), 'whetstone-test-')),
  } = {}) => {
    const own = { ...storage, dataDir };
    const logs = createLogs({ storage: own, settings: () => ({ redaction: [] }), replicated: !alone });
    const log = { warn: () => undefined, info: () => undefined };
    const feedback = createFeedback({ storage, files, logs, replicated: !alone, log, clock });
    logs.onRecorded((scope, entry) => feedback.recorded(scope, entry));
    if (joins) feedback.start();
    let closed = false;
    return {
      logs,
      feedback,
      close: async () => {
        if (closed) return;
        closed = true;
        await feedback.close();
        await logs.close();
        if (dataDir.includes('whetstone-test-')) rmSync(dataDir, { recursive: true, force: true });
      },
    };
  };
  const first = replica();
  return {
    ...first,
    files,
    scope: await workspace(),
    workspace,
    replica,
    close: async () => {
      await first.close();
      await files.close();
    },
  };
}

export function answered(more: Partial<NewLog> = {}): NewLog {
  return { kind: 'prompt', fileId: 'pr_1', versionId: 'prv_1', origin: 'api', output: 'The refund takes five days.', ...more };
}
