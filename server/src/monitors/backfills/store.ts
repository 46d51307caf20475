import type { Insertable, Updateable } from 'kysely';
import type { BackfillRow, Db, MonitorTables } from '../tables.ts';

export async function insertBackfill(db: Db, row: Insertable<MonitorTables['monitor_backfills']>): Promise<void> {
  await db.insertInto('monitor_backfills').values(row).execute();
}

export function findBackfill(db: Db, id: string): Promise<BackfillRow | undefined> {
  return db.selectFrom('monitor_backfills').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Newest first. */
export function backfillsOf(db: Db, monitorId: string): Promise<BackfillRow[]> {
  return db
    .selectFrom('monitor_backfills')
    .selectAll()
    .where('monitor_id', '=', monitorId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(100)
    .execute();
}

/** Oldest first. */
export function everyBackfill(db: Db, workspaceId: string): Promise<BackfillRow[]> {
  return db
    .selectFrom('monitor_backfills')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

export function runningBackfills(db: Db, workspaceId: string): Promise<BackfillRow[]> {
  return db
    .selectFrom('monitor_backfills')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('state', '=', 'running')
    .orderBy('created_at')
    .execute();
}

/** @returns false when it was ended meanwhile */
export async function changeBackfill(db: Db, id: string, change: Updateable<MonitorTables['monitor_backfills']>): Promise<boolean> {
  const result = await db
    .updateTable('monitor_backfills')
    .set(change)
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
