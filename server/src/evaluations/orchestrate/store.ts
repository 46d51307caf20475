import { sql } from 'kysely';
import type { StopReason } from '@whetstone/contract';
import type { Db, ItemOutcome, StartedBy, Tx } from '../tables.ts';

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

export interface ItemCounts {
  waiting: number;
  failed: number;
  cached: number;
}
export async function countItems(db: Db, runIds: readonly string[]): Promise<Map<string, ItemCounts>> {
  if (runIds.length === 0) return new Map();
  const { rows } = await sql<ItemCounts & { run_id: string }>`
    select run_id, count(*) filter (where not done)::integer as waiting, count(*) filter (where outcome = 'failed')::integer as failed,
      count(*) filter (where outcome = 'cached')::integer as cached
    from evaluation_items where run_id = any(${[...runIds]}::text[]) group by run_id`.execute(db);
  return new Map(rows.map(({ run_id, ...counts }) => [run_id, counts]));
}

/** What became of an item. */
export interface Mark {
  item: Item;
  outcome: ItemOutcome;
  contentKey: string | null;
  /** The log that it has in the end, when that is another. */
  logId?: string;
}
export interface Progress {
  marks: readonly Mark[];
  spent: { usd: number; calls: number; unpriced: number };
  secondsLeft: number | null;
}

export async function keepProgress(db: Db, runId: string, { marks, spent, secondsLeft }: Progress): Promise<void> {
  if (marks.length > 0) {
    const rows = marks.map(({ item, outcome, contentKey, logId }) => ({
      datapoint_id: item.datapointId,
      repetition: item.repetition,
      outcome,
      content_key: contentKey,
      log_id: logId ?? item.logId,
    }));
    await sql`update evaluation_items as i set done = true, outcome = r.outcome, content_key = r.content_key, log_id = r.log_id
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(datapoint_id text, repetition integer, outcome text, content_key text, log_id text)
      where i.run_id = ${runId} and i.datapoint_id = r.datapoint_id and i.repetition = r.repetition`.execute(db);
  }
  await sql`update evaluation_runs set
      spent_usd = case when ${spent.calls}::integer = 0 then spent_usd else coalesce(spent_usd, 0) + ${spent.usd}::double precision end,
      unpriced = unpriced + ${spent.unpriced}::integer,
      expected_end = now() + make_interval(secs => ${secondsLeft}::double precision)
    where id = ${runId}`.execute(db);
}

/** Calls that were cut off get logs of their own when they are made again. */
export async function renameItem(db: Db, runId: string, { datapointId, repetition }: Item, logId: string): Promise<void> {
  await db
    .updateTable('evaluation_items')
    .set({ log_id: logId })
    .where('run_id', '=', runId)
    .where('datapoint_id', '=', datapointId)
    .where('repetition', '=', repetition)
    .execute();
}

/** The newest output that a run of the workspace has of each content. */
export async function outputsOf(db: Db, workspaceId: string, keys: readonly string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const { rows } = await sql<{ content_key: string; log_id: string }>`
    select distinct on (i.content_key) i.content_key, i.log_id from evaluation_items as i
    join evaluation_runs as r on r.id = i.run_id and r.workspace_id = ${workspaceId}
    where i.content_key = any(${[...keys]}::text[]) and i.outcome = 'ok'
    order by i.content_key, r.seq desc`.execute(db);
  return new Map(rows.map(({ content_key, log_id }) => [content_key, log_id]));
}

/** Says that work on the run has begun. @returns false when it had before */
export async function beginRun(db: Db, runId: string): Promise<boolean> {
  const result = await db
    .updateTable('evaluation_runs')
    .set({ spent_usd: 0 })
    .where('id', '=', runId)
    .where('spent_usd', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The run stops by itself. @returns false when somebody ended it before */
export async function stopRun(db: Db, runId: string, because: StopReason, message: string): Promise<boolean> {
  const result = await db
    .updateTable('evaluation_runs')
    .set({ ended: 'cancelled', stopped_because: because, stopped_message: message })
    .where('id', '=', runId)
    .where('ended', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** A run as whoever works on it needs it. */
export interface WorkedRun {
  id: string;
  workspaceId: string;
  datasetVersionId: string | null;
  versionId: string | null;
  orchestrated: boolean;
  cached: boolean;
  concurrency: number | null;
  maxCostUsd: number | null;
  spentUsd: number;
  startedBy: StartedBy | null;
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
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) return null;
  const { id, orchestrated, cached, concurrency } = row;
  return {
    id,
    workspaceId: row.workspace_id,
    datasetVersionId: row.dataset_version_id,
    versionId: row.version_id,
    orchestrated,
    cached,
    concurrency,
    maxCostUsd: row.max_cost_usd,
    spentUsd: row.spent_usd ?? 0,
    startedBy: row.started_by,
  };
}

export async function leaveRun(db: Db, runId: string, worker: string): Promise<void> {
  await db
    .updateTable('evaluation_runs')
    .set({ worker: null, worker_until: null, expected_end: null })
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

/** Whether a replica stopped saying that it works on a run (who ends in order leaves its runs first), or died before it began one. */
export async function someAbandoned(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('evaluation_runs')
    .select('id')
    .where('ended', 'is', null)
    .where((on) =>
      on.or([
        on('worker_until', '<', sql<Date>`now()`),
        on.and([
          on('worker', 'is', null),
          on('orchestrated', '=', true),
          on('version_id', 'is not', null),
          on('spent_usd', 'is', null),
          on('created_at', '<', sql<Date>`now() - interval '30 seconds'`),
        ]),
      ]),
    )
    .where(inEvaluation)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
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
