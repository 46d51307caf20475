import { AppError, notFound, type Scope } from '@whetstone/contract';
import { canonicalText, idRandomBytes, makeId } from '@whetstone/domain';
import type { Transaction } from 'kysely';
import type { Experiment, ExperimentsDeps } from './index.ts';
import { addEvent, announce, epochsOf, findExperiment, lockExperiment } from './store.ts';
import type { Db, EventRow, ExperimentRow, ExperimentTables, Tx } from './tables.ts';

/** What the verbs of the room share. */
export interface Room extends ExperimentsDeps {
  readonly db: Db;
  newId(prefix: string): string;
  /** What is remembered of the workspace on this replica is asked again. */
  forget(workspaceId: string): void;
  /** Runs a change in one transaction; at its commit all replicas ask again who gets what. */
  write<T>(workspaceId: string, change: (tx: Tx) => Promise<T>): Promise<T>;
}

export const channel = 'experiments_changed';

export function openRoom(deps: ExperimentsDeps, forget: (workspaceId: string) => void): Room {
  const db = deps.storage.database<ExperimentTables>();
  return {
    ...deps,
    db,
    forget,
    newId: (prefix) => makeId(prefix, deps.randomBytes(idRandomBytes)),
    async write(workspaceId, change) {
      const result = await db.transaction().execute(async (tx) => {
        const made = await change(tx);
        await announce(tx, channel, workspaceId);
        return made;
      });
      forget(workspaceId);
      return result;
    },
  };
}

export const clean = (text: string): string => canonicalText(text).text;

/** @throws AppError 404 */
export async function rowOf(room: Room, { workspaceId }: Scope, id: string): Promise<ExperimentRow> {
  const row = await findExperiment(room.db, workspaceId, clean(id));
  if (row === undefined) throw notFound('Experiment', id);
  return row;
}

/** Locked. @throws AppError 404 */
export async function lockedRow(tx: Tx, { workspaceId }: Scope, id: string): Promise<ExperimentRow> {
  const row = await lockExperiment(tx, workspaceId, clean(id));
  if (row === undefined) throw notFound('Experiment', id);
  return row;
}

/** With what they name, for who shows them. */
export async function load(room: Room, scope: Scope, rows: readonly ExperimentRow[]): Promise<Experiment[]> {
  if (rows.length === 0) return [];
  const [environments, epochs, versions, files] = await Promise.all([
    room.files.environments.list(scope),
    epochsOf(
      room.db,
      rows.map(({ id }) => id),
    ),
    room.files.versionsById(scope, [...new Set(rows.flatMap(({ arms }) => arms.flatMap(({ versionId }) => versionId ?? [])))]),
    Promise.all([...new Set(rows.map(({ file_id }) => file_id))].map((id) => room.files.find(scope, null, { id }).catch(() => null))),
  ]);
  return rows.map((row) => {
    const found = files.find((file) => file?.file.id === row.file_id);
    return {
      row,
      file: { id: row.file_id, path: found?.file.path ?? '(deleted)', kind: found?.kind ?? 'prompt' },
      environment: {
        id: row.environment_id,
        name: environments.find(({ id }) => id === row.environment_id)?.name ?? '(deleted)',
      },
      versions,
      epochs: epochs.filter(({ experiment_id }) => experiment_id === row.id),
    };
  });
}

export async function one(room: Room, scope: Scope, id: string): Promise<Experiment> {
  const [loaded] = await load(room, scope, [await rowOf(room, scope, id)]);
  if (loaded === undefined) throw notFound('Experiment', id);
  return loaded;
}

/** An event of the experiment, its entry in the audit log, and what webhooks are told: in the transaction of what happened. */
export async function tell(
  room: Room,
  tx: Tx,
  scope: Scope,
  row: Pick<ExperimentRow, 'id' | 'name' | 'file_id' | 'environment_id'>,
  event: { type: EventRow['type']; text: string; data?: Record<string, unknown>; at: Date },
): Promise<void> {
  const { type, text, data = {}, at } = event;
  await addEvent(tx, { experiment_id: row.id, at, type, text, data: JSON.stringify(data), actor: scope.actor.id });
  const target = { type: 'experiment', id: row.id, name: row.name };
  await room.audit.record(scope, { action: `experiment.${type}`, target, data: { text, ...data } }, forOthers(tx));
  const hook = hookOf[type];
  if (hook === undefined) return;
  const body = {
    experiment: { id: row.id, name: row.name, file_id: row.file_id, environment_id: row.environment_id },
    text,
    ...data,
    at: at.toISOString(),
  };
  await room.hooks.tell(scope, null, hook, body, forOthers(tx));
}

const hookOf: Partial<Record<EventRow['type'], string>> = {
  started: 'experiment.started',
  stopped: 'experiment.stopped',
  arm_stopped: 'experiment.arm_stopped',
  guard_stopped: 'experiment.arm_stopped',
  promoted: 'experiment.promoted',
};

export function forOthers(tx: Tx): Transaction<never> {
  return tx as unknown as Transaction<never>;
}

export function ofOthers(transaction: Transaction<never>): Tx {
  return transaction as unknown as Tx;
}

/** 409 with the experiment in its data. */
export function inTheWay(row: Pick<ExperimentRow, 'id' | 'name'>, message: string): AppError {
  return new AppError('conflict', message, { data: { experiment_id: row.id, experiment_name: row.name } });
}
