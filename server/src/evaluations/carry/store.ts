import type { Db, EvaluationRow } from '../tables.ts';

/** Oldest first. */
export function everyEvaluation(db: Db, workspaceId: string): Promise<EvaluationRow[]> {
  return db.selectFrom('evaluations').selectAll().where('workspace_id', '=', workspaceId).orderBy('created_at').orderBy('seq').execute();
}

/** Whether another workspace of the server has something of the id. */
export async function isTaken(db: Db, table: 'evaluations' | 'evaluation_runs', workspaceId: string, id: string): Promise<boolean> {
  const row = await db.selectFrom(table).select('id').where('id', '=', id).where('workspace_id', '<>', workspaceId).executeTakeFirst();
  return row !== undefined;
}
