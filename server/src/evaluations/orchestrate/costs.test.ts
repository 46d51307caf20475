import { systemScope, type EvaluatorSpec, type Scope } from '@whetstone/contract';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Snapshot } from '../../files/index.ts';
import type { Evaluation, NewRun, Run } from '../index.ts';
import { type EvaluationHouse, openEvaluationHouse } from '../test/house.ts';

let house: EvaluationHouse;
let scope: Scope;
let workspaces = 0;
let asked = 0;
let names = 0;

// Several whole runs each.
vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  house = await openEvaluationHouse();
});
afterAll(() => house?.close());
beforeEach(async () => {
  scope = systemScope(`ws_costs_${++workspaces}`, 'test');
  await house.files.prepareWorkspace(scope.workspaceId);
  asked = 0;
  house.behave(() => {
    asked += 1;
    return { text: 'right' };
  });
});
afterEach(() => house.behave(null));

const saysRight: EvaluatorSpec = {
  evaluator_type: 'python',
  language: 'javascript',
  arguments_type: 'target_free',
  return_type: 'boolean',
  code: 'function evaluate(log) { return log.output === "right" }',
};
async function prompt(model = 'gpt-4o-mini'): Promise<Snapshot> {
  const kernel = { model, template: [{ role: 'user' as const, content: 'Say {{q}}.' }] };
  return (await house.files.upsert(scope, 'prompt', { path: 'shop/answer', kernel })).snapshot;
}
async function cases(count: number, target?: string): Promise<Snapshot> {
  const datapoints = Array.from({ length: count }, (_, index) => ({
    inputs: { q: `question ${index}` },
    ...(target === undefined ? {} : { target: { output: target } }),
  }));
  return (await house.files.datasets.upsert(scope, { path: 'shop/cases', action: 'set', datapoints })).snapshot;
}
async function evaluation(): Promise<Evaluation> {
  const { snapshot } = await house.files.upsert(scope, 'evaluator', { path: 'judges/right', kernel: { spec: saysRight } });
  return house.evaluations.create(scope, { name: `e${++names}`, file: null, evaluators: [{ versionId: snapshot.version.id }] });
}
const request = (dataset: Snapshot, version: Snapshot, more: Partial<NewRun> = {}): NewRun => ({
  dataset: { versionId: dataset.version.id },
  version: { versionId: version.version.id },
  orchestrated: true,
  useExistingLogs: false,
  ...more,
});
async function over(its: Evaluation): Promise<Run> {
  await expect
    .poll(async () => (await house.evaluations.stats(scope, its.id)).status, { timeout: 60_000, interval: 200 })
    .toBe('completed');
  return (await house.evaluations.runs(scope, its.id))[0] as Run;
}
const logsOf = async (its: Evaluation) => (await house.evaluations.logs(scope, its.id, { page: 1, size: 1_000 })).records;

test('a run stops before it costs more than it may, says so, and goes on with more', async () => {
  const [dataset, version, free] = [await cases(40), await prompt(), await evaluation()];
  await house.evaluations.createRun(scope, free.id, request(dataset, version));
  const whole = await over(free);
  const all = whole.progress.cost_usd ?? 0;
  expect(all).toBeGreaterThan(0);
  expect(whole.progress).toMatchObject({ total: 40, done: 40, failed: 0, judged: 40, awaited_judgments: 0, unpriced_calls: 0 });
  const its = await evaluation();
  await house.evaluations.createRun(scope, its.id, request(dataset, version, { maxCostUsd: all / 2 }));
  const stopped = await over(its);
  expect(stopped).toMatchObject({ status: 'cancelled', stopped: { because: 'cost', message: expect.stringContaining('a higher cap') } });
  expect(stopped.progress.cost_usd).toBeLessThanOrEqual(all / 2 + 1e-12);
  expect(stopped.progress.cost_usd).toBeGreaterThan(all / 3);
  // What was made was judged.
  expect(stopped.progress.judged).toBe(stopped.progress.done);
  await expect(house.evaluations.updateRun(scope, its.id, stopped.id, { status: 'running' })).rejects.toThrow(/higher cap/);
  await house.evaluations.updateRun(scope, its.id, stopped.id, { status: 'running', maxCostUsd: all * 2 });
  expect(await over(its)).toMatchObject({ status: 'completed', stopped: null, progress: { done: 40, judged: 40 } });
  expect(asked).toBe(80);
});

test('a run with a cap stops where nobody knows what a call costs', async () => {
  const [dataset, version, its] = [await cases(20), await prompt('ft:house-model'), await evaluation()];
  await house.evaluations.createRun(scope, its.id, request(dataset, version, { maxCostUsd: 1 }));
  expect(await over(its)).toMatchObject({ status: 'cancelled', stopped: { because: 'unknown_cost' }, progress: { unpriced_calls: 1 } });
  expect(asked).toBe(1);
});

test('outputs and judgments of the same content are taken from earlier runs, where that was asked', async () => {
  const [dataset, version, first] = [await cases(12), await prompt(), await evaluation()];
  await house.evaluations.createRun(scope, first.id, request(dataset, version, { repetitions: 2 }));
  await over(first);
  expect(asked).toBe(24);
  const second = await evaluation();
  await house.evaluations.createRun(scope, second.id, request(dataset, version, { repetitions: 2, cache: true }));
  const taken = await over(second);
  expect(taken).toMatchObject({ cached: true, progress: { done: 24, from_cache: 24, judged: 24, cost_usd: 0 } });
  expect(asked).toBe(24);
  expect(new Set((await logsOf(second)).map(({ log }) => log.id))).toEqual(new Set((await logsOf(first)).map(({ log }) => log.id)));
  const third = await evaluation();
  await house.evaluations.createRun(scope, third.id, request(dataset, version));
  expect((await over(third)).progress.from_cache).toBe(0);
  expect(asked).toBe(36);
});

