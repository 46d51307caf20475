import type { Scope } from '@whetstone/contract';
import { type Db, everyWaiting, type WaitingRow } from './store.ts';

/** Feedback that waits for its log, as an export has it. */
export type CarriedFeedback = Omit<WaitingRow, 'workspace_id'>;

export interface Carry {
  waiting(scope: Scope): Promise<CarriedFeedback[]>;
  /** What waits already under the same log, evaluator and user is replaced. */
  take(scope: Scope, rows: readonly CarriedFeedback[]): Promise<void>;
}

const atOnce = 1_000;

export function carryOf(db: Db, keep: (workspaceId: string, rows: readonly WaitingRow[]) => Promise<void>): Carry {
  return {
    waiting: async ({ workspaceId }) =>
      (await everyWaiting(db, workspaceId)).map(({ by_reference, log, evaluator_id, source, judge, judgment, options, received_at }) => ({
        by_reference,
        log,
        evaluator_id,
        source,
        judge,
        judgment,
        options,
        received_at,
      })),
    async take({ workspaceId }, rows) {
      for (let i = 0; i < rows.length; i += atOnce)
        await keep(
          workspaceId,
          rows.slice(i, i + atOnce).map((row) => ({ ...row, workspace_id: workspaceId })),
        );
    },
  };
}
