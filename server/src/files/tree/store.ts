import { sql } from 'kysely';
import type { Insertable, SqlBool, Updateable } from 'kysely';
import type { FileRef } from '../index.ts';
import type { Connection, DirectoryRow, FileRow, FileTables, FileTransaction } from '../tables.ts';

/**
 * Makes changes of the tree (what exists, and where) of one workspace wait for each other. Taken before any lock on a
 * file, never after one, so that no two transactions wait in a circle.
 */
export async function lockTree(tx: FileTransaction, workspaceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`files ${workspaceId}`}, 0))`.execute(tx);
}

export function findFile(db: Connection, workspaceId: string, ref: FileRef): Promise<FileRow | undefined> {
  const query = db.selectFrom('files').selectAll().where('workspace_id', '=', workspaceId);
  return ('id' in ref ? query.where('id', '=', ref.id) : query.where('path', '=', ref.path)).executeTakeFirst();
}

/** The file, locked until the transaction ends: two changes of one file come one after the other. */
export function lockFile(tx: FileTransaction, workspaceId: string, ref: FileRef): Promise<FileRow | undefined> {
  const query = tx.selectFrom('files').selectAll().where('workspace_id', '=', workspaceId);
  return ('id' in ref ? query.where('id', '=', ref.id) : query.where('path', '=', ref.path)).forUpdate().executeTakeFirst();
}

/** In any workspace: ids of files are unique on a server. */
export async function fileExists(tx: FileTransaction, id: string): Promise<boolean> {
  return (await tx.selectFrom('files').select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}

export async function insertFile(tx: FileTransaction, row: Insertable<FileTables['files']>): Promise<void> {
  await tx.insertInto('files').values(row).execute();
}

export async function updateFile(
  tx: FileTransaction,
  workspaceId: string,
  id: string,
  patch: Updateable<FileTables['files']>,
): Promise<void> {
  await tx.updateTable('files').set(patch).where('workspace_id', '=', workspaceId).where('id', '=', id).execute();
}

export async function deleteFile(tx: FileTransaction, workspaceId: string, id: string): Promise<void> {
  // Deployments first: they name the versions that go with the file.
  await tx.deleteFrom('deployments').where('workspace_id', '=', workspaceId).where('file_id', '=', id).execute();
  await tx.deleteFrom('files').where('workspace_id', '=', workspaceId).where('id', '=', id).execute();
}

export function listDirectories(db: Connection, workspaceId: string): Promise<DirectoryRow[]> {
  return db
    .selectFrom('directories')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .orderBy(sql`path collate "C"`)
    .execute();
}

export function findDirectory(db: Connection, workspaceId: string, ref: FileRef): Promise<DirectoryRow | undefined> {
  const query = db.selectFrom('directories').selectAll().where('workspace_id', '=', workspaceId);
  return ('id' in ref ? query.where('id', '=', ref.id) : query.where('path', '=', ref.path)).executeTakeFirst();
}

export function directoriesAt(db: Connection, workspaceId: string, paths: readonly string[]): Promise<DirectoryRow[]> {
  if (paths.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('directories')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where(sql<SqlBool>`path = any(${[...paths]}::text[])`)
    .orderBy(sql`length(path)`)
    .execute();
}

/** Directly inside a directory, or (null) at the top. */
export function directoriesIn(db: Connection, workspaceId: string, parentId: string | null): Promise<DirectoryRow[]> {
  const query = db.selectFrom('directories').selectAll().where('workspace_id', '=', workspaceId);
  return (parentId === null ? query.where('parent_id', 'is', null) : query.where('parent_id', '=', parentId))
    .orderBy(sql`path collate "C"`)
    .execute();
}

export async function insertDirectory(tx: FileTransaction, row: Insertable<FileTables['directories']>): Promise<void> {
  await tx.insertInto('directories').values(row).execute();
}

export async function deleteDirectory(tx: FileTransaction, workspaceId: string, id: string): Promise<void> {
  await tx.deleteFrom('directories').where('workspace_id', '=', workspaceId).where('id', '=', id).execute();
}

/** Names of some of what is directly inside. */
export async function namesInside(tx: FileTransaction, workspaceId: string, directoryId: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select name from directories where workspace_id = ${workspaceId} and parent_id = ${directoryId}
    union all select name from files where workspace_id = ${workspaceId} and directory_id = ${directoryId}
    order by name limit 4`.execute(tx);
  return rows.map(({ name }) => name);
}

/** A file that is in the way of a moved directory's files, hidden ones included. */
export async function firstCollision(tx: FileTransaction, workspaceId: string, from: string, to: string): Promise<string | undefined> {
  const { rows } = await sql<{ path: string }>`
    select o.path from files f join files o
      on o.workspace_id = f.workspace_id and o.path = ${to} || substr(f.path, length(${from}) + 1)
      and (o.hidden or not starts_with(o.path, ${`${from}/`}))
    where f.workspace_id = ${workspaceId} and not f.hidden and starts_with(f.path, ${`${from}/`}) limit 1`.execute(tx);
  return rows[0]?.path;
}

export async function longestPathBelow(tx: FileTransaction, workspaceId: string, path: string): Promise<number> {
  const { rows } = await sql<{ length: number | null }>`
    select max(length(path))::int as length from (
      select path from files where workspace_id = ${workspaceId} and starts_with(path, ${`${path}/`})
      union all select path from directories where workspace_id = ${workspaceId} and starts_with(path, ${`${path}/`})) p`.execute(tx);
  return rows[0]?.length ?? 0;
}

/** Moves all that is below a directory, and the directory itself. Hidden files only look as if they were inside. */
export async function moveTree(tx: FileTransaction, workspaceId: string, from: string, to: string, at: Date): Promise<void> {
  await sql`update files set path = ${to} || substr(path, length(${from}) + 1)
    where workspace_id = ${workspaceId} and not hidden and starts_with(path, ${`${from}/`})`.execute(tx);
  await sql`update directories set path = ${to} || substr(path, length(${from}) + 1), updated_at = ${at}
    where workspace_id = ${workspaceId} and (path = ${from} or starts_with(path, ${`${from}/`}))`.execute(tx);
}

export async function updateDirectory(
  tx: FileTransaction,
  workspaceId: string,
  id: string,
  patch: Updateable<FileTables['directories']>,
): Promise<void> {
  await tx.updateTable('directories').set(patch).where('workspace_id', '=', workspaceId).where('id', '=', id).execute();
}

export async function deleteAll(tx: FileTransaction, workspaceId: string): Promise<void> {
  for (const table of ['deployment_history', 'deployments', 'files', 'directories', 'environments'] as const) {
    await tx.deleteFrom(table).where('workspace_id', '=', workspaceId).execute();
  }
}
