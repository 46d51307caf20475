import type { Scope } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import { createAnalysis } from './analysis/create-analysis.ts';
import { belongs, decide } from './assign.ts';
import { carryOf } from './carry.ts';
import { channel, clean, one, openRoom, type Room, rowOf } from './context.ts';
import { DecidingExperiments, placeKey } from './deciding.ts';
import { create, list, remove, update } from './drafts.ts';
import { stopArm } from './epochs.ts';
import { Exposures } from './exposures.ts';
import type { Experiments, ExperimentsDeps, Place, Resolved, Served } from './index.ts';
import { begin, endHoldOut, stop } from './lifecycle.ts';
import { guardOf, promote, type Promotions } from './promote.ts';
import { deleteAll, epochsOf, eventsOf } from './store.ts';
import { armOf, type Deciding } from './assign.ts';
import type { ExperimentTables } from './tables.ts';

export async function createExperiments(deps: ExperimentsDeps): Promise<Experiments> {
  const known = new DecidingExperiments(deps.storage.database<ExperimentTables>(), deps.monotonicMs ?? (() => performance.now()));
  const room = openRoom(deps, (workspaceId) => known.drop(workspaceId));
  const promotions: Promotions = new WeakMap();
  const exposures = new Exposures(room);
  const analysis = createAnalysis(room);
  const unlisten = await deps.storage.listen(channel, (workspaceId) => known.drop(workspaceId));
  const offReconnect = deps.storage.onReconnect(() => known.drop());

  const deciding = ({ workspaceId }: Scope, { fileId, environmentId }: Place): Deciding | null | Promise<Deciding | null> => {
    const found = known.of(workspaceId);
    const key = placeKey(fileId, environmentId);
    return found instanceof Promise ? found.then((experiments) => experiments.get(key) ?? null) : (found.get(key) ?? null);
  };
  const assign: Experiments['assign'] = (scope, place) => {
    const found = deciding(scope, place);
    if (found instanceof Promise) return found.then((experiment) => (experiment === null ? null : decide(experiment, place.unit)));
    return found === null ? null : decide(found, place.unit);
  };
  const serve = async <S extends Snapshot>(
    scope: Scope,
    { snapshot, environmentId }: Resolved<S>,
    unit: string | null,
  ): Promise<Served<S>> => {
    const nobody = { snapshot, assigned: null };
    if (environmentId === null) return nobody;
    const assigned = await assign(scope, { fileId: snapshot.file.id, environmentId, unit });
    if (assigned === null) return nobody;
    if (assigned.versionId === snapshot.version.id) return { snapshot, assigned };
    const version = (await room.files.versionsById(scope, [assigned.versionId])).get(assigned.versionId);
    // An arm's version cannot be deleted; one that cannot be read now is no reason to refuse.
    return version === undefined ? nobody : { snapshot: version as S, assigned };
  };
  return {
    list: list(room),
    get: (scope, id) => one(room, scope, id),
    create: create(room),
    update: update(room),
    delete: remove(room),
    begin: begin(room),
    stop: stop(room),
    stopArm: stopArm(room),
    promote: promote(room, promotions),
    endHoldOut: endHoldOut(room),
    assignment: assignment(room),
    history: async (scope, id) => eventsOf(room.db, (await rowOf(room, scope, id)).id),
    settle: (scope, id) => analysis.settle(scope, id),
    result: (scope, id) => analysis.result(scope, id),
    plan: (scope, request) => analysis.plan(scope, request),
    assign,
    join(scope, log) {
      const found = deciding(scope, log);
      if (found instanceof Promise) return found.then((experiment) => (experiment === null ? null : belongs(experiment, log)));
      return found === null ? null : belongs(found, log);
    },
    serve,
    async expose(scope, found, unit, source) {
      const given = await serve(scope, found, unit);
      if (given.assigned !== null) await exposures.note(scope, given.assigned, unit, source);
      return given;
    },
    carry: carryOf(room),
    guard: guardOf(room, promotions),
    start: () => analysis.start(),
    async close() {
      unlisten();
      offReconnect();
      await analysis.close();
    },
    async deleteWorkspace(workspaceId) {
      await deleteAll(room.db, workspaceId);
      known.drop(workspaceId);
    },
  };
}

/** Also of experiments that are over: what a unit got. */
const assignment =
  (room: Room): Experiments['assignment'] =>
  async (scope, id, unit) => {
    const row = await rowOf(room, scope, id);
    const epoch = (await epochsOf(room.db, [row.id])).at(-1);
    const place = { fileId: row.file_id, environmentId: row.environment_id, unit: clean(unit) };
    const decides = row.state === 'running' || row.hold_out !== null;
    const assigned = epoch === undefined || !decides ? null : decide(armOf(row, epoch), place.unit);
    if (assigned !== null)
      return {
        assignment: { id: row.id, arm: assigned.armId, propensity: assigned.propensity },
        version_id: assigned.versionId,
      };
    const { file } = await one(room, scope, row.id);
    const places = await room.files.deployed(scope, file.kind as 'prompt', row.file_id);
    const now = places.find(({ environment }) => environment.id === row.environment_id)?.snapshot;
    return { assignment: null, version_id: now?.version.id ?? row.arms[0]?.versionId ?? '' };
  };
