import type { FileKind } from '@whetstone/contract';
import { sql } from 'kysely';
import type { Expression, Insertable, SqlBool } from 'kysely';
import type { FileListQuery, FileRef } from '../index.ts';
import type { Connection, FileTables, FileTransaction, VersionRow } from '../tables.ts';

/** Which version of each file is meant. */
export type Pick =
  /** Deployed in the environment; `orLatest`: where nothing is, the newest committed version. */
  { environmentId: string; orLatest: boolean } | { versionId: string } | 'latest';

export type SnapshotRow = Awaited<ReturnType<ReturnType<typeof snapshots>['execute']>>[number];

/** Files joined with their versions; every read of both starts here. */
function snapshots(db: Connection, workspaceId: string) {
  return db
    .selectFrom('files as f')
    .innerJoin('versions as v', (join) => join.onRef('v.file_id', '=', 'f.id').onRef('v.workspace_id', '=', 'f.workspace_id'))
    .where('f.workspace_id', '=', workspaceId)
    .select(['f.id as file_id', 'f.kind', 'f.path', 'f.name', 'f.directory_id', 'f.description', 'f.readme', 'f.tags', 'f.hidden'])
    .select(['f.created_at', 'f.created_by', 'f.updated_at', 'f.latest_version_id'])
    .select(['v.id as version_id', 'v.content_hash', 'v.kernel', 'v.status', 'v.parent_version_id', 'v.name as version_name'])
    .select(['v.description as version_description', 'v.created_at as version_created_at', 'v.created_by as version_created_by'])
    .select(
      sql<string[]>`array(select d.environment_id from deployments d where d.file_id = f.id and d.version_id = v.id)`.as('deployed_in'),
    );
}

function picked(pick: Pick): Expression<SqlBool> {
  if (pick === 'latest') return sql<SqlBool>`v.id = f.latest_version_id`;
  if ('versionId' in pick) return sql<SqlBool>`v.id = ${pick.versionId} and v.status <> 'deleted'`;
  const deployed = sql`(select d.version_id from deployments d where d.file_id = f.id and d.environment_id = ${pick.environmentId})`;
  return pick.orLatest ? sql<SqlBool>`v.id = coalesce(${deployed}, f.latest_version_id)` : sql<SqlBool>`v.id = ${deployed}`;
}

export function findSnapshot(
  db: Connection,
  workspaceId: string,
  kind: FileKind | null,
  ref: FileRef,
  pick: Pick,
): Promise<SnapshotRow | undefined> {
  let query = snapshots(db, workspaceId).where(picked(pick));
  query = 'id' in ref ? query.where('f.id', '=', ref.id) : query.where('f.path', '=', ref.path);
  if (kind !== null) query = query.where('f.kind', '=', kind);
  return query.executeTakeFirst();
}

/** A version of a file by content, deleted or not. */
export function findByContent(db: Connection, workspaceId: string, ref: FileRef, hash: string): Promise<SnapshotRow | undefined> {
  let query = snapshots(db, workspaceId).where('v.content_hash', '=', hash);
  query = 'id' in ref ? query.where('f.id', '=', ref.id) : query.where('f.path', '=', ref.path);
  return query.executeTakeFirst();
}

export function findSnapshots(db: Connection, workspaceId: string, versionIds: readonly string[]): Promise<SnapshotRow[]> {
  if (versionIds.length === 0) return Promise.resolve([]);
  return snapshots(db, workspaceId)
    .where(sql<SqlBool>`v.id = any(${[...versionIds]}::text[])`)
    .execute();
}

/** Of the statuses, newest first. */
export function versionsOfFile(
  db: Connection,
  workspaceId: string,
  fileId: string,
  statuses: readonly VersionRow['status'][],
): Promise<SnapshotRow[]> {
  return snapshots(db, workspaceId)
    .where('f.id', '=', fileId)
    .where('v.status', 'in', statuses)
    .orderBy('v.created_at', 'desc')
    .orderBy('v.seq', 'desc')
    .execute();
}

export interface ListFilter extends Omit<FileListQuery, 'environment' | 'createdBy' | 'page' | 'size'> {
  pick: Pick;
  createdBy: readonly string[] | null;
  directoryId?: string;
  limit: number | null;
  offset: number;
}

