import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Judging } from '../conclude.ts';
import { readPrompt } from '../load/task.ts';
import type { RunSettings } from '../local/run.ts';
import { CannotMeasure } from '../plan.ts';
import type { EvaluationResult } from '../results.ts';
import type { EvalSettings } from '../settings.ts';
import { type Candidate, deployedIn } from './baseline.ts';
import { collect } from './collect.ts';
import { connect, type Connection, type Session, type Version } from './connect.ts';
import { casesOf, findEvaluation, type FoundEvaluation } from './prepare.ts';
import { keepResult } from './run.ts';
import { measureRuns } from './runs.ts';

/** Runs an evaluation that is saved on the server, with a version of its file. @throws CannotMeasure, WhetstoneError */
export async function savedOnServer(
  name: string,
  session: Session,
  settings: EvalSettings,
  run: RunSettings,
): Promise<{ result: EvaluationResult; judging: Judging }> {
  const since = performance.now();
  const connection = await connect(session);
  const evaluation = await findEvaluation(connection, name, null);
  if (evaluation === null) throw new CannotMeasure(`There is no file and no evaluation “${name}”.`);
  const { candidate, datasetId, control } = await candidateOf(connection, evaluation, settings, run);
  const { cases } = await casesOf(connection, datasetId, candidate.datasetVersionId);
  const notes: string[] = [];
  const baseline = settings.baseline ?? (control === null ? null : { kind: 'run' as const, name: control });
  const measured = await measureRuns(connection, {
    candidate,
    run,
    baseline,
    notes,
    cases: cases.length,
    judges: new Set(evaluation.evaluators.flatMap(({ version, orchestrated }) => (orchestrated ? [version.version_id] : []))),
    logHere: () => Promise.reject(new CannotMeasure('Its file is run by your own code.')),
  });
  const scorers = scorersOf(evaluation);
  const gather = (runId: string) => collect(connection, evaluation.id, runId, cases, scorers);
  const here = await gather(measured.runId);
  const there = measured.baseline === null ? null : await gather(measured.baseline.runId);
  await keepResult(connection, {
    evaluationId: evaluation.id,
    runId: measured.runId,
    branch: settings.branch,
    notes,
    stopped: measured.stopped,
  });
  const result: EvaluationResult = {
    name: evaluation.name ?? evaluation.id,
    file: null,
    url: connection.pageOf(evaluation.id),
    repetitions: run.repetitions,
    scorers: scorers.map(({ name: score, spec }) => ({ name: score, spec })),
    run: { label: candidate.path, versionId: candidate.versionId, runId: measured.runId, cases: here.cases },
    baseline:
      there === null || measured.baseline === null
        ? null
        : { label: measured.baseline.label, versionId: null, runId: measured.baseline.runId, cases: there.cases },
    stopped: measured.stopped,
    notes,
    seconds: (performance.now() - since) / 1000,
  };
  return { result, judging: await judgingOf(connection, evaluation.id, scorers, settings.strict) };
}

const kinds = { prompt: 'prompts', agent: 'agents', tool: 'tools' } as const;

async function candidateOf(
  connection: Connection,
  evaluation: FoundEvaluation,
  settings: EvalSettings,
  { repetitions }: RunSettings,
): Promise<{ candidate: Candidate; datasetId: string; control: string | null }> {
  const { runs } = await connection.api.evaluations.listRunsForEvaluation({ id: evaluation.id });
  const control = runs.find((one) => one.control)?.id ?? null;
  const [newest] = runs.filter(({ dataset, version }) => dataset !== null && version !== null);
  if (newest?.dataset == null || newest.version === null)
    throw new CannotMeasure('It has no run yet, so that it is not known over which cases to run: start the first one in the web app.');
  const { type, id: fileId, path } = newest.version as unknown as { type: string; id: string; path: string };
  const kind = kinds[type as keyof typeof kinds];
  if (kind === undefined)
    throw new CannotMeasure(`Its file ${path} is a ${type}, which your own code runs: write a file *.eval.ts for it.`);
  const file = { kind, fileId, path };
  const versionId = await versionOf(connection, file, settings.version);
  return {
    candidate: {
      ...file,
      evaluationId: evaluation.id,
      versionId,
      datasetVersionId: newest.dataset.version_id,
      repetitions,
      orchestrated: true,
    },
    datasetId: newest.dataset.id,
    control,
  };
}

/** The named one; else the pulled file's content, where it was pulled; else the newest. */
async function versionOf(connection: Connection, file: Pick<Candidate, 'kind' | 'fileId' | 'path'>, named: string | null): Promise<string> {
  const { api } = connection;
  const save = async (text: string): Promise<string> => {
    if (file.kind !== 'prompts') throw new CannotMeasure('Only prompts are read from files here: push it, and name the version.');
    return (await api.prompts.upsert({ ...readPrompt(text), path: file.path })).version_id;
  };
  if (named !== null) {
    const [, kind, name = ''] = /^(version|env|environment):(.+)$/.exec(named) ?? [];
    if (kind === 'version') return name;
    if (kind !== undefined) {
      const deployed = await deployedIn(connection, name, file);
      if (deployed === null) throw new CannotMeasure(`Nothing of ${file.path} is deployed to ${name}.`);
      return deployed;
    }
    if (!existsSync(named))
      throw new CannotMeasure(`--version is version:ID, env:ENVIRONMENT or a file .prompt; there is no file ${named}.`);
    return save(resolve(named));
  }
  const pulled = resolve(process.env['WHETSTONE_DIR'] ?? 'whetstone', `${file.path}.prompt`);
  if (file.kind === 'prompts' && existsSync(pulled)) return save(pulled);
  const { records } = await (api[file.kind].listVersions as (input: { id: string }) => Promise<{ records: { version_id: string }[] }>)({
    id: file.fileId,
  });
  if (records[0] === undefined) throw new CannotMeasure(`${file.path} has no version.`);
  return records[0].version_id;
}

type SavedScorer = { name: string; version: Version; anyVersion: boolean; spec: FoundEvaluation['evaluators'][number]['version']['spec'] };

/** Named by the end of their paths, where these differ. */
function scorersOf({ evaluators }: FoundEvaluation): SavedScorer[] {
  const ends = evaluators.map(({ version }) => version.path.replace(/^.*\//, ''));
  return evaluators.map(({ version }, index) => ({
    name:
      ends.filter((end) => end === ends[index]).length > 1
        ? `${version.path} ${version.version_id.slice(-4)}`
        : (ends[index] ?? version.path),
    version: { fileId: version.id, path: version.path, versionId: version.version_id },
    anyVersion: version.spec.evaluator_type === 'external',
    spec: version.spec,
  }));
}

async function judgingOf({ api }: Connection, id: string, scorers: readonly SavedScorer[], strict: boolean): Promise<Judging> {
  const { settings } = await api.reports.get({ id });
  const nameOf = (versionId: string | null): string | undefined => scorers.find(({ version }) => version.versionId === versionId)?.name;
  const rules = settings.hard_rules.flatMap(({ evaluator_version_id: version, at_least: atLeast, at_most: atMost }) => {
    const name = nameOf(version);
    const rule = { ...(atLeast === null ? {} : { atLeast }), ...(atMost === null ? {} : { atMost }) };
    return name === undefined ? [] : [[name, rule] as const];
  });
  return {
    primary: nameOf(settings.primary_evaluator_version_id) ?? scorers[0]?.name ?? '',
    margin: settings.margin,
    rules: Object.fromEntries(rules),
    strict,
  };
}
