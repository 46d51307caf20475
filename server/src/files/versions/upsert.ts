import { createHash } from 'node:crypto';
import type { FileKind, Scope } from '@whetstone/contract';
import type { Room } from '../context.ts';
import { recordDeployment } from '../deployments/record.ts';
import { deploymentsOf, holdEnvironment, listEnvironments } from '../deployments/store.ts';
import type { Snapshot, UpsertInput } from '../index.ts';
import { freeze, toEnvironment, toSnapshot } from '../snapshot.ts';
import type { Aftermath } from '../context.ts';
import type { FileRow, FileTransaction } from '../tables.ts';
import { findFile, lockTree } from '../tree/store.ts';
import { checkFileLinks } from './file-links.ts';
import { checkLinks, findOrMakeFile, findOrMakeVersion, prepareSaving, reveal, touch } from './save.ts';
import type { Saving } from './save.ts';
import { findByContent, findSnapshots } from './store.ts';
import type { SnapshotRow } from './store.ts';

export interface Saved {
  snapshot: Snapshot;
  createdFile: boolean;
  createdVersion: boolean;
}

export async function upsert<K extends FileKind>(room: Room, scope: Scope, kind: K, input: UpsertInput<K>): Promise<Saved> {
  const remembered = saysContentOnly(input) ? await savedBefore(room, scope, kind, input) : null;
  if (remembered) return { snapshot: remembered, createdFile: false, createdVersion: false };
  const saving: Saving = prepareSaving(room, scope, kind, input, false);
  const known = saysContentOnly(input) ? null : await findByContent(room.db, scope.workspaceId, saving.ref, saving.hash);
  if (known && known.kind === kind && changesNothing(saving, known)) {
    const environments = await listEnvironments(room.db, scope.workspaceId);
    return { snapshot: toSnapshot(known, environments), createdFile: false, createdVersion: false };
  }
  const file = await findFile(room.db, scope.workspaceId, saving.ref);
  return room.write(scope.workspaceId, async (tx, after) => {
    // What appears in the tree needs its lock, which comes before the file's.
    const treeLocked = !file || file.hidden;
    if (treeLocked) await lockTree(tx, scope.workspaceId);
    return save(room, tx, after, saving, treeLocked);
  });
}

function saysContentOnly<K extends FileKind>(input: UpsertInput<K>): boolean {
  const { versionName, versionDescription, description, tags, readme } = input;
  return [versionName, versionDescription, description, tags, readme].every((label) => label === null || label === undefined);
}

/** Programs log with the whole kernel each time: what they name is nearly always there, and then it is answered from memory. */
async function savedBefore<K extends FileKind>(room: Room, scope: Scope, kind: K, input: UpsertInput<K>): Promise<Snapshot | null> {
  const { workspaceId } = scope;
  const content = createHash('sha256').update(JSON.stringify(input.kernel)).digest('base64');
  const key = JSON.stringify(['saved', workspaceId, kind, input.id ?? null, input.path ?? null, content]);
  const load = async () => {
    const saving: Saving = prepareSaving(room, scope, kind, input, false);
    const row = await findByContent(room.db, workspaceId, saving.ref, saving.hash);
    if (!row || row.kind !== kind || !changesNothing(saving, row)) throw notSaved;
    const snapshot = freeze(toSnapshot(row, await listEnvironments(room.db, workspaceId)));
    return { snapshot, fileId: row.file_id };
  };
  try {
    return (await room.known.get(workspaceId, key, load)).snapshot;
  } catch (error) {
    if (error === notSaved) return null;
    throw error;
  }
}

const notSaved = new Error('not saved yet');

/** The version is there as it is asked for, so that nothing has to be locked or written. */
function changesNothing({ input }: Saving, known: SnapshotRow): boolean {
  const same = (wanted: string | null | undefined, present: string | null): boolean => !wanted || wanted === present;
  return (
    !known.hidden &&
    known.status === 'committed' &&
    same(input.versionName, known.version_name) &&
    same(input.versionDescription, known.version_description) &&
    (input.description ?? known.description) === known.description &&
    (input.readme ?? known.readme) === known.readme &&
    JSON.stringify(input.tags ?? known.tags) === JSON.stringify(known.tags)
  );
}

/** `store` writes, for a version that is new, what does not fit into its kernel. */
export async function save(
  room: Room,
  tx: FileTransaction,
  after: Aftermath,
  saving: Saving,
  treeLocked: boolean,
  store?: (file: FileRow, versionId: string) => Promise<void>,
): Promise<Saved> {
  const { scope, input, at } = saving;
  await checkLinks(tx, saving);
  await checkFileLinks(tx, saving);
  const { file, created } = await findOrMakeFile(room, tx, saving, treeLocked);
  const revealed = file.hidden;
  if (revealed) await reveal(room, tx, file, at);
  const version = await findOrMakeVersion(tx, saving, file, created);
  if (version.created) await store?.(file, version.versionId);
  if (!created) await describe(tx, after, saving, file);
  const first =
    (created || revealed) && input.deployFirst !== false ? await deployFirst(room, tx, saving, file, version.versionId, created) : null;
  const environments = await listEnvironments(tx, scope.workspaceId);
  const [row] = await findSnapshots(tx, scope.workspaceId, [version.versionId]);
  if (!row) throw new Error(`version ${version.versionId} vanished inside its transaction`);
  const snapshot = toSnapshot(row, environments);
  if (version.created) after.tell({ type: 'version.created', scope, snapshot });
  if (first) after.tell({ type: 'version.deployed', scope, snapshot, environment: first, previousVersionId: null });
  return { snapshot, createdFile: created || revealed, createdVersion: version.created };
}

async function describe(tx: FileTransaction, after: Aftermath, { input, at }: Saving, file: FileRow): Promise<void> {
  const { description, readme, tags } = input;
  await touch(tx, file, after, {
    ...(description === null || description === undefined ? {} : { description }),
    ...(readme === null || readme === undefined ? {} : { readme }),
    ...(tags === null || tags === undefined ? {} : { tags: JSON.stringify(tags) }),
    updated_at: at,
  });
}

/** The first version of a file goes to the default environment by itself, protected or not: v5 promises it. */
async function deployFirst(room: Room, tx: FileTransaction, { scope, at }: Saving, file: FileRow, versionId: string, newFile: boolean) {
  const environment = await holdEnvironment(tx, scope.workspaceId, 'default');
  if (!environment) return null;
  const present = newFile ? [] : await deploymentsOf(tx, scope.workspaceId, file.id);
  if (present.some(({ environment_id }) => environment_id === environment.id)) return null;
  await recordDeployment(room, tx, scope, { file, environment, versionId, previousVersionId: null, action: 'first', message: null, at });
  return toEnvironment(environment);
}
