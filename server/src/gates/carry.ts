import type { Scope } from '@whetstone/contract';
import { idRandomBytes, makeId } from '@whetstone/domain';
import type { Room } from './create-gates.ts';
import type { NewGate, NewResult } from './index.ts';
import { evaluationsCalled, everyGate, gatesOf, insertResult, replaceGates, resultsOf, takenGates } from './store.ts';

/** For an export and for the import of one. */
export interface Carry {
  /** Of all environments, those of one in their order. */
  gates(scope: Scope): Promise<CarriedGate[]>;
  /** Of one environment. @returns false when it demands something already, which stays */
  takeGates(scope: Scope, environmentId: string, gates: readonly Omit<CarriedGate, 'environmentId'>[]): Promise<boolean>;
  /** Of an evaluation, oldest first. */
  results(scope: Scope, evaluationId: string): Promise<CarriedResult[]>;
  /** Of an evaluation that is there; what is kept already stays. */
  takeResults(scope: Scope, evaluationId: string, results: readonly CarriedResult[]): Promise<void>;
}
export interface CarriedGate extends NewGate {
  id: string;
  environmentId: string;
  createdAt: Date;
  createdBy: string;
}
export interface CarriedResult extends NewResult {
  runId: string;
  at: Date;
}

const every = 1_000_000;

export function carryOf({ db, randomBytes }: Room): Carry {
  const isHere = async ({ workspaceId }: Scope, id: string): Promise<boolean> =>
    (await evaluationsCalled(db, workspaceId, [id])).some((found) => found.id === id);
  return {
    gates: async ({ workspaceId }) =>
      (await everyGate(db, workspaceId)).map((row) => ({
        id: row.id,
        environmentId: row.environment_id,
        evaluation: row.evaluation,
        fileId: row.file_id,
        noRegression: row.no_regression,
        hardRules: row.hard_rules,
        maxAgeDays: row.max_age_days,
        createdAt: row.created_at,
        createdBy: row.created_by,
      })),
    takeGates: ({ workspaceId }, environmentId, gates) =>
      db.transaction().execute(async (tx) => {
        if ((await gatesOf(tx, workspaceId, environmentId)).length > 0) return false;
        const ids = gates.map(({ id }) => id);
        const taken = await takenGates(tx, ids);
        const rows = gates.map((gate, position) => ({
          id: taken.has(gate.id) ? makeId('gate_', randomBytes(idRandomBytes)) : gate.id,
          workspace_id: workspaceId,
          environment_id: environmentId,
          evaluation: gate.evaluation,
          file_id: gate.fileId,
          no_regression: gate.noRegression,
          hard_rules: gate.hardRules,
          max_age_days: gate.maxAgeDays,
          position,
          created_at: gate.createdAt,
          created_by: gate.createdBy,
        }));
        await replaceGates(tx, workspaceId, environmentId, rows);
        return true;
      }),
    results: async (scope, evaluationId) =>
      (await isHere(scope, evaluationId))
        ? (await resultsOf(db, evaluationId, null, every))
            .toReversed()
            .map((row) => ({ runId: row.run_id, branch: row.branch, commit: row.commit_id, url: row.url, at: row.created_at }))
        : [],
    async takeResults(scope, evaluationId, results) {
      if (!(await isHere(scope, evaluationId))) return;
      for (const { runId, branch, commit, url, at } of results) {
        const of = { evaluation_id: evaluationId, run_id: runId, workspace_id: scope.workspaceId };
        await insertResult(db, { ...of, branch, commit_id: commit, url, created_at: at });
      }
    },
  };
}
