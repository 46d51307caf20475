import { AppError, maxDatapoints } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { choose } from '../access.ts';
import type { Room } from '../context.ts';
import { listEnvironments } from '../deployments/store.ts';
import type { DatasetInput, FileRef } from '../index.ts';
import type { FileTransaction } from '../tables.ts';
import { findFile, lockFile, lockTree } from '../tree/store.ts';
import { fileOfKind, notFoundVersion } from '../read.ts';
import { invalid, prepareSaving, targetOf } from '../versions/save.ts';
import { findSnapshot } from '../versions/store.ts';
import type { SnapshotRow } from '../versions/store.ts';
import { save, type Saved } from '../versions/upsert.ts';
import { datapointId, digestOf, givenOf, pagesOf, type Given, type Member } from './content.ts';
import { insertDatapoints, insertPages, knownCases, knownIds, membersOfVersion } from './store.ts';

/** Large uploads let others have a turn after so many. */
const hashedAtOnce = 5_000;
const largeUpload = 1_000;

/**
 * A dataset's version is named by the set of its datapoints. Which set that is follows from the base inside the transaction
 * that holds the file, so of two who add at once each finds the other's.
 */
export async function upsertDataset(room: Room, scope: Scope, input: DatasetInput): Promise<Saved> {
  const { workspaceId } = scope;
  const { datapoints, action, base: at, ...rest } = input;
  const given = await hashed(datapoints);
  const ref = targetOf(input);
  const present = await findFile(room.db, workspaceId, ref);
  if (!present && action === 'remove') await fileOfKind(room.db, scope, 'dataset', ref);
  const ahead = present?.kind === 'dataset' && action !== 'remove' ? await storeAhead(room, scope, present.id, given) : new Map();
  return room.write(workspaceId, async (tx, after) => {
    const treeLocked = !present || present.hidden;
    if (treeLocked) await lockTree(tx, workspaceId);
    const base = action === 'set' ? null : await baseOf(tx, scope, ref, at ?? {});
    const members = base === null ? [] : await membersOfVersion(tx, workspaceId, base.version_id);
    const list = applied(action, members, given, base === null ? new Map() : await labelledCases(tx, base.file_id, given));
    const inherited = (base?.kernel as { attributes?: Record<string, unknown> } | undefined)?.attributes;
    const kernel = kernelOf(list, rest.attributes ?? inherited ?? null);
    const saving = prepareSaving(room, scope, 'dataset', { ...rest, kernel }, false);
    return save(room, tx, after, saving, treeLocked, (file, versionId) =>
      store(tx, { scope, fileId: file.id, versionId, at: saving.at }, list, ahead),
    );
  });
}

/** @throws AppError 422 for too many */
export function kernelOf(list: readonly Listed[], attributes: Record<string, unknown> | null) {
  if (list.length > maxDatapoints)
    throw invalid('datapoints', `A dataset holds ${maxDatapoints} datapoints at most; this version would have ${list.length}.`);
  const digest = digestOf(list.map(({ hash }) => hash));
  return { ...(digest === null ? {} : { datapoints_digest: digest, datapoints_count: list.length }), attributes };
}

/** Clients of v5 know no labels: what they give without is the same case as one with labels. */
function labelledCases(tx: FileTransaction, fileId: string, given: readonly Given[]): Promise<Map<string, string[]>> {
  return knownCases(
    tx,
    fileId,
    given.flatMap(({ hash, caseHash }) => (hash === caseHash ? [caseHash] : [])),
  );
}

