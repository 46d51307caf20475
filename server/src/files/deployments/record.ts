import type { Scope } from '@whetstone/contract';
import { idPrefixes } from '@whetstone/domain';
import type { Room } from '../context.ts';
import type { EnvironmentRow, FileRow, FileTransaction } from '../tables.ts';
import { addHistory, putDeployment, removeDeployment } from './store.ts';

export interface Change {
  file: FileRow;
  environment: EnvironmentRow;
  /** Null takes out what is there. */
  versionId: string | null;
  previousVersionId: string | null;
  action: 'first' | 'deploy' | 'roll_back' | 'remove';
  message: string | null;
  at: Date;
}

/** What is deployed, its line in the history and its entry in the audit log: all or none. */
export async function recordDeployment(room: Room, tx: FileTransaction, scope: Scope, change: Change): Promise<void> {
  const { file, environment, versionId, previousVersionId, action, message, at } = change;
  const { workspaceId, actor } = scope;
  const where = { workspace_id: workspaceId, file_id: file.id, environment_id: environment.id };
  if (versionId === null) await removeDeployment(tx, workspaceId, file.id, environment.id);
  else await putDeployment(tx, { ...where, version_id: versionId, deployed_at: at, deployed_by: actor.id });
  await addHistory(tx, {
    ...where,
    id: room.newId(idPrefixes.deployment),
    version_id: versionId,
    previous_version_id: previousVersionId,
    action,
    message,
    created_at: at,
    created_by: actor.id,
  });
  await room.audit(scope, tx, {
    action: versionId === null ? 'version.undeployed' : 'version.deployed',
    target: { type: file.kind, id: file.id, name: file.path },
    data: { environment: environment.name, environmentId: environment.id, versionId, previousVersionId, action, message },
  });
}
