import { AppError } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { contentHash, fileName, idPrefixes, parentPath, parsePath } from '@whetstone/domain';
import type { Room } from '../context.ts';
import { digestOf } from '../datapoints/content.ts';
import { hashed, store } from '../datapoints/save.ts';
import { addHistory, insertEnvironment, listEnvironments, putDeployment } from '../deployments/store.ts';
import { kinds } from '../kinds/index.ts';
import type { FileTransaction } from '../tables.ts';
import { deleteAll, findFile, insertDirectory, insertFile, lockTree } from '../tree/store.ts';
import { cleanKernel, makeDirectories, pathTaken, refuseTakenFileId, refuseTakenId } from '../versions/save.ts';
import { insertVersion, refreshLatest } from '../versions/store.ts';
import type { CarriedVersion, Ground, RefusedVersion, WholeFile } from './carried.ts';
import { everyEnvironment, isWorkedIn, takenIds } from './store.ts';

export function takeGround(room: Room, { workspaceId }: Scope, { environments, directories }: Ground): Promise<boolean> {
  if (environments.filter(({ isDefault, deletedAt }) => isDefault && deletedAt === null).length !== 1)
    throw new AppError('invalid_input', 'One environment, and only one, has to be the default.');
  return room.write(workspaceId, async (tx, after) => {
    await lockTree(tx, workspaceId);
    if (await isWorkedIn(tx, workspaceId)) return false;
    await deleteAll(tx, workspaceId);
    const environmentIds = environments.map(({ id }) => id);
    const taken = await takenIds(tx, 'environments', environmentIds);
    for (const { id, name, isDefault, createdAt, deletedAt, ...rest } of environments) {
      await insertEnvironment(tx, {
        id: taken.has(id) ? room.newId(idPrefixes.environment) : id,
        workspace_id: workspaceId,
        name,
        is_default: isDefault,
        protected: rest.protected,
        created_at: createdAt,
        deleted_at: deletedAt,
      });
    }
    await takeDirectories(room, tx, workspaceId, directories);
    after.changed(null);
    return true;
  });
}

/** Above before below. */
async function takeDirectories(room: Room, tx: FileTransaction, workspaceId: string, directories: Ground['directories']): Promise<void> {
  const ids = directories.map(({ id }) => id);
  const taken = await takenIds(tx, 'directories', ids);
  const made = new Map<string, string>();
  for (const { id, path: given, description, readme, tags, createdAt, updatedAt } of directories.toSorted(byLength)) {
    const path = parsePath(given);
    const above = parentPath(path);
    const own = taken.has(id) ? room.newId(idPrefixes.directory) : id;
    await insertDirectory(tx, {
      id: own,
      workspace_id: workspaceId,
      parent_id: made.get(above) ?? (await makeDirectories(room, tx, workspaceId, above, createdAt)),
      name: fileName(path),
      path,
      description,
      readme,
      tags: JSON.stringify(tags),
      created_at: createdAt,
      updated_at: updatedAt,
    });
    made.set(path, own);
  }
}

function byLength(a: { path: string }, b: { path: string }): number {
  return a.path.length - b.path.length;
}

export function takeFile(room: Room, scope: Scope, { file, versions, history }: WholeFile): Promise<RefusedVersion[]> {
  const { workspaceId } = scope;
  const path = parsePath(file.path);
  return room.write(workspaceId, async (tx, after) => {
    await lockTree(tx, workspaceId);
    await refuseTakenFileId(tx, file.id);
    const holder = await findFile(tx, workspaceId, { path });
    if (holder) throw pathTaken(holder);
    await insertFile(tx, {
      id: file.id,
      workspace_id: workspaceId,
      kind: file.kind,
      path,
      name: fileName(path),
      directory_id: file.hidden ? null : await makeDirectories(room, tx, workspaceId, parentPath(path), file.createdAt),
      description: file.description,
      readme: file.readme,
      tags: JSON.stringify(file.tags),
      hidden: file.hidden,
      latest_version_id: null,
      created_at: file.createdAt,
      created_by: file.createdBy,
      updated_at: file.updatedAt,
    });
    const { taken, refused } = await takeVersions(tx, scope, file, versions);
    if (taken.size === 0) throw new AppError('invalid_input', refused[0]?.why ?? 'It has no version.');
    await takeHistory(room, tx, workspaceId, { file, history, versions: versions.filter(({ id }) => taken.has(id)) });
    await refreshLatest(tx, workspaceId, file.id);
    after.changed(file.id);
    return refused;
  });
}

