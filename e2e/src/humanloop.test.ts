import { HumanloopClient } from 'humanloop';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEditions } from './editions.ts';
import { eventually, type Whetstone } from './whetstone.ts';

/** The published client of the v5 contract, unmodified but for the base URL. */
describeOnEditions(describe, 'humanloop 0.8.20', (start) => {
  let whetstone: Whetstone;
  let client: HumanloopClient;
  const warnings: string[] = [];

  beforeAll(async () => {
    whetstone = await start();
    client = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5` });
    // The client warns on the console when an answer does not fit its types.
    console.warn = (...args: unknown[]) => void warnings.push(args.map(String).join(' '));
  });
  afterAll(() => whetstone?.close());

  const kernel = {
    model: 'demo-small',
    endpoint: 'chat' as const,
    temperature: 0.2,
    template: [
      { role: 'system' as const, content: 'You help customers of {{company}}.' },
      { role: 'user' as const, content: '{{question}}' },
    ],
  };

  it('upserts, lists, gets, versions and deploys prompts', async () => {
    const path = 'shop/answer';
    const first = await client.prompts.upsert({ path, ...kernel });
    expect(first).toMatchObject({ path, name: 'answer', type: 'prompt', model: 'demo-small', status: 'committed' });
    expect(first.inputs.map((input) => input.name)).toEqual(['company', 'question']);
    const again = await client.prompts.upsert({ path, ...kernel });
    expect(again.versionId).toBe(first.versionId);
    const second = await client.prompts.upsert({ path, ...kernel, temperature: 0.9 });
    expect(second.versionId).not.toBe(first.versionId);

    const versions = await client.prompts.listVersions(first.id);
    expect(versions.records.map((version) => version.versionId)).toEqual([second.versionId, first.versionId]);
    expect((await client.prompts.get(first.id)).versionId).toBe(first.versionId);

    const environments = await client.prompts.listEnvironments(first.id);
    expect(environments.map((environment) => [environment.name, environment.tag])).toEqual([
      ['production', 'default'],
      ['staging', 'other'],
    ]);
    const [production, staging] = environments;
    expect(production?.file?.versionId).toBe(first.versionId);
    expect(staging?.file ?? null).toBeNull();
    await client.prompts.setDeployment(first.id, staging!.id, { versionId: second.versionId });
    expect((await client.prompts.get(first.id, { environment: 'staging' })).versionId).toBe(second.versionId);
    await client.prompts.setDeployment(first.id, production!.id, { versionId: second.versionId });
    expect((await client.prompts.get(first.id)).versionId).toBe(second.versionId);

    const listed = [];
    for await (const prompt of await client.prompts.list({ size: 1 })) listed.push(prompt.path);
    expect(listed).toContain(path);
  });

  it('calls a prompt and finds the log', async () => {
    const result = await client.prompts.call({
      path: 'shop/answer',
      inputs: { company: 'Larkspur', question: 'Where is my parcel?' },
      user: 'u_1',
    });
    expect(result.logs[0]?.output).toBeTruthy();
    expect(result.prompt.path).toBe('shop/answer');
    const log = await client.logs.get(result.id);
    expect(log).toMatchObject({
      id: result.id,
      user: 'u_1',
      output: result.logs[0]?.output,
      inputs: { company: 'Larkspur', question: 'Where is my parcel?' },
    });
  });

  it('streams a call as deltas that add up to the log', async () => {
    const stream = await client.prompts.callStream({
      path: 'shop/answer',
      inputs: { company: 'Larkspur', question: 'Do you ship to Spain?' },
    });
    let text = '';
    let id = '';
    for await (const chunk of stream) {
      text += chunk.output ?? '';
      id = chunk.id;
      expect(chunk.promptId).toMatch(/^pr_/);
      expect(chunk.versionId).toMatch(/^prv_/);
    }
    const log = await client.logs.get(id);
    expect(text).not.toBe('');
    expect((log as { output?: string }).output).toBe(text);
  });

  it('samples several answers', async () => {
    const result = await client.prompts.call({ path: 'shop/answer', numSamples: 3, inputs: { company: 'Larkspur', question: 'Hello?' } });
    expect(result.logs.map((log) => log.index)).toEqual([0, 1, 2]);
  });

  it('makes the prompt of an inline call', async () => {
    const result = await client.prompts.call({ path: 'inline/new', prompt: { ...kernel }, inputs: { company: 'X', question: 'Y?' } });
    expect(result.prompt).toMatchObject({ path: 'inline/new', model: 'demo-small' });
  });

  it('logs a call the application made, and changes it', async () => {
    const created = await client.prompts.log({
      path: 'shop/own-call',
      prompt: { model: 'gpt-4o', template: [{ role: 'user', content: 'Hi {{name}}' }] },
      inputs: { name: 'Ada' },
      messages: [{ role: 'user', content: 'Hi Ada' }],
      outputMessage: { role: 'assistant', content: 'Hello!' },
      promptTokens: 5,
      outputTokens: 2,
      createdAt: new Date(),
    });
    const log = await client.logs.get(created.id);
    expect(log).toMatchObject({ output: 'Hello!', promptTokens: 5 });
    const updated = await client.prompts.updateLog(created.promptId, created.id, { output: 'Hello, Ada!', metadata: { edited: 'yes' } });
    expect(updated).toMatchObject({ id: created.id, output: 'Hello, Ada!', metadata: { edited: 'yes' } });
  });

  it('logs a flow with prompt logs inside as one trace', async () => {
    const flow = await client.flows.log({
      path: 'shop/flow',
      flow: { attributes: { version: 1 } },
      inputs: { question: 'Q' },
      logStatus: 'incomplete',
    });
    const inner = await client.prompts.log({
      path: 'shop/own-call',
      traceParentId: flow.id,
      messages: [{ role: 'user', content: 'Q' }],
      output: 'A',
    });
    await client.flows.updateLog(flow.id, { output: 'A', logStatus: 'complete' });
    const root = (await client.logs.get(flow.id)) as { traceChildren?: { id: string }[]; logStatus?: string; output?: string };
    expect(root).toMatchObject({ logStatus: 'complete', output: 'A' });
    expect(root.traceChildren?.map((child) => child.id)).toEqual([inner.id]);
    const child = await client.logs.get(inner.id);
    expect(child).toMatchObject({ traceParentId: flow.id, traceId: flow.id });
  });

  it('judges a log with an evaluator of type human', async () => {
    const call = await client.prompts.call({ path: 'shop/answer', inputs: { company: 'L', question: 'Vote?' } });
    const judged = await client.evaluators.log({ path: 'feedback/vote', parentId: call.id, judgment: 'good' });
    expect(judged.parentId).toBe(call.id);
    const log = (await client.logs.get(call.id)) as { evaluatorLogs: { judgment?: unknown; evaluator: { path: string } }[] };
    expect(log.evaluatorLogs.map((e) => [e.evaluator.path, e.judgment])).toEqual([['feedback/vote', 'good']]);
  });

  it('lists logs page by page until an empty page, and deletes them', async () => {
    const prompt = await client.prompts.upsert({ path: 'shop/listed', ...kernel });
    for (let i = 0; i < 3; i += 1) await client.prompts.log({ path: 'shop/listed', output: `answer ${i}`, messages: [] });
    await eventually('all three in the list', async () => (await client.logs.list({ fileId: prompt.id })).data.length === 3);
    const outputs: (string | undefined)[] = [];
    const ids: string[] = [];
    for await (const log of await client.logs.list({ fileId: prompt.id, size: 2 })) {
      outputs.push(log.output);
      ids.push(log.id);
    }
    expect(outputs).toEqual(['answer 2', 'answer 1', 'answer 0']);
    await client.logs.delete({ id: ids.slice(0, 2) });
    await expect(client.logs.get(ids[0]!)).rejects.toMatchObject({ statusCode: 404 });
    const left = await eventually('the list without the deleted', async () => {
      const page = await client.logs.list({ fileId: prompt.id });
      return page.data.length === 1 && page.data;
    });
    expect(left[0]?.id).toBe(ids[2]);
  });

  it('gets errors in the contract’s shapes', async () => {
    await expect(client.prompts.get('pr_unknown')).rejects.toMatchObject({ statusCode: 404 });
    await expect(client.prompts.call({ path: 'shop/answer', environment: 'nowhere', inputs: {} })).rejects.toThrow(
      'Environment `nowhere` does not exist',
    );
    await expect(client.prompts.call({ path: 'shop/answer', inputs: { company: 'only' } })).rejects.toThrow('question');
    const stranger = new HumanloopClient({ apiKey: 'wrong', baseUrl: `${whetstone.url}/v5` });
    await expect(stranger.prompts.list()).rejects.toMatchObject({ statusCode: 401 });
  });

  it('pulls prompts as files', async () => {
    const files = await client.files.listFiles({ type: 'prompt', size: 100 });
    expect(files.records.length).toBeGreaterThan(2);
    expect(files.records.every((file) => typeof file.versionId === 'string')).toBe(true);
    const one = await client.files.retrieveByPath({ path: 'shop/answer' });
    expect(one).toMatchObject({ type: 'prompt', path: 'shop/answer' });
  });

  it('never made the client doubt an answer', () => {
    expect(warnings.filter((warning) => warning.includes('validate'))).toEqual([]);
  });
});
