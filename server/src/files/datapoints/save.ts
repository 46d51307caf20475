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
import { datapointId, digestOf, givenOf, pagesOf, type Given } from './content.ts';
import { idsOfVersion, insertDatapoints, insertPages, knownIds, membersOf, type Member } from './store.ts';

/** Large uploads let others have a turn after so many. */
const hashedAtOnce = 5_000;

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
  return room.write(workspaceId, async (tx, after) => {
    const treeLocked = !present || present.hidden;
    if (treeLocked) await lockTree(tx, workspaceId);
    const base = action === 'set' ? null : await baseOf(tx, scope, ref, at ?? {});
    const members = base === null ? [] : await membersIn(tx, workspaceId, base.version_id);
    const list = applied(action, members, given);
    if (list.length > maxDatapoints)
      throw invalid('datapoints', `A dataset holds ${maxDatapoints} datapoints at most; this version would have ${list.length}.`);
    const digest = digestOf(list.map(({ hash }) => hash));
    const inherited = (base?.kernel as { attributes?: Record<string, unknown> } | undefined)?.attributes;
    const kernel = {
      ...(digest === null ? {} : { datapoints_digest: digest, datapoints_count: list.length }),
      attributes: rest.attributes ?? inherited ?? null,
    };
    const saving = prepareSaving(room, scope, 'dataset', { ...rest, kernel }, false);
    return save(room, tx, after, saving, treeLocked, (file, versionId) =>
      store(tx, { scope, fileId: file.id, versionId, at: saving.at }, list),
    );
  });
}

async function hashed(datapoints: DatasetInput['datapoints']): Promise<Given[]> {
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

async function membersIn(tx: FileTransaction, workspaceId: string, versionId: string): Promise<Member[]> {
  const { ids } = await idsOfVersion(tx, workspaceId, versionId);
  return membersOf(tx, workspaceId, ids);
}

type Listed = { hash: string; id?: string | undefined; content?: string };

function applied(action: DatasetInput['action'], base: readonly Member[], given: readonly Given[]): Listed[] {
  if (action === 'set') return [...given];
  if (action === 'remove') {
    const gone = new Set(given.map(({ hash }) => hash));
    return base.filter(({ hash }) => !gone.has(hash));
  }
  const there = new Set(base.map(({ hash }) => hash));
  return [...base, ...given.filter(({ hash }) => !there.has(hash))];
}

/** Rows of what is new, then the list of the version. */
async function store(
  tx: FileTransaction,
  { scope, fileId, versionId, at }: { scope: Scope; fileId: string; versionId: string; at: Date },
  list: readonly Listed[],
): Promise<void> {
  const { workspaceId } = scope;
  const fresh = list.filter((one) => one.content !== undefined);
  const known = await knownIds(
    tx,
    fileId,
    fresh.map(({ hash }) => hash),
  );
  const rows = fresh.flatMap(({ hash, content = '', id }) =>
    known.has(hash) ? [] : [{ hash, content, id: id ?? datapointId(fileId, hash) }],
  );
  if ((await insertDatapoints(tx, { workspaceId, fileId, at }, rows)) < rows.length) {
    throw new AppError('conflict', 'There is another datapoint with one of the given ids in this workspace.');
  }
  const made = new Map(rows.map(({ hash, id }) => [hash, id]));
  const ids = list.map(({ hash, id, content }) => (content === undefined ? (id ?? '') : (known.get(hash) ?? made.get(hash) ?? '')));
  await insertPages(tx, { workspaceId, fileId, versionId }, pagesOf(ids));
}
