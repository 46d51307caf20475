import type { Scope } from '@whetstone/contract';
import type { CarriedEvaluation } from '../../evaluations/index.ts';
import type { ExchangeDeps } from '../index.ts';
import { addLines } from './lines.ts';
import { type Pack, pathName } from './pack.ts';
import type { Authors } from './people.ts';

const logsAtOnce = 500;

/** `FOLDER/evaluations/<id>/…`: runs name their versions, and logs are named that are with their file. */
export async function addEvaluations(
  pack: Pack,
  deps: ExchangeDeps,
  scope: Scope,
  folder: string,
  evaluations: readonly CarriedEvaluation[],
  authors: Authors,
): Promise<void> {
  for (const evaluation of evaluations) {
    const inside = `${folder}/evaluations/${pathName(evaluation.id)}`;
    const versions = await deps.files.versionsById(scope, [
      ...evaluation.evaluators.map(({ versionId }) => versionId),
      ...evaluation.runs.flatMap(({ datasetVersionId, versionId }) => [datasetVersionId, versionId]).filter((id) => id !== null),
    ]);
    const by = await authors.named([evaluation.createdBy, ...evaluation.runs.map(({ createdBy }) => createdBy)]);
    const stub = (versionId: string | null) => {
      const found = versions.get(versionId ?? '');
      return versionId === null
        ? null
        : { id: found?.file.id ?? null, type: found?.kind ?? null, path: found?.file.path ?? null, version_id: versionId };
    };
    await pack.json(`${inside}/evaluation.json`, {
      id: evaluation.id,
      name: evaluation.name,
      file_id: evaluation.fileId,
      runs_count: evaluation.runs.length,
      evaluators: evaluation.evaluators.map(({ versionId, orchestrated, addedAt }) => ({
        version: stub(versionId),
        orchestrated,
        added_at: addedAt.toISOString(),
      })),
      created_at: evaluation.createdAt.toISOString(),
      created_by: by(evaluation.createdBy),
      updated_at: evaluation.updatedAt.toISOString(),
      /** In the order in which they came. */
      runs: evaluation.runs.map(({ id }) => id),
    });
    const { runs, ...whole } = await deps.evaluations.stats(scope, evaluation.id);
    await pack.json(`${inside}/stats.json`, {
      run_stats: runs.map(({ run, logs, evaluators }) => ({
        run_id: run.id,
        version_id: run.version?.version.id ?? null,
        batch_id: run.id,
        num_logs: logs,
        evaluator_stats: evaluators,
        status: run.status,
      })),
      ...whole,
    });
    const statuses = new Map(runs.map(({ run }) => [run.id, run.status]));
    for (const run of evaluation.runs) {
      await pack.json(`${inside}/runs/${pathName(run.id)}`, {
        id: run.id,
        dataset: stub(run.datasetVersionId),
        version: stub(run.versionId),
        orchestrated: run.orchestrated,
        added_at: run.addedAt.toISOString(),
        created_at: run.createdAt.toISOString(),
        created_by: by(run.createdBy),
        status: statuses.get(run.id) ?? null,
        control: run.control,
        ended: run.ended,
      });
    }
    await addLines(pack, `${inside}/logs`, logsOf(deps, scope, evaluation.id));
  }
}

async function* logsOf({ evaluations }: ExchangeDeps, scope: Scope, id: string): AsyncGenerator<object> {
  for (let page = 1; ; page += 1) {
    const { records } = await evaluations.logs(scope, id, { page, size: logsAtOnce });
    for (const { runId, log, datapoint } of records) {
      yield {
        run_id: runId,
        datapoint: datapoint === null ? null : { id: datapoint.id },
        log: { id: log.id, type: log.kind, created_at: log.at.toISOString(), batches: log.runId === null ? [] : [log.runId] },
      };
    }
    if (records.length === 0) return;
  }
}
