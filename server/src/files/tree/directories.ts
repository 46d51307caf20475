import { AppError, notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { ancestorPaths, canonicalJson, canonicalText, fileName, idPrefixes, isWithin, joinPath, parentPath } from '@whetstone/domain';
import type { Room } from '../context.ts';
import { listEnvironments } from '../deployments/store.ts';
import type { Directory, DirectoryInput, Files } from '../index.ts';
import { defaultPick } from '../read.ts';
import { toDirectory, toSnapshot } from '../snapshot.ts';
import type { Connection, DirectoryRow, FileTransaction } from '../tables.ts';
import { invalid, makeDirectories } from '../versions/save.ts';
import { listSnapshots } from '../versions/store.ts';
import { newPath } from './change.ts';
import {
  deleteDirectory,
  directoriesAt,
  directoriesIn,
  findDirectory,
  firstCollision,
  insertDirectory,
  listDirectories,
  lockTree,
  longestPathBelow,
  moveTree,
  namesInside,
  updateDirectory,
} from './store.ts';

/** The top of the tree has no row; it is read under this id. */
const rootId = 'root';
const longestPath = 1024;

export function directoriesOf(room: Room): Files['directories'] {
  return {
    list: async (scope) => (await listDirectories(room.db, scope.workspaceId)).map(toDirectory),
    create: (scope, input) => create(room, scope, input),
    get: (scope, id) => get(room, scope, id),
    update: (scope, id, patch) => update(room, scope, id, patch),
    delete: (scope, id) => remove(room, scope, id),
  };
}

function create(room: Room, scope: Scope, given: DirectoryInput): Promise<Directory> {
  const { workspaceId } = scope;
  const input = canonicalJson(given).value;
  return room.write(workspaceId, async (tx) => {
    await lockTree(tx, workspaceId);
    const wanted = await placeOf(tx, scope, input);
    if (await findDirectory(tx, workspaceId, { path: wanted })) throw taken(wanted);
    const at = room.deps.clock();
    const row = {
      id: room.newId(idPrefixes.directory),
      workspace_id: workspaceId,
      parent_id: await makeDirectories(room, tx, workspaceId, parentPath(wanted), at),
      name: fileName(wanted),
      path: wanted,
      description: input.description || null,
      readme: input.readme || null,
      created_at: at,
      updated_at: at,
    };
    const tags = input.tags ?? [];
    await insertDirectory(tx, { ...row, tags: JSON.stringify(tags) });
    return toDirectory({ ...row, tags });
  });
}

interface Place {
  name?: string | null | undefined;
  parentId?: string | null | undefined;
  path?: string | null | undefined;
}

async function placeOf(tx: FileTransaction, scope: Scope, { name, parentId, path }: Place): Promise<string> {
  if (path) return newPath(path, { path, name });
  if (!name) throw invalid('path', 'Name the directory: give its `path`, or its `name` and `parent_id`.');
  const parent = !parentId || parentId === rootId ? '' : (await existing(tx, scope, parentId)).path;
  return newPath(joinPath(parent, 'x'), { name });
}

async function get(room: Room, scope: Scope, id: string): ReturnType<Files['directories']['get']> {
  const { db } = room;
  const { workspaceId } = scope;
  const atTop = id === rootId;
  const directory = atTop ? rootDirectory() : toDirectory(await existing(db, scope, id));
  const parents = await directoriesAt(db, workspaceId, ancestorPaths(directory.path));
  const subdirectories = await directoriesIn(db, workspaceId, atTop ? null : directory.id);
  const environments = await listEnvironments(db, workspaceId);
  const { records } = await listSnapshots(db, workspaceId, {
    pick: defaultPick(environments),
    directoryId: directory.id,
    sortBy: 'name',
    createdBy: null,
    limit: null,
    offset: 0,
  });
  return {
    directory,
    parents: parents.map(toDirectory),
    subdirectories: subdirectories.map(toDirectory),
    files: records.map((row) => toSnapshot(row, environments)),
  };
}

function rootDirectory(): Directory {
  const start = new Date(0);
  return { id: rootId, parentId: null, name: '', path: '', description: null, readme: null, tags: [], createdAt: start, updatedAt: start };
}

/** As of files: null leaves a text as it is, '' empties it. */
function update(room: Room, scope: Scope, id: string, given: DirectoryInput): Promise<Directory> {
  const { workspaceId } = scope;
  const patch = canonicalJson(given).value;
  return room.write(workspaceId, async (tx, after) => {
    await lockTree(tx, workspaceId);
    const directory = await existing(tx, scope, id);
    const to = await movedTo(tx, scope, directory, patch);
    const at = room.deps.clock();
    const labels = {
      ...(typeof patch.description === 'string' ? { description: patch.description || null } : {}),
      ...(typeof patch.readme === 'string' ? { readme: patch.readme || null } : {}),
      ...(patch.tags ? { tags: JSON.stringify(patch.tags) } : {}),
    };
    if (Object.keys(labels).length > 0) await updateDirectory(tx, workspaceId, directory.id, { ...labels, updated_at: at });
    if (to !== directory.path) {
      await refuseMove(tx, scope, directory, to);
      const parent_id = await makeDirectories(room, tx, workspaceId, parentPath(to), at);
      await moveTree(tx, workspaceId, directory.path, to, at);
      await updateDirectory(tx, workspaceId, directory.id, { parent_id, name: fileName(to) });
      after.changed(null);
    }
    return toDirectory(await existing(tx, scope, directory.id));
  });
}

async function movedTo(tx: FileTransaction, scope: Scope, directory: DirectoryRow, { name, parentId, path }: Place): Promise<string> {
  if (path || !parentId) return newPath(directory.path, { path: path || null, name: name || null });
  const parent = parentId === rootId ? '' : (await existing(tx, scope, parentId)).path;
  return newPath(joinPath(parent, directory.name), { name: name || null });
}

async function refuseMove(tx: FileTransaction, scope: Scope, { path: from }: DirectoryRow, to: string): Promise<void> {
  if (isWithin(to, from)) throw invalid('path', `A directory cannot be moved into itself: \`${to}\` is inside \`${from}\`.`);
  if (await findDirectory(tx, scope.workspaceId, { path: to })) throw taken(to);
  if ((await longestPathBelow(tx, scope.workspaceId, from)) - from.length + to.length > longestPath) {
    throw invalid('path', `What is inside would have paths longer than ${longestPath} characters.`);
  }
  const collision = await firstCollision(tx, scope.workspaceId, from, to);
  if (collision !== undefined)
    throw new AppError('conflict', `There is already a file at \`${collision}\`.`, { data: { path: collision } });
}

function remove(room: Room, scope: Scope, id: string): Promise<void> {
  const { workspaceId } = scope;
  return room.write(workspaceId, async (tx) => {
    await lockTree(tx, workspaceId);
    const directory = await existing(tx, scope, id);
    const inside = await namesInside(tx, workspaceId, directory.id);
    if (inside.length > 0) {
      const names = inside.slice(0, 3).map((name) => `\`${name}\``);
      const more = inside.length > 3 ? ' and more' : '';
      throw new AppError(
        'conflict',
        `The directory \`${directory.path}\` is not empty: it holds ${names.join(', ')}${more}. Move or delete these first.`,
        {
          data: { names: inside },
        },
      );
    }
    await deleteDirectory(tx, workspaceId, directory.id);
  });
}

async function existing(db: Connection, scope: Scope, id: string): Promise<DirectoryRow> {
  if (id === rootId) throw new AppError('conflict', 'The top of the tree is not a directory that can be changed.');
  const row = await findDirectory(db, scope.workspaceId, { id: canonicalText(id).text });
  if (row) return row;
  throw notFound('Directory', id);
}

function taken(path: string): AppError {
  return new AppError('conflict', `The directory \`${path}\` exists already.`, { data: { path } });
}
