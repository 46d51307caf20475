import type { EvaluatorSpec, Scope } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import type { RunJudgment, RunLog } from '../logs/index.ts';
import { evaluationOf, clean, type Room } from './context.ts';
import type { Evaluations, Run, RunStats, Stats } from './index.ts';
import { progressText, reportText } from './report.ts';
import { asks, evaluatorStats, judgedBy, statusOf, statusOfAll, type Judge, type Judged } from './stats.ts';
import { countItems } from './orchestrate/store.ts';
import { baselineOf } from './orchestrate/store-pairs.ts';
import { progressOf } from './progress.ts';
import { evaluatorsOf } from './store.ts';
import { runLogs, runsOf } from './store-runs.ts';
import type { LinkedRunRow } from './tables.ts';

/** Runs with all that follows from their logs and judgments. */

export interface Scored {
  run: Run;
  logs: RunLog[];
  judges: { judge: Judge; judged: Judged }[];
  datapoints: number | null;
}

/** Several runs in a few questions. */
export async function score(room: Room, scope: Scope, evaluationId: string, rows: readonly LinkedRunRow[]): Promise<Scored[]> {
  if (rows.length === 0) return [];
  const { files, logs } = room;
  const runIds = rows.map(({ id }) => id);
  const [baselineId, evaluators, taken, items] = await Promise.all([
    baselineOf(room.db, evaluationId),
    evaluatorsOf(room.db, [evaluationId]),
    runLogs(room.db, runIds),
    countItems(room.db, runIds),
  ]);
  const versionIds = [
    ...rows.flatMap((row) => [row.dataset_version_id, row.version_id]),
    ...evaluators.map((row) => row.evaluator_version_id),
  ];
  const [versions, all] = await Promise.all([
    files.versionsById(scope, [...new Set(versionIds.filter((id) => id !== null))]),
    logs.runs.logs(scope, runIds, taken),
  ]);
  const judges = evaluators.flatMap((row) => judgeOf(versions.get(row.evaluator_version_id), row.orchestrated));
  const judgments = await logs.runs.judgments(
    scope,
    all.map(({ id }) => id),
    [...new Set(judges.map(({ fileId }) => fileId))],
  );
  const members = await membersOf(room, scope, rows, versions);
  const byRun = logsByRun(all, taken, runIds);
  return rows.map((row) => {
    const own = byRun.get(row.id) ?? [];
    const ids = new Set(own.map(({ id }) => id));
    const about: RunJudgment[] = judgments.filter(({ logId }) => ids.has(logId));
    const judged = judges.map((judge) => ({ judge, judged: judgedBy(judge, judges, about) }));
    const datapointIds = row.dataset_version_id === null ? null : (members.get(row.dataset_version_id) ?? null);
    const counts = items.get(row.id) ?? null;
    const awaited = judged.filter(({ judge }) => asks(judge, row.id === baselineId));
    const status = statusOf(row.ended, datapointIds, own, awaited, counts?.waiting ?? 0);
    const run: Run = {
      id: row.id,
      dataset: (versions.get(row.dataset_version_id ?? '') as Snapshot<'dataset'> | undefined) ?? null,
      version: versions.get(row.version_id ?? '') ?? null,
      orchestrated: row.orchestrated,
      status,
      control: row.control,
      repetitions: row.repetitions,
      maxCostUsd: row.max_cost_usd,
      cached: row.cached,
      concurrency: row.concurrency,
      stopped: row.stopped_because === null ? null : { because: row.stopped_because, message: row.stopped_message },
      progress: progressOf({
        row,
        status,
        items: counts,
        datapoints: datapointIds?.length ?? null,
        logs: own,
        judged: awaited,
        now: room.clock(),
      }),
      addedAt: row.added_at,
      createdAt: row.created_at,
      createdBy: row.created_by,
    };
    return { run, logs: own, judges: judged, datapoints: datapointIds?.length ?? null };
  });
}

