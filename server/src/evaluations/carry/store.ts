import { sql } from 'kysely';
import type { Db, EvaluationRow, MonitorRow } from '../tables.ts';

/** Oldest first. */
export function everyEvaluation(db: Db, workspaceId: string): Promise<EvaluationRow[]> {
  return db.selectFrom('evaluations').selectAll().where('workspace_id', '=', workspaceId).orderBy('created_at').orderBy('seq').execute();
}

/** By file, in the order in which they were attached. */
export function everyMonitor(db: Db, workspaceId: string): Promise<MonitorRow[]> {
  return db
    .selectFrom('monitors')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy(sql`file_id collate "C"`)
    .orderBy('created_at')
    .orderBy(sql`evaluator_id collate "C"`)
    .orderBy(sql`coalesce(evaluator_version_id, environment_id) collate "C"`)
    .execute();
}

/** Whether another workspace of the server has something of the id. */
export async function isTaken(db: Db, table: 'evaluations' | 'evaluation_runs', workspaceId: string, id: string): Promise<boolean> {
  const row = await db.selectFrom(table).select('id').where('id', '=', id).where('workspace_id', '<>', workspaceId).executeTakeFirst();
  return row !== undefined;
}
