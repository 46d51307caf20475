import { type EvaluatorSpec, type JudgmentValue, type Scope, systemScope } from '@whetstone/contract';
import { type EvaluationHouse, openEvaluationHouse } from '../../evaluations/test/house.ts';
import type { Snapshot } from '../../files/index.ts';
import type { NewLog } from '../../logs/index.ts';
import { createReports, type Reports } from '../index.ts';

/** Rooms on real stores, and runs made up so that the right answer is known. */
export interface ReportHouse extends EvaluationHouse {
  reports: Reports;
  /** A workspace of its own. */
  workspace(): Promise<Scope>;
  lay(scope: Scope, given: Given): Promise<Laid>;
}

/** A judgment, an error as text, nothing at all, or an abstention. */
export type Said = JudgmentValue | { error: string } | null | { abstained: true };

export interface Given {
  datapoints: readonly Parameters<EvaluationHouse['files']['datasets']['upsert']>[1]['datapoints'][number][];
  evaluators: Record<string, Partial<EvaluatorSpec>>;
  /** By version: per case its repeats; per repeat what each evaluator said, in order, and what the log is besides. */
  runs: readonly { control?: boolean; cases: readonly (readonly Answer[])[] }[];
}
export interface Answer {
  said: readonly Said[];
  log?: Partial<NewLog>;
}
export interface Laid {
  id: string;
  runs: string[];
  evaluators: string[];
  datapoints: string[];
  versions: string[];
}

export async function openReportHouse(): Promise<ReportHouse> {
  const house = await openEvaluationHouse();
  const { storage, files, logs } = house;
  const reports = createReports({ storage, files, logs, clock: () => new Date() });
  let workspaces = 0;
  return {
    ...house,
    reports,
    async workspace() {
      const scope = systemScope(`ws_report_${++workspaces}`, 'test');
      await files.prepareWorkspace(scope.workspaceId);
      return scope;
    },
    lay: (scope, given) => lay(house, scope, given),
  };
}

async function lay({ files, logs, evaluations }: EvaluationHouse, scope: Scope, { datapoints, evaluators, runs }: Given): Promise<Laid> {
  const dataset = await files.datasets.upsert(scope, { path: 'shop/cases', action: 'set', datapoints: [...datapoints] });
  const datasetVersion = dataset.snapshot.version.id;
  const judges: Snapshot<'evaluator'>[] = [];
  for (const [path, more] of Object.entries(evaluators)) {
    const spec = { evaluator_type: 'external', arguments_type: 'target_free', return_type: 'boolean', ...more } as EvaluatorSpec;
    judges.push((await files.upsert(scope, 'evaluator', { path, kernel: { spec } })).snapshot);
  }
  const evaluation = await evaluations.create(scope, {
    name: 'first',
    file: null,
    evaluators: judges.map(({ version }) => ({ versionId: version.id })),
  });
  const ids = await files.datasets.datapointIds(scope, datasetVersion);
  const laid: Laid = { id: evaluation.id, runs: [], evaluators: judges.map(({ version }) => version.id), datapoints: ids, versions: [] };
  for (const [i, { control, cases }] of runs.entries()) {
    const flow = await files.upsert(scope, 'flow', {
      path: 'shop/answer',
      kernel: { attributes: { version: i } },
      versionName: `v${i + 1}`,
    });
    const { file, version } = flow.snapshot;
    const run = await evaluations.createRun(scope, evaluation.id, {
      dataset: { versionId: datasetVersion },
      version: { versionId: version.id },
      orchestrated: false,
      useExistingLogs: false,
    });
    if (control) await evaluations.updateRun(scope, evaluation.id, run.id, { control: true });
    laid.runs.push(run.id);
    laid.versions.push(version.id);
    const place = { kind: 'flow', origin: 'api', logStatus: 'complete', fileId: file.id, versionId: version.id, runId: run.id } as const;
    const write = async (datapointId: string, { said, log }: Answer): Promise<void> => {
      const { id } = await logs.record(scope, { ...place, output: 'x', datapointId, ...log });
      for (const [at, value] of said.entries()) {
        const judge = judges[at];
        if (value === null || judge === undefined) continue;
        const failed = typeof value === 'object' && 'error' in value ? value.error : null;
        const empty = typeof value === 'object' && !Array.isArray(value);
        await logs.judge(scope, {
          evaluatorId: judge.file.id,
          evaluatorVersionId: judge.version.id,
          logId: id,
          source: 'external',
          value: empty ? null : value,
          reason: `because ${JSON.stringify(value)}`,
          error: failed,
          origin: 'api',
        });
      }
    };
    await Promise.all(cases.flatMap((repeats, at) => repeats.map((answer) => write(ids[at] ?? '', answer))));
  }
  await logs.drained(60_000);
  return laid;
}

/** Cases with a question each. */
export const questions = (count: number) => Array.from({ length: count }, (_, i) => ({ inputs: { q: `question ${i}` } }));
/** Judged once by one evaluator. */
export const once = (values: readonly Said[]): Answer[][] => values.map((value) => [{ said: [value] }]);
/** The first `passing` of n pass. */
export const first = (n: number, passing: number): boolean[] => Array.from({ length: n }, (_, i) => i < passing);
