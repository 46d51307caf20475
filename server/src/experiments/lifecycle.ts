import { AppError, type Actor, type Scope } from '@whetstone/contract';
import type { Environment, Snapshot } from '../files/index.ts';
import { clean, inTheWay, lockedRow, one, type Room, tell } from './context.ts';
import { checkVersion, refuseSum } from './drafts.ts';
import { controlOf, openEpoch, percent } from './epochs.ts';
import type { Experiments } from './index.ts';
import { changeExperiment, decidingExperiments } from './store.ts';
import type { ExperimentRow, StoredArm, Tx } from './tables.ts';

export const begin =
  (room: Room): Experiments['begin'] =>
  async (scope, id, options = {}) => {
    const { row } = await one(room, scope, id);
    if (row.state !== 'draft') throw inTheWay(row, `“${row.name}” was started already. Draft another one to go on.`);
    const { environment, file, control } = await placeOf(room, scope, row);
    mayChange(scope.actor, environment);
    const arms = await pinned(room, scope, row, file, control);
    for (const { versionId } of arms) {
      if (versionId === null || versionId === control.version.id) continue;
      for (const guard of room.guards)
        await guard.beforeDeploy?.(scope, { environmentId: environment.id, versionId, overrideGates: options.overrideGates ?? null });
    }
    await room
      .write(scope.workspaceId, async (tx) => {
        const now = await lockedRow(tx, scope, row.id);
        if (now.state !== 'draft') throw inTheWay(now, `“${now.name}” was started already.`);
        await refuseSecond(tx, scope, now, environment.name);
        const at = room.clock();
        await changeExperiment(tx, now.id, { state: 'running', arms: JSON.stringify(arms), started_at: at, updated_at: at });
        const slots = arms.map(({ id: armId, weight }) => ({ armId, weight }));
        await openEpoch(tx, now.id, 1, at, { traffic: now.traffic, slots });
        const text = `Started in \`${environment.name}\` with ${percent(now.traffic)} of users: ${arms.map((arm) => `${arm.name} ${percent(arm.weight)}`).join(', ')}.`;
        await tell(room, tx, scope, now, {
          type: 'started',
          text,
          data: { arms: arms.map(({ id: armId, versionId }) => ({ armId, versionId })) },
          at,
        });
      })
      .catch((error: unknown) => {
        throw ofRace(error, row);
      });
    return one(room, scope, row.id);
  };

/** File, environment and what is deployed there: control. */
async function placeOf(
  room: Room,
  scope: Scope,
  row: ExperimentRow,
): Promise<{ environment: Environment; file: Snapshot; control: Snapshot }> {
  const file = await room.files.get(scope, null, { id: row.file_id });
  const place = (await room.files.deployed(scope, file.kind, row.file_id)).find(({ environment }) => environment.id === row.environment_id);
  if (place === undefined) throw inTheWay(row, 'The environment of this experiment was deleted. Choose another one first.');
  if (place.snapshot === null)
    throw inTheWay(
      row,
      `Nothing of \`${file.file.path}\` is deployed to \`${place.environment.name}\`, so that there is no control. Deploy a version there first.`,
    );
  return { environment: place.environment, file, control: place.snapshot };
}

/** An arm is a deployment to a share of users. */
function mayChange(actor: Actor, environment: Environment): void {
  if (!environment.protected || actor.role === 'admin' || actor.role === 'owner') return;
  throw new AppError(
    'forbidden',
    `The environment \`${environment.name}\` is protected: only an admin or the owner can experiment there. Your role is ${actor.role}.`,
    { data: { environment: environment.name, protected: true } },
  );
}

async function pinned(room: Room, scope: Scope, row: ExperimentRow, file: Snapshot, control: Snapshot): Promise<StoredArm[]> {
  refuseSum(row.arms.map(({ weight }) => weight));
  const ids = row.arms.flatMap(({ versionId }) => versionId ?? []);
  const known = await room.files.versionsById(scope, ids);
  for (const id of ids) checkVersion(file, known.get(id), id);
  return row.arms.map((arm) => (arm.versionId === null ? { ...arm, versionId: control.version.id } : arm));
}

async function refuseSecond(tx: Tx, scope: Scope, row: ExperimentRow, environment: string): Promise<void> {
  const other = (await decidingExperiments(tx, scope.workspaceId)).find(
    (each) => each.file_id === row.file_id && each.environment_id === row.environment_id && each.id !== row.id,
  );
  if (other === undefined) return;
  throw inTheWay(
    other,
    other.state === 'running'
      ? `“${other.name}” (${other.id}) is running with this file in \`${environment}\`. Stop it first: two at once would spoil each other.`
      : `“${other.name}” (${other.id}) still holds users out in \`${environment}\`. End its hold-out first.`,
  );
}

/** Another was started at the same moment. */
function ofRace(error: unknown, row: ExperimentRow): unknown {
  if (!(error instanceof Error && 'code' in error && error.code === '23505')) return error;
  return inTheWay(row, 'Another experiment with this file was started in this environment at the same moment.');
}

export const stop =
  (room: Room): Experiments['stop'] =>
  async (scope, id, why) => {
    await room.write(scope.workspaceId, async (tx) => {
      const row = await lockedRow(tx, scope, id);
      if (row.state !== 'running') throw inTheWay(row, `“${row.name}” is not running.`);
      const reason = why === null || clean(why).trim() === '' ? `Stopped by ${scope.actor.name}.` : clean(why).trim();
      await ended(room, tx, scope, row, reason);
    });
    return one(room, scope, id);
  };

/** Everybody gets what is deployed again. */
export async function ended(room: Room, tx: Tx, scope: Scope, row: ExperimentRow, why: string): Promise<void> {
  const at = room.clock();
  await changeExperiment(tx, row.id, { state: 'stopped', ended_at: at, ended_why: why, updated_at: at });
  await tell(room, tx, scope, row, { type: 'stopped', text: why, at });
}

export const endHoldOut =
  (room: Room): Experiments['endHoldOut'] =>
  async (scope, id) => {
    const { row, environment } = await one(room, scope, id);
    const place = (await room.files.environments.list(scope)).find((each) => each.id === environment.id);
    if (place !== undefined) mayChange(scope.actor, place);
    await room.write(scope.workspaceId, async (tx) => {
      const now = await lockedRow(tx, scope, row.id);
      if (now.hold_out === null) throw inTheWay(now, `“${now.name}” holds no users out.`);
      const at = room.clock();
      await changeExperiment(tx, now.id, { hold_out: null, updated_at: at });
      const text = `The ${percent(now.hold_out)} of users who were kept on ${controlOf(now).name} get what is deployed.`;
      await tell(room, tx, scope, now, { type: 'hold_out_ended', text, at });
    });
    return one(room, scope, id);
  };
