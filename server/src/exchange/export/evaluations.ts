import type { Scope } from '@whetstone/contract';
import type { CarriedEvaluation } from '../../evaluations/index.ts';
import type { CarriedSettings } from '../../reports/index.ts';
import type { ExchangeDeps } from '../index.ts';
import { addLines } from './lines.ts';
import { type Pack, pathName } from './pack.ts';
import type { Authors, ExportedPerson } from './people.ts';

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
    const [report, results] = await Promise.all([
      deps.reports.carry.settings(scope, evaluation.id),
      deps.gates.carry.results(scope, evaluation.id),
    ]);
    const by = await authors.named([evaluation.createdBy, report?.by ?? null, ...evaluation.runs.map(({ createdBy }) => createdBy)]);
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
      // Ours:
      report: report === null ? null : reportRecord(report, by),
      /** Runs kept for branches, in the order in which they were. */
      results: results.map(({ runId, branch, commit, url, at }) => ({ run_id: runId, branch, commit, url, created_at: at.toISOString() })),
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
        // Ours:
        repetitions: run.repetitions,
        cached: run.cached,
        concurrency: run.concurrency,
        max_cost_usd: run.maxCostUsd,
        spent_usd: run.spentUsd,
        unpriced_calls: run.unpriced,
        stopped_because: run.stoppedBecause,
        stopped_message: run.stoppedMessage,
        started_by: run.startedBy,
      });
    }
    await addLines(pack, `${inside}/logs`, logsOf(deps, scope, evaluation.id));
    await addLines(pack, `${inside}/items`, itemsOf(deps, scope, evaluation));
  }
}

function reportRecord({ primary, margin, hardRules, at, by }: CarriedSettings, named: (id: string | null) => ExportedPerson | null) {
  return {
    primary_evaluator_version_id: primary,
    margin,
    hard_rules: hardRules,
    chosen_at: at.toISOString(),
    chosen_by: named(by),
  };
}

/** What the server has to make in its runs, and what became of it. */
async function* itemsOf({ evaluations }: ExchangeDeps, scope: Scope, { runs }: CarriedEvaluation): AsyncGenerator<object> {
  for (const { id } of runs) {
    for (const item of await evaluations.carry.items(scope, id))
      yield {
        run_id: id,
        datapoint_id: item.datapointId,
        repetition: item.repetition,
        position: item.position,
        log_id: item.logId,
        outcome: item.outcome,
        content_key: item.contentKey,
      };
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
