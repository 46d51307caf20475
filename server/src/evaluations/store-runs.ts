import { sql } from 'kysely';
import type { Insertable } from 'kysely';
import type { Db, EvaluationTables, LinkedRunRow, Tx } from './tables.ts';

function linked(db: Db, evaluationId: string) {
  return db
    .selectFrom('evaluation_run_links as l')
    .innerJoin('evaluation_runs as r', 'r.id', 'l.run_id')
    .selectAll('r')
    .select(['l.control', 'l.added_at'])
    .where('l.evaluation_id', '=', evaluationId);
}

/** Newest first, by when they came into the evaluation. */
export function runsOf(db: Db, evaluationId: string): Promise<LinkedRunRow[]> {
  return linked(db, evaluationId).orderBy('l.added_at', 'desc').orderBy('l.seq', 'desc').execute();
}

export function findLinkedRun(db: Db, evaluationId: string, runId: string): Promise<LinkedRunRow | undefined> {
  return linked(db, evaluationId).where('r.id', '=', runId).executeTakeFirst();
}

export async function runExists(db: Db, workspaceId: string, runId: string): Promise<boolean> {
  const row = await db
    .selectFrom('evaluation_runs')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', runId)
    .executeTakeFirst();
  return row !== undefined;
}

export async function insertRun(tx: Tx, row: Insertable<EvaluationTables['evaluation_runs']>): Promise<void> {
  await tx.insertInto('evaluation_runs').values(row).execute();
}

export async function linkRun(tx: Tx, row: Insertable<EvaluationTables['evaluation_run_links']>): Promise<void> {
  await tx
    .insertInto('evaluation_run_links')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function unlinkRun(tx: Tx, evaluationId: string, runId: string): Promise<void> {
  await tx.deleteFrom('evaluation_run_links').where('evaluation_id', '=', evaluationId).where('run_id', '=', runId).execute();
}

/** The only control of the evaluation, or no longer one. */
export async function setControl(tx: Tx, evaluationId: string, runId: string, control: boolean): Promise<void> {
  if (control) await tx.updateTable('evaluation_run_links').set({ control: false }).where('evaluation_id', '=', evaluationId).execute();
  await tx
    .updateTable('evaluation_run_links')
    .set({ control })
    .where('evaluation_id', '=', evaluationId)
    .where('run_id', '=', runId)
    .execute();
}

export async function setEnded(tx: Tx, runId: string, ended: 'completed' | 'cancelled' | null): Promise<void> {
  const because = ended === 'cancelled' ? ('caller' as const) : null;
  await tx.updateTable('evaluation_runs').set({ ended, stopped_because: because, stopped_message: null }).where('id', '=', runId).execute();
}

export async function setCap(tx: Tx, runId: string, maxCostUsd: number): Promise<void> {
  await tx.updateTable('evaluation_runs').set({ max_cost_usd: maxCostUsd }).where('id', '=', runId).execute();
}

const rowsAtOnce = 5_000;

export async function insertRunLogs(db: Db, runId: string, logs: readonly { id: string; at: Date }[]): Promise<void> {
  for (let i = 0; i < logs.length; i += rowsAtOnce) {
    const some = logs.slice(i, i + rowsAtOnce);
    await sql`insert into evaluation_run_logs (run_id, log_id, log_at)
      select ${runId}, l.id, l.at from unnest(${some.map(({ id }) => id)}::text[], ${some.map(({ at }) => at.toISOString())}::timestamptz[]) as l(id, at)
      on conflict do nothing`.execute(db);
  }
}

/** Logs that were taken into the runs. */
export async function runLogs(db: Db, runIds: readonly string[]): Promise<{ runId: string; id: string; at: Date }[]> {
  if (runIds.length === 0) return [];
  const rows = await db
    .selectFrom('evaluation_run_logs')
    .selectAll()
    .where('run_id', 'in', [...runIds])
    .execute();
  return rows.map(({ run_id, log_id, log_at }) => ({ runId: run_id, id: log_id, at: log_at }));
}

/** Those of the runs that took the log. */
export async function takersOf(db: Db, runIds: readonly string[], logId: string): Promise<string[]> {
  if (runIds.length === 0) return [];
  const rows = await db
    .selectFrom('evaluation_run_logs')
    .select('run_id')
    .where('run_id', 'in', [...runIds])
    .where('log_id', '=', logId)
    .execute();
  return rows.map(({ run_id }) => run_id);
}

/** Runs of the version over a dataset that nobody has ended. */
export function openRunsOfVersion(
  db: Db,
  workspaceId: string,
  versionId: string,
): Promise<{ id: string; dataset_version_id: string | null }[]> {
  return (
    db
      .selectFrom('evaluation_runs')
      .select(['id', 'dataset_version_id'])
      .where('workspace_id', '=', workspaceId)
      .where('version_id', '=', versionId)
      .where('dataset_version_id', 'is not', null)
      // What the server makes names its run.
      .where('orchestrated', '=', false)
      .where('ended', 'is', null)
      .execute()
  );
}
