import { AppError, type Scope } from '@whetstone/contract';
import { choose } from '../access.ts';
import type { Room } from '../context.ts';
import { listEnvironments } from '../deployments/store.ts';
import type { DatasetChange } from '../index.ts';
import { fileOfKind, notFoundVersion } from '../read.ts';
import type { FileTransaction } from '../tables.ts';
import { lockFile } from '../tree/store.ts';
import { invalid, prepareSaving } from '../versions/save.ts';
import { findSnapshot, type SnapshotRow } from '../versions/store.ts';
import { save, type Saved } from '../versions/upsert.ts';
import { givenOf, type Given, type Member } from './content.ts';
import { hashed, kernelOf, type Listed, store, storeAhead } from './save.ts';
import { membersOfVersion } from './store.ts';

/** So many unknown ids are named in an answer. */
const namedAtMost = 5;
const hashedAtOnce = 5_000;

/** A version by what it differs in from its base; everything else of the base stays in its place. */
export async function editDataset(room: Room, scope: Scope, change: DatasetChange): Promise<Saved> {
  const given = await givenOfChange(change);
  const ref = { id: change.fileId };
  await fileOfKind(room.db, scope, 'dataset', ref);
  const fresh = await hashed([...change.changed, ...change.added].map(({ datapoint }) => datapoint));
  const ahead = await storeAhead(room, scope, change.fileId, fresh);
  return room.write(scope.workspaceId, async (tx, after) => {
    const base = await baseOf(tx, scope, change);
    const list = edited(await membersOfVersion(tx, scope.workspaceId, base.version_id), change, given);
    const inherited = (base.kernel as { attributes?: Record<string, unknown> } | undefined)?.attributes;
    const input = {
      id: change.fileId,
      kernel: kernelOf(list, inherited ?? null),
      versionName: change.versionName,
      versionDescription: change.versionDescription,
      parentVersionId: base.version_id,
    };
    const saving = prepareSaving(room, scope, 'dataset', input, false);
    return save(room, tx, after, saving, false, (file, versionId) =>
      store(tx, { scope, fileId: file.id, versionId, at: saving.at }, list, ahead),
    );
  });
}

interface GivenChange {
  changed: Map<string, Given>;
  added: { after: string | null; given: Given }[];
}

async function givenOfChange({ changed, added, removed }: DatasetChange): Promise<GivenChange> {
  const all: GivenChange = { changed: new Map(), added: [] };
  const gone = new Set(removed);
  let done = 0;
  const breathe = async (): Promise<void> => {
    done += 1;
    if (done % hashedAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  for (const { id, datapoint } of changed) {
    if (all.changed.has(id)) throw invalid('changed', `The datapoint \`${id}\` is changed twice.`);
    if (gone.has(id)) throw invalid('changed', `The datapoint \`${id}\` is both changed and removed.`);
    all.changed.set(id, givenOf(datapoint));
    await breathe();
  }
  for (const { after, datapoint } of added) {
    all.added.push({ after: after ?? null, given: givenOf(datapoint) });
    await breathe();
  }
  return all;
}

/** The base, after the file was locked: of two who save at once the second finds the first's. */
async function baseOf(tx: FileTransaction, scope: Scope, change: DatasetChange): Promise<SnapshotRow> {
  const { workspaceId } = scope;
  const ref = { id: change.fileId };
  const file = await lockFile(tx, workspaceId, ref);
  if (file === undefined) return fileOfKind(tx, scope, 'dataset', ref) as Promise<never>;
  const environments = await listEnvironments(tx, workspaceId);
  const newest = await findSnapshot(tx, workspaceId, 'dataset', ref, 'latest');
  if (change.expectedVersionId && newest !== undefined && newest.version_id !== change.expectedVersionId)
    throw new AppError(
      'conflict',
      'Somebody saved another version of this dataset meanwhile. Look at it, then save on top of it or on its own.',
      {
        data: { current_version_id: newest.version_id, expected_version_id: change.expectedVersionId },
      },
    );
  const { pick } = await choose(tx, scope, environments, { versionId: change.baseVersionId });
  const row = await findSnapshot(tx, workspaceId, 'dataset', ref, pick);
  if (row === undefined) throw notFoundVersion('dataset', file.path, { versionId: change.baseVersionId });
  return row;
}

/** @throws AppError 422 that names ids that the base has not */
function edited(base: readonly Member[], { removed }: DatasetChange, { changed, added }: GivenChange): Listed[] {
  const there = new Set(base.map(({ id }) => id));
  const named = [...removed, ...changed.keys(), ...added.flatMap(({ after }) => after ?? [])];
  const unknown = [...new Set(named.filter((id) => !there.has(id)))];
  if (unknown.length > 0) {
    const shown = unknown.slice(0, namedAtMost).map((id) => `\`${id}\``);
    const more = unknown.length > namedAtMost ? ` and ${unknown.length - namedAtMost} more` : '';
    throw invalid('base_version_id', `The version that was edited has no datapoint ${shown.join(', ')}${more}.`);
  }
  const gone = new Set(removed);
  const following = Map.groupBy(added, ({ after }) => after);
  const list: Listed[] = [];
  for (const { id, hash } of base) {
    if (!gone.has(id)) list.push(changed.get(id) ?? { id, hash });
    for (const { given } of following.get(id) ?? []) list.push(given);
  }
  for (const { given } of following.get(null) ?? []) list.push(given);
  const seen = new Set<string>();
  return list.filter(({ hash }) => !seen.has(hash) && seen.add(hash));
}
