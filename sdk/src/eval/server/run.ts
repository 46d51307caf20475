import { judgedDatapoint, judgedLog } from '@whetstone/domain';
import { WhetstoneError } from '../../client/errors.ts';
import { newLogId } from '../../telemetry/ids.ts';
import { currentCommit } from '../changed.ts';
import { atOnce } from '../local/at-once.ts';
import { judgeByFunction, specOfValues } from '../local/judge.ts';
import { perform } from '../local/perform.ts';
import type { RunSettings } from '../local/run.ts';
import { CannotMeasure, type Plan } from '../plan.ts';
import type { EvaluationResult, Judged, RunResult, ScorerResult } from '../results.ts';
import type { EvalSettings } from '../settings.ts';
import type { Candidate } from './baseline.ts';
import { type Collected, collect } from './collect.ts';
import { connect, type Connection, type Session, type Version } from './connect.ts';
import {
  prepareCases,
  type PreparedCases,
  type PreparedScorer,
  prepareEvaluation,
  prepareScorers,
  prepareTask,
  saveScorer,
} from './prepare.ts';
import { type Measured, measureRuns } from './runs.ts';

/** Runs an evaluation of a file against a server. @throws CannotMeasure, WhetstoneError */
export async function onServer(plan: Plan, run: RunSettings, session: Session, settings: EvalSettings): Promise<EvaluationResult> {
  const since = performance.now();
  const connection = await connect(session);
  const cases = await prepareCases(connection, plan);
  const task = await prepareTask(connection, plan);
  const scorers = await prepareScorers(connection, plan);
  const known = scorers.filter((one): one is PreparedScorer & { version: Version } => one.version !== null);
  const evaluationId = await prepareEvaluation(
    connection,
    plan.name,
    task.fileId,
    known.map(({ version, scorer }) => ({ version, orchestrated: scorer.how.kind !== 'function' })),
  );
  const candidate: Candidate = {
    evaluationId,
    kind: task.orchestrated ? 'prompts' : 'flows',
    fileId: task.fileId,
    path: task.path,
    versionId: task.versionId,
    datasetVersionId: cases.versionId,
    repetitions: run.repetitions,
    orchestrated: task.orchestrated,
  };
  await saveSettings(connection, evaluationId, plan, known);
  const notes = [...cases.notes];
  const measured = await measureRuns(connection, {
    candidate,
    run,
    baseline: settings.baseline,
    notes,
    cases: cases.cases.length,
    judges: new Set(known.flatMap(({ version, scorer }) => (scorer.how.kind === 'function' ? [] : [version.versionId]))),
    logHere: (runId) => logHere(connection, plan, run, cases, runId, candidate),
  });
  const scorerVersions = await judgeHere(connection, plan, scorers, evaluationId, measured, run);
  const gather = (runId: string): Promise<Collected> => collect(connection, evaluationId, runId, cases.cases, scorerVersions);
  const here = await gather(measured.runId);
  const baseline = measured.baseline === null ? null : await gather(measured.baseline.runId);
  await keepResult(connection, { evaluationId, runId: measured.runId, branch: settings.branch, notes, stopped: measured.stopped });
  return {
    name: plan.name,
    file: plan.file,
    url: connection.pageOf(evaluationId),
    repetitions: run.repetitions,
    scorers: scorerVersions.map(({ name, spec }): ScorerResult => ({ name, spec })),
    run: { label: task.path, versionId: task.versionId, runId: measured.runId, cases: here.cases },
    baseline:
      measured.baseline === null || baseline === null
        ? null
        : ({ label: measured.baseline.label, versionId: null, runId: measured.baseline.runId, cases: baseline.cases } satisfies RunResult),
    stopped: measured.stopped,
    notes,
    seconds: (performance.now() - since) / 1000,
  };
}

/** What decides, told to the server before there are data, so that its page says the same. */
async function saveSettings(
  { api }: Connection,
  evaluationId: string,
  { primary, margin, rules }: Plan,
  scorers: readonly { scorer: { name: string }; version: Version }[],
): Promise<void> {
  const versions = new Map(scorers.map(({ scorer, version }) => [scorer.name, version.versionId]));
  const hardRules = Object.entries(rules).flatMap(([name, { atLeast, atMost }]) => {
    const version = versions.get(name);
    return version === undefined ? [] : [{ evaluator_version_id: version, at_least: atLeast ?? null, at_most: atMost ?? null }];
  });
  const decides = versions.get(primary);
  await api.reports.set({
    id: evaluationId,
    ...(decides === undefined ? {} : { primary_evaluator_version_id: decides }),
    margin,
    hard_rules: hardRules,
  });
}

const logsAtOnce = 100;

