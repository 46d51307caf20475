import { AppError, notFound } from '@whetstone/contract';
import type { FileKind, Scope } from '@whetstone/contract';
import { canonicalText, normalisePath } from '@whetstone/domain';
import { choose, cleanRef, environmentNamed, boundEnvironment } from './access.ts';
import type { Choice } from './access.ts';
import type { Room } from './context.ts';
import { listEnvironments } from './deployments/store.ts';
import type { FileListQuery, FileRef, Files, Snapshot, VersionSelector } from './index.ts';
import { aKind, kindTitle } from './kinds/index.ts';
import { freeze, toDirectory, toSnapshot } from './snapshot.ts';
import { findDirectory, findFile, listDirectories } from './tree/store.ts';
import { creators, findSnapshot, findSnapshots, listSnapshots, versionsOfFile } from './versions/store.ts';
import type { Connection } from './tables.ts';
import type { Pick } from './versions/store.ts';

/** Questions about files. */

export type Found = { snapshot: Snapshot; choice: Choice };

/** @throws AppError 404 that names what is missing, 403 for a key bound to another environment */
export async function read(room: Room, scope: Scope, kind: FileKind | null, ref: FileRef, at: VersionSelector = {}): Promise<Found> {
  const { db } = room;
  const clean = cleanRef(ref);
  const environments = await listEnvironments(db, scope.workspaceId);
  const choice = await choose(db, scope, environments, at);
  const row = await findSnapshot(db, scope.workspaceId, kind, clean, choice.pick);
  if (row) return { snapshot: toSnapshot(row, environments), choice };
  const file = await fileOfKind(db, scope, kind, clean);
  throw notFoundVersion(file.kind, file.path, { versionId: at.versionId, environment: choice.environment?.name });
}

/** For a file that exists. */
export function notFoundVersion(kind: FileKind, path: string, at: VersionSelector): AppError {
  if (at.versionId) return notFound(`${kindTitle(kind)} version`, at.versionId);
  return new AppError(
    'not_found',
    `Nothing of \`${path}\` is deployed to the environment \`${at.environment ?? 'default'}\`. Deploy a version there, or name one.`,
  );
}

/** @throws AppError 404; one that says so when the path holds another kind */
export async function fileOfKind(db: Connection, scope: Scope, kind: FileKind | null, ref: FileRef) {
  const file = await findFile(db, scope.workspaceId, ref);
  if (file && (kind === null || file.kind === kind)) return file;
  const name = 'id' in ref ? ref.id : ref.path;
  if (!file || 'id' in ref) throw notFound(kindTitle(kind), name);
  throw new AppError('not_found', `${kindTitle(kind)} \`${name}\` does not exist: there is ${aKind(file.kind)} at this path.`);
}

/** Null only when there is no such file: a missing version or environment is still an error. */
export async function find(room: Room, scope: Scope, kind: FileKind | null, ref: FileRef, at?: VersionSelector): Promise<Snapshot | null> {
  try {
    return (await read(room, scope, kind, ref, at)).snapshot;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'not_found') throw error;
    const file = await findFile(room.db, scope.workspaceId, cleanRef(ref));
    // There is one: the version is missing, or somebody made the file between the two questions.
    if (file && (kind === null || file.kind === kind)) return (await read(room, scope, kind, ref, at)).snapshot;
    return null;
  }
}

/** The hot path: see `Files.resolve`. */
export function resolve(
  room: Room,
  scope: Scope,
  kind: FileKind | null,
  ref: FileRef,
  at: VersionSelector = {},
): Promise<{ snapshot: Snapshot; environmentId: string | null }> {
  const bound = scope.actor.type === 'key' ? scope.actor.environment : null;
  const key = JSON.stringify([scope.workspaceId, kind, bound, at.versionId ?? null, at.environment ?? null, ref]);
  return room.resolved.get(scope.workspaceId, key, async () => {
    const { snapshot, choice } = await read(room, scope, kind, ref, at);
    const { environment } = choice;
    const deployed = environment !== null && snapshot.environments.some(({ id }) => id === environment.id);
    return { snapshot: freeze(snapshot), environmentId: deployed ? environment.id : null, fileId: snapshot.file.id };
  });
}

