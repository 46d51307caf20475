import { AppError } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import type { Insertable } from 'kysely';
import { translated, type Room } from '../context.ts';
import { evaluatorsOf, findEvaluation, insertEvaluation, insertEvaluators } from '../store.ts';
import { insertRun, insertRunLogs, linkRun, runExists, runLogs, runsOf } from '../store-runs.ts';
import type { EvaluationRow, EvaluationTables, LinkedRunRow } from '../tables.ts';
import type { CarriedEvaluation, CarriedRun, Carry } from './carried.ts';
import { everyEvaluation, isTaken, itemsOf, putItems } from './store.ts';

export function carryOf(room: Room): Carry {
  return {
    evaluations: async ({ workspaceId }) =>
      Promise.all((await everyEvaluation(room.db, workspaceId)).map((row) => evaluationOf(room, row))),
    runLogs: async ({ workspaceId }, runId) =>
      (await runExists(room.db, workspaceId, runId)) ? (await runLogs(room.db, [runId])).map(({ id, at }) => ({ id, at })) : [],
    items: async ({ workspaceId }, runId) => itemsOf(room.db, workspaceId, runId),
    takeItems: async ({ workspaceId }, runId, items) => {
      if (await runExists(room.db, workspaceId, runId)) await putItems(room.db, runId, items);
    },
    take: (scope, evaluation) => take(room, scope, evaluation),
    takeRunLogs: async ({ workspaceId }, runId, logs) => {
      if (await runExists(room.db, workspaceId, runId)) await insertRunLogs(room.db, runId, logs);
    },
  };
}

async function evaluationOf({ db }: Room, row: EvaluationRow): Promise<CarriedEvaluation> {
  const [evaluators, runs] = await Promise.all([evaluatorsOf(db, [row.id]), runsOf(db, row.id)]);
  return {
    id: row.id,
    name: row.name,
    fileId: row.file_id,
    createdAt: row.created_at,
    createdBy: row.created_by,
    updatedAt: row.updated_at,
    evaluators: evaluators.map((each) => ({
      versionId: each.evaluator_version_id,
      orchestrated: each.orchestrated,
      addedAt: each.added_at,
    })),
    runs: runs.toReversed().map(runOf),
  };
}

function runOf(row: LinkedRunRow): CarriedRun {
  return {
    id: row.id,
    datasetVersionId: row.dataset_version_id,
    versionId: row.version_id,
    orchestrated: row.orchestrated,
    repetitions: row.repetitions,
    cached: row.cached,
    concurrency: row.concurrency,
    maxCostUsd: row.max_cost_usd,
    spentUsd: row.spent_usd,
    unpriced: row.unpriced,
    stoppedBecause: row.stopped_because,
    stoppedMessage: row.stopped_message,
    startedBy: row.started_by,
    ended: row.ended,
    createdAt: row.created_at,
    createdBy: row.created_by,
    control: row.control,
    addedAt: row.added_at,
  };
}

async function take(room: Room, scope: Scope, evaluation: CarriedEvaluation): Promise<string[]> {
  const { workspaceId } = scope;
  const named = [...evaluation.evaluators.map(({ versionId }) => versionId), ...evaluation.runs.flatMap(versionsOf)];
  const versions = await room.files.versionsById(scope, [...new Set(named)]);
  const left = [...new Set(named)].filter((id) => !versions.has(id)).map((id) => `version ${id}`);
  const file = evaluation.fileId;
  if (file !== null) await room.files.get(scope, null, { id: file });
  if (await isTaken(room.db, 'evaluations', workspaceId, evaluation.id)) throw taken('evaluation', evaluation.id);
  const runs: CarriedRun[] = [];
  for (const run of evaluation.runs) {
    if (await isTaken(room.db, 'evaluation_runs', workspaceId, run.id)) left.push(`run ${run.id}`);
    else runs.push(run);
  }
  await room.db
    .transaction()
    .execute(async (tx) => {
      const there = await findEvaluation(tx, workspaceId, evaluation.id);
      if (there === undefined) {
        const made = await insertEvaluation(tx, {
          id: evaluation.id,
          workspace_id: workspaceId,
          file_id: file,
          name: evaluation.name,
          created_at: evaluation.createdAt,
          created_by: evaluation.createdBy,
          updated_at: evaluation.updatedAt,
        });
        if (!made) throw taken('evaluation named', evaluation.name ?? '');
        for (const { versionId, orchestrated, addedAt } of evaluation.evaluators) {
          const snapshot = versions.get(versionId);
          if (snapshot?.kind !== 'evaluator') continue;
          const of = { evaluation_id: evaluation.id, evaluator_version_id: versionId, evaluator_id: snapshot.file.id };
          await insertEvaluators(tx, [{ ...of, orchestrated, added_at: addedAt }]);
        }
      }
      for (const run of runs) {
        if (!(await runExists(tx, workspaceId, run.id))) {
          await insertRun(tx, rowOf(workspaceId, run));
        } else if (there !== undefined) continue;
        await linkRun(tx, { evaluation_id: evaluation.id, run_id: run.id, control: run.control, added_at: run.addedAt });
      }
    })
    .catch((error: unknown) => {
      throw translated(error);
    });
  return left;
}

function rowOf(workspaceId: string, run: CarriedRun): Insertable<EvaluationTables['evaluation_runs']> {
  return {
    id: run.id,
    workspace_id: workspaceId,
    dataset_version_id: run.datasetVersionId,
    version_id: run.versionId,
    orchestrated: run.orchestrated,
    repetitions: run.repetitions,
    cached: run.cached,
    concurrency: run.concurrency,
    max_cost_usd: run.maxCostUsd,
    spent_usd: run.spentUsd,
    unpriced: run.unpriced,
    stopped_because: run.stoppedBecause,
    stopped_message: run.stoppedMessage,
    started_by: run.startedBy === null ? null : JSON.stringify(run.startedBy),
    ended: run.ended,
    created_at: run.createdAt,
    created_by: run.createdBy,
  };
}

function versionsOf({ datasetVersionId, versionId }: CarriedRun): string[] {
  return [datasetVersionId, versionId].filter((id) => id !== null);
}

function taken(what: string, name: string): AppError {
  return new AppError('conflict', `There is another ${what} \`${name}\` on this server.`);
}
