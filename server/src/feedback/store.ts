import { type Kysely, sql } from 'kysely';

/** The room's tables, as `0094-feedback.sql` makes them. */
export interface FeedbackTables {
  waiting_feedback: WaitingRow & { since: Date; next_at: Date; version: number };
  recent_feedback: {
    workspace_id: string;
    judgment_id: string;
    row_version: number;
    deleted: boolean;
    labels: string[] | null;
    updated_at: Date;
  };
}
export type Db = Kysely<FeedbackTables>;

export interface WaitingRow {
  workspace_id: string;
  by_reference: boolean;
  log: string;
  evaluator_id: string;
  source: string;
  judge: string;
  judgment: WaitingJudgment;
  options: Record<string, boolean> | null;
  received_at: Date;
}
export interface WaitingJudgment {
  evaluatorVersionId: string;
  /** Taken back; with a value only that. */
  remove: boolean;
  value: boolean | number | string | null;
  reason: string | null;
  metadata: Record<string, unknown> | null;
  correction: boolean;
  text: boolean;
  createdAt: string | null;
  keyId: string | null;
}
export type ClaimedRow = WaitingRow & { since: Date; version: number };

const place = 'workspace_id, by_reference, log, evaluator_id, source, judge';

/** Each row is another judgment. What was said before of the same is replaced; options join. */
export async function keepWaiting(db: Db, rows: readonly WaitingRow[], now: Date, nextAt: Date): Promise<void> {
  const given = JSON.stringify(rows);
  await sql`
    INSERT INTO waiting_feedback AS w (${sql.raw(place)}, judgment, options, received_at, since, next_at)
    SELECT ${sql.raw(place)}, judgment, options, received_at, ${now}::timestamptz, ${nextAt}::timestamptz
    FROM jsonb_to_recordset(${given}::jsonb) AS given(workspace_id text, by_reference boolean, log text, evaluator_id text, source text,
      judge text, judgment jsonb, options jsonb, received_at timestamptz)
    ORDER BY ${sql.raw(place)}
    ON CONFLICT (${sql.raw(place)}) DO UPDATE SET judgment = excluded.judgment, received_at = excluded.received_at,
      options = CASE WHEN excluded.options IS NULL THEN NULL ELSE coalesce(w.options, '{}') || excluded.options END,
      next_at = least(w.next_at, excluded.next_at), version = w.version + 1`.execute(db);
}

/** Takes rows that are due, for as long as the given moment says; another replica gets others. */
export async function claimDue(db: Db, now: Date, limit: number): Promise<ClaimedRow[]> {
  const { rows } = await sql<ClaimedRow>`
    UPDATE waiting_feedback AS w
    SET next_at = ${now}::timestamptz + least(interval '15 minutes', greatest(interval '1 second', (${now}::timestamptz - w.since) / 4))
    FROM (SELECT ${sql.raw(place)} FROM waiting_feedback WHERE next_at <= ${now} ORDER BY next_at LIMIT ${limit} FOR UPDATE SKIP LOCKED) AS due
    WHERE (w.workspace_id, w.by_reference, w.log, w.evaluator_id, w.source, w.judge)
      = (due.workspace_id, due.by_reference, due.log, due.evaluator_id, due.source, due.judge)
    RETURNING ${sql.raw(place.replaceAll(/(\w+)/g, 'w.$1'))}, w.judgment, w.options, w.received_at, w.since, w.version`.execute(db);
  return rows;
}

/** But for rows that changed since they were read. */
export async function removeWaiting(db: Db, rows: readonly ClaimedRow[]): Promise<void> {
  if (rows.length === 0) return;
  const given = JSON.stringify(
    rows.map(({ workspace_id, by_reference, log, evaluator_id, source, judge, version }) => ({
      workspace_id,
      by_reference,
      log,
      evaluator_id,
      source,
      judge,
      version,
    })),
  );
  await sql`
    DELETE FROM waiting_feedback AS w
    USING jsonb_to_recordset(${given}::jsonb) AS done(workspace_id text, by_reference boolean, log text, evaluator_id text, source text, judge text, version integer)
    WHERE (w.workspace_id, w.by_reference, w.log, w.evaluator_id, w.source, w.judge, w.version)
      = (done.workspace_id, done.by_reference, done.log, done.evaluator_id, done.source, done.judge, done.version)`.execute(db);
}

/** Makes what waits for these logs due. */
export async function hurry(db: Db, logs: readonly { workspaceId: string; byReference: boolean; log: string }[], now: Date): Promise<void> {
  const given = JSON.stringify(
    logs.map(({ workspaceId, byReference, log }) => ({ workspace_id: workspaceId, by_reference: byReference, log })),
  );
  await sql`
    UPDATE waiting_feedback AS w SET next_at = ${now}::timestamptz
    FROM jsonb_to_recordset(${given}::jsonb) AS come(workspace_id text, by_reference boolean, log text)
    WHERE w.workspace_id = come.workspace_id AND w.by_reference = come.by_reference AND w.log = come.log`.execute(db);
}

