import type { Scope } from '@whetstone/contract';
import type { Room } from '../context.ts';
import { listEnvironments } from '../deployments/store.ts';
import type { Snapshot } from '../index.ts';
import { toDirectory, toEnvironment, toSnapshot } from '../snapshot.ts';
import { listDirectories } from '../tree/store.ts';
import { versionsOfFile } from '../versions/store.ts';
import type { CarriedDeployment, CarriedFile, Carry, Ground } from './carried.ts';
import { takeFile, takeGround } from './restore.ts';
import { everyDeployment, everyEnvironment, everyFile, filesElsewhere } from './store.ts';

export function carryOf(room: Room): Carry {
  return {
    ground: (scope) => ground(room, scope),
    files: (scope) => files(room, scope),
    versions: (scope, fileId) => versions(room, scope, fileId),
    history: (scope, fileId) => history(room, scope, fileId),
    takenElsewhere: ({ workspaceId }, ids) => filesElsewhere(room.db, workspaceId, ids),
    takeGround: (scope, given) => takeGround(room, scope, given),
    takeFile: (scope, whole) => takeFile(room, scope, whole),
  };
}

async function ground({ db }: Room, { workspaceId }: Scope): Promise<Ground> {
  const [environments, directories] = await Promise.all([everyEnvironment(db, workspaceId), listDirectories(db, workspaceId)]);
  return {
    environments: environments.map((row) => ({ ...toEnvironment(row), deletedAt: row.deleted_at })),
    directories: directories.map(toDirectory),
  };
}

async function files({ db }: Room, { workspaceId }: Scope): Promise<CarriedFile[]> {
  return (await everyFile(db, workspaceId)).map(({ kind, id, path, description, readme, tags, hidden, ...row }) => ({
    kind,
    id,
    path,
    description,
    readme,
    tags,
    hidden,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    createdBy: row.created_by,
  }));
}

async function versions({ db }: Room, { workspaceId }: Scope, fileId: string): Promise<Snapshot[]> {
  const environments = await listEnvironments(db, workspaceId);
  const rows = await versionsOfFile(db, workspaceId, fileId, ['committed', 'uncommitted', 'deleted']);
  return rows.toReversed().map((row) => toSnapshot(row, environments));
}

async function history({ db }: Room, { workspaceId }: Scope, fileId: string): Promise<CarriedDeployment[]> {
  return (await everyDeployment(db, workspaceId, fileId)).map(({ action, message, ...row }) => ({
    environmentId: row.environment_id,
    versionId: row.version_id,
    previousVersionId: row.previous_version_id,
    action,
    message,
    at: row.created_at,
    by: row.created_by,
  }));
}
