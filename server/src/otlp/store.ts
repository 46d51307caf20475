import type { OtelRule } from '@whetstone/contract';
import type { ColumnType } from 'kysely';
import type { Storage } from '../storage/index.ts';

interface Tables {
  otel_rules: { workspace_id: string; rules: ColumnType<OtelRule[], string, string>; updated_at: Date };
  otel_open_traces: { workspace_id: string; trace_id: string; root_id: string | null; due_at: Date };
}

/** A trace that is not complete, as far as a restart has to know it. */
export interface OpenTraceRow {
  workspaceId: string;
  traceId: string;
  /** Null while its root has not come. */
  rootId: string | null;
  dueAt: Date;
}

export interface OtlpStore {
  readRules(workspaceId: string): Promise<OtelRule[]>;
  writeRules(workspaceId: string, rules: readonly OtelRule[]): Promise<void>;
  saveTraces(rows: readonly OpenTraceRow[]): Promise<void>;
  forgetTraces(rows: readonly Pick<OpenTraceRow, 'workspaceId' | 'traceId'>[]): Promise<void>;
  tracesDue(before: Date, limit: number): Promise<OpenTraceRow[]>;
  removeAll(workspaceId: string): Promise<void>;
}

export function createOtlpStore(storage: Pick<Storage, 'database'>, clock: () => Date): OtlpStore {
  const db = storage.database<Tables>();
  return {
    async readRules(workspaceId) {
      const row = await db.selectFrom('otel_rules').select('rules').where('workspace_id', '=', workspaceId).executeTakeFirst();
      return row?.rules ?? [];
    },
    async writeRules(workspaceId, rules) {
      const values = { rules: JSON.stringify(rules), updated_at: clock() };
      await db
        .insertInto('otel_rules')
        .values({ workspace_id: workspaceId, ...values })
        .onConflict((conflict) => conflict.column('workspace_id').doUpdateSet(values))
        .execute();
    },
    async saveTraces(rows) {
      if (rows.length === 0) return;
      await db
        .insertInto('otel_open_traces')
        .values(rows.map((row) => ({ workspace_id: row.workspaceId, trace_id: row.traceId, root_id: row.rootId, due_at: row.dueAt })))
        .onConflict((conflict) =>
          conflict
            .columns(['workspace_id', 'trace_id'])
            .doUpdateSet((row) => ({ root_id: row.ref('excluded.root_id'), due_at: row.ref('excluded.due_at') })),
        )
        .execute();
    },
    async forgetTraces(rows) {
      for (const [workspaceId, own] of Map.groupBy(rows, (row) => row.workspaceId)) {
        await db
          .deleteFrom('otel_open_traces')
          .where('workspace_id', '=', workspaceId)
          .where(
            'trace_id',
            'in',
            own.map(({ traceId }) => traceId),
          )
          .execute();
      }
    },
    async tracesDue(before, limit) {
      const rows = await db
        .selectFrom('otel_open_traces')
        .selectAll()
        .where('due_at', '<', before)
        .orderBy('due_at')
        .limit(limit)
        .execute();
      return rows.map((row) => ({ workspaceId: row.workspace_id, traceId: row.trace_id, rootId: row.root_id, dueAt: row.due_at }));
    },
    async removeAll(workspaceId) {
      await db.deleteFrom('otel_rules').where('workspace_id', '=', workspaceId).execute();
      await db.deleteFrom('otel_open_traces').where('workspace_id', '=', workspaceId).execute();
    },
  };
}
