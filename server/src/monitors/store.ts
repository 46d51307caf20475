import { type Insertable, sql, type Updateable } from 'kysely';
import type { Db, MonitorRow, MonitorTables, Tx } from './tables.ts';

export function findMonitor(db: Db, workspaceId: string, id: string): Promise<MonitorRow | undefined> {
  return db.selectFrom('monitors').selectAll().where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
}

/** In the order in which they were made. */
export function listMonitors(db: Db, workspaceId: string, fileId: string | null): Promise<MonitorRow[]> {
  let query = db.selectFrom('monitors').selectAll().where('workspace_id', '=', workspaceId);
  if (fileId !== null) query = query.where('file_id', '=', fileId);
  return query.orderBy('created_at').orderBy('id').limit(1_000).execute();
}

export async function addMonitor(db: Db, row: Insertable<MonitorTables['monitors']>): Promise<void> {
  await db.insertInto('monitors').values(row).execute();
}

export async function changeMonitor(db: Db, id: string, change: Updateable<MonitorTables['monitors']>): Promise<void> {
  await db.updateTable('monitors').set(change).where('id', '=', id).execute();
}

export async function removeMonitor(db: Db, workspaceId: string, id: string): Promise<boolean> {
  const result = await db.deleteFrom('monitors').where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export function activeMonitors(db: Db, workspaceId: string): Promise<MonitorRow[]> {
  return db
    .selectFrom('monitors')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('state', '=', 'active')
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Workspaces in which there is work, or may be. */
export async function workingWorkspaces(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('monitors')
    .select('workspace_id')
    .distinct()
    .where('state', '=', 'active')
    .union(db.selectFrom('monitor_backfills').select('workspace_id').distinct().where('state', '=', 'running'))
    .execute();
  return rows.map(({ workspace_id }) => workspace_id);
}

/** Takes the monitors of a workspace for a while, or keeps them; false when another replica has them. */
export async function takeLease(db: Db, workspaceId: string, worker: string, seconds: number): Promise<boolean> {
  const until = sql<Date>`now() + make_interval(secs => ${seconds})`;
  const row = await db
    .insertInto('monitor_leases')
    .values({ workspace_id: workspaceId, worker, worker_until: until })
    .onConflict((conflict) =>
      conflict
        .column('workspace_id')
        .doUpdateSet({ worker, worker_until: until })
        .where((on) => on.or([on('monitor_leases.worker', '=', worker), on('monitor_leases.worker_until', '<', sql<Date>`now()`)])),
    )
    .returning('worker')
    .executeTakeFirst();
  return row !== undefined;
}

export async function leaveLeases(db: Db, worker: string): Promise<void> {
  await db.deleteFrom('monitor_leases').where('worker', '=', worker).execute();
}

/**
 * How far the monitor got. @returns false when it is not there any more, is off, or another worker has moved it:
 * then nothing of the transaction may stand
 */
export async function moveCursor(
  tx: Tx,
  id: string,
  from: { at: number | null; id: string },
  to: { at: number; id: string },
  more: Updateable<MonitorTables['monitors']> = {},
): Promise<boolean> {
  const result = await tx
    .updateTable('monitors')
    .set({ cursor_at: to.at, cursor_id: to.id, ...more })
    .where('id', '=', id)
    .where('state', '=', 'active')
    .where('cursor_at', from.at === null ? 'is' : '=', from.at)
    .where('cursor_id', '=', from.id)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function deleteAll(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('monitor_alert_events').where('workspace_id', '=', workspaceId).execute();
  await db.deleteFrom('monitor_alerts').where('workspace_id', '=', workspaceId).execute();
  await db.deleteFrom('monitor_backfills').where('workspace_id', '=', workspaceId).execute();
  await db.deleteFrom('monitors').where('workspace_id', '=', workspaceId).execute();
  await db.deleteFrom('monitor_leases').where('workspace_id', '=', workspaceId).execute();
}
