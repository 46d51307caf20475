import { idPrefixes } from '@whetstone/domain';
import type { Scope } from '@whetstone/contract';
import type { Room } from './context.ts';
import { everyMonitor, insertMonitor } from './store-attachments.ts';
import type { MonitorRow } from './tables.ts';

/** For an export and for the import of one. */
export interface Carry {
  monitors(scope: Scope): Promise<CarriedMonitor[]>;
  /** @returns why it was left out; null when it is there */
  takeMonitor(scope: Scope, monitor: CarriedMonitor): Promise<string | null>;
}

export interface CarriedMonitor {
  fileId: string;
  evaluatorId: string;
  /** Either this or the environment is named. */
  evaluatorVersionId: string | null;
  environmentId: string | null;
  state: MonitorRow['state'];
  createdAt: Date;
  createdBy: string | null;
  updatedAt: Date;
}

export function carryOf(room: Room): Carry {
  return {
    monitors: async ({ workspaceId }) =>
      (await everyMonitor(room.db, workspaceId)).map((row) => ({
        fileId: row.file_id,
        evaluatorId: row.evaluator_id,
        evaluatorVersionId: row.evaluator_version_id,
        environmentId: row.environment_id,
        state: row.state,
        createdAt: row.created_at,
        createdBy: row.created_by,
        updatedAt: row.updated_at,
      })),
    takeMonitor: (scope, monitor) => takeMonitor(room, scope, monitor),
  };
}

async function takeMonitor(room: Room, scope: Scope, monitor: CarriedMonitor): Promise<string | null> {
  const { evaluatorVersionId, environmentId } = monitor;
  if ((evaluatorVersionId === null) === (environmentId === null)) return 'It names neither a version nor an environment.';
  const [file, evaluator] = await Promise.all([
    room.files.find(scope, null, { id: monitor.fileId }),
    room.files.find(scope, 'evaluator', { id: monitor.evaluatorId }),
  ]);
  if (file === null) return `There is no file ${monitor.fileId}.`;
  if (evaluator === null) return `There is no evaluator ${monitor.evaluatorId}.`;
  if (evaluatorVersionId !== null) {
    const version = (await room.files.versionsById(scope, [evaluatorVersionId])).get(evaluatorVersionId);
    if (version?.file.id !== evaluator.file.id) return `There is no version ${evaluatorVersionId} of the evaluator.`;
  } else if (!(await room.files.environments.list(scope)).some(({ id }) => id === environmentId)) {
    return `There is no environment ${environmentId ?? ''}.`;
  }
  await room.db.transaction().execute((tx) =>
    insertMonitor(tx, {
      id: room.newId(idPrefixes.monitor),
      workspace_id: scope.workspaceId,
      file_id: file.file.id,
      evaluator_id: evaluator.file.id,
      evaluator_version_id: evaluatorVersionId,
      environment_id: environmentId,
      state: monitor.state,
      created_at: monitor.createdAt,
      created_by: monitor.createdBy,
      updated_at: monitor.updatedAt,
    }),
  );
  await room.changed(scope.workspaceId);
  return null;
}
