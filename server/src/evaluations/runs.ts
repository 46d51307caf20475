import { AppError, notFound } from '@whetstone/contract';
import type { RunOverride, Scope } from '@whetstone/contract';
import { idPrefixes } from '@whetstone/domain';
import type { Insertable } from 'kysely';
import type { Snapshot } from '../files/index.ts';
import { change, clean, evaluationOf, type Room } from './context.ts';
import type { Evaluations, NewRun, Run } from './index.ts';
import { versionOf, wrong } from '../files/index.ts';
import { runnable } from './orchestrate/call-version.ts';
import { insertItems, type Item } from './orchestrate/store.ts';
import { score, type Scored } from './scores.ts';
import {
  findLinkedRun,
  insertRun,
  insertRunLogs,
  linkRun,
  openRunsOfVersion,
  runExists,
  runLogs,
  runsOf,
  setCap,
  setControl,
  setEnded,
  takersOf,
  unlinkRun,
} from './store-runs.ts';
import type { EvaluationTables, LinkedRunRow, Tx } from './tables.ts';

/** Runs, and how logs come into them. */

const mostRuns = 1_000;
const mostItems = 1_000_000;
/** Logs that are looked up together. */
const lookedUpAtOnce = 50;

export async function list(room: Room, scope: Scope, id: string): Promise<Run[]> {
  const evaluation = await evaluationOf(room, scope, id);
  return (await score(room, scope, evaluation.id, await runsOf(room.db, evaluation.id))).map(({ run }) => run);
}

/** @throws AppError 404 when it is not in the evaluation */
async function one(room: Room, scope: Scope, evaluationId: string, runId: string): Promise<Run> {
  const row = await findLinkedRun(room.db, evaluationId, clean(runId));
  const [scored]: Scored[] = row === undefined ? [] : await score(room, scope, evaluationId, [row]);
  if (!scored) throw notFound('Run', runId);
  return scored.run;
}

export const create =
  (room: Room, made: (runId: string) => void): Evaluations['createRuns'] =>
  async (scope, id, inputs) => {
    const evaluation = await evaluationOf(room, scope, id);
    const prepared: PreparedRun[] = [];
    for (const input of inputs) prepared.push(await prepare(room, scope, input));
    await change(room, scope, evaluation.id, async (tx, row) => {
      if ((await runsOf(tx, row.id)).length + prepared.length > mostRuns)
        throw new AppError('conflict', `An evaluation has ${mostRuns} runs at most.`);
      for (const each of prepared) await insertPrepared(room, tx, row.id, each);
    });
    for (const { row } of prepared) made(row.id);
    return Promise.all(prepared.map(({ row }) => one(room, scope, evaluation.id, row.id)));
  };

interface PreparedRun {
  row: Insertable<EvaluationTables['evaluation_runs']>;
  items: (Item & { position: number })[];
  seeds: { id: string; at: Date; datapointId: string | null }[];
}

async function prepare(room: Room, scope: Scope, input: NewRun): Promise<PreparedRun> {
  const dataset = input.dataset && (await versionOf(room.files, scope, 'dataset', input.dataset, 'dataset'));
  const named = input.version && (await versionOf(room.files, scope, null, input.version, 'version'));
  if (named?.kind === 'dataset') throw wrong('version', 'A dataset cannot be run: name a version of another kind.');
  for (const key of ['maxCostUsd', 'cache', 'concurrency', 'override'] as const)
    if (input[key] != null && input[key] !== false && !input.orchestrated) throw wrong('orchestrated', onlyOrchestrated);
  const version = input.override == null ? named : await overridden(room, scope, named, input.override);
  const items = await itemsOf(room, scope, input, dataset, version);
  const { actor } = scope;
  return {
    items,
    seeds: await existingLogs(room, scope, input, dataset, version),
    row: {
      id: room.newId(idPrefixes.run),
      workspace_id: scope.workspaceId,
      dataset_version_id: dataset?.version.id ?? null,
      version_id: version?.version.id ?? null,
      orchestrated: input.orchestrated,
      repetitions: input.repetitions ?? 1,
      max_cost_usd: input.maxCostUsd ?? null,
      cached: input.cache === true,
      concurrency: input.concurrency ?? null,
      started_by: actor.type === 'key' ? JSON.stringify({ id: actor.id, name: actor.name, role: actor.role }) : null,
      ended: null,
      created_at: room.clock(),
      created_by: actor.id,
    },
  };
}

