import { HumanloopClient } from 'humanloop';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { byKey, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

/** What the server judges and runs by itself, through the published client of the v5 contract. */
describe('humanloop 0.8.20 evaluates with the server', { timeout: 120_000 }, () => {
  let whetstone: Whetstone;
  let client: HumanloopClient;

  beforeAll(async () => {
    whetstone = await startWhetstone();
    client = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5` });
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    Object.assign(process.stdout, { moveCursor: () => true, clearLine: () => true, cursorTo: () => true });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await whetstone?.close();
  });

  const code = (source: string, more: object = {}) => ({
    evaluatorType: 'python' as const,
    argumentsType: 'target_free' as const,
    returnType: 'boolean' as const,
    code: source,
    ...more,
  });
  const ask = async (path: string, body: unknown): Promise<Record<string, unknown>> => {
    const { status, text } = await send(whetstone.url, path, { method: 'POST', headers: byKey(whetstone.apiKey), body });
    expect([status, text]).toEqual([200, expect.any(String)]);
    return JSON.parse(text) as Record<string, unknown>;
  };

  it('`evaluations.run` waits for an evaluator in Python that the server runs', async () => {
    await client.evaluators.upsert({
      path: 'judges/upper',
      spec: code('def upper(log, testcase):\n    return log["output"] == testcase["target"]["output"]\n', {
        argumentsType: 'target_required',
      }),
    });
    await client.evaluations.run({
      name: 'by the server',
      file: { path: 'shop/shout', type: 'flow', callable: async ({ word }: { word: string }) => (word === 'b' ? 'b' : word.toUpperCase()) },
      dataset: {
        path: 'shop/words',
        datapoints: ['a', 'b', 'c'].map((word) => ({ inputs: { word }, target: { output: word.toUpperCase() } })),
      },
      evaluators: [{ path: 'judges/upper' }],
    });
    const flow = (await client.flows.list({ name: 'shout' })).data[0];
    const [evaluation] = (await client.evaluations.list({ fileId: flow?.id ?? '', size: 10 })).data;
    const stats = await client.evaluations.getStats(evaluation?.id ?? '');
    expect(stats).toMatchObject({ status: 'completed', runStats: [{ numLogs: 3, evaluatorStats: [{ numTrue: 2, numFalse: 1 }] }] });
  });

  it('the server makes the logs of an orchestrated run, and judges them', async () => {
    const prompt = await client.prompts.upsert({
      path: 'shop/answer',
      model: 'demo-small',
      template: [{ role: 'user', content: '{{word}}' }],
    });
    const dataset = await client.datasets.upsert({
      path: 'shop/more',
      datapoints: Array.from({ length: 12 }, (_, index) => ({ inputs: { word: `word ${index}` } })),
    });
    await client.evaluators.upsert({ path: 'judges/said', spec: code('def said(log):\n    return len(log["output"]) > 0\n') });
    const evaluation = await client.evaluations.create({
      file: { id: prompt.id },
      name: 'orchestrated',
      evaluators: [{ path: 'judges/said' }],
    });
    await client.evaluations.createRun(evaluation.id, {
      dataset: { versionId: dataset.versionId },
      version: { versionId: prompt.versionId },
      orchestrated: true,
    });
    const stats = await eventually('the end of the run', async () => {
      const found = await client.evaluations.getStats(evaluation.id);
      return found.status === 'completed' ? found : null;
    });
    expect(stats).toMatchObject({ runStats: [{ numLogs: 12, evaluatorStats: [{ numTrue: 12, numErrors: 0 }] }] });
    const logs = await client.evaluations.getLogs(evaluation.id, { size: 50 });
    expect(logs.records).toHaveLength(12);
    expect(logs.records[0]?.evaluatorLogs).toHaveLength(1);
  });

  it('an evaluator is checked and tried before it is saved', async () => {
    const { id } = await client.prompts.log({ path: 'shop/logged', prompt: { model: 'demo-small' }, output: 'Paris' });
    const spec = (source: string) => ({ evaluator_type: 'python', arguments_type: 'target_free', return_type: 'boolean', code: source });
    const broken = await ask('/v5/evaluators/check', { spec: spec('def f(log):\n  return (\n') });
    expect(broken).toMatchObject({ checked: true, problems: [{ line: expect.any(Number) }] });
    const fine = await ask('/v5/evaluators/check', { spec: spec('import numpy\ndef f(log):\n  return True\n') });
    expect(fine).toMatchObject({ entry: 'f', parameters: ['log'] });
    const tried = await ask('/v5/evaluators/try', {
      evaluator: { spec: spec('def f(log):\n  print("looking")\n  return log["output"] == "Paris"\n') },
      log_ids: [id],
    });
    expect(tried['judgments']).toMatchObject([{ log_id: id, outcome: 'judged', judgment: true, stdout: 'looking\n' }]);
    const whole = await client.logs.get(id);
    expect(whole.evaluatorLogs).toEqual([]);
  });
});
