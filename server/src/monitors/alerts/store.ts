import type { Insertable, Updateable } from 'kysely';
import type { AlertEventRow, AlertRow, Db, MonitorTables, Tx } from '../tables.ts';

export function findAlert(db: Db, workspaceId: string, id: string): Promise<AlertRow | undefined> {
  return db.selectFrom('monitor_alerts').selectAll().where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
}

/** Locked until the transaction ends. */
export function holdAlert(tx: Tx, workspaceId: string, id: string): Promise<AlertRow | undefined> {
  return tx
    .selectFrom('monitor_alerts')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export function holdAlertsOf(tx: Tx, monitorId: string): Promise<AlertRow[]> {
  return tx.selectFrom('monitor_alerts').selectAll().where('monitor_id', '=', monitorId).orderBy('id').forUpdate().execute();
}

/** Oldest first. */
export function alertsOf(db: Db, workspaceId: string, monitorIds: readonly string[] | null): Promise<AlertRow[]> {
  if (monitorIds?.length === 0) return Promise.resolve([]);
  let query = db.selectFrom('monitor_alerts').selectAll().where('workspace_id', '=', workspaceId);
  if (monitorIds !== null) query = query.where('monitor_id', 'in', [...monitorIds]);
  return query.orderBy('created_at').orderBy('id').execute();
}

export async function insertAlert(db: Db, row: Insertable<MonitorTables['monitor_alerts']>): Promise<void> {
  await db.insertInto('monitor_alerts').values(row).execute();
}

export async function changeAlert(db: Db, id: string, change: Updateable<MonitorTables['monitor_alerts']>): Promise<void> {
  await db.updateTable('monitor_alerts').set(change).where('id', '=', id).execute();
}

export async function deleteAlert(db: Db, workspaceId: string, id: string): Promise<boolean> {
  const result = await db.deleteFrom('monitor_alerts').where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function insertEvent(db: Db, row: Insertable<MonitorTables['monitor_alert_events']>): Promise<void> {
  await db.insertInto('monitor_alert_events').values(row).execute();
}

/** By any workspace. */
export async function isTaken(db: Db, id: string): Promise<boolean> {
  return (await db.selectFrom('monitor_alerts').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

/** Oldest first. */
export function everyEvent(db: Db, workspaceId: string): Promise<AlertEventRow[]> {
  return db.selectFrom('monitor_alert_events').selectAll().where('workspace_id', '=', workspaceId).orderBy('seq').execute();
}

/** Newest first. */
export function eventsOf(db: Db, alertId: string): Promise<AlertEventRow[]> {
  return db.selectFrom('monitor_alert_events').selectAll().where('alert_id', '=', alertId).orderBy('seq', 'desc').limit(200).execute();
}