export async function versionsById(room: Room, scope: Scope, versionIds: readonly string[]): Promise<Map<string, Snapshot>> {
  const { workspaceId } = scope;
  const wanted: string[] = [];
  let batch: Promise<Map<string, Snapshot>> | undefined;
  // What has to be looked up asks for it while the loop below runs, and all of it is one question.
  const load = async (id: string) => {
    wanted.push(id);
    batch ??= Promise.resolve().then(() => loadVersions(room, workspaceId, wanted));
    const snapshot = (await batch).get(id);
    if (!snapshot) throw notFound('Version', id);
    return { snapshot, fileId: snapshot.file.id };
  };
  const asked = [...new Set(versionIds)].map(async (id) => {
    try {
      return (await room.known.get(workspaceId, JSON.stringify([workspaceId, id]), () => load(id))).snapshot;
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') return null;
      throw error;
    }
  });
  const found = (await Promise.all(asked)).filter((snapshot) => snapshot !== null);
  return new Map(found.map((snapshot) => [snapshot.version.id, snapshot]));
}

async function loadVersions(room: Room, workspaceId: string, ids: readonly string[]): Promise<Map<string, Snapshot>> {
  const environments = await listEnvironments(room.db, workspaceId);
  const rows = await findSnapshots(
    room.db,
    workspaceId,
    ids.map((id) => canonicalText(id).text),
  );
  return new Map(rows.map((row) => [row.version_id, freeze(toSnapshot(row, environments))]));
}

/** Offsets beyond this have no rows, and would not fit into a bigint. */
const furthest = 2 ** 40;

export async function list(room: Room, scope: Scope, query: FileListQuery): Promise<{ records: Snapshot[]; total: number }> {
  const { db } = room;
  const environments = await listEnvironments(db, scope.workspaceId);
  const wanted = query.environment ? environmentNamed(scope, environments, query.environment) : boundEnvironment(scope, environments);
  const { rows, total } = await listRows(
    room,
    scope,
    query,
    wanted ? { environmentId: wanted.id, orLatest: false } : defaultPick(environments),
  );
  return { records: rows.map((row) => toSnapshot(row, environments)), total };
}

async function listRows(room: Room, scope: Scope, query: FileListQuery, pick: Pick) {
  const { path, createdBy, name, page, size, environment: _, ...rest } = query;
  const directory = await directoryPath(room, scope, path ?? '');
  const { records, total } = await listSnapshots(room.db, scope.workspaceId, {
    ...rest,
    pick,
    path: directory,
    name: name ? canonicalText(name).text : null,
    createdBy: createdBy ? await creatorIds(room, scope, createdBy) : null,
    limit: size,
    offset: Math.min((page - 1) * size, furthest),
  });
  return { rows: records, total };
}

/** As the store has it; '' for the top. @throws AppError 404 for a directory that does not exist */
async function directoryPath(room: Room, scope: Scope, path: string): Promise<string> {
  const clean = normalisePath(canonicalText(path).text).replace(/^\/+|\/+$/g, '');
  if (clean === '' || (await findDirectory(room.db, scope.workspaceId, { path: clean }))) return clean;
  throw notFound('Directory', path);
}

/** People and keys whose id is the text, or whose name or e-mail contains it. */
async function creatorIds(room: Room, scope: Scope, text: string): Promise<string[]> {
  const ids = await creators(room.db, scope.workspaceId);
  const names = (await room.deps.users?.names(ids)) ?? new Map<string, { name: string; email: string | null }>();
  const wanted = text.toLowerCase();
  return ids.filter((id) => {
    const known = names.get(id);
    return id === text || [known?.name, known?.email].some((value) => value?.toLowerCase().includes(wanted) === true);
  });
}

export async function tree(room: Room, scope: Scope): ReturnType<Files['tree']> {
  const environments = await listEnvironments(room.db, scope.workspaceId);
  const directories = await listDirectories(room.db, scope.workspaceId);
  const files = await listSnapshots(room.db, scope.workspaceId, {
    pick: defaultPick(environments),
    sortBy: 'name',
    createdBy: null,
    limit: null,
    offset: 0,
  });
  return { directories: directories.map(toDirectory), files: files.records.map((row) => toSnapshot(row, environments)) };
}

export async function versions(room: Room, scope: Scope, kind: FileKind, fileId: string, drafts = false): Promise<Snapshot[]> {
  const file = await fileOfKind(room.db, scope, kind, cleanRef({ id: fileId }));
  const environments = await listEnvironments(room.db, scope.workspaceId);
  const rows = await versionsOfFile(room.db, scope.workspaceId, file.id, drafts ? ['committed', 'uncommitted'] : ['committed']);
  return rows.map((row) => toSnapshot(row, environments));
}

export function defaultPick(environments: readonly { id: string; is_default: boolean }[]): Pick {
  const standard = environments.find(({ is_default }) => is_default);
  return standard ? { environmentId: standard.id, orLatest: true } : 'latest';
}
