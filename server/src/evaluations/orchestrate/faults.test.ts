import { systemScope, type EvaluatorSpec, type Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Snapshot } from '../../files/index.ts';
import type { Evaluation, Evaluations, Run } from '../index.ts';
import { type EvaluationHouse, openEvaluationHouse } from '../test/house.ts';

let house: EvaluationHouse;
let scope: Scope;
let workspaces = 0;
let asked: string[] = [];
let judgesAsked = 0;

// Several whole runs each.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

beforeAll(async () => {
  house = await openEvaluationHouse({ python: '/nowhere/python3' });
});
afterAll(() => house?.close());
beforeEach(async () => {
  scope = systemScope(`ws_faults_${++workspaces}`, 'test');
  await house.files.prepareWorkspace(scope.workspaceId);
  asked = [];
  judgesAsked = 0;
  house.behave(({ body }) => {
    asked.push(/question \d+/.exec(body)?.[0] ?? body);
    return { text: 'right', delayMs: 30 };
  });
});

const code = (language: 'javascript' | 'python', text: string): EvaluatorSpec => ({
  evaluator_type: 'python',
  language,
  arguments_type: 'target_free',
  return_type: 'boolean',
  code: text,
});
const saysRight = code('javascript', 'function evaluate(log) { return log.output === "right" }');
const byModel: EvaluatorSpec = {
  evaluator_type: 'llm',
  arguments_type: 'target_free',
  return_type: 'boolean',
  prompt: { model: 'gpt-4o-mini', template: [{ role: 'user', content: 'Is it right? {{log.inputs.q}} {{log.output}}' }] },
};

async function prompt(): Promise<Snapshot> {
  const kernel = { model: 'gpt-4o-mini', template: [{ role: 'user' as const, content: 'Say {{q}}.' }] };
  return (await house.files.upsert(scope, 'prompt', { path: 'shop/answer', kernel })).snapshot;
}
async function cases(count: number): Promise<Snapshot> {
  const datapoints = Array.from({ length: count }, (_, index) => ({ inputs: { q: `question ${index}` } }));
  return (await house.files.datasets.upsert(scope, { path: 'shop/cases', action: 'set', datapoints })).snapshot;
}
async function evaluation(...specs: EvaluatorSpec[]): Promise<Evaluation> {
  const evaluators = await Promise.all(
    specs.map(async (spec, index) => {
      const { snapshot } = await house.files.upsert(scope, 'evaluator', { path: `judges/${index}`, kernel: { spec } });
      return { versionId: snapshot.version.id };
    }),
  );
  return house.evaluations.create(scope, { name: null, file: null, evaluators });
}
const begin = (its: Evaluation, dataset: Snapshot, version: Snapshot, at: Evaluations = house.evaluations): Promise<Run> =>
  at.createRun(scope, its.id, {
    dataset: { versionId: dataset.version.id },
    version: { versionId: version.version.id },
    orchestrated: true,
    useExistingLogs: false,
  });
async function completed(its: Evaluation, at: Evaluations = house.evaluations) {
  await expect.poll(async () => (await at.stats(scope, its.id)).status, { timeout: 90_000, interval: 200 }).toBe('completed');
  return at.stats(scope, its.id);
}
const judgmentsOf = async (its: Evaluation) => {
  const { records } = await house.evaluations.logs(scope, its.id, { page: 1, size: 1_000 });
  const all = await house.logs.judgmentsOf(
    scope,
    records.map(({ log }) => log.id),
  );
  return records.map(({ log }) => all.get(log.id) ?? []);
};

describe('two replicas', () => {
  test('that are both woken for a run share it so that nothing is called or judged twice', async () => {
    const its = await evaluation(saysRight);
    const [one, two] = [house.another(), house.another()];
    const run = await begin(its, await cases(120), await prompt(), one);
    await Promise.all([one.start(), two.start()]);
    for (let n = 0; n < 5; n += 1) await two.updateRun(scope, its.id, run.id, { status: 'running' });
    const { runs } = await completed(its, two);
    expect(runs).toMatchObject([{ logs: 120, evaluators: [{ num_judgments: 120, num_true: 120 }] }]);
    expect(asked).toHaveLength(120);
    expect(new Set(asked).size).toBe(120);
    expect((await judgmentsOf(its)).every((judgments) => judgments.length === 1)).toBe(true);
  });

  test('a run that one works on is cancelled by the other within about a second, and goes on there', async () => {
    house.behave(({ body }) => {
      asked.push(/question \d+/.exec(body)?.[0] ?? body);
      return { text: 'right', delayMs: 250 };
    });
    const its = await evaluation(saysRight);
    const [worker, other] = [house.another(), house.another()];
    const run = await begin(its, await cases(400), await prompt(), worker);
    await expect.poll(() => asked.length, { timeout: 30_000, interval: 10 }).toBeGreaterThan(20);
    expect((await other.updateRun(scope, its.id, run.id, { status: 'cancelled' })).status).toBe('cancelled');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const stoodAt = asked.length;
    expect(stoodAt).toBeLessThan(400);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(asked.length).toBe(stoodAt);
    house.behave(() => ({ text: 'right' }));
    await other.updateRun(scope, its.id, run.id, { status: 'running' });
    expect((await completed(its, other)).runs).toMatchObject([{ logs: 400, evaluators: [{ num_judgments: 400 }] }]);
  });
});

