import { AppError, notFound } from '@whetstone/contract';
import type { FileKind, Kernels, Scope } from '@whetstone/contract';
import {
  ancestorPaths,
  canonicalJson,
  canonicalText,
  contentHash,
  fileName,
  idPrefixes,
  parentPath,
  parsePath,
  versionId,
} from '@whetstone/domain';
import type { Aftermath, Room } from '../context.ts';
import type { FileRef, UpsertInput } from '../index.ts';
import { aKind, kinds, kindTitle } from '../kinds/index.ts';
import type { FileRow, FileTransaction, VersionRow } from '../tables.ts';
import { directoriesAt, fileExists, insertDirectory, insertFile, lockFile, lockTree, updateFile } from '../tree/store.ts';
import { findVersion, insertVersion, kindsOfVersions, refreshLatest, updateVersion } from './store.ts';

/** The steps of saving: find or make the file, its directories and the version, inside one transaction. */

export interface Saving<K extends FileKind = FileKind> {
  scope: Scope;
  kind: K;
  ref: FileRef;
  kernel: Kernels[K];
  hash: string;
  input: UpsertInput<K>;
  at: Date;
  /** A draft or the gateway's own: not committed, and a new file is hidden. */
  hidden: boolean;
}

/** @throws AppError 422 for input that cannot be saved */
export function prepareSaving<K extends FileKind>(room: Room, scope: Scope, kind: K, input: UpsertInput<K>, hidden: boolean): Saving<K> {
  const kernel = cleanKernel(input.kernel);
  const problems = hidden ? [] : kinds[kind].validate(kernel);
  const [first] = problems;
  if (first) throw new AppError('invalid_input', `\`${first.loc.slice(1).join('.')}\` ${first.msg}.`, { details: problems });
  const clean = canonicalJson({ ...input, kernel: null, at: null }).value;
  const at = input.at ?? room.deps.clock();
  const ref = targetOf(input);
  return { scope, kind, ref, kernel, hash: contentHash(kind, kernel), input: { ...clean, kernel, at }, at, hidden };
}

/** Says no less: only nulls at the top are dropped. What was given explicitly stays, defaults too. */
export function cleanKernel<T extends object>(kernel: T): T {
  const entries = Object.entries(kernel).filter(([, value]) => value !== null && value !== undefined);
  return canonicalJson(Object.fromEntries(entries) as T).value;
}

/** @throws AppError 422 unless it is named by exactly one of them */
export function targetOf({ path, id }: { path?: string | null | undefined; id?: string | null | undefined }): FileRef {
  if (path && id) throw invalid('path', 'Name the file by `path` or by `id`, not by both.');
  if (id) return { id: canonicalText(id).text };
  if (path) return { path: parsePath(path) };
  throw invalid('path', 'Name the file: give its `path` or its `id`.');
}

export function invalid(field: string, message: string): AppError {
  return new AppError('invalid_input', message, { details: [{ loc: ['body', field], msg: message, type: 'value_error' }] });
}

/** The file, locked; made when there is none at the path. A hidden one that a person saves is shown from then on. */
export async function findOrMakeFile(
  room: Room,
  tx: FileTransaction,
  saving: Saving,
  treeLocked: boolean,
): Promise<{ file: FileRow; created: boolean }> {
  const { scope, kind, ref } = saving;
  let file = await lockFile(tx, scope.workspaceId, ref);
  if (!file && 'path' in ref) {
    if (!treeLocked) {
      // No lock is held yet, so the tree's may be taken now; then nobody else makes the file.
      await lockTree(tx, scope.workspaceId);
      file = await lockFile(tx, scope.workspaceId, ref);
    }
    if (!file) return { file: await makeFile(room, tx, saving, ref.path), created: true };
  }
  if (!file) throw notFound(kindTitle(kind), 'id' in ref ? ref.id : ref.path);
  if (file.kind !== kind) {
    if ('id' in ref) throw notFound(kindTitle(kind), ref.id);
    await clearPath(tx, file);
    return { file: await makeFile(room, tx, saving, ref.path), created: true };
  }
  return { file, created: false };
}

export function pathTaken(file: Pick<FileRow, 'path' | 'kind'>): AppError {
  return new AppError('conflict', `The path \`${file.path}\` is taken by ${aKind(file.kind)}. Choose another path.`, {
    data: { path: file.path, type: file.kind },
  });
}

/** What nobody saved steps aside for what a person puts there; anything else keeps its path. The tree must be locked. */
export async function clearPath(tx: FileTransaction, holder: FileRow): Promise<void> {
  if (!holder.hidden) throw pathTaken(holder);
  await updateFile(tx, holder.workspace_id, holder.id, { path: `${hiddenDirectory}/${holder.id}`, name: holder.id });
}

const hiddenDirectory = 'gateway/displaced';

async function makeFile(room: Room, tx: FileTransaction, saving: Saving, path: string): Promise<FileRow> {
  const { scope, kind, input, at, hidden, hash } = saving;
  if (input.newFileId) await refuseTakenFileId(tx, input.newFileId);
  const id = input.newFileId ?? room.newId(kinds[kind].prefix);
  const row = {
    id,
    workspace_id: scope.workspaceId,
    kind,
    path,
    name: fileName(path),
    directory_id: hidden ? null : await makeDirectories(room, tx, scope.workspaceId, parentPath(path), at),
    description: input.description ?? null,
    readme: input.readme ?? null,
    hidden,
    latest_version_id: input.versionId ?? versionId(kinds[kind].versionPrefix, id, hash),
    created_at: at,
    created_by: scope.actor.id,
    updated_at: at,
  };
  const tags = input.tags ?? [];
  await insertFile(tx, { ...row, tags: JSON.stringify(tags) });
  return { ...row, tags };
}

