import { AppError, notFound } from '@whetstone/contract';
import type { FileKind, Scope } from '@whetstone/contract';
import { canonicalJson, canonicalText, fileName, joinPath, parentPath, parsePath } from '@whetstone/domain';
import type { Transaction } from 'kysely';
import { cleanRef } from '../access.ts';
import type { Room } from '../context.ts';
import { deploymentsOf, listEnvironments } from '../deployments/store.ts';
import type { Files, Snapshot } from '../index.ts';
import { aKind, kindTitle } from '../kinds/index.ts';
import { defaultPick } from '../read.ts';
import { toSnapshot } from '../snapshot.ts';
import type { FileRow, FileTransaction } from '../tables.ts';
import { clearPath, invalid, makeDirectories, refuseTakenName, touch } from '../versions/save.ts';
import {
  countVersions,
  findSnapshot,
  findSnapshots,
  findVersion,
  refreshLatest,
  updateVersion as writeVersion,
} from '../versions/store.ts';
import { deleteFile, findFile, lockFile, lockTree } from './store.ts';

/** Changes of files and versions that are there. In a patch null leaves a text as it is (clients send it for "not given") and '' empties it. */

type Rest<V extends keyof Files> = Files[V] extends (scope: Scope, ...rest: infer R) => unknown ? R : never;

export async function move(room: Room, scope: Scope, ...[kind, fileId, given]: Rest<'move'>): Promise<Snapshot> {
  const { workspaceId } = scope;
  const patch = canonicalJson(given).value;
  return room.write(workspaceId, async (tx, after) => {
    await lockTree(tx, workspaceId);
    const file = await lock(tx, scope, kind, fileId);
    const at = room.deps.clock();
    const path = newPath(file.path, patch);
    let place = {};
    if (path !== file.path) {
      const holder = await findFile(tx, workspaceId, { path });
      if (holder) await clearPath(tx, holder);
      const directory_id = await makeDirectories(room, tx, workspaceId, parentPath(path), at);
      place = { path, name: fileName(path), directory_id, hidden: false };
    }
    await touch(tx, file, after, {
      ...place,
      ...(typeof patch.description === 'string' ? { description: patch.description || null } : {}),
      ...(typeof patch.readme === 'string' ? { readme: patch.readme || null } : {}),
      ...(patch.tags ? { tags: JSON.stringify(patch.tags) } : {}),
      updated_at: at,
    });
    return shown(tx, scope, file.id);
  });
}

export function newPath(old: string, { path, name }: { path?: string | null | undefined; name?: string | null | undefined }): string {
  const base = path === null || path === undefined ? old : parsePath(path);
  if (name === null || name === undefined) return base;
  const clean = parsePath(name, 'name');
  if (clean.includes('/')) throw invalid('name', 'A name has no slash. To move it, give its new `path`.');
  return parsePath(joinPath(parentPath(base), clean));
}

export function remove(room: Room, scope: Scope, ...[kind, fileId]: Rest<'delete'>): Promise<void> {
  return room.write(scope.workspaceId, async (tx, after) => {
    const file = await lock(tx, scope, kind, fileId);
    const snapshot = await shown(tx, scope, file.id);
    for (const guard of room.guards()) await guard.deleteFile?.(scope, file, forOthers(tx));
    await deleteFile(tx, scope.workspaceId, file.id);
    await room.deps.onFileDeleted?.(scope, file.id, forOthers(tx));
    await room.audit(scope, tx, { action: 'file.deleted', target: { type: kind, id: file.id, name: file.path } });
    after.changed(file.id);
    after.tell({ type: 'file.deleted', scope, snapshot });
  });
}

export async function updateVersion(
  room: Room,
  scope: Scope,
  ...[kind, fileId, versionId, given]: Rest<'updateVersion'>
): Promise<Snapshot> {
  const { workspaceId } = scope;
  const patch = canonicalJson(given).value;
  return room.write(workspaceId, async (tx, after) => {
    const file = await lock(tx, scope, kind, fileId);
    const version = await livingVersion(tx, scope, file, versionId);
    await refuseTakenName(tx, workspaceId, file, version.id, patch.name);
    const labels = {
      ...(typeof patch.name === 'string' ? { name: patch.name || null } : {}),
      ...(typeof patch.description === 'string' ? { description: patch.description || null } : {}),
    };
    if (Object.keys(labels).length > 0) {
      await writeVersion(tx, workspaceId, version.id, labels);
      await touch(tx, file, after, { updated_at: room.deps.clock() });
    }
    const [row] = await findSnapshots(tx, workspaceId, [version.id]);
    if (!row) throw notFound(`${kindTitle(kind)} version`, versionId);
    return toSnapshot(row, await listEnvironments(tx, workspaceId));
  });
}

/** The row stays: logs made by the version still show it. */
export function deleteVersion(room: Room, scope: Scope, ...[kind, fileId, versionId]: Rest<'deleteVersion'>): Promise<void> {
  const { workspaceId } = scope;
  return room.write(workspaceId, async (tx, after) => {
    const file = await lock(tx, scope, kind, fileId);
    const version = await livingVersion(tx, scope, file, versionId);
    await refuseDeployed(tx, scope, file, version.id);
    for (const guard of room.guards()) await guard.deleteVersion?.(scope, file, version.id, forOthers(tx));
    if (version.status === 'committed' && (await countVersions(tx, workspaceId, file.id)) === 1) {
      throw new AppError('conflict', `It is the only version of \`${file.path}\`. Delete the ${kind} instead.`);
    }
    await writeVersion(tx, workspaceId, version.id, { status: 'deleted' });
    await refreshLatest(tx, workspaceId, file.id);
    await touch(tx, file, after, { updated_at: room.deps.clock() });
  });
}

async function refuseDeployed(tx: FileTransaction, scope: Scope, file: FileRow, versionId: string): Promise<void> {
  const held = (await deploymentsOf(tx, scope.workspaceId, file.id)).filter(({ version_id }) => version_id === versionId);
  if (held.length === 0) return;
  const environments = await listEnvironments(tx, scope.workspaceId);
  const names = environments.filter(({ id }) => held.some(({ environment_id }) => environment_id === id)).map(({ name }) => name);
  throw new AppError('conflict', `The version is deployed to \`${names.join('`, `')}\`. Deploy another version there first.`, {
    data: { environments: names },
  });
}

async function lock(tx: FileTransaction, scope: Scope, kind: FileKind, fileId: string): Promise<FileRow> {
  const file = await lockFile(tx, scope.workspaceId, cleanRef({ id: fileId }));
  if (!file) throw notFound(kindTitle(kind), fileId);
  if (file.kind !== kind)
    throw new AppError('not_found', `${kindTitle(kind)} \`${fileId}\` does not exist: it is the id of ${aKind(file.kind)}.`);
  return file;
}

async function livingVersion(tx: FileTransaction, scope: Scope, file: FileRow, versionId: string) {
  const version = await findVersion(tx, scope.workspaceId, { fileId: file.id, id: canonicalText(versionId).text });
  if (version && version.status !== 'deleted') return version;
  throw notFound(`${kindTitle(file.kind)} version`, versionId);
}

/** As a read without selector answers it. */
async function shown(tx: FileTransaction, scope: Scope, fileId: string): Promise<Snapshot> {
  const environments = await listEnvironments(tx, scope.workspaceId);
  const row = await findSnapshot(tx, scope.workspaceId, null, { id: fileId }, defaultPick(environments));
  if (!row) throw notFound('File', fileId);
  return toSnapshot(row, environments);
}

function forOthers(tx: FileTransaction): Transaction<never> {
  return tx as unknown as Transaction<never>;
}
