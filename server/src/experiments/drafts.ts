import { AppError, type Body, type Endpoints, type Scope } from '@whetstone/contract';
import { idPrefixes } from '@whetstone/domain';
import type { Environment, Snapshot } from '../files/index.ts';
import { clean, inTheWay, load, lockedRow, one, type Room, tell } from './context.ts';
import { changeRunning } from './epochs.ts';
import type { Experiment, Experiments } from './index.ts';
import { unreadable } from './metrics.ts';
import { addExperiment, changeExperiment, listExperiments, removeExperiment } from './store.ts';
import type { ExperimentRow, ForcedUnit, StoredArm } from './tables.ts';

type Create = Body<Endpoints['experiments.create']>;
type Patch = Body<Endpoints['experiments.update']>;
type ArmRequest = Create['arms'][number];

const mostOfFile = 200;
const letters = 'bcdefghijklmnopqrstuvwxyz';

export const list =
  (room: Room): Experiments['list'] =>
  async (scope, { fileId, state }) =>
    load(
      room,
      scope,
      await listExperiments(room.db, scope.workspaceId, { fileId: fileId == null ? null : clean(fileId), state: state ?? null }),
    );

export const create =
  (room: Room): Experiments['create'] =>
  async (scope, input) => {
    refuseUnreadable(input);
    const file = await room.files.get(scope, null, { id: clean(input.file_id) });
    if (file.kind !== 'prompt' && file.kind !== 'agent')
      throw invalid(
        'file_id',
        `\`${file.file.path}\` is a ${file.kind}; versions of a prompt or of an agent can be tried against each other.`,
      );
    const environment = await environmentOf(room, scope, input.environment);
    const arms = await armsOf(room, scope, file, input.arms);
    if ((await listExperiments(room.db, scope.workspaceId, { fileId: file.file.id, state: null })).length >= mostOfFile)
      throw new AppError('conflict', `A file has ${mostOfFile} experiments at most. Delete old ones.`);
    const at = room.clock();
    const id = room.newId(idPrefixes.experiment);
    const row = {
      id,
      workspace_id: scope.workspaceId,
      file_id: file.file.id,
      environment_id: environment.id,
      name: clean(input.name),
      hypothesis: input.hypothesis == null ? null : clean(input.hypothesis),
      state: 'draft' as const,
      salt: id,
      arms: JSON.stringify(arms),
      traffic: input.traffic,
      metric: JSON.stringify(input.metric),
      secondary: JSON.stringify(input.secondary),
      guards: JSON.stringify(input.guards),
      smallest_difference: input.smallest_difference,
      mode: input.mode,
      planned_units: input.planned_units ?? null,
      window_hours: input.window_hours,
      forced: JSON.stringify(forcedOf(input.forced, arms)),
      hold_out: null,
      started_at: null,
      ended_at: null,
      ended_why: null,
      promoted_arm_id: null,
      words: null,
      created_at: at,
      created_by: scope.actor.id,
      updated_at: at,
    };
    await room.db.transaction().execute(async (tx) => {
      await addExperiment(tx, row);
      await tell(room, tx, scope, row, { type: 'created', text: `Drafted for \`${environment.name}\`.`, at });
    });
    return one(room, scope, id);
  };

export const update =
  (room: Room): Experiments['update'] =>
  async (scope, id, patch) => {
    refuseUnreadable(patch);
    const { row } = await one(room, scope, id);
    const arms = patch.arms == null ? null : await changedArms(room, scope, row, patch.arms);
    const environment = patch.environment == null ? null : await environmentOf(room, scope, patch.environment);
    await room.write(scope.workspaceId, async (tx) => {
      const now = await lockedRow(tx, scope, row.id);
      if (now.state === 'draft') return changeExperiment(tx, now.id, draftChange(now, patch, { arms, environment, at: room.clock() }));
      refuseSettings(now, patch);
      if (now.state === 'running') return changeRunning(room, tx, scope, now, { patch, arms });
      if (patch.traffic != null || arms !== null || patch.forced != null)
        throw inTheWay(now, 'The experiment has ended: only its name and its hypothesis can change.');
      return changeExperiment(tx, now.id, { ...textsOf(now, patch), updated_at: room.clock() });
    });
    return one(room, scope, id);
  };