async function takeVersions(tx: FileTransaction, scope: Scope, file: WholeFile['file'], versions: readonly CarriedVersion[]) {
  const taken = new Set<string>();
  const refused: RefusedVersion[] = [];
  /** Of this file: ids by content, and names. */
  const contents = new Map<string, string>();
  const names = new Set<string>();
  for (const version of versions) {
    try {
      const { kernel, list } = await contentOf(version);
      const hash = contentHash(file.kind, kernel as never);
      const same = contents.get(hash);
      if (same !== undefined) {
        refused.push({ versionId: version.id, why: `It says the same as ${same}.`, sameAs: same });
        continue;
      }
      const [problem] = version.status === 'committed' ? kinds[file.kind].validate(kernel as never) : [];
      if (problem) throw new AppError('invalid_input', `\`${problem.loc.slice(1).join('.')}\` ${problem.msg}.`);
      await refuseTakenId(tx, scope.workspaceId, version.id);
      const name = version.name !== null && !names.has(version.name) ? version.name : null;
      await insertVersion(tx, {
        workspace_id: scope.workspaceId,
        id: version.id,
        file_id: file.id,
        content_hash: hash,
        kernel: JSON.stringify(kernel),
        name,
        description: version.description,
        status: version.status,
        parent_version_id: version.parentVersionId,
        created_at: version.createdAt,
        created_by: version.createdBy,
      });
      const place = { scope, fileId: file.id, versionId: version.id, at: version.createdAt };
      if (list !== null) await store(tx, place, list, new Map());
      contents.set(hash, version.id);
      if (name !== null && version.status !== 'deleted') names.add(name);
      taken.add(version.id);
    } catch (error) {
      // What the database refused has ended the transaction; what was refused before it has not.
      if (!(error instanceof AppError)) throw error;
      refused.push({ versionId: version.id, why: error.message, sameAs: null });
    }
  }
  return { taken, refused };
}

/** A dataset's kernel follows from its datapoints. */
async function contentOf({ kernel, datapoints }: CarriedVersion) {
  if (datapoints === null) return { kernel: cleanKernel(kernel), list: null };
  const list = await hashed(datapoints);
  const digest = digestOf(list.map(({ hash }) => hash));
  const counted = digest === null ? {} : { datapoints_digest: digest, datapoints_count: list.length };
  return { kernel: cleanKernel({ ...counted, attributes: (kernel as { attributes?: unknown }).attributes ?? null }), list };
}

/** What the history says last of an environment is deployed there. */
async function takeHistory(room: Room, tx: FileTransaction, workspaceId: string, { file, history, versions }: WholeFile): Promise<void> {
  const known = new Set((await everyEnvironment(tx, workspaceId)).map(({ id }) => id));
  const alive = new Set((await listEnvironments(tx, workspaceId)).map(({ id }) => id));
  const deployable = new Set(versions.flatMap(({ id, status }) => (status === 'committed' ? [id] : [])));
  const last = new Map<string, WholeFile['history'][number]>();
  for (const entry of history) {
    if (!known.has(entry.environmentId)) continue;
    await addHistory(tx, {
      id: room.newId(idPrefixes.deployment),
      workspace_id: workspaceId,
      file_id: file.id,
      environment_id: entry.environmentId,
      version_id: entry.versionId,
      previous_version_id: entry.previousVersionId,
      action: entry.action,
      message: entry.message,
      created_at: entry.at,
      created_by: entry.by,
    });
    last.set(entry.environmentId, entry);
  }
  for (const [environmentId, { versionId, at, by }] of last) {
    if (versionId === null || !alive.has(environmentId) || !deployable.has(versionId)) continue;
    await putDeployment(tx, {
      file_id: file.id,
      environment_id: environmentId,
      workspace_id: workspaceId,
      version_id: versionId,
      deployed_at: at,
      deployed_by: by,
    });
  }
}
