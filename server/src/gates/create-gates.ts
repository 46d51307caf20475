import { AppError, type Actor, type GateCheck, notFound, type Scope } from '@whetstone/contract';
import { canonicalText, idRandomBytes, makeId } from '@whetstone/domain';
import type { FileGuard, Snapshot } from '../files/index.ts';
import { carryOf } from './carry.ts';
import { checkGate, type Deploying } from './check.ts';
import type { Checked, Gate, Gates, GatesDeps, NewGate } from './index.ts';
import { resultsRoom } from './results.ts';
import {
  type Db,
  deleteAll,
  type EvaluationName,
  evaluationsCalled,
  type GateRow,
  gatesOf,
  type GateTables,
  replaceGates,
} from './store.ts';

/** What the verbs of the room share. */
export interface Room extends GatesDeps {
  readonly db: Db;
}

export function createGates(deps: GatesDeps): Gates {
  const room: Room = { ...deps, db: deps.storage.database<GateTables>() };
  return {
    async list(scope, environmentId) {
      await environmentOf(room, scope, environmentId);
      return listed(room, scope, await gatesOf(room.db, scope.workspaceId, environmentId));
    },
    set: (scope, environmentId, gates) => set(room, scope, environmentId, gates),
    check: (scope, environmentId, versionId) => check(room, scope, environmentId, versionId),
    results: resultsRoom(room),
    carry: carryOf(room),
    guard: guardOf(room),
    deleteWorkspace: (workspaceId) => deleteAll(room.db, workspaceId),
  };
}

async function environmentOf(room: Room, scope: Scope, id: string) {
  const found = (await room.files.environments.list(scope)).find((environment) => environment.id === id);
  if (found === undefined) throw notFound('Environment', id);
  return found;
}

async function listed(room: Room, { workspaceId }: Scope, rows: readonly GateRow[]): Promise<Gate[]> {
  const named = await evaluationsCalled(
    room.db,
    workspaceId,
    rows.map(({ evaluation }) => evaluation),
  );
  return rows.map((row) => ({
    id: row.id,
    evaluation: row.evaluation,
    evaluationName: (named.find(({ id }) => id === row.evaluation) ?? named.find(({ name }) => name === row.evaluation))?.name ?? null,
    fileId: row.file_id,
    noRegression: row.no_regression,
    hardRules: row.hard_rules,
    maxAgeDays: row.max_age_days,
  }));
}

async function set(room: Room, scope: Scope, environmentId: string, given: readonly NewGate[]): Promise<Gate[]> {
  const environment = await environmentOf(room, scope, environmentId);
  const at = room.clock();
  const rows = given.map(({ evaluation, fileId, noRegression, hardRules, maxAgeDays }, position): GateRow => {
    if (!noRegression && !hardRules && maxAgeDays === null)
      throw new AppError('invalid_input', `The gate “${evaluation}” demands nothing: ask for no regression, for the hard rules, or both.`);
    return {
      id: makeId('gate_', room.randomBytes(idRandomBytes)),
      workspace_id: scope.workspaceId,
      environment_id: environmentId,
      evaluation: canonicalText(evaluation).text,
      file_id: fileId,
      no_regression: noRegression,
      hard_rules: hardRules,
      max_age_days: maxAgeDays,
      position,
      created_at: at,
      created_by: scope.actor.id,
    };
  });
  await room.db.transaction().execute(async (tx) => {
    await replaceGates(tx, scope.workspaceId, environmentId, rows);
    const data = { gates: given.map(({ evaluation, fileId, ...rest }) => ({ evaluation, fileId, ...rest })) };
    const target = { type: 'environment', id: environment.id, name: environment.name };
    await room.audit.record(scope, { action: 'environment.gates_set', target, data }, tx as never);
  });
  return listed(room, scope, rows);
}

async function check(room: Room, scope: Scope, environmentId: string, versionId: string): Promise<Checked> {
  const environment = await environmentOf(room, scope, environmentId);
  const version = (await room.files.versionsById(scope, [versionId])).get(versionId);
  if (version === undefined) throw notFound('Version', versionId);
  return checked(room, scope, environment, version);
}

