import { notFound } from '@whetstone/contract';
import { canonicalText } from '@whetstone/domain';
import type { Room } from './create-gates.ts';
import type { Gates, KeptResult } from './index.ts';
import { keepResult, type ResultRow, resultsOf } from './store.ts';

const mostListed = 100;

/** Runs that stand for a branch: what a later run of another branch is compared with. */
export function resultsRoom(room: Room): Gates['results'] {
  return {
    async keep(scope, evaluationId, runId, { branch, commit, url }) {
      const evaluation = await room.evaluations.get(scope, evaluationId);
      const runs = await room.evaluations.runs(scope, evaluation.id);
      if (!runs.some(({ id }) => id === runId)) throw notFound('Run', runId);
      const row: ResultRow = {
        evaluation_id: evaluation.id,
        run_id: runId,
        workspace_id: scope.workspaceId,
        branch: canonicalText(branch).text,
        commit_id: commit === null ? null : canonicalText(commit).text,
        url,
        created_at: room.clock(),
      };
      await room.db.transaction().execute((tx) => keepResult(tx, row));
      return toResult(row);
    },
    async list(scope, evaluationId, branch) {
      const evaluation = await room.evaluations.get(scope, evaluationId);
      const rows = await resultsOf(room.db, evaluation.id, branch === null ? null : canonicalText(branch).text, mostListed);
      // A run that was taken out of the evaluation since is no result of it.
      const runs = new Set((await room.evaluations.runs(scope, evaluation.id)).map(({ id }) => id));
      return rows.filter((row) => runs.has(row.run_id)).map(toResult);
    },
  };
}

function toResult(row: ResultRow): KeptResult {
  return {
    evaluationId: row.evaluation_id,
    runId: row.run_id,
    branch: row.branch,
    commit: row.commit_id,
    url: row.url,
    at: row.created_at,
  };
}