export async function nextDue(db: Db): Promise<Date | null> {
  const row = await db
    .selectFrom('waiting_feedback')
    .select((e) => e.fn.min('next_at').as('at'))
    .executeTakeFirst();
  return row?.at ?? null;
}

/** What waits, up to a number: logs that are to be told of. */
export function awaited(db: Db, limit: number): Promise<Pick<WaitingRow, 'workspace_id' | 'by_reference' | 'log'>[]> {
  return db.selectFrom('waiting_feedback').select(['workspace_id', 'by_reference', 'log']).distinct().limit(limit).execute();
}

/** How many wait, counted to a limit. */
export async function countWaiting(db: Db, workspaceId: string, limit: number, since: Date | null = null): Promise<number> {
  let some = db.selectFrom('waiting_feedback').select('log').where('workspace_id', '=', workspaceId).limit(limit);
  if (since !== null) some = some.where('received_at', '>=', since);
  const row = await db
    .selectFrom(some.as('some'))
    .select((e) => e.fn.countAll<number>().as('n'))
    .executeTakeFirst();
  return row?.n ?? 0;
}

/** In the same order on every server. */
export function everyWaiting(db: Db, workspaceId: string): Promise<(WaitingRow & { since: Date })[]> {
  const inOrder = sql`by_reference, log COLLATE "C", evaluator_id COLLATE "C", source COLLATE "C", judge COLLATE "C"`;
  return db.selectFrom('waiting_feedback').selectAll().where('workspace_id', '=', workspaceId).orderBy(inOrder).execute();
}

/** Forgets what waited too long; how many. */
export async function removeOlder(db: Db, before: Date): Promise<number> {
  const done = await db.deleteFrom('waiting_feedback').where('since', '<', before).executeTakeFirst();
  return Number(done.numDeletedRows);
}

export async function deleteWaiting(
  db: Db,
  workspaceId: string,
  what: { logs?: readonly string[]; user?: string; evaluatorId?: string },
): Promise<void> {
  let rows = db.deleteFrom('waiting_feedback').where('workspace_id', '=', workspaceId);
  if (what.logs !== undefined) rows = rows.where('by_reference', '=', false).where('log', 'in', [...what.logs]);
  if (what.user !== undefined) rows = rows.where('judge', '=', what.user);
  if (what.evaluatorId !== undefined) rows = rows.where('evaluator_id', '=', what.evaluatorId);
  await rows.execute();
}

export interface RecentRow {
  judgment_id: string;
  row_version: number;
  deleted: boolean;
  labels: string[] | null;
}

/** What replicas said last of these judgments, held until the transaction ends; version 0 where nobody said anything lately. */
export async function lockRecent(tx: Db, workspaceId: string, ids: readonly string[], now: Date): Promise<Map<string, RecentRow>> {
  const rows = ids.toSorted().map((id) => ({
    workspace_id: workspaceId,
    judgment_id: id,
    row_version: 0,
    deleted: true,
    labels: null,
    updated_at: now,
  }));
  // Two that say something for the first time meet here, and the second waits.
  await tx
    .insertInto('recent_feedback')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const held = await tx
    .selectFrom('recent_feedback')
    .select(['judgment_id', 'row_version', 'deleted', 'labels'])
    .where('workspace_id', '=', workspaceId)
    .where('judgment_id', 'in', [...ids])
    .orderBy('judgment_id')
    .forUpdate()
    .execute();
  return new Map(held.map((row) => [row.judgment_id, row]));
}

export async function writeRecent(tx: Db, workspaceId: string, rows: readonly RecentRow[], now: Date): Promise<void> {
  await sql`
    UPDATE recent_feedback AS r
    SET row_version = said.row_version, deleted = said.deleted, updated_at = ${now}::timestamptz,
      labels = CASE WHEN jsonb_typeof(said.labels) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(said.labels)) END
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS said(judgment_id text, row_version bigint, deleted boolean, labels jsonb)
    WHERE r.workspace_id = ${workspaceId} AND r.judgment_id = said.judgment_id`.execute(tx);
}

export async function forgetRecent(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('recent_feedback').where('updated_at', '<', before).execute();
}

export async function deleteOfWorkspace(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('waiting_feedback').where('workspace_id', '=', workspaceId).execute();
  await db.deleteFrom('recent_feedback').where('workspace_id', '=', workspaceId).execute();
}
