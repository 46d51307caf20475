import type { Scope } from '@whetstone/contract';
import { canonicalText } from '@whetstone/domain';
import type { Room } from '../context.ts';
import type { StoredDatapoint } from '../index.ts';
import { idsOfVersion, rowsById, type StoredRow } from './store.ts';

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

function present(row: StoredRow | undefined): StoredDatapoint[] {
  if (!row) return [];
  const { inputs, messages, target } = row.content;
  return [{ id: row.id, inputs: inputs ?? null, messages: messages ?? null, target: target ?? null }];
}
