import { systemScope, type EvaluatorSpec, type Scope } from '@whetstone/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../files/index.ts';
import type { Evaluation, Run } from '../index.ts';
import { type EvaluationHouse, openEvaluationHouse } from '../test/house.ts';

let house: EvaluationHouse;
let scope: Scope;
let workspaces = 0;
let asked = 0;

beforeAll(async () => {
  house = await openEvaluationHouse();
});
afterAll(() => house?.close());
beforeEach(async () => {
  scope = systemScope(`ws_orchestrated_${++workspaces}`, 'test');
  await house.files.prepareWorkspace(scope.workspaceId);
  asked = 0;
  house.behave(({ body }) => {
    asked += 1;
    return { text: body.includes('bad') ? 'wrong' : 'right' };
  });
});
afterEach(() => house.behave(null));

const spec = (code: string): EvaluatorSpec => ({
  evaluator_type: 'python',
  language: 'javascript',
  arguments_type: 'target_free',
  return_type: 'boolean',
  code,
});
const saysRight = spec('function evaluate(log) { return log.output === "right" }');

async function prompt(template = 'Say {{q}}.'): Promise<Snapshot> {
  const kernel = { model: 'gpt-4o-mini', template: [{ role: 'user' as const, content: template }] };
  return (await house.files.upsert(scope, 'prompt', { path: 'shop/answer', kernel })).snapshot;
}
async function cases(count: number, more: Record<string, string>[] = []): Promise<Snapshot> {
  const datapoints = [
    ...Array.from({ length: count }, (_, index) => ({ inputs: { q: `question ${index}` } })),
    ...more.map((inputs) => ({ inputs })),
  ];
  return (await house.files.datasets.upsert(scope, { path: 'shop/cases', action: 'set', datapoints })).snapshot;
}
async function evaluation(specs: EvaluatorSpec[] = [saysRight]): Promise<Evaluation> {
  const evaluators = await Promise.all(
    specs.map(async (each, index) => {
      const { snapshot } = await house.files.upsert(scope, 'evaluator', { path: `judges/${index}`, kernel: { spec: each } });
      return { versionId: snapshot.version.id };
    }),
  );
  return house.evaluations.create(scope, { name: null, file: null, evaluators });
}
function start(
  its: Evaluation,
  dataset: Snapshot,
  version: Snapshot,
  more: { orchestrated?: boolean; repetitions?: number } = {},
): Promise<Run> {
  return house.evaluations.createRun(scope, its.id, {
    dataset: { versionId: dataset.version.id },
    version: { versionId: version.version.id },
    orchestrated: true,
    useExistingLogs: false,
    ...more,
  });
}
const statsOf = (its: Evaluation) => house.evaluations.stats(scope, its.id);
async function completed(its: Evaluation) {
  await expect.poll(async () => (await statsOf(its)).status, { timeout: 60_000, interval: 200 }).toBe('completed');
  return statsOf(its);
}
async function logsOf(its: Evaluation) {
  return (await house.evaluations.logs(scope, its.id, { page: 1, size: 1_000 })).records;
}

