import type { FileKind, Scope } from '@whetstone/contract';
import { channel, forget, openRoom } from './context.ts';
import type { FilesDeps, Room } from './context.ts';
import { carryOf } from './carry/carry.ts';
import { casesThere, datapointIds, datapointsById, datapointsOf } from './datapoints/read.ts';
import { editDataset } from './datapoints/edit.ts';
import { upsertDataset } from './datapoints/save.ts';
import { deploy, deployed, deployments, undeploy } from './deployments/deploy.ts';
import { environmentsOf } from './deployments/environments.ts';
import type { Files, Snapshot, UpsertInput } from './index.ts';
import { prepareWorkspace } from './prepare.ts';
import { find, list, read, resolve, tree, versions, versionsById } from './read.ts';
import { deleteVersion, move, remove, updateVersion } from './tree/change.ts';
import { directoriesOf } from './tree/directories.ts';
import { deleteAll } from './tree/store.ts';
import { upsertHidden } from './versions/hidden.ts';
import { upsert } from './versions/upsert.ts';

export async function createFiles(deps: FilesDeps): Promise<Files> {
  const room = openRoom(deps);
  const stop = await followOthers(room);
  return {
    // The kind asked for is the kind of what is found: `read` and `upsert` look for no other.
    upsert: <K extends FileKind>(scope: Scope, kind: K, input: UpsertInput<K>) =>
      upsert(room, scope, kind, input) as Promise<{ snapshot: Snapshot<K>; createdFile: boolean; createdVersion: boolean }>,
    get: async <K extends FileKind>(scope: Scope, kind: K | null, ref: Parameters<Files['get']>[2], at?: Parameters<Files['get']>[3]) =>
      (await read(room, scope, kind, ref, at)).snapshot as Snapshot<K>,
    find: <K extends FileKind>(scope: Scope, kind: K | null, ref: Parameters<Files['get']>[2], at?: Parameters<Files['get']>[3]) =>
      find(room, scope, kind, ref, at) as Promise<Snapshot<K> | null>,
    resolve: (scope, kind, ref, at) => resolve(room, scope, kind, ref, at),
    versionsById: (scope, ids) => versionsById(room, scope, ids),
    list: (scope, query) => list(room, scope, query),
    tree: (scope) => tree(room, scope),
    versions: <K extends FileKind>(scope: Scope, kind: K, fileId: string, options?: { drafts?: boolean }) =>
      versions(room, scope, kind, fileId, options?.drafts) as Promise<Snapshot<K>[]>,
    move: (scope, ...rest) => move(room, scope, ...rest),
    delete: (scope, ...rest) => remove(room, scope, ...rest),
    updateVersion: (scope, ...rest) => updateVersion(room, scope, ...rest),
    deleteVersion: (scope, ...rest) => deleteVersion(room, scope, ...rest),
    upsertHidden: (scope, input) => upsertHidden(room, scope, input),
    datasets: {
      upsert: (scope, input) =>
        upsertDataset(room, scope, input) as Promise<{ snapshot: Snapshot<'dataset'>; createdFile: boolean; createdVersion: boolean }>,
      edit: (scope, change) =>
        editDataset(room, scope, change) as Promise<{ snapshot: Snapshot<'dataset'>; createdFile: boolean; createdVersion: boolean }>,
      casesThere: (scope, version, datapoints) => casesThere(room, scope, version, datapoints),
      datapoints: (scope, versionId, page) => datapointsOf(room, scope, versionId, page),
      datapointIds: (scope, versionId) => datapointIds(room, scope, versionId),
      datapointsById: (scope, ids) => datapointsById(room, scope, ids),
    },
    deploy: (scope, ...rest) => deploy(room, scope, ...rest),
    undeploy: (scope, ...rest) => undeploy(room, scope, ...rest),
    deployed: (scope, kind, fileId) => deployed(room, scope, kind, fileId),
    deployments: (scope, ...rest) => deployments(room, scope, ...rest),
    environments: environmentsOf(room),
    directories: directoriesOf(room),
    carry: carryOf(room),
    prepareWorkspace: (workspaceId) => prepareWorkspace(room, workspaceId),
    deleteWorkspace: (workspaceId) =>
      room.write(workspaceId, async (tx, after) => {
        await deleteAll(tx, workspaceId);
        after.changed(null);
      }),
    onEvent: (listener) => void room.listeners.add(listener),
    close: async () => stop(),
  };
}

/** Drops what other replicas changed, and everything after messages may have been lost. */
async function followOthers(room: Room): Promise<() => void> {
  const { storage } = room.deps;
  const unlisten = await storage.listen(channel, (payload) => {
    const [replica, workspaceId = '', fileId = ''] = payload.split(' ');
    if (replica !== room.replica) forget(room, workspaceId, fileId === '' ? null : fileId);
  });
  const offReconnect = storage.onReconnect(() => forget(room, null, null));
  return () => {
    unlisten();
    offReconnect();
  };
}