async function checked(room: Room, scope: Scope, environment: { id: string; name: string }, version: Snapshot): Promise<Checked> {
  const gates = await gatesOf(room.db, scope.workspaceId, environment.id);
  if (gates.length === 0) return { outcome: 'passed', rollBack: false, checks: [] };
  if (await wasDeployed(room, scope, environment.id, version)) return { outcome: 'passed', rollBack: true, checks: [] };
  const named = await evaluationsCalled(
    room.db,
    scope.workspaceId,
    gates.map(({ evaluation }) => evaluation),
  );
  const places = await room.files.deployed(scope, version.kind, version.file.id);
  const current = places.find((place) => place.environment.id === environment.id)?.snapshot ?? null;
  const deploying: Deploying = { version, environment: environment.name, current };
  const checks: GateCheck[] = [];
  for (const gate of gates) {
    const evaluation = concerned(gate, named, version.file.id);
    if (evaluation !== 'other') checks.push(await checkGate(room, scope, gate, evaluation, deploying));
  }
  return { outcome: checks.some(({ outcome }) => outcome === 'refused') ? 'refused' : 'passed', rollBack: false, checks };
}

/** The evaluation by which the gate judges the file; null: it should have one and has none; `other`: the gate is about other files. */
function concerned(gate: GateRow, named: readonly EvaluationName[], fileId: string): EvaluationName | null | 'other' {
  if (gate.file_id !== null && gate.file_id !== fileId) return 'other';
  const byId = named.find(({ id }) => id === gate.evaluation);
  if (byId !== undefined) return byId.file_id === null || byId.file_id === fileId ? byId : 'other';
  const byName = named.find(({ name, file_id: of }) => name === gate.evaluation && of === fileId);
  return byName ?? (gate.file_id === null ? 'other' : null);
}

const historyPage = 200;

/** Going back is always allowed: it is what one does when something is wrong. */
async function wasDeployed(room: Room, scope: Scope, environmentId: string, { kind, file, version }: Snapshot): Promise<boolean> {
  for (let page = 1; ; page += 1) {
    const { records } = await room.files.deployments(scope, kind, file.id, { page, size: historyPage, environmentId });
    if (records.some(({ versionId }) => versionId === version.id)) return true;
    if (records.length < historyPage) return false;
  }
}

function guardOf(room: Room): FileGuard {
  return {
    async beforeDeploy(scope, { environmentId, versionId, overrideGates }) {
      // The common case costs one question.
      if ((await gatesOf(room.db, scope.workspaceId, environmentId)).length === 0) return;
      const environment = (await room.files.environments.list(scope)).find(({ id }) => id === environmentId);
      const version = (await room.files.versionsById(scope, [versionId])).get(versionId);
      // What is not there is refused by who knows best how to say it.
      if (environment === undefined || version === undefined) return;
      const { outcome, checks } = await checked(room, scope, environment, version);
      if (outcome === 'passed') return;
      const refused = checks.filter((one) => one.outcome === 'refused');
      if (overrideGates !== null) return override(room, scope, { environment, version, reason: overrideGates, refused });
      throw refusal(environment.name, refused);
    },
  };
}

function refusal(environment: string, refused: readonly GateCheck[]): AppError {
  const told = refused.map(({ sentence, url }) => (url === null ? sentence : `${sentence} See ${url}.`));
  const how = 'An admin can deploy it nevertheless, with a reason (`override_gates`).';
  return new AppError('conflict', `\`${environment}\` does not take this version. ${told.join(' ')} ${how}`, {
    data: { environment, gates: refused },
  });
}

interface Override {
  environment: { id: string; name: string };
  version: Snapshot;
  reason: string;
  refused: readonly GateCheck[];
}

async function override(room: Room, scope: Scope, { environment, version, reason, refused }: Override): Promise<void> {
  if (!mayOverride(scope.actor))
    throw new AppError(
      'forbidden',
      `Only an admin or the owner can deploy against the gates of \`${environment.name}\`. Your role is ${scope.actor.role}.`,
    );
  const text = canonicalText(reason).text.trim();
  if (text === '') throw new AppError('invalid_input', 'Give the reason for deploying against the gates in `override_gates`.');
  await room.audit.record(scope, {
    action: 'version.gates_overridden',
    target: { type: version.kind, id: version.file.id, name: version.file.path },
    data: {
      environment: environment.name,
      environmentId: environment.id,
      versionId: version.version.id,
      reason: text.slice(0, 2000),
      gates: refused.map(({ evaluation_name: evaluation, reason: why, sentence }) => ({ evaluation, reason: why, sentence })),
    },
  });
}

const mayOverride = ({ role }: Actor): boolean => role === 'admin' || role === 'owner';
