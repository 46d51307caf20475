import { sql } from 'kysely';
import type { Insertable } from 'kysely';
import type { Db, EvaluationRow, EvaluationTables, EvaluatorRow, Tx } from './tables.ts';

export function findEvaluation(db: Db, workspaceId: string, id: string): Promise<EvaluationRow | undefined> {
  return db.selectFrom('evaluations').selectAll().where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
}

/** Locked until the transaction ends: changes of one evaluation come one after the other. */
export function holdEvaluation(tx: Tx, workspaceId: string, id: string): Promise<EvaluationRow | undefined> {
  return tx
    .selectFrom('evaluations')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export async function pageOfEvaluations(
  db: Db,
  workspaceId: string,
  { fileId, limit, offset }: { fileId: string | null; limit: number; offset: number },
): Promise<{ rows: EvaluationRow[]; total: number }> {
  let query = db.selectFrom('evaluations').where('workspace_id', '=', workspaceId);
  if (fileId !== null) query = query.where('file_id', '=', fileId);
  const { total } = await query.select((build) => build.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  if (offset >= total) return { rows: [], total };
  const rows = await query.selectAll().orderBy('created_at', 'desc').orderBy('seq', 'desc').limit(limit).offset(offset).execute();
  return { rows, total };
}

/** @returns false when the file has an evaluation of the name */
export async function insertEvaluation(tx: Tx, row: Insertable<EvaluationTables['evaluations']>): Promise<boolean> {
  const result = await tx
    .insertInto('evaluations')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function touchEvaluation(tx: Tx, id: string, at: Date): Promise<void> {
  await tx.updateTable('evaluations').set({ updated_at: at }).where('id', '=', id).execute();
}

export async function deleteEvaluation(db: Db, workspaceId: string, id: string): Promise<boolean> {
  const result = await db.deleteFrom('evaluations').where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function evaluatorsOf(db: Db, evaluationIds: readonly string[]): Promise<EvaluatorRow[]> {
  if (evaluationIds.length === 0) return [];
  return db
    .selectFrom('evaluation_evaluators')
    .selectAll()
    .where('evaluation_id', 'in', [...evaluationIds])
    .orderBy('added_at')
    .orderBy('seq')
    .execute();
}

export async function insertEvaluators(tx: Tx, rows: readonly Insertable<EvaluationTables['evaluation_evaluators']>[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('evaluation_evaluators')
    .values([...rows])
    .onConflict((conflict) =>
      conflict
        .columns(['evaluation_id', 'evaluator_version_id'])
        .doUpdateSet((build) => ({ orchestrated: build.ref('excluded.orchestrated') })),
    )
    .execute();
}

export async function deleteEvaluator(tx: Tx, evaluationId: string, evaluatorVersionId: string): Promise<boolean> {
  const result = await tx
    .deleteFrom('evaluation_evaluators')
    .where('evaluation_id', '=', evaluationId)
    .where('evaluator_version_id', '=', evaluatorVersionId)
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function runCounts(db: Db, evaluationIds: readonly string[]): Promise<Map<string, number>> {
  if (evaluationIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('evaluation_run_links')
    .select((build) => ['evaluation_id', build.fn.countAll<number>().as('n')])
    .where('evaluation_id', 'in', [...evaluationIds])
    .groupBy('evaluation_id')
    .execute();
  return new Map(rows.map(({ evaluation_id, n }) => [evaluation_id, n]));
}

export async function deleteAll(db: Db, workspaceId: string): Promise<void> {
  for (const table of ['evaluations', 'evaluation_runs', 'monitors'] as const) {
    await sql`delete from ${sql.table(table)} where workspace_id = ${workspaceId}`.execute(db);
  }
}
