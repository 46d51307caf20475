import { AppError, notFound } from '@whetstone/contract';
import type { FileKind, Scope } from '@whetstone/contract';
import { canonicalText } from '@whetstone/domain';
import type { Transaction } from 'kysely';
import { allowed, cleanRef } from '../access.ts';
import type { Aftermath, Room } from '../context.ts';
import type { Deployment, Files, Snapshot } from '../index.ts';
import { kindTitle } from '../kinds/index.ts';
import { fileOfKind } from '../read.ts';
import { toEnvironment, toSnapshot } from '../snapshot.ts';
import type { EnvironmentRow, FileRow, FileTransaction } from '../tables.ts';
import { lockFile, updateFile } from '../tree/store.ts';
import { findSnapshots } from '../versions/store.ts';
import { recordDeployment } from './record.ts';
import { deploymentsOf, holdEnvironment, listEnvironments, listHistory, wasDeployed } from './store.ts';

export async function deploy(
  room: Room,
  scope: Scope,
  ...[kind, fileId, environmentId, versionId, options = {}]: Parameters<Files['deploy']> extends [Scope, ...infer Rest] ? Rest : never
): Promise<Snapshot> {
  const { workspaceId } = scope;
  for (const guard of room.guards()) {
    await guard.beforeDeploy?.(scope, {
      environmentId: canonicalText(environmentId).text,
      versionId: canonicalText(versionId).text,
      overrideGates: options.overrideGates ?? null,
    });
  }
  return room.write(workspaceId, async (tx, after) => {
    const { file, environment, current } = await open(tx, scope, kind, fileId, environmentId);
    const snapshot = await deployable(tx, scope, file, versionId);
    refuseUnexpected(options.expectedVersionId, current, environment);
    if (current === snapshot.version.id) return snapshot;
    const rollBack = await wasDeployed(tx, workspaceId, environment.id, snapshot.version.id);
    for (const guard of room.guards())
      await guard.deploy?.(scope, file, toEnvironment(environment), snapshot.version.id, forOthers(tx), { rollBack });
    const action = rollBack ? 'roll_back' : 'deploy';
    const message = options.message ? canonicalText(options.message).text : null;
    return change(room, tx, after, scope, { file, environment, snapshot, current, action, message, at: options.at ?? room.deps.clock() });
  });
}

export function undeploy(
  room: Room,
  scope: Scope,
  ...[kind, fileId, environmentId, options = {}]: Parameters<Files['undeploy']> extends [Scope, ...infer Rest] ? Rest : never
): Promise<void> {
  return room.write(scope.workspaceId, async (tx, after) => {
    const { file, environment, current } = await open(tx, scope, kind, fileId, environmentId);
    refuseUnexpected(options.expectedVersionId, current, environment);
    if (current === null) return;
    for (const guard of room.guards()) await guard.undeploy?.(scope, file, toEnvironment(environment), forOthers(tx));
    const snapshot = await snapshotOf(tx, scope, current);
    await change(room, tx, after, scope, { file, environment, snapshot, current, action: 'remove', message: null, at: room.deps.clock() });
  });
}

interface Step {
  file: FileRow;
  environment: EnvironmentRow;
  snapshot: Snapshot;
  current: string | null;
  action: 'deploy' | 'roll_back' | 'remove';
  message: string | null;
  at: Date;
}

async function change(room: Room, tx: FileTransaction, after: Aftermath, scope: Scope, step: Step): Promise<Snapshot> {
  const { file, environment, current, action, message, at } = step;
  const versionId = action === 'remove' ? null : step.snapshot.version.id;
  await recordDeployment(room, tx, scope, { file, environment, versionId, previousVersionId: current, action, message, at });
  await updateFile(tx, scope.workspaceId, file.id, { updated_at: at });
  after.changed(file.id);
  const snapshot = await snapshotOf(tx, scope, step.snapshot.version.id);
  after.tell({
    type: versionId === null ? 'version.undeployed' : 'version.deployed',
    scope,
    snapshot,
    environment: toEnvironment(environment),
    previousVersionId: current,
  });
  return snapshot;
}

