import { carryOf } from './carry/carry.ts';
import { openRoom } from './context.ts';
import { Engine } from './orchestrate/engine.ts';
import { estimate } from './estimate/estimate.ts';
import { addEvaluators, create, get, list, remove, removeEvaluator } from './evaluations.ts';
import type { Evaluations, EvaluationsDeps, Run } from './index.ts';
import * as runs from './runs.ts';
import { logs, stats } from './scores.ts';
import { deleteAll } from './store.ts';

export function createEvaluations(deps: EvaluationsDeps): Evaluations {
  const room = openRoom(deps);
  const engine = new Engine(room);
  const createRuns = runs.create(room, (runId) => engine.wake(runId));
  return {
    list: list(room),
    get: (scope, id) => get(room, scope, id),
    create: create(room),
    delete: (scope, id) => remove(room, scope, id),
    async addEvaluators(scope, id, evaluators) {
      const evaluation = await addEvaluators(room)(scope, id, evaluators);
      await engine.wakeAll(evaluation.id);
      return evaluation;
    },
    removeEvaluator: (scope, id, versionId) => removeEvaluator(room, scope, id, versionId),
    runs: (scope, id) => runs.list(room, scope, id),
    createRun: async (scope, id, input) => (await createRuns(scope, id, [input]))[0] as Run,
    createRuns,
    estimate: estimate(room),
    addRun: woken(engine, runs.add(room)),
    removeRun: runs.remove(room),
    async updateRun(scope, id, runId, patch) {
      const run = await runs.update(room)(scope, id, runId, patch);
      if (run.status === 'cancelled') engine.end(run.id);
      else engine.wake(run.id);
      // What the runs are compared with may be another one now.
      if (patch.control != null) await engine.wakeAll(id);
      return run;
    },
    addLogs: woken(engine, runs.addLogs(room)),
    stats: stats(room),
    logs: logs(room),
    requireRun: runs.requireRun(room),
    async attach(scope, log) {
      for (const runId of await runs.attach(room)(scope, log)) engine.wakeSoon(runId);
    },
    async completed(scope, log) {
      for (const runId of await runs.waitingFor(room)(scope, log)) engine.wakeSoon(runId);
    },
    carry: carryOf(room),
    start: () => engine.start(),
    close: () => engine.stop(),
    deleteWorkspace: (workspaceId) => deleteAll(room.db, workspaceId),
  };
}

/** The verb, after which there may be something to do in its run. */
function woken<A extends unknown[]>(engine: Engine, verb: (...args: A) => Promise<Run>): (...args: A) => Promise<Run> {
  return async (...args) => {
    const run = await verb(...args);
    engine.wake(run.id);
    return run;
  };
}
