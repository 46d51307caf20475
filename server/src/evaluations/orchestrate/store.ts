import { sql } from 'kysely';
import type { Db, Tx } from '../tables.ts';

export interface Item {
  datapointId: string;
  repetition: number;
  logId: string;
}

const rowsAtOnce = 5_000;

export async function insertItems(tx: Tx, runId: string, items: readonly (Item & { position: number })[]): Promise<void> {
  for (let i = 0; i < items.length; i += rowsAtOnce) {
    const rows = items.slice(i, i + rowsAtOnce).map(({ datapointId, repetition, logId, position }) => ({
      run_id: runId,
      datapoint_id: datapointId,
      repetition,
      position,
      log_id: logId,
    }));
    await sql`insert into evaluation_items (run_id, datapoint_id, repetition, position, log_id)
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(run_id text, datapoint_id text, repetition integer, position integer, log_id text)`.execute(
      tx,
    );
  }
}

/** In order: every datapoint once, then every one again. */
export async function waitingItems(db: Db, runId: string): Promise<Item[]> {
  const rows = await db
    .selectFrom('evaluation_items')
    .select(['datapoint_id', 'repetition', 'log_id'])
    .where('run_id', '=', runId)
    .where('done', '=', false)
    .orderBy('repetition')
    .orderBy('position')
    .execute();
  return rows.map(({ datapoint_id, repetition, log_id }) => ({ datapointId: datapoint_id, repetition, logId: log_id }));
}

export async function countWaiting(db: Db, runIds: readonly string[]): Promise<Map<string, number>> {
  if (runIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('evaluation_items')
    .select((build) => ['run_id', build.fn.countAll<number>().as('n')])
    .where('run_id', 'in', [...runIds])
    .where('done', '=', false)
    .groupBy('run_id')
    .execute();
  return new Map(rows.map(({ run_id, n }) => [run_id, n]));
}

export async function markDone(db: Db, runId: string, logIds: readonly string[]): Promise<void> {
  if (logIds.length === 0) return;
  await sql`update evaluation_items set done = true where run_id = ${runId} and log_id = any(${[...logIds]}::text[])`.execute(db);
}

/** A run as whoever works on it needs it. */
export interface WorkedRun {
  id: string;
  workspaceId: string;
  datasetVersionId: string | null;
  versionId: string | null;
  orchestrated: boolean;
}

/** A run that left its last evaluation is nobody's: no work is done in it, and no model is paid for it. */
const inEvaluation = sql<boolean>`exists (select from evaluation_run_links as l where l.run_id = evaluation_runs.id)`;

/** Takes the run for a while, or keeps it; null when another replica has it, or it is over. */
export async function takeRun(db: Db, runId: string, worker: string, seconds: number): Promise<WorkedRun | null> {
  const row = await db
    .updateTable('evaluation_runs')
    .set({ worker, worker_until: sql<Date>`now() + make_interval(secs => ${seconds})` })
    .where('id', '=', runId)
    .where('ended', 'is', null)
    .where(inEvaluation)
    .where((on) => on.or([on('worker', 'is', null), on('worker', '=', worker), on('worker_until', '<', sql<Date>`now()`)]))
    .returning(['id', 'workspace_id', 'dataset_version_id', 'version_id', 'orchestrated'])
    .executeTakeFirst();
  if (row === undefined) return null;
  const { id, workspace_id, dataset_version_id, version_id, orchestrated } = row;
  return { id, workspaceId: workspace_id, datasetVersionId: dataset_version_id, versionId: version_id, orchestrated };
}

export async function leaveRun(db: Db, runId: string, worker: string): Promise<void> {
  await db
    .updateTable('evaluation_runs')
    .set({ worker: null, worker_until: null })
    .where('id', '=', runId)
    .where('worker', '=', worker)
    .execute();
}

export async function isOver(db: Db, runId: string): Promise<boolean> {
  const row = await db
    .selectFrom('evaluation_runs')
    .select('id')
    .where('id', '=', runId)
    .where('ended', 'is', null)
    .where(inEvaluation)
    .executeTakeFirst();
  return row === undefined;
}

/** Evaluators of all evaluations that the run is in, which the server judges with. */
export async function judgesOfRun(db: Db, runId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('evaluation_run_links as l')
    .innerJoin('evaluation_evaluators as e', 'e.evaluation_id', 'l.evaluation_id')
    .select('e.evaluator_version_id')
    .distinct()
    .where('l.run_id', '=', runId)
    .where('e.orchestrated', '=', true)
    .execute();
  return rows.map(({ evaluator_version_id }) => evaluator_version_id);
}

/** Runs that nobody ended and that the server has a part in, newest first: after a start, what may have been left undone. */
export async function openRuns(db: Db, since: Date, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('evaluation_runs as r')
    .select('r.id')
    .where('r.ended', 'is', null)
    .where((on) =>
      on.or([
        on.exists(on.selectFrom('evaluation_items as i').select('i.run_id').whereRef('i.run_id', '=', 'r.id').where('i.done', '=', false)),
        on.and([
          on('r.created_at', '>', since),
          on.exists(
            on
              .selectFrom('evaluation_run_links as l')
              .innerJoin('evaluation_evaluators as e', 'e.evaluation_id', 'l.evaluation_id')
              .select('l.run_id')
              .whereRef('l.run_id', '=', 'r.id')
              .where('e.orchestrated', '=', true),
          ),
        ]),
      ]),
    )
    .orderBy('r.seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Runs of an evaluation that nobody ended. */
export async function openRunsOf(db: Db, evaluationId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('evaluation_run_links as l')
    .innerJoin('evaluation_runs as r', 'r.id', 'l.run_id')
    .select('r.id')
    .where('l.evaluation_id', '=', evaluationId)
    .where('r.ended', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}