export async function hashed(datapoints: DatasetInput['datapoints']): Promise<Given[]> {
  const given = new Map<string, Given>();
  for (const [index, datapoint] of datapoints.entries()) {
    const one = givenOf(datapoint);
    if (!given.has(one.hash)) given.set(one.hash, one);
    if (index % hashedAtOnce === hashedAtOnce - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return [...given.values()];
}

/** The version that datapoints are added to or removed from; null for a new dataset. */
async function baseOf(tx: FileTransaction, scope: Scope, ref: FileRef, at: NonNullable<DatasetInput['base']>): Promise<SnapshotRow | null> {
  const { workspaceId } = scope;
  const file = await lockFile(tx, workspaceId, ref);
  const named = Boolean(at.versionId ?? at.environment);
  if (!file) {
    if (named || 'id' in ref) await fileOfKind(tx, scope, 'dataset', ref);
    return null;
  }
  const environments = await listEnvironments(tx, workspaceId);
  const pick = named || at.orDeployed ? (await choose(tx, scope, environments, at)).pick : 'latest';
  const row = await findSnapshot(tx, workspaceId, 'dataset', ref, pick);
  if (row) return row;
  await fileOfKind(tx, scope, 'dataset', ref);
  throw notFoundVersion('dataset', file.path, at);
}

export type Listed = { hash: string; caseHash?: string; id?: string | undefined; content?: string };

function applied(
  action: DatasetInput['action'],
  base: readonly Member[],
  given: readonly Given[],
  labelled: ReadonlyMap<string, string[]>,
): Listed[] {
  if (action === 'set') return [...given];
  if (action === 'remove') {
    const gone = new Set(given.flatMap(({ hash }) => [hash, ...(labelled.get(hash) ?? [])]));
    return base.filter(({ hash }) => !gone.has(hash));
  }
  const there = new Set(base.map(({ hash }) => hash));
  const isThere = (hash: string): boolean => there.has(hash) || (labelled.get(hash) ?? []).some((other) => there.has(other));
  return [...base, ...given.filter(({ hash }) => !isThere(hash))];
}

/** Rows of what is new, then the list of the version. */
export async function store(
  tx: FileTransaction,
  { scope, fileId, versionId, at }: { scope: Scope; fileId: string; versionId: string; at: Date },
  list: readonly Listed[],
  ahead: ReadonlyMap<string, string>,
): Promise<void> {
  const { workspaceId } = scope;
  const ids = new Map(ahead);
  const rows = rowsFor(fileId, list).filter(({ hash }) => !ids.has(hash));
  for (const { hash, id } of rows) ids.set(hash, id);
  if ((await insertDatapoints(tx, { workspaceId, fileId, at }, rows)) < rows.length) {
    const hashes = rows.map(({ hash }) => hash);
    const known = await knownIds(tx, fileId, hashes);
    if (known.size < hashes.length)
      throw new AppError('conflict', 'There is another datapoint with one of the given ids in this workspace.');
    for (const [hash, id] of known) ids.set(hash, id);
  }
  const members = list.map(({ hash, id }) => ({ hash, id: ids.get(hash) ?? id ?? '' }));
  await insertPages(tx, { workspaceId, fileId, versionId }, pagesOf(members));
}

function rowsFor(fileId: string, list: readonly Listed[]) {
  return list.flatMap(({ hash, caseHash = hash, id, content }) =>
    content === undefined ? [] : [{ hash, caseHash, content, id: id ?? datapointId(fileId, hash) }],
  );
}

/**
 * The rows of a large upload go in before the transaction, which would hold the one embedded backend for as long. A row that no
 * version names is of no consequence, and is there for the next try.
 * @returns the ids of what is there, by content hash
 */
export async function storeAhead(
  room: Room,
  { workspaceId }: Scope,
  fileId: string,
  given: readonly Given[],
): Promise<Map<string, string>> {
  if (given.length < largeUpload || given.some(({ id }) => id !== undefined)) return new Map();
  const hashes = given.map(({ hash }) => hash);
  const known = await knownIds(room.db, fileId, hashes);
  const rows = rowsFor(fileId, given).filter(({ hash }) => !known.has(hash));
  try {
    await insertDatapoints(room.db, { workspaceId, fileId, at: room.deps.clock() }, rows);
  } catch (error) {
    // The file was deleted meanwhile: what follows says so.
    if (error instanceof Error && 'code' in error && error.code === '23503') return new Map();
    throw error;
  }
  return rows.length === 0 ? known : knownIds(room.db, fileId, hashes);
}
