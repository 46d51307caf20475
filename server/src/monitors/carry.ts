import type { AlertRule, Scope } from '@whetstone/contract';
import { idPrefixes } from '@whetstone/domain';
import type { AlertMemory } from './alerts/memory.ts';
import { carriedAlerts, takeAlert } from './alerts/carry.ts';
import { carriedBackfills, takeBackfill } from './backfills/carry.ts';
import type { Room } from './context.ts';
import { everyMonitor, findLike, insertMonitor, isTaken } from './store-attachments.ts';
import type { AlertEventRow, AlertRow, MonitorRow, StoredChannels } from './tables.ts';

/** For an export and for the import of one. */
export interface Carry {
  monitors(scope: Scope): Promise<CarriedMonitor[]>;
  /** Judges what comes from now on. What is there stays; an id that is taken elsewhere on the server is made anew. */
  takeMonitor(scope: Scope, monitor: CarriedMonitor): Promise<{ id: string } | { why: string }>;
  alerts(scope: Scope): Promise<CarriedAlert[]>;
  backfills(scope: Scope): Promise<CarriedBackfill[]>;
  takeBackfill(scope: Scope, backfill: CarriedBackfill): Promise<string | null>;
  /** Of a monitor that is there. @returns why it was left out; null when it is there */
  takeAlert(scope: Scope, alert: CarriedAlert): Promise<string | null>;
}

export interface CarriedMonitor {
  /** Null where the export has none. */
  id: string | null;
  fileId: string;
  evaluatorId: string;
  /** Either this or the environment is named. */
  evaluatorVersionId: string | null;
  environmentId: string | null;
  /** Whose logs it judges. */
  watchedEnvironmentId: string | null;
  filter: string | null;
  rate: number;
  budgetUsd: number | null;
  state: MonitorRow['state'];
  createdAt: Date;
  createdBy: string | null;
  updatedAt: Date;
}
/** One that has ended; where it stood is not carried, since it does not go on. */
export interface CarriedBackfill {
  id: string;
  monitorId: string;
  from: Date;
  to: Date;
  filter: string | null;
  rate: number;
  maxCostUsd: number | null;
  state: 'done' | 'cancelled' | 'failed';
  reason: string | null;
  total: number;
  lookedAt: number;
  judged: number;
  failed: number;
  costUsd: number;
  createdAt: Date;
  createdBy: string | null;
  endedAt: Date | null;
}
export interface CarriedAlert {
  id: string;
  monitorId: string;
  name: string;
  rule: AlertRule;
  channels: StoredChannels;
  state: AlertRow['state'];
  memory: AlertMemory;
  mutedUntil: Date | null;
  createdAt: Date;
  createdBy: string | null;
  updatedAt: Date;
  /** Oldest first. */
  history: Pick<AlertEventRow, 'id' | 'type' | 'text' | 'data' | 'told' | 'at' | 'actor'>[];
}

export function carryOf(room: Room): Carry {
  return {
    monitors: async ({ workspaceId }) =>
      (await everyMonitor(room.db, workspaceId)).map((row) => ({
        id: row.id,
        fileId: row.file_id,
        evaluatorId: row.evaluator_id,
        evaluatorVersionId: row.evaluator_version_id,
        environmentId: row.environment_id,
        watchedEnvironmentId: row.watched_environment_id,
        filter: row.filter,
        rate: row.rate,
        budgetUsd: row.budget_usd,
        state: row.state,
        createdAt: row.created_at,
        createdBy: row.created_by,
        updatedAt: row.updated_at,
      })),
    backfills: (scope) => carriedBackfills(room, scope),
    takeBackfill: (scope, backfill) => takeBackfill(room, scope, backfill),
    takeMonitor: (scope, monitor) => takeMonitor(room, scope, monitor),
    alerts: (scope) => carriedAlerts(room, scope),
    takeAlert: (scope, alert) => takeAlert(room, scope, alert),
  };
}

async function takeMonitor(room: Room, scope: Scope, monitor: CarriedMonitor): Promise<{ id: string } | { why: string }> {
  const { evaluatorVersionId, environmentId, watchedEnvironmentId: watched } = monitor;
  if ((evaluatorVersionId === null) === (environmentId === null)) return { why: 'It names neither a version nor an environment.' };
  const [file, evaluator, environments] = await Promise.all([
    room.files.find(scope, null, { id: monitor.fileId }),
    room.files.find(scope, 'evaluator', { id: monitor.evaluatorId }),
    room.files.environments.list(scope),
  ]);
  if (file === null) return { why: `There is no file ${monitor.fileId}.` };
  if (evaluator === null) return { why: `There is no evaluator ${monitor.evaluatorId}.` };
  if (evaluatorVersionId !== null) {
    const version = (await room.files.versionsById(scope, [evaluatorVersionId])).get(evaluatorVersionId);
    if (version?.file.id !== evaluator.file.id) return { why: `There is no version ${evaluatorVersionId} of the evaluator.` };
  }
  const missing = [environmentId, watched].find((id) => id !== null && !environments.some((each) => each.id === id));
  if (missing != null) return { why: `There is no environment ${missing}.` };
  const row = {
    id: monitor.id === null || (await isTaken(room.db, monitor.id)) ? room.newId(idPrefixes.monitor) : monitor.id,
    workspace_id: scope.workspaceId,
    file_id: file.file.id,
    evaluator_id: evaluator.file.id,
    evaluator_version_id: evaluatorVersionId,
    environment_id: environmentId,
    watched_environment_id: watched,
    filter: monitor.filter,
    rate: monitor.rate,
    budget_usd: monitor.budgetUsd,
    // What was imported with it was judged where it was, or was not to be.
    cursor_at: room.clock().getTime() * 1000,
    state: monitor.state,
    created_at: monitor.createdAt,
    created_by: monitor.createdBy,
    updated_at: monitor.updatedAt,
  };
  const id = await room.db.transaction().execute(async (tx) => {
    await insertMonitor(tx, row);
    return (await findLike(tx, row)) ?? row.id;
  });
  await room.changed(scope.workspaceId);
  return { id };
}
