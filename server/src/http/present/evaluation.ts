import type { EvaluationResponse, EvaluatorResponse, FileResponse, RunResponse, Scope } from '@whetstone/contract';
import type { Evaluation, Run } from '../../evaluations/index.ts';
import type { People } from '../../people/index.ts';
import { presentPerson } from './file.ts';
import type { FilePresenter } from './file-presenter.ts';

/** Evaluations and runs in v5's form. */
export function evaluationPresenter({ people, presentFiles }: { people: People; presentFiles: FilePresenter }) {
  const namesOf = (of: readonly { createdBy: string | null }[]) =>
    people.users.names([...new Set(of.flatMap(({ createdBy }) => createdBy ?? []))]);
  return {
    async evaluations(scope: Scope, evaluations: readonly Evaluation[]): Promise<EvaluationResponse[]> {
      const snapshots = [...new Set(evaluations.flatMap(({ evaluators }) => evaluators.map(({ snapshot }) => snapshot)))];
      const [files, names] = await Promise.all([presentFiles(scope, snapshots, { counts: false }), namesOf(evaluations)]);
      const versions = new Map(files.map((file) => [file.version_id, file]));
      return evaluations.map((evaluation) => ({
        id: evaluation.id,
        name: evaluation.name,
        file_id: evaluation.fileId,
        runs_count: evaluation.runsCount,
        evaluators: evaluation.evaluators.map(({ snapshot, orchestrated, addedAt }) => ({
          version: versions.get(snapshot.version.id) as EvaluatorResponse,
          orchestrated,
          added_at: addedAt.toISOString(),
        })),
        created_at: evaluation.createdAt.toISOString(),
        created_by: presentPerson(names, evaluation.createdBy),
        updated_at: evaluation.updatedAt.toISOString(),
        url: null,
      }));
    },
    async runs(scope: Scope, runs: readonly Run[]): Promise<RunResponse[]> {
      const snapshots = runs.flatMap(({ dataset, version }) => [dataset, version]).filter((snapshot) => snapshot !== null);
      const [files, names] = await Promise.all([presentFiles(scope, [...new Set(snapshots)], { counts: false }), namesOf(runs)]);
      const versions = new Map(files.map((file) => [file.version_id, file]));
      const shown = (id: string | undefined): FileResponse | null => versions.get(id ?? '') ?? null;
      return runs.map((run) => ({
        id: run.id,
        dataset: shown(run.dataset?.version.id) as RunResponse['dataset'],
        version: shown(run.version?.version.id),
        orchestrated: run.orchestrated,
        added_at: run.addedAt.toISOString(),
        created_at: run.createdAt.toISOString(),
        created_by: presentPerson(names, run.createdBy),
        status: run.status,
        control: run.control,
        repetitions: run.repetitions,
        max_cost_usd: run.maxCostUsd,
        cached: run.cached,
        concurrency: run.concurrency,
        stopped_because: run.stopped?.because ?? null,
        stopped_message: run.stopped?.message ?? null,
        progress: run.progress,
      }));
    },
  };
}