describe('a run that the server works on', () => {
  test('has one log a datapoint, each judged once, and then it is over', async () => {
    const its = await evaluation();
    const run = await start(its, await cases(40, [{ q: 'bad' }]), await prompt());
    const { runs } = await completed(its);
    expect(runs).toMatchObject([{ logs: 41, evaluators: [{ num_judgments: 41, num_true: 40, num_false: 1 }] }]);
    expect(asked).toBe(41);
    const logs = await logsOf(its);
    expect(new Set(logs.map(({ datapoint }) => datapoint?.id)).size).toBe(41);
    expect(logs[0]?.log).toMatchObject({ origin: 'evaluation', runId: run.id });
  });

  test('repeats each datapoint as often as asked', async () => {
    const its = await evaluation();
    await start(its, await cases(4), await prompt(), { repetitions: 3 });
    const { runs } = await completed(its);
    expect(runs[0]?.logs).toBe(12);
  });

  test('keeps what could not be called as a log that failed', async () => {
    const its = await evaluation();
    await start(its, await cases(2, [{ other: 'without q' }]), await prompt());
    const { runs } = await completed(its);
    expect(runs).toMatchObject([{ logs: 3, evaluators: [{ num_true: 2 }] }]);
    const failed = (await logsOf(its)).find(({ log }) => log.status === 'error');
    expect(failed?.log.error).toContain('`q`');
  });

  test('goes on when a provider asks for less, without a log for it', async () => {
    let refused = 0;
    house.behave(() => {
      refused += 1;
      return refused <= 6 ? { status: 429, retryAfter: '0' } : { text: 'right' };
    });
    const its = await evaluation();
    await start(its, await cases(12), await prompt());
    const { runs } = await completed(its);
    expect(runs).toMatchObject([{ logs: 12, evaluators: [{ num_true: 12, num_errors: 0 }] }]);
  });

  test('is ended by its caller', async () => {
    house.behave(() => ({ text: 'right', delayMs: 300 }));
    const its = await evaluation();
    const run = await start(its, await cases(200), await prompt());
    const ended = await house.evaluations.updateRun(scope, its.id, run.id, { status: 'cancelled' });
    expect(ended).toMatchObject({ status: 'cancelled', stopped: { because: 'caller' } });
    const early = (await logsOf(its)).length;
    expect(early).toBeLessThan(200);
    expect((await statsOf(its)).status).toBe('completed');
  });

  test('stops when its evaluation is deleted: nobody could see what it costs', async () => {
    house.behave(() => {
      asked += 1;
      return { text: 'right', delayMs: 400 };
    });
    const its = await evaluation();
    await start(its, await cases(2_000), await prompt());
    await expect.poll(() => asked, { timeout: 30_000, interval: 50 }).toBeGreaterThan(0);
    await house.evaluations.delete(scope, its.id);
    let before = -1;
    const still = async (): Promise<boolean> => {
      const same = asked === before;
      before = asked;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return same;
    };
    await expect.poll(still, { timeout: 25_000, interval: 10 }).toBe(true);
    expect(asked).toBeLessThan(2_000);
  });

  test('is refused to a key of an environment where the version never was', async () => {
    const its = await evaluation();
    const dataset = await cases(1);
    const version = await prompt();
    const staging = (await house.files.environments.list(scope)).find(({ name }) => name === 'staging');
    const actor = { type: 'key', id: 'key_x', name: 'x', role: 'editor', environment: staging?.id ?? '' } as const;
    const asKey = { ...scope, actor };
    const made = house.evaluations.createRun(asKey, its.id, {
      dataset: { versionId: dataset.version.id },
      version: { versionId: version.version.id },
      orchestrated: true,
      useExistingLogs: false,
    });
    await expect(made).rejects.toMatchObject({ code: 'forbidden' });
    expect(asked).toBe(0);
  });

  test('is refused for what only the caller can run', async () => {
    const its = await evaluation();
    const flow = (await house.files.upsert(scope, 'flow', { path: 'shop/flow', kernel: { attributes: {} } })).snapshot;
    await expect(start(its, await cases(1), flow)).rejects.toThrow(/A flow is run by your own code/);
  });
});

test('what one process left, another ends, and nothing is called twice', async () => {
  house.behave(() => {
    asked += 1;
    return { text: 'right', delayMs: 40 };
  });
  const first = house.another();
  const its = await evaluation();
  const dataset = await cases(150);
  const version = await prompt();
  const run = await first.createRun(scope, its.id, {
    dataset: { versionId: dataset.version.id },
    version: { versionId: version.version.id },
    orchestrated: true,
    useExistingLogs: false,
  });
  await expect.poll(() => asked, { timeout: 30_000, interval: 10 }).toBeGreaterThan(40);
  await first.close();
  const before = asked;
  expect(before).toBeLessThan(150);
  const second = house.another();
  await second.start();
  const { runs } = await completed(its);
  expect(runs).toMatchObject([{ run: { id: run.id }, logs: 150, evaluators: [{ num_judgments: 150 }] }]);
  // What was under way when the first ended was aborted, and is asked again: 32 at most.
  expect(asked).toBeLessThanOrEqual(150 + 40);
});

test('logs that a caller makes are judged by the evaluators that the server runs', async () => {
  const its = await evaluation([
    saysRight,
    {
      evaluator_type: 'external',
      arguments_type: 'target_free',
      return_type: 'boolean',
      library: { name: 'contains', options: {} },
    },
  ]);
  const dataset = await cases(3);
  const version = await prompt();
  const run = await start(its, dataset, version, { orchestrated: false });
  const ids = await house.files.datasets.datapointIds(scope, dataset.version.id);
  for (const datapointId of ids) {
    const place = { fileId: version.file.id, versionId: version.version.id, runId: run.id, datapointId };
    await house.logs.record(scope, { kind: 'prompt', origin: 'api', output: 'right', ...place });
  }
  const { runs } = await completed(its);
  expect(runs[0]?.evaluators[0]).toMatchObject({ num_judgments: 3, num_true: 3 });
  expect(asked).toBe(0);
});