/** Runs the task here and logs into the run. @returns why not all of it was done */
async function logHere(
  connection: Connection,
  plan: Plan,
  { repetitions, concurrency, signal, progress, maxCostUsd }: RunSettings,
  { cases, datapoints }: PreparedCases,
  runId: string,
  { versionId }: Candidate,
): Promise<string | null> {
  if (maxCostUsd !== null) throw new CannotMeasure('--max-cost cannot be kept: what code of your own spends is not known here.');
  const items = Array.from({ length: repetitions }, (_, repetition) => cases.map((one) => ({ one, repetition }))).flat();
  const waiting: object[] = [];
  let done = 0;
  const send = async (least: number): Promise<void> => {
    while (waiting.length >= least && waiting.length > 0) await sendLogs(connection, waiting.splice(0, logsAtOnce));
  };
  const doing = {
    name: plan.name,
    task: plan.task,
    provider: () => {
      throw new Error('No model is called here.');
    },
    signal,
  };
  const work = async ({ one, repetition }: (typeof items)[number]): Promise<void> => {
    try {
      const { log } = await perform(doing, one, repetition);
      const { inputs, messages, output, error, start_time, end_time } = log;
      const fields = { inputs, messages, output, error, start_time, end_time };
      const kept = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
      waiting.push({
        type: 'flow',
        version_id: versionId,
        log: {
          ...kept,
          path: `${plan.path}/task`,
          log_id: newLogId(),
          run_id: runId,
          source_datapoint_id: datapoints.get(one.key),
          log_status: 'complete',
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    done += 1;
    progress(done, items.length);
    await send(logsAtOnce);
  };
  await atOnce(items, concurrency, work, () => signal.aborted);
  await send(1);
  return done === items.length ? null : `It was interrupted: ${done} of ${items.length} outputs were made.`;
}

async function sendLogs({ api }: Connection, logs: object[]): Promise<void> {
  const { results } = await api.logs.batch({ logs: logs as never });
  const refused = results.find(({ error }) => error !== null);
  if (refused?.error != null) throw new CannotMeasure(`The server refused a log: ${refused.error.message}`);
}

type JudgedBy = { name: string; version: Version; anyVersion: boolean; spec: NonNullable<PreparedScorer['scorer']['spec']> };

/** Functions of the caller's own judge here; what they say is posted, so that the report on the server has it too. */
async function judgeHere(
  connection: Connection,
  plan: Plan,
  scorers: readonly PreparedScorer[],
  evaluationId: string,
  measured: Measured,
  run: RunSettings,
): Promise<JudgedBy[]> {
  const judges: JudgedBy[] = [];
  for (const { scorer, version } of scorers) {
    if (scorer.how.kind !== 'function') {
      if (version === null || scorer.spec === null) throw new CannotMeasure(`The evaluator \`${scorer.name}\` says not what it returns.`);
      judges.push({ name: scorer.name, version, anyVersion: false, spec: scorer.spec });
      continue;
    }
    const { fn } = scorer.how;
    let { spec } = scorer;
    let known = version;
    for (const runId of [measured.runId, measured.baseline?.runId]) {
      if (runId === undefined) continue;
      const entries = (await collect(connection, evaluationId, runId, [], [])).logs.filter(({ attempt }) => attempt.error === null);
      const subjects = entries.map(({ log, datapoint }) => ({
        log: judgedLog(log),
        testcase: datapoint === null ? null : judgedDatapoint(datapoint),
      }));
      const judged = await judgeByFunction(fn, spec, subjects, run);
      spec ??= specOfValues(judged);
      if (known === null) {
        known = await saveScorer(connection, plan, { ...scorer, spec });
        await connection.api.evaluations.addEvaluators({
          id: evaluationId,
          evaluators: [{ version_id: known.versionId, orchestrated: false }],
        });
      }
      await postJudgments(
        connection,
        known,
        entries.map(({ attempt }) => attempt.logId ?? ''),
        judged,
      );
    }
    if (known !== null && spec !== null) judges.push({ name: scorer.name, version: known, anyVersion: true, spec });
  }
  return judges;
}

async function postJudgments(
  connection: Connection,
  version: Version,
  logIds: readonly string[],
  judged: readonly Judged[],
): Promise<void> {
  const logs = judged.map((one, index) => ({
    type: 'evaluator',
    version_id: version.versionId,
    log: {
      path: version.path,
      parent_id: logIds[index],
      ...(one.outcome === 'judged' ? { judgment: one.value, ...(one.reason === null ? {} : { output: one.reason }) } : {}),
      ...(one.outcome === 'failed' ? { error: one.error } : {}),
      ...(one.outcome === 'not_judged' ? { output: one.reason } : {}),
    },
  }));
  for (let i = 0; i < logs.length; i += logsAtOnce) await sendLogs(connection, logs.slice(i, i + logsAtOnce));
}

interface Kept {
  evaluationId: string;
  runId: string;
  branch: string | null;
  notes: string[];
  stopped: string | null;
}

/** The newest result of a branch is what others compare with; one that is not whole is none. */
export async function keepResult({ api }: Connection, { evaluationId, runId, branch: named, notes, stopped }: Kept): Promise<void> {
  const { branch: here, commit } = currentCommit(process.cwd());
  const branch = named ?? here;
  if (branch === null || stopped !== null) return;
  try {
    await api.results.keep({ id: evaluationId, run_id: runId, branch, commit });
  } catch (error) {
    if (!(error instanceof WhetstoneError)) throw error;
    notes.push(`The result is not kept for the branch ${branch}: ${error.message}`);
  }
}
