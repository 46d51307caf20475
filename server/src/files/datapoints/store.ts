import type { Datapoint } from '@whetstone/contract';
import { sql } from 'kysely';
import type { Connection, FileTransaction } from '../tables.ts';
import type { Page } from './content.ts';

export interface Member {
  id: string;
  hash: string;
}
export interface StoredRow {
  id: string;
  content: Datapoint;
}
export interface NewRow extends Member {
  content: string;
}

/** Bounds one statement: 15 s are the limit of any. */
const rowsAtOnce = 2_000;

interface Pages {
  hashes: string[];
  sizes: number[];
}

/** The pages of a version's list; none for a version without datapoints. */
export async function pagesOfVersion(db: Connection, workspaceId: string, versionId: string): Promise<Pages> {
  const row = await db
    .selectFrom('dataset_versions')
    .select(['page_hashes', 'page_sizes'])
    .where('workspace_id', '=', workspaceId)
    .where('version_id', '=', versionId)
    .executeTakeFirst();
  return { hashes: row?.page_hashes ?? [], sizes: row?.page_sizes ?? [] };
}

/** Datapoints of a version by place, in order; all of them without a limit. */
export async function idsOfVersion(
  db: Connection,
  workspaceId: string,
  versionId: string,
  { offset = 0, limit = Number.POSITIVE_INFINITY }: { offset?: number; limit?: number } = {},
): Promise<{ ids: string[]; total: number }> {
  const { hashes, sizes } = await pagesOfVersion(db, workspaceId, versionId);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const touched: string[] = [];
  let first = 0;
  let before = 0;
  for (const [index, size] of sizes.entries()) {
    if (before < offset + limit && before + size > offset) {
      if (touched.length === 0) first = before;
      touched.push(hashes[index] ?? '');
    }
    before += size;
  }
  if (touched.length === 0) return { ids: [], total };
  const { rows } = await sql<{ hash: string; datapoint_ids: string[] }>`
    select distinct on (p.hash) p.hash, p.datapoint_ids from dataset_pages p
    join dataset_versions v on v.file_id = p.file_id
    where v.workspace_id = ${workspaceId} and v.version_id = ${versionId} and p.hash = any(${touched}::text[])`.execute(db);
  const pages = new Map(rows.map((row) => [row.hash, row.datapoint_ids]));
  const ids = touched.flatMap((hash) => pages.get(hash) ?? []);
  return { ids: ids.slice(Math.max(0, offset - first), Math.min(ids.length, offset - first + limit)), total };
}

/** In no order. */
export async function rowsById(db: Connection, workspaceId: string, ids: readonly string[]): Promise<StoredRow[]> {
  const found: StoredRow[] = [];
  for (const some of chunks(ids)) {
    const { rows } = await sql<StoredRow>`
      select id, content from datapoints where workspace_id = ${workspaceId} and id = any(${some}::text[])`.execute(db);
    found.push(...rows);
  }
  return found;
}

/** Ids with the hashes of what they name, in the order of the ids. */
export async function membersOf(db: Connection, workspaceId: string, ids: readonly string[]): Promise<Member[]> {
  const hashes = new Map<string, string>();
  for (const some of chunks(ids)) {
    const { rows } = await sql<{ id: string; content_hash: string }>`
      select id, content_hash from datapoints where workspace_id = ${workspaceId} and id = any(${some}::text[])`.execute(db);
    for (const { id, content_hash } of rows) hashes.set(id, content_hash);
  }
  return ids.flatMap((id) => {
    const hash = hashes.get(id);
    return hash === undefined ? [] : [{ id, hash }];
  });
}

/** Ids of the datapoints that the file already has, by content hash. */
export async function knownIds(tx: FileTransaction, fileId: string, hashes: readonly string[]): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (const some of chunks(hashes)) {
    const { rows } = await sql<{ id: string; content_hash: string }>`
      select id, content_hash from datapoints where file_id = ${fileId} and content_hash = any(${some}::text[])`.execute(tx);
    for (const { id, content_hash } of rows) known.set(content_hash, id);
  }
  return known;
}

/** @returns how many were new */
export async function insertDatapoints(
  tx: FileTransaction,
  { workspaceId, fileId, at }: { workspaceId: string; fileId: string; at: Date },
  rows: readonly NewRow[],
): Promise<number> {
  let inserted = 0;
  for (const some of chunks(rows)) {
    const text = `[${some.map(({ id, hash, content }) => `{"id":${JSON.stringify(id)},"hash":"${hash}","content":${content}}`).join(',')}]`;
    const result = await sql`
      insert into datapoints (workspace_id, id, file_id, content_hash, content, created_at)
      select ${workspaceId}, r.id, ${fileId}, r.hash, r.content, ${at}
      from json_to_recordset(${text}::json) as r(id text, hash text, content json)
      on conflict do nothing`.execute(tx);
    inserted += Number(result.numAffectedRows ?? 0n);
  }
  return inserted;
}

export async function insertPages(
  tx: FileTransaction,
  { workspaceId, fileId, versionId }: { workspaceId: string; fileId: string; versionId: string },
  pages: readonly Page[],
): Promise<void> {
  for (const { hash, ids } of pages) {
    await sql`insert into dataset_pages (file_id, hash, datapoint_ids) values (${fileId}, ${hash}, ${ids}::text[])
      on conflict do nothing`.execute(tx);
  }
  const hashes = pages.map(({ hash }) => hash);
  const sizes = pages.map(({ ids }) => ids.length);
  await sql`insert into dataset_versions (workspace_id, version_id, file_id, page_hashes, page_sizes)
    values (${workspaceId}, ${versionId}, ${fileId}, ${hashes}::text[], ${sizes}::int[]) on conflict do nothing`.execute(tx);
}

function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let i = 0; i < items.length; i += rowsAtOnce) yield items.slice(i, i + rowsAtOnce);
}