const onlyOrchestrated =
  'A cap of the cost, results of earlier runs, a concurrency and other parameters are for what the server runs: send `orchestrated: true`.';

async function insertPrepared(room: Room, tx: Tx, evaluationId: string, { row, items, seeds }: PreparedRun): Promise<void> {
  await insertRun(tx, row);
  await linkRun(tx, { evaluation_id: evaluationId, run_id: row.id, control: false, added_at: room.clock() });
  await insertRunLogs(tx, row.id, seeds);
  const covered = new Set(seeds.flatMap(({ datapointId }) => datapointId ?? []));
  await insertItems(
    tx,
    row.id,
    items.filter(({ datapointId, repetition }) => repetition > 0 || !covered.has(datapointId)),
  );
}

/** The prompt with other parameters, kept as a version without a name. */
async function overridden(room: Room, scope: Scope, named: Snapshot | null, override: RunOverride): Promise<Snapshot> {
  if (named?.kind !== 'prompt') throw wrong('override', 'Only a prompt can be run with another model or other parameters.');
  const changes = Object.fromEntries(Object.entries(override).filter(([, value]) => value != null));
  // Another model is seldom had from the same provider.
  const provider = changes['model'] !== undefined && changes['provider'] === undefined ? { provider: null } : {};
  const kernel = { ...(named as Snapshot<'prompt'>).version.kernel, ...provider, ...changes };
  return (await room.files.upsert(scope, 'prompt', { id: named.file.id, kernel })).snapshot;
}

/** One item a datapoint and repetition, each with the id that its log will have. @throws AppError 422 for what the server cannot run */
async function itemsOf(
  room: Room,
  scope: Scope,
  { orchestrated, repetitions = 1 }: NewRun,
  dataset: Snapshot | null,
  version: Snapshot | null,
): Promise<(Item & { position: number })[]> {
  if (!orchestrated) return [];
  if (dataset === null) throw wrong('dataset', 'Name the dataset that the server is to run the version on.');
  if (version === null) throw wrong('version', 'Name the version that the server is to run.');
  if (!runnable.has(version.kind))
    throw wrong(
      'orchestrated',
      `A ${version.kind} is run by your own code: send \`orchestrated: false\` and log into the run. The server runs prompts, tools and agents.`,
    );
  // Refuses a key of one environment what it could not call by itself.
  await room.files.resolve(scope, version.kind, { id: version.file.id }, { versionId: version.version.id });
  const ids = await room.files.datasets.datapointIds(scope, dataset.version.id);
  if (ids.length * repetitions > mostItems)
    throw wrong('repetitions', `A run has ${mostItems} logs at most; this one would have ${ids.length * repetitions}.`);
  const at = room.clock();
  return Array.from({ length: repetitions }, (_, repetition) =>
    ids.map((datapointId, position) => ({ datapointId, repetition, position, logId: room.logs.newId(at) })),
  ).flat();
}

/** What the version left for datapoints of the dataset, the newest of each. */
async function existingLogs(
  room: Room,
  scope: Scope,
  { useExistingLogs }: NewRun,
  dataset: Snapshot | null,
  version: Snapshot | null,
): Promise<{ id: string; at: Date; datapointId: string | null }[]> {
  if (!useExistingLogs || dataset === null || version === null) return [];
  const wanted = new Set(await room.files.datasets.datapointIds(scope, dataset.version.id));
  const logs = await room.logs.runs.logsOfVersion(scope, version.version.id);
  return logs.filter(({ datapointId }) => datapointId !== null && wanted.has(datapointId));
}

export const add =
  (room: Room): Evaluations['addRun'] =>
  async (scope, id, runId) => {
    const evaluation = await evaluationOf(room, scope, id);
    if (!(await runExists(room.db, scope.workspaceId, clean(runId)))) throw notFound('Run', runId);
    await change(room, scope, id, (tx, row) =>
      linkRun(tx, { evaluation_id: row.id, run_id: clean(runId), control: false, added_at: room.clock() }),
    );
    return one(room, scope, evaluation.id, runId);
  };

