import { wait } from '../../client/transport.ts';
import type { RunSettings } from '../local/run.ts';
import type { Baseline } from '../settings.ts';
import { type Candidate, findBaseline } from './baseline.ts';
import type { Connection } from './connect.ts';

const firstPollMs = 150;
const slowestPollMs = 2_000;

export async function startRun(
  { api }: Connection,
  { evaluationId, versionId, datasetVersionId, orchestrated }: Candidate,
  { repetitions, maxCostUsd, concurrency }: RunSettings,
): Promise<string> {
  const run = await api.evaluations.createRun({
    id: evaluationId,
    dataset: { version_id: datasetVersionId },
    version: { version_id: versionId },
    orchestrated,
    ...(orchestrated ? { repetitions, concurrency: Math.min(256, concurrency) } : {}),
    ...(orchestrated && maxCostUsd !== null ? { max_cost_usd: maxCostUsd } : {}),
  });
  return run.id;
}

const over = new Set(['completed', 'cancelled']);

interface RunStats {
  num_logs: number;
  evaluator_stats: { evaluator_version_id: string; num_judgments: number; num_nulls: number; num_errors: number }[];
}

/** All that the server does is done; scores that are judged here are not waited for, nor are people. */
function isJudged({ num_logs: there, evaluator_stats: stats }: RunStats, logs: number, judges: ReadonlySet<string>): boolean {
  if (there < logs) return false;
  const own = stats.filter(({ evaluator_version_id: id }) => judges.has(id));
  return own.every(({ num_judgments: judged, num_nulls: nulls, num_errors: errors }) => judged + nulls + errors >= there);
}

/** Waits until the runs are over; an interruption cancels them. @returns why not all of it was done */
export async function waitForRuns(
  { api, signal }: Connection,
  { evaluationId, runIds, logs, judges }: { evaluationId: string; runIds: readonly string[]; logs: number; judges: ReadonlySet<string> },
  { progress, maxCostUsd }: RunSettings,
): Promise<string | null> {
  for (let pause = firstPollMs; ; pause = Math.min(slowestPollMs, pause * 1.3)) {
    const { run_stats: all } = await api.evaluations.getStats({ id: evaluationId });
    const mine = all.filter(({ run_id: id }) => runIds.includes(id));
    const done = mine.reduce((sum, { num_logs: count }) => sum + count, 0);
    progress(done, logs * runIds.length);
    const finished = (run: (typeof mine)[number]): boolean => run.status === 'completed' || isJudged(run, logs, judges);
    if (mine.every((run) => over.has(run.status) || finished(run))) {
      if (mine.every(finished)) return null;
      const told = `${done} of ${logs * runIds.length} outputs were made`;
      return maxCostUsd === null ? `A run was cancelled: ${told}.` : `It stopped, at --max-cost ${maxCostUsd} or by hand: ${told}.`;
    }
    try {
      await wait(pause, signal);
    } catch {
      for (const id of runIds) await api.evaluations.updateEvaluationRun({ id: evaluationId, run_id: id, status: 'cancelled' });
      return `It was interrupted: ${done} of ${logs * runIds.length} outputs were made.`;
    }
  }
}

export interface Measured {
  runId: string;
  baseline: { runId: string; label: string } | null;
  /** Why not all of it was done. */
  stopped: string | null;
}

interface Measuring {
  candidate: Candidate;
  run: RunSettings;
  baseline: Baseline | null;
  /** Told to the reader. */
  notes: string[];
  cases: number;
  /** Versions of evaluators that the server runs. */
  judges: ReadonlySet<string>;
  /** Makes the outputs, where the server cannot. @returns why not all of them */
  logHere: (runId: string) => Promise<string | null>;
}

/** Makes the run, and the baseline's where there is none, and waits for both. */
export async function measureRuns(connection: Connection, measuring: Measuring): Promise<Measured> {
  const { candidate, run, notes, cases } = measuring;
  let baseline: Measured['baseline'] = null;
  const started: string[] = [];
  if (measuring.baseline !== null && measuring.baseline.kind !== 'file') {
    const found = await findBaseline(connection, measuring.baseline, candidate);
    if ('none' in found) notes.push(found.none);
    else if ('runId' in found) baseline = found;
    else {
      const runId = await startRun(connection, { ...candidate, versionId: found.versionId }, run);
      started.push(runId);
      baseline = { runId, label: found.label };
    }
  }
  const runId = await startRun(connection, candidate, run);
  started.push(runId);
  if (!candidate.orchestrated) {
    const left = await measuring.logHere(runId);
    if (left !== null) {
      await connection.api.evaluations.updateEvaluationRun({ id: candidate.evaluationId, run_id: runId, status: 'cancelled' });
      return { runId, baseline, stopped: left };
    }
  }
  const { evaluationId } = candidate;
  const waiting = { evaluationId, runIds: started, logs: cases * run.repetitions, judges: measuring.judges };
  const stopped = await waitForRuns(connection, waiting, run);
  return { runId, baseline, stopped };
}