test('an output whose target changed is a copy that cost nothing, and is judged again', async () => {
  const [dataset, version, first] = [await cases(5, 'right'), await prompt(), await evaluation()];
  await house.evaluations.createRun(scope, first.id, request(dataset, version));
  await over(first);
  const second = await evaluation();
  await house.evaluations.createRun(scope, second.id, request(await cases(5, 'other'), version, { cache: true }));
  expect((await over(second)).progress).toMatchObject({ from_cache: 5, judged: 5 });
  expect(asked).toBe(5);
  for (const { log, datapoint } of await logsOf(second)) {
    expect(datapoint?.target).toEqual({ output: 'other' });
    expect(log).toMatchObject({ output: 'right', costUsd: 0, providerResponse: { cached: { log_id: expect.stringMatching(/^log_/) } } });
  }
});

test('calls that failed are not taken over, nor outputs of another workspace', async () => {
  house.behave(() => {
    asked += 1;
    return { status: 400 };
  });
  const [dataset, version, first] = [await cases(3), await prompt(), await evaluation()];
  await house.evaluations.createRun(scope, first.id, request(dataset, version));
  expect((await over(first)).progress).toMatchObject({ done: 3, failed: 3 });
  house.behave(() => {
    asked += 1;
    return { text: 'right' };
  });
  const second = await evaluation();
  await house.evaluations.createRun(scope, second.id, request(dataset, version, { cache: true }));
  expect((await over(second)).progress).toMatchObject({ from_cache: 0, failed: 0 });
  scope = systemScope(`ws_costs_other_${workspaces}`, 'test');
  await house.files.prepareWorkspace(scope.workspaceId);
  const third = await evaluation();
  await house.evaluations.createRun(scope, third.id, request(await cases(3), await prompt(), { cache: true }));
  expect((await over(third)).progress).toMatchObject({ from_cache: 0, done: 3 });
  expect(asked).toBe(9);
});

test('what a run would cost is told from what earlier calls cost, or why it is not known', async () => {
  const [dataset, version, its] = [await cases(30), await prompt(), await evaluation()];
  const ask = (more = {}) =>
    house.evaluations.estimate(scope, its.id, {
      dataset: { versionId: dataset.version.id },
      versions: [{ versionId: version.version.id }],
      evaluators: [],
      repetitions: 2,
      override: null,
      cache: false,
      ...more,
    });
  expect(await ask()).toMatchObject({ cases: 30, logs: 60, cost_usd: null, basis: [expect.stringContaining('Run it once')] });
  await house.evaluations.createRun(scope, its.id, request(dataset, version, { repetitions: 2 }));
  const { progress } = await over(its);
  const told = await ask();
  expect(told.cost_usd?.low).toBeLessThanOrEqual(progress.cost_usd ?? 0);
  expect(told.cost_usd?.high).toBeGreaterThanOrEqual(progress.cost_usd ?? 0);
  expect(told.cost_usd?.mid).toBeCloseTo(progress.cost_usd ?? 0, 6);
  expect(await ask({ cache: true })).toMatchObject({ from_cache: 60, cost_usd: { low: 0, mid: 0, high: 0 } });
});

test('a run counts to the limits of the key that started it, and stops where its budget is spent', async () => {
  const key: Scope = { ...scope, actor: { type: 'key', id: 'key_runs', name: 'CI', role: 'editor', environment: null } };
  await house.gateway.limits.set(scope, {
    subject: 'key',
    id: 'key_runs',
    requestsPerMinute: null,
    tokensPerMinute: null,
    usdPerDay: 0.000001,
    usdPerMonth: null,
  });
  const [dataset, version, its] = [await cases(400), await prompt(), await evaluation()];
  await house.evaluations.createRun(key, its.id, request(dataset, version, { concurrency: 2 }));
  const stopped = await over(its);
  expect(stopped).toMatchObject({ status: 'cancelled', stopped: { because: 'budget', message: expect.stringContaining('budget') } });
  expect(asked).toBeLessThan(400);
  expect((await logsOf(its))[0]?.log).toMatchObject({ keyId: 'key_runs' });
});

test('several runs are made at once or not at all; a prompt runs with another model', async () => {
  const [dataset, version, its] = [await cases(2), await prompt(), await evaluation()];
  const bad = { ...request(dataset, version), version: { versionId: 'prv_none' } };
  await expect(house.evaluations.createRuns(scope, its.id, [request(dataset, version), bad])).rejects.toMatchObject({ code: 'not_found' });
  expect(await house.evaluations.runs(scope, its.id)).toEqual([]);
  const [plain, other] = await house.evaluations.createRuns(scope, its.id, [
    request(dataset, version),
    request(dataset, version, { override: { model: 'gpt-4o', temperature: 0 } }),
  ]);
  expect(plain?.version?.version.id).toBe(version.version.id);
  expect(other?.version?.version.kernel).toMatchObject({ model: 'gpt-4o', temperature: 0 });
  await over(its);
  const models = new Set((await logsOf(its)).map(({ log }) => log.model));
  expect(models).toEqual(new Set(['gpt-4o-mini', 'gpt-4o']));
});
