import { sql } from 'kysely';
import type { AnalysisRow, Db, ExperimentRow } from '../tables.ts';

/** Running ones, and those that ended lately: their last windows are settled. */
export function toWatch(db: Db, endedAfter: Date): Promise<ExperimentRow[]> {
  return db
    .selectFrom('experiments')
    .selectAll()
    .where((is) => is.or([is('state', '=', 'running'), is.and([is('started_at', 'is not', null), is('ended_at', '>', endedAfter)])]))
    .orderBy('workspace_id')
    .orderBy('seq')
    .execute();
}

/** True when the worker has the workspace's experiments, for so long. */
export async function takeLease(db: Db, workspaceId: string, worker: string, seconds: number): Promise<boolean> {
  const taken = await sql<{ worker: string }>`
    insert into experiment_leases (workspace_id, worker, worker_until) values (${workspaceId}, ${worker}, now() + make_interval(secs => ${seconds}))
    on conflict (workspace_id) do update set worker = excluded.worker, worker_until = excluded.worker_until
      where experiment_leases.worker = excluded.worker or experiment_leases.worker_until < now()
    returning worker`.execute(db);
  return taken.rows.length > 0;
}

export async function leaveLeases(db: Db, worker: string): Promise<void> {
  await db.deleteFrom('experiment_leases').where('worker', '=', worker).execute();
}

export function analysisOf(db: Db, experimentId: string): Promise<AnalysisRow | undefined> {
  return db.selectFrom('experiment_analyses').selectAll().where('experiment_id', '=', experimentId).executeTakeFirst();
}

export async function keepAnalysis(
  db: Db,
  { id, workspace_id }: Pick<ExperimentRow, 'id' | 'workspace_id'>,
  { settledUntil, lookedAt, state }: { settledUntil: Date | null; lookedAt: Date | null; state: Record<string, unknown> },
): Promise<void> {
  const changed = { settled_until: settledUntil, looked_at: lookedAt, state: JSON.stringify(state) };
  await db
    .insertInto('experiment_analyses')
    .values({ experiment_id: id, workspace_id, ...changed })
    .onConflict((on) => on.column('experiment_id').doUpdateSet(changed))
    .execute();
}

/** Oldest first. */
export async function looksOf(db: Db, experimentId: string): Promise<{ at: Date; look: Record<string, unknown> }[]> {
  return db
    .selectFrom('experiment_looks')
    .select(['at', 'look'])
    .where('experiment_id', '=', experimentId)
    .orderBy('seq', 'desc')
    .limit(1_000)
    .execute()
    .then((rows) => rows.toReversed());
}

export async function addLook(db: Db, experimentId: string, at: Date, look: object): Promise<void> {
  await db
    .insertInto('experiment_looks')
    .values({ experiment_id: experimentId, at, look: JSON.stringify(look) })
    .execute();
}
