import { AppError, systemScope } from '@whetstone/contract';
import type { ErrorCode, EvaluatorSpec, JudgmentValue, Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Files, Snapshot } from '../files/index.ts';
import type { Logs } from '../logs/index.ts';
import type { Evaluations, Run } from './index.ts';
import { type EvaluationHouse, openEvaluationHouse } from './test/house.ts';

let house: EvaluationHouse;
let files: Files;
let logs: Logs;
let evaluations: Evaluations;
let scope: Scope;
let workspaces = 0;

beforeAll(async () => {
  house = await openEvaluationHouse();
  ({ files, logs, evaluations } = house);
});
afterAll(() => house?.close());
beforeEach(async () => {
  scope = systemScope(`ws_${++workspaces}`, 'test');
  await files.prepareWorkspace(scope.workspaceId);
});

const flow = async (version = 1): Promise<Snapshot> =>
  (await files.upsert(scope, 'flow', { path: 'shop/answer', kernel: { attributes: { version } } })).snapshot;
const dataset = async (...questions: string[]) =>
  (await files.datasets.upsert(scope, { path: 'shop/cases', action: 'set', datapoints: questions.map((q) => ({ inputs: { q } })) }))
    .snapshot;
const evaluator = async (path: string, more: Partial<EvaluatorSpec> = {}) => {
  const spec = { evaluator_type: 'external', arguments_type: 'target_free', return_type: 'boolean', ...more } as EvaluatorSpec;
  return (await files.upsert(scope, 'evaluator', { path, kernel: { spec } })).snapshot;
};
/** What was written is in the store: questions wait for that a moment only. */
const settled = async <T>(write: Promise<T>): Promise<T> => {
  const result = await write;
  expect(await logs.drained(60_000)).toBe(true);
  return result;
};
const log = async (version: Snapshot, run: Run | null, datapointId: string | null, more: Partial<Parameters<Logs['record']>[1]> = {}) => {
  const { file, version: made } = version;
  const common = { kind: 'flow', origin: 'api', output: 'x', logStatus: 'complete' } as const;
  const place = { fileId: file.id, versionId: made.id, runId: run?.id ?? null, datapointId };
  return (await settled(logs.record(scope, { ...common, ...place, ...more }))).id;
};
const judge = (by: Snapshot, logId: string, value: JudgmentValue | null, error: string | null = null) => {
  const evaluator = { evaluatorId: by.file.id, evaluatorVersionId: by.version.id };
  return settled(logs.judge(scope, { ...evaluator, logId, source: 'external', value, error, origin: 'api' }));
};
const refused = async (attempt: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> => {
  const error: unknown = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).message).toMatch(message);
  expect((error as AppError).code).toBe(code);
};

/** A flow, two datapoints, one evaluator outside, and an evaluation with a run. */
async function prepared() {
  const version = await flow();
  const cases = await dataset('a', 'b');
  const exact = await evaluator('judges/exact');
  const evaluation = await evaluations.create(scope, {
    name: 'first',
    file: { id: version.file.id },
    evaluators: [{ path: 'judges/exact' }],
  });
  const run = await evaluations.createRun(scope, evaluation.id, {
    dataset: { versionId: cases.version.id },
    version: { versionId: version.version.id },
    orchestrated: false,
    useExistingLogs: false,
  });
  const [a = '', b = ''] = await files.datasets.datapointIds(scope, cases.version.id);
  return { version, cases, exact, evaluation, run, a, b };
}