test('on a machine without Python evaluators in Python fail case by case and say why, others judge, and the run ends', async () => {
  const its = await evaluation(code('python', 'def evaluate(log):\n    return True\n'), saysRight);
  await begin(its, await cases(6), await prompt());
  const { runs } = await completed(its);
  const judged = runs[0]?.evaluators ?? [];
  expect(judged.map(({ num_errors, num_judgments }) => [num_errors, num_judgments])).toEqual(
    expect.arrayContaining([
      [6, 0],
      [0, 6],
    ]),
  );
  const errors = (await judgmentsOf(its)).flat().flatMap(({ error }) => error ?? []);
  expect(errors).toHaveLength(6);
  for (const error of errors) expect(error).toMatch(/python/i);
});

describe('a judge that is a model, in a run', () => {
  const answering = (says: (question: string, time: number) => string | { status: number }): void =>
    house.behave(({ body }) => {
      if (!body.includes('Is it right?')) return { text: 'right' };
      judgesAsked += 1;
      const said = says(/question \d+/.exec(body)?.[0] ?? '', judgesAsked);
      return typeof said === 'string' ? { text: said } : said;
    });

  test('fails where it answers outside the form, and only there', async () => {
    const odd: Record<string, string> = {
      'question 1': 'I would rather not say.',
      'question 2': '{"reasoning":"so"}',
      'question 3': '{"reasoning":"so","judgment":"maybe"}',
      'question 4': '{"reasoning":"so","judgment":',
      'question 5': '[]',
    };
    answering((question) => odd[question] ?? '{"reasoning":"so","judgment":true}');
    const its = await evaluation(byModel);
    await begin(its, await cases(8), await prompt());
    const { runs } = await completed(its);
    expect(runs[0]?.evaluators[0]).toMatchObject({ total_logs: 8, num_judgments: 3, num_errors: 5, num_nulls: 0 });
    const errors = (await judgmentsOf(its)).flat().flatMap(({ error }) => error ?? []);
    for (const error of errors) expect(error).toContain('outside the form');
  });

  test('is asked again while its provider is busy, and its first calls at once make one prompt', async () => {
    answering((_, time) => (time <= 4 ? { status: time % 2 === 0 ? 429 : 503 } : '{"reasoning":"so","judgment":true}'));
    const its = await evaluation(byModel);
    await begin(its, await cases(10), await prompt());
    const { runs } = await completed(its);
    expect(runs[0]?.evaluators[0]).toMatchObject({ num_judgments: 10, num_errors: 0 });
    expect(judgesAsked).toBeGreaterThanOrEqual(11);
  });

  test('whose provider dies half-way leaves failed judgments that are counted, and the run ends', async () => {
    answering((question) => (Number(question.slice(9)) >= 5 ? { status: 500 } : '{"reasoning":"so","judgment":true}'));
    const its = await evaluation(byModel, saysRight);
    await begin(its, await cases(10), await prompt());
    const { runs } = await completed(its);
    expect(runs[0]?.evaluators.find(({ num_errors }) => num_errors > 0)).toMatchObject({ num_judgments: 5, num_errors: 5 });
  });
});

test('a trace is judged when it is complete, with what ran in it, and not before', async () => {
  const counts = code('javascript', 'function evaluate(log) { return log.trace_children.length === 2 }');
  const its = await evaluation(counts);
  const dataset = await cases(1);
  const flow = (await house.files.upsert(scope, 'flow', { path: 'shop/flow', kernel: { attributes: {} } })).snapshot;
  const run = await house.evaluations.createRun(scope, its.id, {
    dataset: { versionId: dataset.version.id },
    version: { versionId: flow.version.id },
    orchestrated: false,
    useExistingLogs: false,
  });
  const [datapointId = null] = await house.files.datasets.datapointIds(scope, dataset.version.id);
  const place = { fileId: flow.file.id, versionId: flow.version.id, runId: run.id, datapointId };
  const { id } = await house.logs.record(scope, { kind: 'flow', origin: 'api', logStatus: 'incomplete', ...place });
  const called = await prompt();
  for (const output of ['one', 'two']) {
    await house.logs.record(scope, {
      kind: 'prompt',
      origin: 'api',
      output,
      fileId: called.file.id,
      versionId: called.version.id,
      traceParentId: id,
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await judgmentsOf(its)).flat()).toEqual([]);
  }
  expect((await house.evaluations.stats(scope, its.id)).status).toBe('running');
  await house.logs.change(scope, id, { output: 'done', logStatus: 'complete' });
  expect((await completed(its)).runs[0]?.evaluators[0]).toMatchObject({ num_judgments: 1, num_true: 1 });
});