/** Files that are not hidden, each as of its picked version; a file without such a version is left out. */
export async function listSnapshots(
  db: Connection,
  workspaceId: string,
  filter: ListFilter,
): Promise<{ records: SnapshotRow[]; total: number }> {
  let query = snapshots(db, workspaceId).where('f.hidden', '=', false).where(picked(filter.pick));
  if (filter.kinds !== undefined && filter.kinds.length > 0) query = query.where('f.kind', 'in', filter.kinds);
  if (filter.name) query = query.where(sql<SqlBool>`position(lower(${filter.name}) in lower(f.name)) > 0`);
  if (filter.path) query = query.where(sql<SqlBool>`starts_with(f.path, ${`${filter.path}/`})`);
  if (filter.createdBy !== null) query = query.where(sql<SqlBool>`f.created_by = any(${[...filter.createdBy]}::text[])`);
  if (filter.directoryId === 'root') query = query.where('f.directory_id', 'is', null);
  else if (filter.directoryId !== undefined) query = query.where('f.directory_id', '=', filter.directoryId);

  const order = filter.order ?? (filter.sortBy === 'name' ? 'asc' : 'desc');
  const sorted =
    filter.sortBy === 'name'
      ? query.orderBy(sql`lower(f.name) collate "C"`, order).orderBy(sql`f.path collate "C"`, order)
      : query.orderBy(filter.sortBy === 'updated_at' ? 'f.updated_at' : 'f.created_at', order).orderBy('f.id', order);
  if (filter.limit === null) {
    const records = await sorted.execute();
    return { records, total: records.length };
  }
  const { total } = await query
    .clearSelect()
    .select((build) => build.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  const records = filter.offset >= total ? [] : await sorted.limit(filter.limit).offset(filter.offset).execute();
  return { records, total };
}

export async function creators(db: Connection, workspaceId: string): Promise<string[]> {
  const rows = await db.selectFrom('files').select('created_by').distinct().where('workspace_id', '=', workspaceId).execute();
  return rows.flatMap(({ created_by }) => (created_by === null ? [] : [created_by]));
}

type VersionKey = { fileId: string } & ({ id: string } | { contentHash: string } | { name: string });

/** A version of a file, deleted ones included unless looked up by name. */
export function findVersion(db: Connection, workspaceId: string, key: VersionKey): Promise<VersionRow | undefined> {
  let query = db.selectFrom('versions').selectAll().where('workspace_id', '=', workspaceId).where('file_id', '=', key.fileId);
  if ('id' in key) query = query.where('id', '=', key.id);
  else if ('contentHash' in key) query = query.where('content_hash', '=', key.contentHash);
  else query = query.where('name', '=', key.name).where('status', '<>', 'deleted');
  return query.executeTakeFirst();
}

/** Kind of the file of each version that exists. */
export async function kindsOfVersions(db: Connection, workspaceId: string, versionIds: readonly string[]): Promise<Map<string, FileKind>> {
  if (versionIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('versions as v')
    .innerJoin('files as f', 'f.id', 'v.file_id')
    .select(['v.id', 'f.kind'])
    .where('v.workspace_id', '=', workspaceId)
    .where(sql<SqlBool>`v.id = any(${[...versionIds]}::text[])`)
    .execute();
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}

/** Of those that exist. */
export async function kindsOfFiles(db: Connection, workspaceId: string, ids: readonly string[]): Promise<Map<string, FileKind>> {
  const rows = await db
    .selectFrom('files')
    .select(['id', 'kind'])
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}

/** The files of those that exist. */
export async function filesOfVersions(db: Connection, workspaceId: string, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('versions')
    .select(['id', 'file_id'])
    .where('workspace_id', '=', workspaceId)
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, file_id }) => [id, file_id]));
}

export async function insertVersion(tx: FileTransaction, row: Insertable<FileTables['versions']>): Promise<void> {
  await tx.insertInto('versions').values(row).execute();
}

/** False when there is such a version already, or when the file is gone. */
export async function insertDraft(db: Connection, row: Insertable<FileTables['versions']> & { kernel: string }): Promise<boolean> {
  const result = await sql`insert into versions
      (workspace_id, id, file_id, content_hash, kernel, name, description, status, parent_version_id, created_at, created_by)
    select ${row.workspace_id}, ${row.id}, f.id, ${row.content_hash}, ${row.kernel}::json, ${row.name}, ${row.description}, ${row.status},
      ${row.parent_version_id}, ${row.created_at}, ${row.created_by}
    from files f where f.workspace_id = ${row.workspace_id} and f.id = ${row.file_id} for key share
    on conflict do nothing`.execute(db);
  return (result.numAffectedRows ?? 0n) > 0n;
}

export async function updateVersion(
  tx: FileTransaction,
  workspaceId: string,
  id: string,
  patch: Partial<globalThis.Pick<VersionRow, 'name' | 'description' | 'status' | 'created_at' | 'created_by' | 'parent_version_id'>>,
): Promise<void> {
  await tx.updateTable('versions').set(patch).where('workspace_id', '=', workspaceId).where('id', '=', id).execute();
}

/** Points the file at what it answers without deployment: the newest committed version, else the newest draft. */
export async function refreshLatest(tx: FileTransaction, workspaceId: string, fileId: string): Promise<void> {
  await sql`update files set latest_version_id = (
      select v.id from versions v where v.file_id = files.id and v.status <> 'deleted'
      order by (v.status = 'committed') desc, v.created_at desc, v.seq desc limit 1)
    where workspace_id = ${workspaceId} and id = ${fileId}`.execute(tx);
}

export async function countVersions(tx: FileTransaction, workspaceId: string, fileId: string): Promise<number> {
  const row = await tx
    .selectFrom('versions')
    .select((build) => build.fn.countAll<number>().as('n'))
    .where('workspace_id', '=', workspaceId)
    .where('file_id', '=', fileId)
    .where('status', '=', 'committed')
    .executeTakeFirstOrThrow();
  return row.n;
}