function judgeOf(snapshot: Snapshot | undefined, orchestrated: boolean): Judge[] {
  if (snapshot?.kind !== 'evaluator') return [];
  const { spec } = snapshot.version.kernel as { spec: EvaluatorSpec };
  return [{ versionId: snapshot.version.id, fileId: snapshot.file.id, spec, orchestrated }];
}

/** Datapoints of each dataset version; one that is gone has none, and so no end. */
async function membersOf(
  room: Room,
  scope: Scope,
  rows: readonly LinkedRunRow[],
  versions: ReadonlyMap<string, Snapshot>,
): Promise<Map<string, string[]>> {
  const ids = [...new Set(rows.map((row) => row.dataset_version_id))].filter((id) => id !== null && versions.has(id));
  const found = await Promise.all(ids.map(async (id) => [id ?? '', await room.files.datasets.datapointIds(scope, id ?? '')] as const));
  return new Map(found);
}

/** A log is in the run that it names and in those that took it. */
function logsByRun(
  logs: readonly RunLog[],
  taken: readonly { runId: string; id: string }[],
  runIds: readonly string[],
): Map<string, RunLog[]> {
  const takers = Map.groupBy(taken, ({ id }) => id);
  const byRun = new Map<string, RunLog[]>(runIds.map((id) => [id, []]));
  for (const log of logs) {
    const runs = new Set([...(takers.get(log.id) ?? []).map(({ runId }) => runId), ...(log.runId === null ? [] : [log.runId])]);
    for (const runId of runs) byRun.get(runId)?.push(log);
  }
  return byRun;
}

export const stats =
  (room: Room): Evaluations['stats'] =>
  async (scope, id): Promise<Stats> => {
    const evaluation = await evaluationOf(room, scope, id);
    const scored = await score(room, scope, evaluation.id, await runsOf(room.db, evaluation.id));
    const runs: RunStats[] = scored.map(({ run, logs, judges }) => ({
      run,
      logs: logs.length,
      evaluators: judges.map(({ judge, judged }) => evaluatorStats(judge, logs, judged)),
    }));
    const status = statusOfAll(runs.map(({ run }) => run));
    const rows = await evaluatorsOf(room.db, [evaluation.id]);
    const versions = await room.files.versionsById(
      scope,
      rows.map((row) => row.evaluator_version_id),
    );
    const named = [...versions.values()].map(({ file, version }) => ({ path: file.path, versionId: version.id }));
    const datapoints = new Map(scored.map(({ run, datapoints: count }) => [run.id, count]));
    return {
      runs,
      status,
      // Clients print it over itself on a terminal while it is there: once all is done it is not.
      progress: status === 'running' ? progressText(runs, datapoints, named) : null,
      report: reportText(runs, named),
    };
  };

export const logs =
  (room: Room): Evaluations['logs'] =>
  async (scope, id, { runIds, page, size }) => {
    const evaluation = await evaluationOf(room, scope, id);
    const wanted = runIds == null ? null : new Set(runIds.map(clean));
    const rows = (await runsOf(room.db, evaluation.id)).filter((row) => wanted === null || wanted.has(row.id));
    const ids = rows.map((row) => row.id);
    const taken = await runLogs(room.db, ids);
    const byRun = logsByRun(await room.logs.runs.logs(scope, ids, taken), taken, ids);
    const all = [...byRun].flatMap(([runId, found]) => found.map((log) => ({ runId, log })));
    const newestFirst = all.toSorted((a, b) => b.log.at.getTime() - a.log.at.getTime() || (a.log.id < b.log.id ? 1 : -1));
    const shown = newestFirst.slice((page - 1) * size, page * size);
    const [found, datapoints] = await Promise.all([
      Promise.all(shown.map(({ log }) => room.logs.find(scope, log.id))),
      room.files.datasets.datapointsById(
        scope,
        shown.flatMap(({ log }) => log.datapointId ?? []),
      ),
    ]);
    const records = shown.flatMap(({ runId, log }, index) => {
      const whole = found[index];
      return whole ? [{ runId, log: whole, datapoint: datapoints.get(log.datapointId ?? '') ?? null }] : [];
    });
    return { records, total: all.length };
  };
