import { randomBytes } from 'node:crypto';
import { AppError, type Scope } from '@whetstone/contract';
import type { Storage } from '../../storage/index.ts';
import { type AgentTables, claimTurn, deleteTurns, releaseTurn } from './store.ts';

/** An agent that waits is gone on with by one caller at a time. */
export interface Claims {
  /** Runs the work while this caller has the turn; 409 when another has it. */
  during<T>(scope: Scope, logId: string, work: () => Promise<T>): Promise<T>;
  deleteWorkspace(workspaceId: string): Promise<void>;
}

/** Longer than any turn takes whose server is alive. */
const staleMs = 3_600_000;

export function createClaims(storage: Pick<Storage, 'database'>, clock: () => Date): Claims {
  const db = storage.database<AgentTables>();
  return {
    async during(scope, logId, work) {
      const now = clock();
      const row = { workspace_id: scope.workspaceId, log_id: logId, token: randomBytes(16).toString('hex'), claimed_at: now };
      if (!(await claimTurn(db, row, new Date(now.getTime() - staleMs))))
        throw new AppError('conflict', `Another request goes on with \`${logId}\` right now.`, { retryAfterSeconds: 2 });
      try {
        return await work();
      } finally {
        // A claim that stays behind is taken over later; the answer does not wait for that.
        await releaseTurn(db, scope.workspaceId, logId, row.token).catch(() => undefined);
      }
    },
    deleteWorkspace: (workspaceId) => deleteTurns(db, workspaceId),
  };
}
