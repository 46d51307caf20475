import { type Insertable, sql, type Updateable } from 'kysely';
import type { Db, EpochRow, EventRow, ExperimentRow, ExperimentTables, Tx } from './tables.ts';

export function findExperiment(db: Db, workspaceId: string, id: string): Promise<ExperimentRow | undefined> {
  return db.selectFrom('experiments').selectAll().where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
}

/** Locked until the transaction ends. */
export function lockExperiment(tx: Tx, workspaceId: string, id: string): Promise<ExperimentRow | undefined> {
  return tx
    .selectFrom('experiments')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** Newest first. */
export function listExperiments(
  db: Db,
  workspaceId: string,
  query: { fileId: string | null; state: ExperimentRow['state'] | null },
): Promise<ExperimentRow[]> {
  let asked = db.selectFrom('experiments').selectAll().where('workspace_id', '=', workspaceId);
  if (query.fileId !== null) asked = asked.where('file_id', '=', query.fileId);
  if (query.state !== null) asked = asked.where('state', '=', query.state);
  return asked.orderBy('seq', 'desc').limit(1_000).execute();
}

export function everyExperiment(db: Db, workspaceId: string): Promise<ExperimentRow[]> {
  return db.selectFrom('experiments').selectAll().where('workspace_id', '=', workspaceId).orderBy('seq').execute();
}

/** Those that decide what units get: running, or with units held out. */
export function decidingExperiments(db: Db, workspaceId: string): Promise<ExperimentRow[]> {
  return db
    .selectFrom('experiments')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where((is) => is.or([is('state', '=', 'running'), is('hold_out', 'is not', null)]))
    .execute();
}

export async function isTaken(db: Db, id: string): Promise<boolean> {
  return (await db.selectFrom('experiments').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

export async function addExperiment(db: Db, row: Insertable<ExperimentTables['experiments']>): Promise<void> {
  await db.insertInto('experiments').values(row).execute();
}

export async function changeExperiment(db: Db, id: string, change: Updateable<ExperimentTables['experiments']>): Promise<void> {
  await db.updateTable('experiments').set(change).where('id', '=', id).execute();
}

export async function removeExperiment(db: Db, workspaceId: string, id: string): Promise<void> {
  await db.deleteFrom('experiments').where('workspace_id', '=', workspaceId).where('id', '=', id).execute();
}

export async function removeOfFile(db: Db, workspaceId: string, fileId: string): Promise<void> {
  await db.deleteFrom('experiments').where('workspace_id', '=', workspaceId).where('file_id', '=', fileId).execute();
}

/** Oldest first. */
export function epochsOf(db: Db, ids: readonly string[]): Promise<EpochRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('experiment_epochs')
    .selectAll()
    .where('experiment_id', 'in', ids)
    .orderBy('experiment_id')
    .orderBy('number')
    .execute();
}

export async function addEpoch(db: Db, row: Insertable<ExperimentTables['experiment_epochs']>): Promise<void> {
  await db.insertInto('experiment_epochs').values(row).execute();
}

/** Newest first. */
export function eventsOf(db: Db, id: string): Promise<EventRow[]> {
  return db.selectFrom('experiment_events').selectAll().where('experiment_id', '=', id).orderBy('seq', 'desc').limit(1_000).execute();
}

export async function addEvent(db: Db, row: Insertable<ExperimentTables['experiment_events']>): Promise<void> {
  await db.insertInto('experiment_events').values(row).execute();
}

/** Tells all replicas at the commit. */
export async function announce(db: Db, channel: string, message: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${message})`.execute(db);
}

export async function deleteAll(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('experiment_analyses').where('workspace_id', '=', workspaceId).execute();
  await db.deleteFrom('experiments').where('workspace_id', '=', workspaceId).execute();
  await db.deleteFrom('experiment_leases').where('workspace_id', '=', workspaceId).execute();
}