describe('evaluations', () => {
  test('are named once a file, listed newest first, and deleted without their logs', async () => {
    const { version, evaluation, run, a } = await prepared();
    const again = { name: 'first', file: { path: 'shop/answer' }, evaluators: [] };
    await refused(evaluations.create(scope, again), 'conflict', /`shop\/answer` has an evaluation named `first`/);
    const free = await evaluations.create(scope, { name: 'first', file: null, evaluators: [] });
    const { records, total } = await evaluations.list(scope, { page: 1, size: 10 });
    expect([records.map(({ id }) => id), total]).toEqual([[free.id, evaluation.id], 2]);
    expect((await evaluations.list(scope, { fileId: version.file.id, page: 1, size: 10 })).records[0]).toMatchObject({ runsCount: 1 });
    expect((await evaluations.list(scope, { page: 9, size: 10 })).records).toEqual([]);
    const logId = await log(version, run, a);
    await evaluations.delete(scope, evaluation.id);
    await refused(evaluations.get(scope, evaluation.id), 'not_found', /Evaluation `evr_/);
    expect(await logs.find(scope, logId)).not.toBeNull();
  });

  test('take evaluators by version, id and path, and let go of them', async () => {
    const { evaluation, exact } = await prepared();
    const rating = await evaluator('judges/rating', { evaluator_type: 'human', return_type: 'number' });
    const code = await evaluator('judges/code', { evaluator_type: 'python', code: 'def f(log): return True' });
    const more = await evaluations.addEvaluators(scope, evaluation.id, [
      { id: rating.file.id },
      { versionId: code.version.id },
      { path: 'judges/exact' },
    ]);
    expect(more.evaluators.map(({ snapshot, orchestrated }) => [snapshot.file.path, orchestrated])).toEqual([
      ['judges/exact', false],
      ['judges/rating', false],
      ['judges/code', true],
    ]);
    await evaluations.removeEvaluator(scope, evaluation.id, exact.version.id);
    expect((await evaluations.get(scope, evaluation.id)).evaluators).toHaveLength(2);
    await refused(evaluations.removeEvaluator(scope, evaluation.id, exact.version.id), 'not_found', /Evaluator version/);
    await refused(evaluations.addEvaluators(scope, evaluation.id, [{ path: 'judges/none' }]), 'not_found', /Evaluator `judges\/none`/);
    const { version } = await flow();
    await refused(evaluations.addEvaluators(scope, evaluation.id, [{ versionId: version.id }]), 'invalid_input', /version of a flow/);
  });

  test('another workspace sees none of them', async () => {
    const { evaluation, run } = await prepared();
    const other = systemScope('ws_other', 'test');
    await refused(evaluations.get(other, evaluation.id), 'not_found', /Evaluation/);
    await refused(evaluations.stats(other, evaluation.id), 'not_found', /Evaluation/);
    await refused(evaluations.requireRun(other, run.id), 'not_found', /Run/);
    expect((await evaluations.list(other, { page: 1, size: 10 })).total).toBe(0);
  });
});

describe('runs', () => {
  test('are over when every datapoint has a log and every evaluator outside has judged each', async () => {
    const { version, exact, evaluation, run, a, b } = await prepared();
    const status = async () => (await evaluations.stats(scope, evaluation.id)).status;
    expect(await status()).toBe('running');
    const first = await log(version, run, a);
    const second = await log(version, run, b, { logStatus: 'incomplete' });
    await judge(exact, first, true);
    expect(await status()).toBe('running');
    await settled(logs.change(scope, second, { logStatus: 'complete' }));
    expect(await status()).toBe('running');
    await judge(exact, second, null, 'it broke');
    const stats = await evaluations.stats(scope, evaluation.id);
    expect(stats).toMatchObject({ status: 'completed', progress: null });
    expect(stats.runs[0]).toMatchObject({
      logs: 2,
      evaluators: [
        { evaluator_version_id: exact.version.id, total_logs: 2, num_judgments: 1, num_errors: 1, num_nulls: 0, num_true: 1, num_false: 0 },
      ],
    });
    expect(stats.report).toContain('1/1 true, 1 failed');
  });

  test('wait for judges that the server runs, failing ones too, and not for people', async () => {
    const { version, exact, evaluation, run, a, b } = await prepared();
    await evaluator('judges/human', { evaluator_type: 'human', return_type: 'text' });
    await evaluator('judges/code', { evaluator_type: 'python', language: 'javascript', code: '' });
    await evaluations.addEvaluators(scope, evaluation.id, [{ path: 'judges/human' }, { path: 'judges/code' }]);
    for (const datapoint of [a, b]) await judge(exact, await log(version, run, datapoint), true);
    const stats = () => evaluations.stats(scope, evaluation.id);
    await expect.poll(async () => (await stats()).status, { timeout: 30_000 }).toBe('completed');
    expect((await stats()).runs[0]?.evaluators.map(({ num_errors: errors }) => errors)).toEqual([0, 0, 2]);
  });

  test('a judgment counts for its version; of code outside any counts that stands alone', async () => {
    const { version, exact, evaluation, run, a } = await prepared();
    const newer = await evaluator('judges/exact', { attributes: { code: 'newer' } });
    const logId = await log(version, run, a);
    await judge(newer, logId, true);
    const [alone] = (await evaluations.stats(scope, evaluation.id)).runs;
    expect(alone?.evaluators).toMatchObject([{ evaluator_version_id: exact.version.id, num_true: 1 }]);
    await evaluations.addEvaluators(scope, evaluation.id, [{ versionId: newer.version.id }]);
    const [both] = (await evaluations.stats(scope, evaluation.id)).runs;
    expect(both?.evaluators).toMatchObject([{ num_true: 0 }, { evaluator_version_id: newer.version.id, num_true: 1 }]);
  });

  test('come newest first, end when told to, and go on when told to', async () => {
    const { cases, version, evaluation, run } = await prepared();
    const second = await evaluations.createRun(scope, evaluation.id, {
      dataset: { path: 'shop/cases' },
      version: { id: version.file.id },
      orchestrated: false,
      useExistingLogs: false,
    });
    expect(second).toMatchObject({ dataset: { version: { id: cases.version.id } }, version: { version: { id: version.version.id } } });
    expect((await evaluations.runs(scope, evaluation.id)).map(({ id }) => id)).toEqual([second.id, run.id]);
    expect(await evaluations.updateRun(scope, evaluation.id, run.id, { status: 'cancelled' })).toMatchObject({ status: 'cancelled' });
    expect((await evaluations.stats(scope, evaluation.id)).status).toBe('running');
    await evaluations.updateRun(scope, evaluation.id, second.id, { status: 'completed' });
    expect((await evaluations.stats(scope, evaluation.id)).status).toBe('completed');
    expect(await evaluations.updateRun(scope, evaluation.id, run.id, { status: 'running' })).toMatchObject({ status: 'running' });
  });

  test('one is the control at most', async () => {
    const { evaluation, run } = await prepared();
    const plain = { dataset: null, version: null, orchestrated: false, useExistingLogs: false };
    const second = await evaluations.createRun(scope, evaluation.id, plain);
    await evaluations.updateRun(scope, evaluation.id, run.id, { control: true });
    await evaluations.updateRun(scope, evaluation.id, second.id, { control: true });
    expect((await evaluations.runs(scope, evaluation.id)).map(({ control }) => control)).toEqual([true, false]);
    await evaluations.updateRun(scope, evaluation.id, second.id, { control: false });
    expect((await evaluations.runs(scope, evaluation.id)).map(({ control }) => control)).toEqual([false, false]);
  });

  test('one may be in two evaluations, and leaves each by itself', async () => {
    const { evaluation, run, version, a } = await prepared();
    const other = await evaluations.create(scope, { name: 'second', file: null, evaluators: [] });
    expect(await evaluations.addRun(scope, other.id, run.id)).toMatchObject({ id: run.id });
    await evaluations.addRun(scope, other.id, run.id);
    await log(version, run, a);
    expect((await evaluations.stats(scope, other.id)).runs).toMatchObject([{ logs: 1 }]);
    await evaluations.removeRun(scope, evaluation.id, run.id);
    expect(await evaluations.runs(scope, evaluation.id)).toEqual([]);
    expect(await evaluations.runs(scope, other.id)).toHaveLength(1);
    await refused(evaluations.removeRun(scope, evaluation.id, run.id), 'not_found', /Run/);
    await refused(evaluations.updateRun(scope, evaluation.id, run.id, { control: true }), 'not_found', /Run/);
  });

  test('what cannot be run is refused', async () => {
    const { evaluation, cases, version } = await prepared();
    const create = (more: object) =>
      evaluations.createRun(scope, evaluation.id, { dataset: null, version: null, orchestrated: false, useExistingLogs: false, ...more });
    await refused(create({ orchestrated: true }), 'invalid_input', /Name the dataset/);
    await refused(create({ version: { versionId: cases.version.id } }), 'invalid_input', /dataset cannot be run/);
    await refused(create({ dataset: { versionId: version.version.id } }), 'invalid_input', /version of a flow, not of a dataset/);
    await refused(create({ dataset: { versionId: 'dsv_none' } }), 'not_found', /Dataset version `dsv_none`/);
    await refused(create({ dataset: { path: 'shop/answer' } }), 'not_found', /there is a flow at this path/);
    expect(await evaluations.runs(scope, evaluation.id)).toHaveLength(1);
  });
});

describe('logs of runs', () => {
  test('are those that name the run and those that were added, each once, newest first', async () => {
    const { version, exact, evaluation, run, a, b } = await prepared();
    const named = await log(version, run, a, { startTime: new Date('2026-01-01T00:00:00Z') });
    const added = await log(version, null, b, { startTime: new Date('2026-01-02T00:00:00Z') });
    await evaluations.addLogs(scope, evaluation.id, run.id, [added, named, added]);
    await judge(exact, added, false);
    const { records, total } = await evaluations.logs(scope, evaluation.id, { page: 1, size: 10 });
    expect(total).toBe(2);
    expect(records.map(({ runId, log: { id }, datapoint }) => [runId, id, datapoint?.inputs])).toEqual([
      [run.id, added, { q: 'b' }],
      [run.id, named, { q: 'a' }],
    ]);
    expect((await evaluations.stats(scope, evaluation.id)).runs[0]?.evaluators).toMatchObject([{ num_judgments: 1, num_false: 1 }]);
    expect((await evaluations.logs(scope, evaluation.id, { page: 2, size: 1 })).records[0]?.log.id).toBe(named);
    expect((await evaluations.logs(scope, evaluation.id, { page: 1, size: 10, runIds: ['rn_none'] })).total).toBe(0);
    await refused(evaluations.addLogs(scope, evaluation.id, run.id, [named, 'log_none']), 'not_found', /Log `log_none`/);
    await settled(logs.delete(scope, [added]));
    expect((await evaluations.logs(scope, evaluation.id, { page: 1, size: 10 })).records.map((record) => record.log.id)).toEqual([named]);
  });

  test('existing ones seed a run: the newest of each datapoint that the version left', async () => {
    const { version, cases, evaluation, a, b } = await prepared();
    await log(version, null, a, { startTime: new Date('2026-01-01T00:00:00Z') });
    const newest = await log(version, null, a, { startTime: new Date('2026-01-02T00:00:00Z') });
    await log(version, null, 'dp_of_another_dataset');
    await log(await flow(2), null, b);
    const run = await evaluations.createRun(scope, evaluation.id, {
      dataset: { versionId: cases.version.id },
      version: { versionId: version.version.id },
      orchestrated: false,
      useExistingLogs: true,
    });
    const { records } = await evaluations.logs(scope, evaluation.id, { page: 1, size: 10, runIds: [run.id] });
    expect(records.map((record) => record.log.id)).toEqual([newest]);
  });

  test('a log of a datapoint comes into the open runs that still wait for it', async () => {
    const { version, run, evaluation, a } = await prepared();
    const first = await log(version, null, a);
    const stored = async (id: string) => (await logs.find(scope, id)) ?? expect.fail(id);
    await evaluations.attach(scope, await stored(first));
    await evaluations.attach(scope, await stored(await log(version, null, a)));
    await evaluations.attach(scope, await stored(await log(await flow(2), null, a)));
    await evaluations.attach(scope, await stored(await log(version, null, 'dp_of_another_dataset')));
    const { records } = await evaluations.logs(scope, evaluation.id, { page: 1, size: 10, runIds: [run.id] });
    expect(records.map((record) => record.log.id)).toEqual([first]);
  });
});
