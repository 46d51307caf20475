import type {
  EstimateRequest,
  EvaluationResponse,
  EvaluatorLogResponse,
  RunRequest,
  RunResponse,
  Scope,
  VersionReference,
} from '@whetstone/contract';
import type { Evaluation, NewEstimate, NewRun, Run } from '../../evaluations/index.ts';
import type { VersionRef } from '../../files/index.ts';
import { evaluationPresenter } from '../present/evaluation.ts';
import type { HandlersOf } from './call.ts';
import type { Rooms } from './handlers.ts';

export function evaluationHandlers(rooms: Rooms): HandlersOf<'evaluations'> {
  const { evaluations } = rooms;
  const present = evaluationPresenter(rooms);
  const one = async (scope: Scope, evaluation: Evaluation): Promise<EvaluationResponse> =>
    (await present.evaluations(scope, [evaluation]))[0] as EvaluationResponse;
  const run = async (scope: Scope, of: Run): Promise<RunResponse> => (await present.runs(scope, [of]))[0] as RunResponse;
  return {
    async 'evaluations.list'({ scope, query: { page, size, file_id } }) {
      const { records, total } = await evaluations.list(scope, { fileId: file_id ?? null, page, size });
      return { records: await present.evaluations(scope, records), page, size, total };
    },
    async 'evaluations.create'({ scope, body }) {
      const evaluation = await evaluations.create(scope, {
        name: body.name ?? null,
        file: body.file ?? null,
        evaluators: body.evaluators.map((given) => ({ ...referenceOf(given), orchestrated: given.orchestrated })),
      });
      return one(scope, evaluation);
    },
    async 'evaluations.get'({ scope, params }) {
      return one(scope, await evaluations.get(scope, params.id));
    },
    async 'evaluations.delete'({ scope, params }) {
      await evaluations.delete(scope, params.id);
    },
    async 'evaluations.add_evaluators'({ scope, params, body }) {
      const refs = body.evaluators.map((given) => ({ ...referenceOf(given), orchestrated: given.orchestrated }));
      return one(scope, await evaluations.addEvaluators(scope, params.id, refs));
    },
    async 'evaluations.remove_evaluator'({ scope, params }) {
      return one(scope, await evaluations.removeEvaluator(scope, params.id, params.evaluator_version_id));
    },
    async 'evaluations.list_runs_for_evaluation'({ scope, params }) {
      return { runs: await present.runs(scope, await evaluations.runs(scope, params.id)) };
    },
    async 'evaluations.create_run'({ scope, params, body }) {
      return run(scope, await evaluations.createRun(scope, params.id, newRun(body)));
    },
    async 'evaluations.create_runs'({ scope, params, body }) {
      return { runs: await present.runs(scope, await evaluations.createRuns(scope, params.id, body.runs.map(newRun))) };
    },
    async 'evaluations.estimate'({ scope, params, body }) {
      return evaluations.estimate(scope, params.id, newEstimate(body));
    },
    async 'evaluations.estimate_new'({ scope, body }) {
      return evaluations.estimate(scope, null, newEstimate(body));
    },
    async 'evaluations.add_existing_run'({ scope, params }) {
      return run(scope, await evaluations.addRun(scope, params.id, params.run_id));
    },
    async 'evaluations.remove_run'({ scope, params }) {
      await evaluations.removeRun(scope, params.id, params.run_id);
    },
    async 'evaluations.update_evaluation_run'({ scope, params, body }) {
      return run(
        scope,
        await evaluations.updateRun(scope, params.id, params.run_id, {
          control: body.control ?? null,
          status: body.status ?? null,
          maxCostUsd: body.max_cost_usd ?? null,
        }),
      );
    },
    async 'evaluations.add_logs_to_run'({ scope, params, body }) {
      return run(scope, await evaluations.addLogs(scope, params.id, params.run_id, body.log_ids));
    },
    async 'evaluations.get_stats'({ scope, params }) {
      const { runs, status, progress, report } = await evaluations.stats(scope, params.id);
      return {
        run_stats: runs.map(({ run: of, logs, evaluators }) => ({
          run_id: of.id,
          version_id: of.version?.version.id ?? null,
          batch_id: of.id,
          num_logs: logs,
          evaluator_stats: evaluators,
          status: of.status,
        })),
        progress,
        report,
        status,
      };
    },
    async 'evaluations.get_logs'({ scope, params, query: { page, size, run_id } }) {
      const [{ evaluators }, { records, total }] = await Promise.all([
        evaluations.get(scope, params.id),
        evaluations.logs(scope, params.id, { runIds: run_id ?? null, page, size }),
      ]);
      const judges = new Set(evaluators.map(({ snapshot }) => snapshot.file.id));
      const logs = await rooms.presentLogs.logs(
        scope,
        records.map(({ log }) => log),
      );
      return {
        records: records.flatMap(({ runId, datapoint }, index) => {
          const log = logs[index];
          if (!log) return [];
          const judgments = log.evaluator_logs as EvaluatorLogResponse[];
          return [{ run_id: runId, datapoint, log, evaluator_logs: judgments.filter(({ evaluator }) => judges.has(evaluator.id)) }];
        }),
        page,
        size,
        total,
      };
    },
  };
}

function newRun(body: RunRequest): NewRun {
  return {
    dataset: body.dataset ? referenceOf(body.dataset) : null,
    version: body.version ? referenceOf(body.version) : null,
    orchestrated: body.orchestrated === true,
    useExistingLogs: body.use_existing_logs === true,
    repetitions: body.repetitions ?? 1,
    maxCostUsd: body.max_cost_usd ?? null,
    cache: body.cache === true,
    concurrency: body.concurrency ?? null,
    override: body.override ?? null,
  };
}

function newEstimate(body: EstimateRequest): NewEstimate {
  return {
    dataset: referenceOf(body.dataset),
    versions: body.versions.map(referenceOf),
    evaluators: (body.evaluators ?? []).map(referenceOf),
    repetitions: body.repetitions,
    override: body.override ?? null,
    cache: body.cache === true,
  };
}

function referenceOf({ version_id, id, path, environment }: VersionReference): VersionRef {
  return { versionId: version_id, id, path, environment };
}
