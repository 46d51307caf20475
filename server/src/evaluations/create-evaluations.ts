import { carryOf } from './carry/carry.ts';
import { openRoom } from './context.ts';
import { addEvaluators, create, get, list, remove, removeEvaluator } from './evaluations.ts';
import type { Evaluations, EvaluationsDeps } from './index.ts';
import * as monitors from './monitors.ts';
import * as runs from './runs.ts';
import { logs, stats } from './scores.ts';
import { deleteAll } from './store.ts';

export function createEvaluations(deps: EvaluationsDeps): Evaluations {
  const room = openRoom(deps);
  return {
    list: list(room),
    get: (scope, id) => get(room, scope, id),
    create: create(room),
    delete: (scope, id) => remove(room, scope, id),
    addEvaluators: addEvaluators(room),
    removeEvaluator: (scope, id, versionId) => removeEvaluator(room, scope, id, versionId),
    runs: (scope, id) => runs.list(room, scope, id),
    createRun: runs.create(room),
    addRun: runs.add(room),
    removeRun: runs.remove(room),
    updateRun: runs.update(room),
    addLogs: runs.addLogs(room),
    stats: stats(room),
    logs: logs(room),
    requireRun: runs.requireRun(room),
    attach: runs.attach(room),
    monitors: { change: monitors.change(room), of: monitors.of(room) },
    carry: carryOf(room),
    guard: monitors.guard,
    deleteWorkspace: (workspaceId) => deleteAll(room.db, workspaceId),
  };
}
