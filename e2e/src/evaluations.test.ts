import { HumanloopClient } from 'humanloop';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { byKey, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

/** Evaluators, monitoring and evaluations through the published client of the v5 contract. */
describe('humanloop 0.8.20 evaluates', { timeout: 120_000 }, () => {
  let whetstone: Whetstone;
  let client: HumanloopClient;
  const warnings: string[] = [];

  beforeAll(async () => {
    whetstone = await startWhetstone();
    client = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5` });
    vi.spyOn(console, 'warn').mockImplementation((...args: unknown[]) => void warnings.push(args.map(String).join(' ')));
    // The client draws its progress on a terminal.
    Object.assign(process.stdout, { moveCursor: () => true, clearLine: () => true, cursorTo: () => true });
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await whetstone?.close();
  });

  const cases = ['a', 'b', 'c'].map((question) => ({ inputs: { question }, target: { output: question.toUpperCase() } }));
  const external = (more: object = {}) => ({
    evaluatorType: 'external' as const,
    argumentsType: 'target_free' as const,
    returnType: 'boolean' as const,
    ...more,
  });

  it('keeps evaluators of every type', async () => {
    const prompt = { model: 'demo-small', template: [{ role: 'user' as const, content: '{{log.output}}' }], provider: 'openai' as const };
    const llm = await client.evaluators.upsert({ path: 'judges/llm', spec: { ...external(), evaluatorType: 'llm', prompt } });
    expect(llm).toMatchObject({ spec: { evaluatorType: 'llm', prompt: { model: 'demo-small' } } });
    const code = await client.evaluators.upsert({
      path: 'judges/code',
      spec: { ...external(), evaluatorType: 'python', code: 'def f(log): return True' },
    });
    expect(code).toMatchObject({ spec: { evaluatorType: 'python', code: 'def f(log): return True' } });
    const human = await client.evaluators.upsert({
      path: 'judges/human',
      spec: {
        ...external(),
        evaluatorType: 'human',
        returnType: 'select',
        options: [{ name: 'fine', valence: 'positive' }],
        instructions: 'Read it.',
      },
    });
    expect(human).toMatchObject({ spec: { evaluatorType: 'human', options: [{ name: 'fine' }], instructions: 'Read it.' } });
    const js = await send(whetstone.url, '/v5/evaluators', {
      method: 'POST',
      headers: byKey(whetstone.apiKey),
      body: {
        path: 'judges/js',
        spec: {
          evaluator_type: 'python',
          arguments_type: 'target_free',
          return_type: 'boolean',
          code: 'log => true',
          language: 'javascript',
        },
      },
    });
    expect(js.json<{ spec: object }>().spec).toMatchObject({ evaluator_type: 'python', language: 'javascript' });
    const again = await client.evaluators.upsert({
      path: 'judges/human',
      spec: { ...external(), evaluatorType: 'human', returnType: 'text' },
    });
    expect((await client.evaluators.listVersions(human.id)).records.map(({ versionId }) => versionId)).toEqual([
      again.versionId,
      human.versionId,
    ]);
    const [, staging] = await client.evaluators.listEnvironments(human.id);
    await client.evaluators.setDeployment(human.id, staging!.id, { versionId: again.versionId });
    expect((await client.evaluators.get(human.id, { environment: 'staging' })).versionId).toBe(again.versionId);
  });

  it('attaches evaluators to files and detaches them', async () => {
    const evaluator = await client.evaluators.upsert({ path: 'judges/monitor', spec: external() });
    const flow = await client.flows.upsert({ path: 'shop/monitored', attributes: {} });
    const [production] = await client.flows.listEnvironments(flow.id);
    const byEnvironment = { evaluatorId: evaluator.id, environmentId: production!.id };
    const attached = await client.flows.updateMonitoring(flow.id, {
      activate: [{ evaluatorVersionId: evaluator.versionId }, byEnvironment],
    });
    expect(attached.evaluators).toMatchObject([
      {
        state: 'active',
        versionReference: { type: 'version', version: { id: evaluator.id } },
        version: { versionId: evaluator.versionId },
      },
      {
        state: 'active',
        versionReference: { type: 'environment', environment: { name: 'production' } },
        version: { path: 'judges/monitor' },
      },
    ]);
    await client.flows.updateMonitoring(flow.id, { deactivate: [byEnvironment] });
    expect((await client.flows.get(flow.id)).evaluators?.map(({ state }) => state)).toEqual(['active', 'inactive']);
    const other = await client.flows.upsert({ path: 'shop/other', attributes: {} });
    await expect(client.flows.updateMonitoring(other.id, { deactivate: [byEnvironment] })).rejects.toMatchObject({ statusCode: 404 });
  });

  it('drives an evaluation by hand', async () => {
    const flow = await client.flows.upsert({ path: 'shop/by-hand', attributes: { version: 1 } });
    const dataset = await client.datasets.upsert({ path: 'cases/by-hand', datapoints: cases, includeDatapoints: true });
    const exact = await client.evaluators.upsert({ path: 'judges/exact', spec: external() });
    const vote = await client.evaluators.upsert({
      path: 'judges/vote',
      spec: { ...external(), evaluatorType: 'human', returnType: 'select', options: [{ name: 'good' }, { name: 'bad' }] },
    });
    const created = await client.evaluations.create({ name: 'by hand', file: { id: flow.id }, evaluators: [{ path: 'judges/exact' }] });
    expect(created).toMatchObject({
      name: 'by hand',
      fileId: flow.id,
      runsCount: 0,
      evaluators: [{ orchestrated: false, version: { path: 'judges/exact' } }],
    });
    await expect(client.evaluations.create({ name: 'by hand', file: { id: flow.id }, evaluators: [] })).rejects.toMatchObject({
      statusCode: 409,
    });
    expect((await client.evaluations.addEvaluators(created.id, { evaluators: [{ versionId: vote.versionId }] })).evaluators).toHaveLength(
      2,
    );
    const found = await client.evaluations.list({ fileId: flow.id, size: 50 });
    expect(found.data.map(({ id }) => id)).toEqual([created.id]);

    const run = await client.evaluations.createRun(created.id, {
      dataset: { versionId: dataset.versionId },
      version: { versionId: flow.versionId },
      orchestrated: false,
    });
    expect(run).toMatchObject({ status: 'running', control: false, dataset: { id: dataset.id }, version: { id: flow.id } });
    const astray = client.flows.log({ path: 'shop/astray', runId: 'rn_unknown', output: 'x' });
    await expect(astray).rejects.toThrow('Run `rn_unknown` does not exist');
    await expect(client.files.retrieveByPath({ path: 'shop/astray' })).rejects.toMatchObject({ statusCode: 404 });
    for (const [index, datapoint] of (dataset.datapoints ?? []).entries()) {
      const log = await client.flows.log({
        id: flow.id,
        versionId: flow.versionId,
        // The first two name the run; the third comes in by its datapoint.
        ...(index < 2 ? { runId: run.id } : {}),
        inputs: datapoint.inputs ?? {},
        output: `answer ${index}`,
        sourceDatapointId: datapoint.id,
        logStatus: 'complete',
      });
      await client.evaluators.log({ path: 'judges/exact', parentId: log.id, judgment: index > 0 });
      if (index === 0) await client.evaluators.log({ path: 'judges/vote', parentId: log.id, judgment: 'good' });
    }
    const stats = await eventually(
      'the end of the run',
      async () => {
        const now = await client.evaluations.getStats(created.id);
        return now.status === 'completed' && now;
      },
      30_000,
    );
    expect(stats.runStats).toMatchObject([{ runId: run.id, versionId: flow.versionId, numLogs: 3, status: 'completed' }]);
    expect(stats.runStats[0]?.evaluatorStats).toMatchObject([
      { evaluatorVersionId: exact.versionId, totalLogs: 3, numJudgments: 3, numTrue: 2, numFalse: 1 },
      { evaluatorVersionId: vote.versionId, totalLogs: 3, numJudgments: 1, numJudgmentsPerOption: { good: 1, bad: 0 } },
    ]);
    expect(stats.report).toContain('2/3 true');

    const listed = await Promise.all([1, 2, 3].map((page) => client.evaluations.getLogs(created.id, { runId: run.id, page, size: 2 })));
    expect(listed.map(({ total }) => total)).toEqual([3, 3, 3]);
    expect(
      listed.map(({ records }) =>
        records.map(({ log, datapoint, evaluatorLogs }) => [log.output, datapoint?.inputs, evaluatorLogs.length]),
      ),
    ).toEqual([
      [
        ['answer 2', { question: 'c' }, 1],
        ['answer 1', { question: 'b' }, 1],
      ],
      [['answer 0', { question: 'a' }, 2]],
      [],
    ]);

    const seeded = await client.evaluations.createRun(created.id, {
      dataset: { id: dataset.id },
      version: { id: flow.id },
      orchestrated: false,
      useExistingLogs: true,
    });
    const { runs } = await client.evaluations.listRunsForEvaluation(created.id);
    expect(runs.map(({ id, status }) => [id, status])).toEqual([
      [seeded.id, 'completed'],
      [run.id, 'completed'],
    ]);
    expect(await client.evaluations.updateEvaluationRun(created.id, run.id, { control: true })).toMatchObject({ control: true });
    const other = await client.evaluations.create({ evaluators: [] });
    await client.evaluations.addExistingRun(other.id, run.id);
    const empty = await client.evaluations.createRun(other.id, { orchestrated: false });
    const [logId] = (await client.evaluations.getLogs(created.id, { size: 1 })).records.map(({ log }) => log.id);
    await client.evaluations.addLogsToRun(other.id, empty.id, { logIds: [logId ?? ''] });
    expect((await client.evaluations.getStats(other.id)).runStats.map(({ numLogs }) => numLogs)).toEqual([1, 3]);
    expect(await client.evaluations.updateEvaluationRun(other.id, empty.id, { status: 'cancelled' })).toMatchObject({
      status: 'cancelled',
    });
    await client.evaluations.removeRun(other.id, run.id);
    expect((await client.evaluations.removeEvaluator(created.id, vote.versionId)).evaluators).toHaveLength(1);
    await client.evaluations.delete(created.id);
    await expect(client.evaluations.get(created.id)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('runs a callable over a dataset with evaluators of its own, and compares with the run before', async () => {
    const evaluate = (version: number, callable: (inputs: { question: string }) => string) =>
      client.evaluations.run({
        name: 'by callable',
        file: { path: 'shop/callable', type: 'flow', callable, version: { attributes: { version } } },
        dataset: { path: 'cases/callable', datapoints: cases },
        evaluators: [
          {
            path: 'judges/callable-exact',
            argsType: 'target_required',
            returnType: 'boolean',
            threshold: 0.9,
            callable: (({ log, datapoint }: { log: { output?: string }; datapoint: { target?: { output?: string } } }) =>
              log.output === datapoint.target?.output) as never,
          },
          {
            path: 'judges/callable-length',
            argsType: 'target_free',
            returnType: 'number',
            callable: (({ log }: { log: { output?: string } }) => (log.output ?? '').length) as never,
          },
        ],
      } as unknown as Parameters<typeof client.evaluations.run>[0]);
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    vi.spyOn(console, 'info').mockImplementation(() => undefined);
    vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    const first = await evaluate(1, ({ question }) => question.toUpperCase());
    const second = await evaluate(2, ({ question }) => {
      if (question === 'b') throw new Error('no b');
      return question;
    });
    expect(first.map(({ path, thresholdCheck }) => [path, thresholdCheck])).toEqual([
      ['judges/callable-exact', true],
      ['judges/callable-length', undefined],
    ]);
    expect(second.map(({ path, score, delta, thresholdCheck }) => [path, score, delta, thresholdCheck])).toEqual([
      ['judges/callable-exact', 0, -1, false],
      ['judges/callable-length', 0.67, -0.33, undefined],
    ]);
    const failed = (await client.evaluations.getLogs(second[0]?.evaluationId ?? '', { size: 100 })).records.filter(({ log }) => log.error);
    expect(failed.map(({ log, datapoint }) => [log.error, datapoint?.inputs])).toEqual([['no b', { question: 'b' }]]);
  });

  it('never made the client doubt an answer', () => {
    expect(warnings.filter((warning) => warning.includes('validate'))).toEqual([]);
  });
});
