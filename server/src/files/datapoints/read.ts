import type { Datapoint, Scope } from '@whetstone/contract';
import { canonicalText } from '@whetstone/domain';
import type { Room } from '../context.ts';
import type { StoredDatapoint } from '../index.ts';
import { givenOf } from './content.ts';
import { idsOfVersion, knownCases, membersOfVersion, rowsById, type StoredRow } from './store.ts';

/** Questions about datapoints. Versions are named by ids that `get` answered. */

/** Offsets beyond this have no rows. */
const furthest = 2 ** 40;

export async function datapointsOf(
  room: Room,
  { workspaceId }: Scope,
  versionId: string,
  page?: { page: number; size: number },
): Promise<{ records: StoredDatapoint[]; total: number }> {
  const place = page ? { offset: Math.min((page.page - 1) * page.size, furthest), limit: page.size } : {};
  const { ids, total } = await idsOfVersion(room.db, workspaceId, versionId, place);
  const rows = new Map((await rowsById(room.db, workspaceId, ids)).map((row) => [row.id, row]));
  return { records: ids.flatMap((id) => present(rows.get(id))), total };
}

export async function datapointIds(room: Room, { workspaceId }: Scope, versionId: string): Promise<string[]> {
  return (await idsOfVersion(room.db, workspaceId, versionId)).ids;
}

export async function datapointsById(room: Room, { workspaceId }: Scope, ids: readonly string[]): Promise<Map<string, StoredDatapoint>> {
  const wanted = [...new Set(ids)].map((id) => canonicalText(id).text);
  const rows = await rowsById(room.db, workspaceId, wanted);
  return new Map(rows.flatMap(present).map((datapoint) => [datapoint.id, datapoint]));
}

/** Of each datapoint whether the version has its case: the same inputs, messages and target, whatever the labels. */
export async function casesThere(
  room: Room,
  { workspaceId }: Scope,
  version: { fileId: string; versionId: string },
  datapoints: readonly Datapoint[],
): Promise<boolean[]> {
  const hashes = datapoints.map((datapoint) => givenOf(datapoint).caseHash);
  const members = new Set((await membersOfVersion(room.db, workspaceId, version.versionId)).map(({ hash }) => hash));
  const labelled = await knownCases(room.db, version.fileId, hashes);
  return hashes.map((hash) => members.has(hash) || (labelled.get(hash) ?? []).some((other) => members.has(other)));
}

function present(row: StoredRow | undefined): StoredDatapoint[] {
  if (!row) return [];
  const { inputs, messages, target, metadata, split, tags } = row.content;
  return [
    {
      id: row.id,
      inputs: inputs ?? null,
      messages: messages ?? null,
      target: target ?? null,
      metadata: metadata ?? null,
      split: split ?? null,
      tags: tags ?? [],
    },
  ];
}