/** Shows a hidden file: it gets its place in the tree. The tree must be locked. */
export async function reveal(room: Room, tx: FileTransaction, file: FileRow, at: Date): Promise<void> {
  file.directory_id = await makeDirectories(room, tx, file.workspace_id, parentPath(file.path), at);
  file.hidden = false;
  await updateFile(tx, file.workspace_id, file.id, { hidden: false, directory_id: file.directory_id });
}

/** Id of the directory, made with all above it where absent; null for the top. The tree must be locked. */
export async function makeDirectories(
  room: Room,
  tx: FileTransaction,
  workspaceId: string,
  path: string,
  at: Date,
): Promise<string | null> {
  if (path === '') return null;
  const paths = [...ancestorPaths(path), path];
  const ids = new Map((await directoriesAt(tx, workspaceId, paths)).map((row) => [row.path, row.id]));
  let parentId: string | null = null;
  for (const each of paths) {
    let id = ids.get(each);
    if (id === undefined) {
      id = room.newId(idPrefixes.directory);
      const row = { id, workspace_id: workspaceId, parent_id: parentId, name: fileName(each), path: each };
      await insertDirectory(tx, { ...row, description: null, readme: null, tags: '[]', created_at: at, updated_at: at });
    }
    parentId = id;
  }
  return parentId;
}

/** Finds the version by content or makes it; a draft or a deleted one that is saved again is the same row. */
export async function findOrMakeVersion(
  tx: FileTransaction,
  saving: Saving,
  file: FileRow,
  newFile: boolean,
): Promise<{ versionId: string; created: boolean }> {
  const { scope, kind, input, hash, kernel, at, hidden } = saving;
  const { workspaceId } = scope;
  const known = newFile ? undefined : await findVersion(tx, workspaceId, { fileId: file.id, contentHash: hash });
  const id = known?.id ?? input.versionId ?? versionId(kinds[kind].versionPrefix, file.id, hash);
  if (!newFile) await refuseTakenName(tx, workspaceId, file, id, input.versionName);
  const status = hidden ? ('uncommitted' as const) : ('committed' as const);
  const labels = {
    ...(input.versionName ? { name: input.versionName } : {}),
    ...(input.versionDescription ? { description: input.versionDescription } : {}),
  };
  const parent_version_id = input.parentVersionId ?? known?.parent_version_id ?? null;
  const made = { created_at: at, created_by: scope.actor.id, parent_version_id };
  if (!known) {
    // An id of our own contains the file's: only one that was imported can be taken.
    if (input.versionId) await refuseTakenId(tx, workspaceId, id);
    const row = { workspace_id: workspaceId, id, file_id: file.id, content_hash: hash, kernel: JSON.stringify(kernel), status };
    await insertVersion(tx, { ...row, name: null, description: null, ...labels, ...made });
  } else if (known.status === 'deleted' || (known.status === 'uncommitted' && !hidden)) {
    const fresh = known.status === 'deleted' ? { name: null, description: null } : {};
    await updateVersion(tx, workspaceId, id, { ...fresh, ...labels, ...made, status });
  } else {
    if (Object.keys(labels).length > 0) await updateVersion(tx, workspaceId, id, labels);
    return { versionId: id, created: false };
  }
  if (!newFile) await refreshLatest(tx, workspaceId, file.id);
  return { versionId: id, created: true };
}

/** @throws AppError 409 when another version of the file has the name */
export async function refuseTakenName(
  tx: FileTransaction,
  workspaceId: string,
  file: Pick<FileRow, 'id' | 'path'>,
  id: string,
  name: string | null | undefined,
): Promise<void> {
  if (!name) return;
  const holder: VersionRow | undefined = await findVersion(tx, workspaceId, { fileId: file.id, name });
  if (!holder || holder.id === id) return;
  throw new AppError('conflict', `\`${file.path}\` has another version named \`${name}\`. Choose another name.`, {
    data: { version_name: name, version_id: holder.id },
  });
}

export async function refuseTakenId(tx: FileTransaction, workspaceId: string, id: string): Promise<void> {
  if ((await kindsOfVersions(tx, workspaceId, [id])).size === 0) return;
  throw new AppError('conflict', `There is another version with the id \`${id}\` in this workspace.`, { data: { version_id: id } });
}

export async function refuseTakenFileId(tx: FileTransaction, id: string): Promise<void> {
  if (!(await fileExists(tx, id))) return;
  throw new AppError('conflict', `There is another file with the id \`${id}\` on this server.`, { data: { id } });
}

/** @throws AppError 422 for a parent or a linked version that does not exist */
export async function checkLinks(tx: FileTransaction, { scope, kind, kernel, input }: Saving): Promise<void> {
  const links = kinds[kind].links?.(kernel as never);
  const wanted = links?.versionIds ?? [];
  if (wanted.length === 0 && !input.parentVersionId) return;
  const known = await kindsOfVersions(tx, scope.workspaceId, [...wanted, ...(input.parentVersionId ? [input.parentVersionId] : [])]);
  const absent = links && wanted.find((id) => known.get(id) !== links.kind);
  if (absent !== undefined) throw invalid(links?.field ?? 'id', `There is no version \`${absent}\` of ${aKind(links?.kind ?? kind)}.`);
  if (input.parentVersionId && !known.has(input.parentVersionId)) {
    throw invalid('parent_version_id', `There is no version \`${input.parentVersionId}\`.`);
  }
}

export function touch(tx: FileTransaction, file: FileRow, after: Aftermath, patch: Parameters<typeof updateFile>[3]): Promise<void> {
  after.changed(file.id);
  return updateFile(tx, file.workspace_id, file.id, patch);
}