export const remove =
  (room: Room): Experiments['delete'] =>
  async (scope, id) => {
    await room.write(scope.workspaceId, async (tx) => {
      const row = await lockedRow(tx, scope, id);
      if (row.state === 'running') throw inTheWay(row, `“${row.name}” is running. Stop it before you delete it.`);
      if (row.hold_out !== null) throw inTheWay(row, `“${row.name}” still holds users out. End the hold-out before you delete it.`);
      await removeExperiment(tx, scope.workspaceId, row.id);
      const target = { type: 'experiment', id: row.id, name: row.name };
      await room.audit.record(scope, { action: 'experiment.deleted', target }, tx as never);
    });
  };

export function textsOf(row: ExperimentRow, patch: Patch): { name: string; hypothesis: string | null } {
  return {
    name: patch.name == null ? row.name : clean(patch.name),
    hypothesis: patch.hypothesis === undefined ? row.hypothesis : patch.hypothesis === null ? null : clean(patch.hypothesis),
  };
}

function draftChange(row: ExperimentRow, patch: Patch, known: { arms: StoredArm[] | null; environment: Environment | null; at: Date }) {
  const arms = known.arms ?? row.arms;
  return {
    ...textsOf(row, patch),
    ...(known.environment === null ? {} : { environment_id: known.environment.id }),
    arms: JSON.stringify(arms),
    traffic: patch.traffic ?? row.traffic,
    metric: JSON.stringify(patch.metric ?? row.metric),
    secondary: JSON.stringify(patch.secondary ?? row.secondary),
    guards: JSON.stringify(patch.guards ?? row.guards),
    smallest_difference: patch.smallest_difference ?? row.smallest_difference,
    mode: patch.mode ?? row.mode,
    planned_units: patch.planned_units === undefined ? row.planned_units : patch.planned_units,
    window_hours: patch.window_hours ?? row.window_hours,
    forced: JSON.stringify(
      patch.forced == null ? row.forced.filter(({ armId }) => arms.some(({ id }) => id === armId)) : forcedOf(patch.forced, arms),
    ),
    updated_at: known.at,
  };
}

/** What decides was fixed at the start: a number chosen after looking proves nothing. */
function refuseSettings(row: ExperimentRow, patch: Patch): void {
  const fixed = ['metric', 'secondary', 'guards', 'smallest_difference', 'mode', 'planned_units', 'window_hours', 'environment'] as const;
  const asked = fixed.filter((key) => patch[key] != null && JSON.stringify(patch[key]) !== JSON.stringify(row[key as keyof ExperimentRow]));
  if (asked.length === 0) return;
  throw inTheWay(
    row,
    `\`${asked.join('`, `')}\` cannot change once an experiment was started, for what it finds would mean nothing. Stop it and start another.`,
  );
}

async function environmentOf(room: Room, scope: Scope, name: string | null | undefined): Promise<Environment> {
  if (name != null) return room.files.environments.byName(scope, clean(name));
  const found = (await room.files.environments.list(scope)).find(({ isDefault }) => isDefault);
  if (found === undefined) throw invalid('environment', 'There is no default environment. Name one.');
  return found;
}

/** Of a running experiment only weights may differ. */
async function changedArms(room: Room, scope: Scope, row: ExperimentRow, given: readonly ArmRequest[]): Promise<StoredArm[]> {
  if (row.state === 'draft') return armsOf(room, scope, await room.files.get(scope, null, { id: row.file_id }), given);
  const same = given.length === row.arms.length && given.every((arm, index) => isSameArm(arm, row.arms[index]));
  if (!same) throw inTheWay(row, 'Arms are pinned once an experiment was started: send the same arms, in their order, with other weights.');
  refuseNothing(given, row.arms);
  refuseSum(given.map(({ weight }) => weight));
  return row.arms.map((arm, index) => ({ ...arm, weight: given[index]?.weight ?? arm.weight }));
}

function isSameArm(given: ArmRequest, arm: StoredArm | undefined): boolean {
  if (arm === undefined) return false;
  return (given.id == null || given.id === arm.id) && (given.version_id == null || given.version_id === arm.versionId);
}

