import type { z } from 'zod';
import type { CarriedItem, CarriedRun } from '../../evaluations/index.ts';
import { type Carrying, refusalOf } from './carrying.ts';
import { records } from './logs.ts';
import { evaluationShape, runItemShape, runLogShape, runShape, whyNot } from './shapes.ts';
import { numbered, read } from './survey.ts';

const logsAtOnce = 1_000;

/**
 * An evaluation with its runs and the logs in them, which are there already. Statistics follow from them.
 * @param paths below its folder
 */
export async function carryEvaluation(carrying: Carrying, fileId: string | null, folder: string, paths: readonly string[]): Promise<void> {
  const { archive, report, authors, evaluations, scope, now, versions } = carrying;
  const evaluation = await read(archive, report, `${folder}/evaluation.json`, 'evaluation', evaluationShape);
  const runs = await readRuns(carrying, folder, paths, evaluation?.runs ?? []);
  if (evaluation === null) return;
  const here = (id: string): string => versions.get(id)?.versionId ?? id;
  try {
    const createdAt = evaluation.created_at ?? now;
    const left = await evaluations.carry.take(scope, {
      id: evaluation.id,
      name: evaluation.name ?? null,
      fileId: fileId === null ? null : (carrying.fileIds.get(fileId) ?? fileId),
      createdAt,
      createdBy: await authors.idOf(evaluation.created_by),
      updatedAt: evaluation.updated_at ?? createdAt,
      evaluators: evaluation.evaluators.flatMap(({ version, orchestrated, added_at }) =>
        version ? [{ versionId: here(version.version_id), orchestrated: orchestrated === true, addedAt: added_at ?? createdAt }] : [],
      ),
      runs,
    });
    report.carried('evaluations');
    report.carried('runs', runs.length);
    for (const what of left) report.problem(`${folder}/evaluation.json`, what, 'It is not in this workspace.');
    await carryFindings(carrying, evaluation);
    await carryRunLogs(carrying, paths, new Set(runs.map(({ id }) => id)));
    await carryItems(carrying, paths, new Set(runs.map(({ id }) => id)));
  } catch (error) {
    report.problem(`${folder}/evaluation.json`, 'evaluation', refusalOf(error));
  }
}

/** What decides its report, and the runs that branches keep. */
async function carryFindings(carrying: Carrying, { id, report, results }: z.output<typeof evaluationShape>): Promise<void> {
  const { reports, gates, scope, authors, versions } = carrying;
  const here = (versionId: string): string => versions.get(versionId)?.versionId ?? versionId;
  if (report) {
    const { primary_evaluator_version_id: primary } = report;
    await reports.carry.takeSettings(scope, id, {
      primary: primary === null ? null : here(primary),
      margin: report.margin,
      hardRules: report.hard_rules.map((rule) => ({ ...rule, evaluator_version_id: here(rule.evaluator_version_id) })),
      at: report.chosen_at,
      by: await authors.idOf(report.chosen_by),
    });
  }
  await gates.carry.takeResults(
    scope,
    id,
    (results ?? []).map(({ run_id: runId, branch, commit, url, created_at: at }) => ({
      runId,
      branch,
      commit: commit ?? null,
      url: url ?? null,
      at,
    })),
  );
}

/** In the order in which they came. */
async function readRuns(carrying: Carrying, folder: string, paths: readonly string[], order: readonly string[]): Promise<CarriedRun[]> {
  const { archive, report, authors, now, versions } = carrying;
  const runs: CarriedRun[] = [];
  const here = (stub: { version_id: string } | null | undefined): string | null =>
    stub ? (versions.get(stub.version_id)?.versionId ?? stub.version_id) : null;
  for (const path of paths.filter((each) => each.startsWith(`${folder}/runs/`))) {
    report.found('runs');
    const run = await read(archive, report, path, 'run', runShape);
    if (run === null) continue;
    const createdAt = run.created_at ?? run.added_at ?? now;
    runs.push({
      id: run.id,
      datasetVersionId: here(run.dataset),
      versionId: here(run.version),
      orchestrated: run.orchestrated === true,
      repetitions: run.repetitions ?? 1,
      cached: run.cached === true,
      concurrency: run.concurrency ?? null,
      maxCostUsd: run.max_cost_usd ?? null,
      spentUsd: run.spent_usd ?? null,
      unpriced: run.unpriced_calls ?? 0,
      stoppedBecause: run.stopped_because ?? null,
      stoppedMessage: run.stopped_message ?? null,
      startedBy: run.started_by ?? null,
      ended: endOf(run),
      createdAt,
      createdBy: await authors.idOf(run.created_by),
      control: run.control === true,
      addedAt: run.added_at ?? createdAt,
    });
  }
  const place = new Map(order.map((id, index) => [id, index]));
  const placeOf = ({ id }: CarriedRun): number => place.get(id) ?? order.length;
  return runs.toSorted((a, b) => placeOf(a) - placeOf(b) || a.addedAt.getTime() - b.addedAt.getTime());
}

/** What was over there is over here, whatever came with it. */
function endOf({ ended, status }: z.output<typeof runShape>): CarriedRun['ended'] {
  if (ended !== undefined) return ended;
  return status === 'cancelled' ? 'cancelled' : status === 'completed' ? 'completed' : null;
}

/** Those that do not say themselves that they are in the run. */
async function carryRunLogs(carrying: Carrying, paths: readonly string[], runIds: ReadonlySet<string>): Promise<void> {
  const { evaluations, scope, report, now } = carrying;
  let joined = new Map<string, { id: string; at: Date }[]>();
  let waiting = 0;
  const flush = async (): Promise<void> => {
    for (const [runId, logs] of joined) await evaluations.carry.takeRunLogs(scope, runId, logs);
    joined = new Map();
    waiting = 0;
  };
  for (const path of numbered(paths.filter((each) => each.includes('/logs/')))) {
    for await (const { where, record } of records(carrying, path)) {
      const parsed = runLogShape.safeParse(record);
      if (!parsed.success) {
        report.problem(where, 'log of a run', whyNot(parsed.error));
        continue;
      }
      const { run_id: runId, log } = parsed.data;
      if (log.batches?.[0] === runId || !runIds.has(runId)) continue;
      joined.set(runId, [...(joined.get(runId) ?? []), { id: log.id, at: log.created_at ?? now }]);
      waiting += 1;
      if (waiting >= logsAtOnce) await flush();
    }
  }
  await flush();
}

/** What the server has to make in the runs, and what became of it. */
async function carryItems(carrying: Carrying, paths: readonly string[], runIds: ReadonlySet<string>): Promise<void> {
  const { evaluations, scope, report } = carrying;
  for (const path of numbered(paths.filter((each) => each.includes('/items/')))) {
    const items = new Map<string, CarriedItem[]>();
    for await (const { where, record } of records(carrying, path)) {
      const parsed = runItemShape.safeParse(record);
      if (!parsed.success) {
        report.problem(where, 'call of a run', whyNot(parsed.error));
        continue;
      }
      const {
        run_id: runId,
        datapoint_id: datapointId,
        repetition,
        position,
        log_id: logId,
        outcome,
        content_key: contentKey,
      } = parsed.data;
      if (!runIds.has(runId)) continue;
      const item = { datapointId, repetition, position, logId, outcome: outcome ?? null, contentKey: contentKey ?? null };
      items.set(runId, [...(items.get(runId) ?? []), item]);
    }
    for (const [runId, own] of items) await evaluations.carry.takeItems(scope, runId, own);
  }
}