export const remove =
  (room: Room): Evaluations['removeRun'] =>
  (scope, id, runId) =>
    change(room, scope, id, async (tx, row) => {
      const run = await held(tx, row.id, runId);
      await unlinkRun(tx, row.id, run.id);
    });

export const update =
  (room: Room): Evaluations['updateRun'] =>
  async (scope, id, runId, { control, status, maxCostUsd }) => {
    const evaluationId = await change(room, scope, id, async (tx, row) => {
      const run = await held(tx, row.id, runId);
      if (maxCostUsd != null) await setCap(tx, run.id, maxCostUsd);
      if (status === 'running' || status === 'pending') refuseSpent(run, maxCostUsd ?? run.max_cost_usd);
      if (control != null) await setControl(tx, row.id, run.id, control);
      if (status != null) await setEnded(tx, run.id, status === 'completed' || status === 'cancelled' ? status : null);
      return row.id;
    });
    return one(room, scope, evaluationId, runId);
  };

/** It would stop where it stands. */
function refuseSpent({ stopped_because: because, spent_usd: spent }: LinkedRunRow, cap: number | null): void {
  if (because !== 'cost' || cap === null || (spent ?? 0) < cap) return;
  throw wrong('max_cost_usd', `The run has cost ${spent} USD of the ${cap} USD that it may cost. Resume it with a higher cap.`);
}

async function held(db: Room['db'], evaluationId: string, runId: string): Promise<LinkedRunRow> {
  const run = await findLinkedRun(db, evaluationId, clean(runId));
  if (run === undefined) throw notFound('Run', runId);
  return run;
}

export const addLogs =
  (room: Room): Evaluations['addLogs'] =>
  async (scope, id, runId, logIds) => {
    const evaluation = await evaluationOf(room, scope, id);
    const run = await held(room.db, evaluation.id, runId);
    const logs: { id: string; at: Date }[] = [];
    const ids = [...new Set(logIds)];
    for (let i = 0; i < ids.length; i += lookedUpAtOnce) {
      const found = await Promise.all(
        ids.slice(i, i + lookedUpAtOnce).map(async (logId) => (await room.logs.find(scope, logId)) ?? missing(logId)),
      );
      logs.push(...found.map((log) => ({ id: log.id, at: log.at })));
    }
    await insertRunLogs(room.db, run.id, logs);
    return one(room, scope, evaluation.id, run.id);
  };

function missing(logId: string): never {
  throw notFound('Log', logId);
}

export const requireRun =
  (room: Room): Evaluations['requireRun'] =>
  async ({ workspaceId }, runId) => {
    if (!(await runExists(room.db, workspaceId, clean(runId)))) throw notFound('Run', runId);
  };

/** Runs that wait for the log, now that its trace is complete. */
export const waitingFor =
  (room: Room) =>
  async (scope: Scope, { id, kind, runId, datapointId, versionId }: Parameters<Evaluations['completed']>[1]): Promise<string[]> => {
    if (kind !== 'flow' && kind !== 'agent') return [];
    if (runId !== null) return [runId];
    if (datapointId === null) return [];
    const open = (await openRunsOfVersion(room.db, scope.workspaceId, versionId)).map((run) => run.id);
    return takersOf(room.db, open, id);
  };

export const attach =
  (room: Room) =>
  /** Runs that the log is in now. */
  async (scope: Scope, log: Parameters<Evaluations['attach']>[1]): Promise<string[]> => {
    if (log.runId !== null) return [log.runId];
    if (log.datapointId === null) return [];
    const joined: string[] = [];
    for (const run of await openRunsOfVersion(room.db, scope.workspaceId, log.versionId)) {
      const members = await room.files.datasets.datapointIds(scope, run.dataset_version_id ?? '');
      if (!members.includes(log.datapointId)) continue;
      const logs = await room.logs.runs.logs(scope, [run.id], await runLogs(room.db, [run.id]));
      if (logs.some(({ datapointId }) => datapointId === log.datapointId)) continue;
      await insertRunLogs(room.db, run.id, [{ id: log.id, at: log.at }]);
      joined.push(run.id);
    }
    return joined;
  };