/** The file, locked, and the environment, both as the caller may change them; and what is deployed there. */
async function open(tx: FileTransaction, scope: Scope, kind: FileKind, fileId: string, environmentId: string) {
  const { workspaceId, actor } = scope;
  const file = await lockFile(tx, workspaceId, cleanRef({ id: fileId }));
  if (!file || file.kind !== kind) throw notFound(kindTitle(kind), fileId);
  const environment = await holdEnvironment(tx, workspaceId, { id: canonicalText(environmentId).text });
  if (!environment) throw notFound('Environment', environmentId);
  allowed(scope, await listEnvironments(tx, workspaceId), environment);
  if (environment.protected && actor.role !== 'admin' && actor.role !== 'owner') {
    throw new AppError(
      'forbidden',
      `The environment \`${environment.name}\` is protected: only an admin or the owner can change what is deployed there. Your role is ${actor.role}.`,
      { data: { environment: environment.name, protected: true } },
    );
  }
  const deployments = await deploymentsOf(tx, workspaceId, file.id);
  const current = deployments.find(({ environment_id }) => environment_id === environment.id)?.version_id ?? null;
  return { file, environment, current };
}

async function deployable(tx: FileTransaction, scope: Scope, file: FileRow, versionId: string): Promise<Snapshot> {
  const environments = await listEnvironments(tx, scope.workspaceId);
  const [row] = await findSnapshots(tx, scope.workspaceId, [canonicalText(versionId).text]);
  if (!row || row.file_id !== file.id || row.status === 'deleted') throw notFound(`${kindTitle(file.kind)} version`, versionId);
  const snapshot = toSnapshot(row, environments);
  if (snapshot.version.status === 'uncommitted') {
    throw new AppError('conflict', `Version \`${versionId}\` is an unsaved draft. Save it as a version first.`);
  }
  return snapshot;
}

async function snapshotOf(tx: FileTransaction, scope: Scope, versionId: string): Promise<Snapshot> {
  const environments = await listEnvironments(tx, scope.workspaceId);
  const [row] = await findSnapshots(tx, scope.workspaceId, [versionId]);
  if (!row) throw notFound('Version', versionId);
  return toSnapshot(row, environments);
}

/** @param expected null or undefined: anything; '': nothing. @throws AppError 409 with what is there */
function refuseUnexpected(expected: string | null | undefined, current: string | null, environment: EnvironmentRow): void {
  if (expected === null || expected === undefined || expected === (current ?? '')) return;
  const now = current === null ? 'nothing is' : `version \`${current}\` is`;
  throw new AppError(
    'conflict',
    `Somebody else changed \`${environment.name}\` meanwhile: ${now} deployed there now. Look at it, then deploy again.`,
    {
      data: { expected_version_id: expected, current_version_id: current, environment_id: environment.id },
    },
  );
}

export async function deployed(room: Room, scope: Scope, kind: FileKind, fileId: string): ReturnType<Files['deployed']> {
  const file = await fileOfKind(room.db, scope, kind, cleanRef({ id: fileId }));
  const environments = await listEnvironments(room.db, scope.workspaceId);
  const present = await deploymentsOf(room.db, scope.workspaceId, file.id);
  const rows = await findSnapshots(room.db, scope.workspaceId, [...new Set(present.map(({ version_id }) => version_id))]);
  return environments.map((environment) => {
    const versionId = present.find(({ environment_id }) => environment_id === environment.id)?.version_id;
    const row = rows.find(({ version_id }) => version_id === versionId);
    return { environment: toEnvironment(environment), snapshot: row ? toSnapshot(row, environments) : null };
  });
}

export async function deployments(
  room: Room,
  scope: Scope,
  ...[kind, fileId, query]: Parameters<Files['deployments']> extends [Scope, ...infer Rest] ? Rest : never
): Promise<{ records: Deployment[]; total: number }> {
  const file = await fileOfKind(room.db, scope, kind, cleanRef({ id: fileId }));
  const { records, total } = await listHistory(room.db, scope.workspaceId, file.id, {
    environmentId: query.environmentId ? canonicalText(query.environmentId).text : null,
    limit: query.size,
    offset: Math.min((query.page - 1) * query.size, 2 ** 40),
  });
  const toDeployment = (row: (typeof records)[number]): Deployment => ({
    id: row.id,
    environment: toEnvironment(row.environment),
    versionId: row.version_id,
    previousVersionId: row.previous_version_id,
    contentHash: row.content_hash,
    versionName: row.version_name,
    action: row.action,
    message: row.message,
    at: row.created_at,
    by: row.created_by,
  });
  return { records: records.map(toDeployment), total };
}

function forOthers(tx: FileTransaction): Transaction<never> {
  return tx as unknown as Transaction<never>;
}
