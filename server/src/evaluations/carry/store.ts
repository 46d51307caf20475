import { sql } from 'kysely';
import type { Db, EvaluationRow } from '../tables.ts';
import type { CarriedItem } from './carried.ts';

/** Oldest first. */
export function everyEvaluation(db: Db, workspaceId: string): Promise<EvaluationRow[]> {
  return db.selectFrom('evaluations').selectAll().where('workspace_id', '=', workspaceId).orderBy('created_at').orderBy('seq').execute();
}

/** Whether another workspace of the server has something of the id. */
export async function isTaken(db: Db, table: 'evaluations' | 'evaluation_runs', workspaceId: string, id: string): Promise<boolean> {
  const row = await db.selectFrom(table).select('id').where('id', '=', id).where('workspace_id', '<>', workspaceId).executeTakeFirst();
  return row !== undefined;
}

/** In the order in which they are made. */
export async function itemsOf(db: Db, workspaceId: string, runId: string): Promise<CarriedItem[]> {
  const rows = await db
    .selectFrom('evaluation_items as i')
    .innerJoin('evaluation_runs as r', 'r.id', 'i.run_id')
    .selectAll('i')
    .where('r.workspace_id', '=', workspaceId)
    .where('i.run_id', '=', runId)
    .where((on) => on.or([on('i.done', '=', true), on('r.ended', 'is not', null)]))
    .orderBy('i.repetition')
    .orderBy('i.position')
    .execute();
  return rows.map(({ datapoint_id: datapointId, repetition, position, log_id: logId, done, outcome, content_key: contentKey }) => ({
    datapointId,
    repetition,
    position,
    logId,
    outcome: done ? outcome : null,
    contentKey,
  }));
}

const rowsAtOnce = 5_000;

export async function putItems(db: Db, runId: string, items: readonly CarriedItem[]): Promise<void> {
  for (let i = 0; i < items.length; i += rowsAtOnce) {
    const rows = items.slice(i, i + rowsAtOnce).map(({ datapointId, repetition, position, logId, outcome, contentKey }) => ({
      datapoint_id: datapointId,
      repetition,
      position,
      log_id: logId,
      outcome,
      content_key: contentKey,
    }));
    await sql`insert into evaluation_items (run_id, datapoint_id, repetition, position, log_id, done, outcome, content_key)
      select ${runId}, datapoint_id, repetition, position, log_id, outcome is not null, outcome, content_key
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as r(datapoint_id text, repetition integer, position integer, log_id text, outcome text, content_key text)
      on conflict do nothing`.execute(db);
  }
}
