import type { Datapoint } from '@whetstone/contract';
import { sql } from 'kysely';
import type { Connection, FileTransaction } from '../tables.ts';
import type { Member, Page } from './content.ts';

export interface StoredRow {
  id: string;
  content: Datapoint;
}
export interface NewRow extends Member {
  caseHash: string;
  content: string;
}

/** Bounds one statement: 15 s are the limit of any. */
const rowsAtOnce = 2_000;
const pagesAtOnce = 50;

interface Pages {
  hashes: string[];
  sizes: number[];
}

/** The pages of a version's list; none for a version without datapoints. */
async function pagesOfVersion(db: Connection, workspaceId: string, versionId: string): Promise<Pages> {
  const row = await db
    .selectFrom('dataset_versions')
    .select(['page_hashes', 'page_sizes'])
    .where('workspace_id', '=', workspaceId)
    .where('version_id', '=', versionId)
    .executeTakeFirst();
  return { hashes: row?.page_hashes ?? [], sizes: row?.page_sizes ?? [] };
}

interface PageRow {
  hash: string;
  datapoint_ids: string[];
  content_hashes: string[];
}

/** Rows of the named pages of a version, by hash. */
async function pageRows(db: Connection, workspaceId: string, versionId: string, hashes: readonly string[]): Promise<Map<string, PageRow>> {
  if (hashes.length === 0) return new Map();
  const { rows } = await sql<PageRow>`
    select p.hash, p.datapoint_ids, p.content_hashes from dataset_versions v
    join dataset_pages p on p.file_id = v.file_id and p.hash = any(${[...hashes]}::text[])
    where v.workspace_id = ${workspaceId} and v.version_id = ${versionId}`.execute(db);
  return new Map(rows.map((row) => [row.hash, row]));
}

/** Datapoints of a version by place, in order; all of them without a limit. */
export async function idsOfVersion(
  db: Connection,
  workspaceId: string,
  versionId: string,
  { offset = 0, limit = Number.POSITIVE_INFINITY }: { offset?: number; limit?: number } = {},
): Promise<{ ids: string[]; total: number }> {
  const { hashes, sizes } = await pagesOfVersion(db, workspaceId, versionId);
  const touched: string[] = [];
  let first = 0;
  let total = 0;
  for (const [index, size] of sizes.entries()) {
    if (total < offset + limit && total + size > offset) {
      if (touched.length === 0) first = total;
      touched.push(hashes[index] ?? '');
    }
    total += size;
  }
  const pages = await pageRows(db, workspaceId, versionId, touched);
  const ids = touched.flatMap((hash) => pages.get(hash)?.datapoint_ids ?? []);
  return { ids: ids.slice(Math.max(0, offset - first), offset - first + limit), total };
}

/** The whole list of a version, in order. */
export async function membersOfVersion(db: Connection, workspaceId: string, versionId: string): Promise<Member[]> {
  const { hashes } = await pagesOfVersion(db, workspaceId, versionId);
  const pages = await pageRows(db, workspaceId, versionId, hashes);
  return hashes.flatMap((name) => {
    const page = pages.get(name);
    return (page?.datapoint_ids ?? []).map((id, index) => ({ id, hash: page?.content_hashes[index] ?? '' }));
  });
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

/** Ids of the datapoints that the file already has, by content hash. */
export async function knownIds(tx: Connection, fileId: string, hashes: readonly string[]): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (const some of chunks(hashes)) {
    const { rows } = await sql<{ id: string; content_hash: string }>`
      select id, content_hash from datapoints where file_id = ${fileId} and content_hash = any(${some}::text[])`.execute(tx);
    for (const { id, content_hash } of rows) known.set(content_hash, id);
  }
  return known;
}

/** Content hashes of the file's datapoints that are these cases with labels, by case. */
export async function knownCases(tx: Connection, fileId: string, cases: readonly string[]): Promise<Map<string, string[]>> {
  const known = new Map<string, string[]>();
  for (const some of chunks(cases)) {
    const { rows } = await sql<{ case_hash: string; hashes: string[] }>`
      select case_hash, array_agg(content_hash) as hashes from datapoints
      where file_id = ${fileId} and case_hash = any(${some}::text[]) group by case_hash`.execute(tx);
    for (const { case_hash, hashes } of rows) known.set(case_hash, hashes);
  }
  return known;
}

/** @returns how many were new */
export async function insertDatapoints(
  tx: Connection,
  { workspaceId, fileId, at }: { workspaceId: string; fileId: string; at: Date },
  rows: readonly NewRow[],
): Promise<number> {
  let inserted = 0;
  for (const some of chunks(rows)) {
    const text = `[${some.map(({ id, hash, caseHash, content }) => `{"id":${JSON.stringify(id)},"hash":"${hash}","labelled":${caseHash === hash ? 'null' : `"${caseHash}"`},"content":${content}}`).join(',')}]`;
    const result = await sql`
      insert into datapoints (workspace_id, id, file_id, content_hash, case_hash, content, created_at)
      select ${workspaceId}, r.id, ${fileId}, r.hash, r.labelled, r.content, ${at}
      from json_to_recordset(${text}::json) as r(id text, hash text, labelled text, content json)
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
  for (const some of chunks(pages, pagesAtOnce)) {
    const rows = some.map(({ hash, members }) => ({
      hash,
      ids: members.map(({ id }) => id),
      hashes: members.map((member) => member.hash),
    }));
    await sql`insert into dataset_pages (file_id, hash, datapoint_ids, content_hashes)
      select ${fileId}, r.hash, r.ids, r.hashes
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(hash text, ids text[], hashes text[])
      on conflict do nothing`.execute(tx);
  }
  const hashes = pages.map(({ hash }) => hash);
  const sizes = pages.map(({ members }) => members.length);
  await sql`insert into dataset_versions (workspace_id, version_id, file_id, page_hashes, page_sizes)
    values (${workspaceId}, ${versionId}, ${fileId}, ${hashes}::text[], ${sizes}::int[]) on conflict do nothing`.execute(tx);
}

function* chunks<T>(items: readonly T[], size = rowsAtOnce): Generator<T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}
