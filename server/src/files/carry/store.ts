import { sql } from 'kysely';
import type { Connection, EnvironmentRow, FileRow, FileTransaction, HistoryRow } from '../tables.ts';

/** Deleted ones too, by age. */
export function everyEnvironment(db: Connection, workspaceId: string): Promise<EnvironmentRow[]> {
  return db.selectFrom('environments').selectAll().where('workspace_id', '=', workspaceId).orderBy('created_at').orderBy('id').execute();
}

/** Hidden ones too, by id. */
export function everyFile(db: Connection, workspaceId: string): Promise<FileRow[]> {
  return db
    .selectFrom('files')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy(sql`id collate "C"`)
    .execute();
}

export function everyDeployment(db: Connection, workspaceId: string, fileId: string): Promise<HistoryRow[]> {
  return db
    .selectFrom('deployment_history')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('file_id', '=', fileId)
    .orderBy('seq')
    .execute();
}

/** Whether there is anything that a new workspace does not start with. */
export async function isWorkedIn(tx: FileTransaction, workspaceId: string): Promise<boolean> {
  const { rows } = await sql<{ worked: boolean }>`select
      exists (select from files where workspace_id = ${workspaceId} and not (starts_with(path, 'feedback/') and created_by = 'system:setup'))
      or exists (select from versions where workspace_id = ${workspaceId} and created_by is distinct from 'system:setup')
      or exists (select from deployment_history where workspace_id = ${workspaceId} and created_by is distinct from 'system:setup')
      or exists (select from directories where workspace_id = ${workspaceId} and path <> 'feedback') as worked`.execute(tx);
  return rows[0]?.worked === true;
}

/** Of those, what some workspace of the server has. */
export async function takenIds(tx: FileTransaction, table: 'environments' | 'directories', ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx
    .selectFrom(table)
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  return new Set(rows.map(({ id }) => id));
}

const askedAtOnce = 1_000;

/** Of those, what another workspace has. */
export async function filesElsewhere(db: Connection, workspaceId: string, ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (let at = 0; at < ids.length; at += askedAtOnce) {
    const rows = await db
      .selectFrom('files')
      .select('id')
      .where('id', 'in', ids.slice(at, at + askedAtOnce))
      .where('workspace_id', '<>', workspaceId)
      .execute();
    found.push(...rows.map(({ id }) => id));
  }
  return found;
}
