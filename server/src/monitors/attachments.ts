import { AppError, notFound } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { idPrefixes } from '@whetstone/domain';
import type { FileGuard, Snapshot } from '../files/index.ts';
import { clean, translated, type Room } from './context.ts';
import type { Attached, MonitorRef, Monitors } from './index.ts';
import { versionOf } from '../files/index.ts';
import { insertMonitor, isMonitoring, monitorsOf, setState, type Attachment } from './store-attachments.ts';
import type { MonitorRow, Tx } from './tables.ts';

/** Evaluators attached to files, as v5 has it: monitors of all logs of the file. */

const mostMonitors = 100;

export const change =
  (room: Room): Monitors['attached']['change'] =>
  async (scope, kind, fileId, { activate, deactivate }) => {
    const { file } = await room.files.get(scope, kind, { id: fileId });
    const on = await Promise.all(activate.map((ref) => attachmentOf(room, scope, ref)));
    const off = await Promise.all(deactivate.map((ref) => attachmentOf(room, scope, ref)));
    await room.db
      .transaction()
      .execute(async (tx) => {
        for (const to of off) if (!(await setState(tx, scope.workspaceId, file.id, to, 'inactive', room.clock()))) throw notAttached(to);
        for (const to of on) await activated(room, tx, scope, file.id, to);
        if ((await monitorsOf(tx, scope.workspaceId, [file.id])).length > mostMonitors)
          throw new AppError('invalid_input', `A file has ${mostMonitors} evaluators attached at most.`);
      })
      .catch((error: unknown) => {
        throw translated(error);
      });
    await room.changed(scope.workspaceId);
  };

async function activated(room: Room, tx: Tx, scope: Scope, fileId: string, to: Attachment): Promise<void> {
  const at = room.clock();
  if (await setState(tx, scope.workspaceId, fileId, to, 'active', at)) return;
  await insertMonitor(tx, {
    id: room.newId(idPrefixes.monitor),
    workspace_id: scope.workspaceId,
    file_id: fileId,
    evaluator_id: to.evaluatorId,
    evaluator_version_id: to.evaluatorVersionId,
    environment_id: to.environmentId,
    state: 'active',
    created_at: at,
    created_by: scope.actor.id,
    updated_at: at,
  });
}

async function attachmentOf(room: Room, scope: Scope, ref: MonitorRef): Promise<Attachment> {
  if ('evaluatorVersionId' in ref) {
    const { file, version } = await versionOf(
      room.files,
      scope,
      'evaluator',
      { versionId: ref.evaluatorVersionId },
      'evaluator_version_id',
    );
    return { evaluatorId: file.id, evaluatorVersionId: version.id, environmentId: null };
  }
  const environments = await room.files.environments.list(scope);
  const environment = environments.find(({ id }) => id === clean(ref.environmentId));
  if (!environment) throw notFound('Environment', ref.environmentId);
  const { file } = await room.files.get(scope, 'evaluator', { id: ref.evaluatorId });
  return { evaluatorId: file.id, evaluatorVersionId: null, environmentId: environment.id };
}

function notAttached({ evaluatorId, evaluatorVersionId }: Attachment): AppError {
  return new AppError('not_found', `The evaluator \`${evaluatorVersionId ?? evaluatorId}\` is not attached to this file.`);
}

export const of =
  (room: Room): Monitors['attached']['of'] =>
  async (scope, fileIds) => {
    const rows = await monitorsOf(room.db, scope.workspaceId, fileIds);
    if (rows.length === 0) return new Map();
    const byEnvironment = [...new Set(rows.flatMap((row) => (row.environment_id === null ? [] : [row.evaluator_id])))];
    const [versions, deployed] = await Promise.all([
      room.files.versionsById(
        scope,
        rows.flatMap((row) => row.evaluator_version_id ?? []),
      ),
      Promise.all(byEnvironment.map(async (id) => [id, await evaluatorOf(room, scope, id)] as const)),
    ]);
    const evaluators = new Map(deployed);
    const found = new Map<string, Attached[]>();
    for (const row of rows) {
      const monitor = row.environment_id === null ? byVersion(row, versions) : inEnvironment(row, evaluators.get(row.evaluator_id));
      if (monitor) found.set(row.file_id, [...(found.get(row.file_id) ?? []), monitor]);
    }
    return found;
  };

interface Evaluator {
  /** As a read without an environment answers it. */
  file: Snapshot<'evaluator'>;
  deployed: Awaited<ReturnType<Room['files']['deployed']>>;
}

async function evaluatorOf(room: Room, scope: Scope, id: string): Promise<Evaluator | null> {
  try {
    const [file, deployed] = await Promise.all([room.files.get(scope, 'evaluator', { id }), room.files.deployed(scope, 'evaluator', id)]);
    return { file, deployed };
  } catch (error) {
    // Deleted since, or out of the sight of a key that is bound to an environment.
    if (error instanceof AppError && (error.code === 'not_found' || error.code === 'forbidden')) return null;
    throw error;
  }
}

function byVersion(row: MonitorRow, versions: ReadonlyMap<string, Snapshot>): Attached | null {
  const version = versions.get(row.evaluator_version_id ?? '') as Snapshot<'evaluator'> | undefined;
  return version === undefined ? null : { ...common(row), version, reference: { type: 'version', version } };
}

function inEnvironment(row: MonitorRow, evaluator: Evaluator | null | undefined): Attached | null {
  const place = evaluator?.deployed.find(({ environment }) => environment.id === row.environment_id);
  if (!evaluator || !place) return null;
  const version = place.snapshot as Snapshot<'evaluator'> | null;
  return { ...common(row), version, reference: { type: 'environment', file: version ?? evaluator.file, environment: place.environment } };
}

function common(row: MonitorRow): Pick<Attached, 'id' | 'state' | 'createdAt' | 'updatedAt'> {
  return { id: row.id, state: row.state, createdAt: row.created_at, updatedAt: row.updated_at };
}

export const guard: FileGuard = {
  async deleteVersion(scope, _file, versionId, transaction) {
    if (!(await isMonitoring(transaction as unknown as Tx, scope.workspaceId, versionId))) return;
    throw new AppError('conflict', 'A monitor runs this version. Deactivate the monitor first.');
  },
};
