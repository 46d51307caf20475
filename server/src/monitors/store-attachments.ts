import { type Insertable, sql } from 'kysely';
import type { Db, MonitorTables, MonitorRow, Tx } from './tables.ts';

export interface Attachment {
  evaluatorId: string;
  evaluatorVersionId: string | null;
  environmentId: string | null;
}

export async function monitorsOf(db: Db, workspaceId: string, fileIds: readonly string[]): Promise<MonitorRow[]> {
  if (fileIds.length === 0) return [];
  return db
    .selectFrom('monitors')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('file_id', 'in', [...fileIds])
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

function attached(db: Db, workspaceId: string, fileId: string, to: Attachment) {
  return db
    .updateTable('monitors')
    .where('workspace_id', '=', workspaceId)
    .where('file_id', '=', fileId)
    .where('evaluator_id', '=', to.evaluatorId)
    .where('evaluator_version_id', to.evaluatorVersionId === null ? 'is' : '=', to.evaluatorVersionId)
    .where('environment_id', to.environmentId === null ? 'is' : '=', to.environmentId);
}

/** A monitor that is switched on judges what comes from then on; one that was on goes on where it is. */
export function startOf(state: MonitorRow['state']) {
  if (state === 'inactive') return { trouble: null };
  return {
    trouble: null,
    cursor_at: sql<number | null>`case when state = 'active' then cursor_at end`,
    cursor_id: sql<string>`case when state = 'active' then cursor_id else '' end`,
  };
}

/** @returns false when it is not attached */
export async function setState(
  tx: Tx,
  workspaceId: string,
  fileId: string,
  to: Attachment,
  state: MonitorRow['state'],
  at: Date,
): Promise<boolean> {
  const result = await attached(tx, workspaceId, fileId, to)
    .set({ state, updated_at: at, ...startOf(state) })
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function insertMonitor(tx: Tx, row: Insertable<MonitorTables['monitors']>): Promise<void> {
  await tx
    .insertInto('monitors')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** By any workspace. */
export async function isTaken(db: Db, id: string): Promise<boolean> {
  return (await db.selectFrom('monitors').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

/** Id of the monitor over the same logs by the same evaluator, of which there is one. */
export async function findLike(db: Db, row: Like): Promise<string | null> {
  const is = (column: keyof Like): 'is' | '=' => (row[column] === null ? 'is' : '=');
  const found = await db
    .selectFrom('monitors')
    .select('id')
    .where('workspace_id', '=', row.workspace_id)
    .where('file_id', '=', row.file_id)
    .where('evaluator_id', '=', row.evaluator_id)
    .where('evaluator_version_id', is('evaluator_version_id'), row.evaluator_version_id)
    .where('environment_id', is('environment_id'), row.environment_id)
    .where('watched_environment_id', is('watched_environment_id'), row.watched_environment_id)
    .where('filter', is('filter'), row.filter)
    .executeTakeFirst();
  return found?.id ?? null;
}
type Like = Pick<
  MonitorRow,
  'workspace_id' | 'file_id' | 'evaluator_id' | 'evaluator_version_id' | 'environment_id' | 'watched_environment_id' | 'filter'
>;

/** Paths are the files room's: here only that there is one. */
export async function isMonitoring(db: Db, workspaceId: string, evaluatorVersionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('monitors')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('evaluator_version_id', '=', evaluatorVersionId)
    .where('state', '=', 'active')
    .executeTakeFirst();
  return row !== undefined;
}

/** By file, in the order in which they were attached. */
export function everyMonitor(db: Db, workspaceId: string): Promise<MonitorRow[]> {
  return db
    .selectFrom('monitors')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy(sql`file_id collate "C"`)
    .orderBy('created_at')
    .orderBy(sql`evaluator_id collate "C"`)
    .orderBy(sql`coalesce(evaluator_version_id, environment_id) collate "C"`)
    .orderBy(sql`id collate "C"`)
    .execute();
}