async function armsOf(room: Room, scope: Scope, file: Snapshot, given: readonly ArmRequest[]): Promise<StoredArm[]> {
  const controls = given.filter((arm) => arm.version_id == null);
  if (controls.length !== 1)
    throw invalid(
      'arms',
      `One arm without \`version_id\` is control, which is what is deployed at the start; there ${controls.length === 0 ? 'is none' : `are ${controls.length}`}.`,
    );
  refuseNothing(given, []);
  refuseSum(given.map(({ weight }) => weight));
  const ids = new Set<string>();
  const known = await room.files.versionsById(
    scope,
    given.flatMap(({ version_id: id }) => (id == null ? [] : [clean(id)])),
  );
  let letter = 0;
  const arms = given.map((arm): StoredArm => {
    const control = arm.version_id == null;
    const id = arm.id ?? (control ? 'control' : (letters[letter++] ?? 'z'));
    if (ids.has(id)) throw invalid('arms', `Two arms are called \`${id}\`.`);
    ids.add(id);
    const version = control ? null : known.get(clean(arm.version_id ?? ''));
    if (version !== null) checkVersion(file, version, arm.version_id ?? '');
    const name = arm.name == null ? (control ? 'Control' : (version?.version.name ?? id.toUpperCase())) : clean(arm.name);
    return { id, name, versionId: version?.version.id ?? null, weight: arm.weight, stoppedAt: null, stoppedWhy: null };
  });
  return arms.toSorted((a, b) => Number(b.versionId === null) - Number(a.versionId === null));
}

/** @throws AppError 422 unless it is a saved version of the file */
export function checkVersion(file: Pick<Snapshot, 'file' | 'kind'>, version: Snapshot | undefined, id: string): void {
  if (version === undefined || version.file.id !== file.file.id) throw invalid('arms', `\`${file.file.path}\` has no version \`${id}\`.`);
  if (version.version.status === 'deleted') throw invalid('arms', `Version \`${id}\` was deleted. Choose another.`);
  if (version.version.status === 'uncommitted') throw invalid('arms', `Version \`${id}\` is an unsaved draft. Save it as a version first.`);
}

/** What cannot be read could not be looked at later either. */
function refuseUnreadable({ metric, secondary, guards }: Pick<Patch, 'metric' | 'secondary' | 'guards'>): void {
  const given = { metric: [metric], secondary: secondary ?? [], guards: (guards ?? []).map((guard) => guard.metric) };
  for (const [field, specs] of Object.entries(given))
    for (const spec of specs) {
      const why = spec == null ? null : unreadable(spec);
      if (why !== null) throw invalid(field, why);
    }
}

/** An arm without a share would never be told apart; to take it out of traffic it is stopped. */
function refuseNothing(given: readonly ArmRequest[], arms: readonly StoredArm[]): void {
  const empty = given.findIndex(({ weight }, index) => weight === 0 && (arms[index]?.stoppedAt ?? null) === null);
  if (empty === -1) return;
  const name = arms[empty]?.name ?? given[empty]?.name ?? given[empty]?.id ?? String(empty + 1);
  throw invalid('arms', `The arm ${name} has a weight of 0. Every arm needs a share; to take one out of traffic, stop it.`);
}

export function refuseSum(weights: readonly number[]): void {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) < 1e-6) return;
  throw invalid('arms', `The weights of the arms add up to ${Number(sum.toFixed(6))}; together they are to be 1.`);
}

export function forcedOf(given: readonly { unit: string; arm_id: string }[], arms: readonly StoredArm[]): ForcedUnit[] {
  const seen = new Map<string, string>();
  for (const { unit, arm_id: armId } of given) {
    const known = clean(unit);
    if (!arms.some(({ id }) => id === armId)) throw invalid('forced', `There is no arm \`${armId}\`.`);
    if ((seen.get(known) ?? armId) !== armId) throw invalid('forced', `The user \`${known}\` is forced into two arms.`);
    seen.set(known, armId);
  }
  return [...seen].map(([unit, armId]) => ({ unit, armId }));
}

export function invalid(field: string, msg: string): AppError {
  return new AppError('invalid_input', msg, { details: [{ loc: ['body', field], msg, type: 'value_error' }] });
}

export type { Experiment };
