import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { Whetstone as Client } from '../../sdk/src/index.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

interface Log {
  id: string;
  type: string;
  output: string | null;
  error: string | null;
  inputs: Record<string, unknown> | null;
  metadata: Record<string, unknown> | null;
  messages?: { role: string; content: unknown }[];
  output_message: { content: unknown; tool_calls?: unknown[] } | null;
  prompt_tokens?: number;
  output_tokens?: number;
  user: string | null;
  trace_parent_id: string | null;
  log_status: string | null;
  prompt?: { id: string; path: string; version_id: string; model: string };
  evaluator_logs: { judgment: unknown; evaluator: { path: string } }[];
}

const byText = (a: string | null, b: string | null) => (a ?? '').localeCompare(b ?? '');

describe('@whetstone/sdk', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let client: Client;
  const errors: Error[] = [];
  const clientWith = (options: ConstructorParameters<typeof Client>[0] = {}) =>
    new Client({ apiKey: whetstone.apiKey, baseUrl: whetstone.url, onError: (error) => void errors.push(error), ...options });
  const logs = async (filter: string): Promise<Log[]> =>
    ((await client.api.logs.list({ filter, size: 50 })) as unknown as { records: Log[] }).records;
  const logOf = async (id: string): Promise<Log> => (await client.api.logs.get({ id })) as unknown as Log;

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await startWhetstone({ env: { OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1` } });
    client = clientWith();
    await client.api.prompts.upsert({
      path: 'sdk/answer',
      model: 'gpt-4o-mini',
      temperature: 0.3,
      template: [
        { role: 'system', content: 'You help {{company}}.' },
        { role: 'user', content: '{{question}}' },
      ],
    });
  });
  afterAll(async () => {
    await client?.close();
    await whetstone?.close();
    await provider?.close();
  });

  it('calls every kind of operation by the table: path, query, body, text and streams', async () => {
    const file = await client.api.files.retrieveByPath({ path: 'sdk/answer' });
    expect(file).toMatchObject({ type: 'prompt', model: 'gpt-4o-mini' });
    const versions = await client.api.prompts.listVersions({ id: file.id });
    expect(versions.records.map((version) => version.version_id)).toEqual([file.version_id]);
    expect(await client.api.prompts.serialize({ id: file.id })).toContain('model: gpt-4o-mini');
    const filled = await client.api.prompts.populate({ id: file.id, body: { company: 'Larkspur', question: 'Where?' } });
    expect(filled.populated_template).toMatchObject([{ content: 'You help Larkspur.' }, { content: 'Where?' }]);
    const inputs = { company: 'Larkspur', question: 'Where?' };
    const call = await client.api.prompts.call({ path: 'sdk/answer', inputs });
    let text = '';
    for await (const event of await client.api.prompts.call({ path: 'sdk/answer', inputs, stream: true }))
      text += typeof event['output'] === 'string' ? event['output'] : '';
    expect([call.logs[0]?.output, text].every((output) => output !== '')).toBe(true);
    await expect(client.api.prompts.get({ id: 'pr_none' })).rejects.toMatchObject({ name: 'WhetstoneError', status: 404 });
    await expect(client.api.prompts.upsert({ path: 'sdk/bad' } as never)).rejects.toThrow('body.model: field required');
  });

  it('nests what runs inside an observed function, and gives the caller what the function gives', async () => {
    const look = client.observe(async (query: string) => [`about ${query}`], { path: 'sdk/search', type: 'tool' });
    const add = client.observe((a: number, b: number) => a + b, { path: 'sdk/add', type: 'tool' });
    const fail = client.observe(
      () => {
        throw new RangeError('no such order');
      },
      { path: 'sdk/order', type: 'tool' },
    );
    let rootId = '';
    const answer = client.observe(
      async (question: { text: string }) => {
        rootId = client.currentSpan()?.logId ?? '';
        client.annotate({ user: 'u_9', metadata: { plan: 'pro' } });
        expect(add(1, 2)).toBe(3);
        const [found] = await look(question.text);
        expect(() => fail()).toThrow('no such order');
        return `Found ${found}`;
      },
      { path: 'sdk/flow', attributes: { retriever: 2 } },
    );
    expect(await answer({ text: 'parcels' })).toBe('Found about parcels');
    expect(client.currentSpan()).toBeNull();
    expect(await client.flush()).toBe(true);
    const root = await logOf(rootId);
    expect(root).toMatchObject({
      type: 'flow',
      output: 'Found about parcels',
      inputs: { text: 'parcels' },
      user: 'u_9',
      log_status: 'complete',
      metadata: { plan: 'pro' },
    });
    const { records } = (await client.api.logs.trace({ id: rootId })) as unknown as { records: Log[] };
    const children = await Promise.all(records.filter((log) => log.id !== rootId).map((log) => logOf(log.id)));
    expect(children.map((log) => [log.trace_parent_id, log.error ?? log.output])).toEqual([
      [rootId, '3'],
      [rootId, '["about parcels"]'],
      [rootId, 'RangeError: no such order'],
    ]);
  });

  it('observes a stream to its end, and one that is left early', async () => {
    const words = client.observe(
      async function* (count: number) {
        for (let i = 0; i < count; i += 1) yield `w${i} `;
      },
      { path: 'sdk/words' },
    );
    const read: string[] = [];
    for await (const word of words(3)) read.push(word);
    for await (const word of words(9)) if (word === 'w1 ') break;
    expect(read.join('')).toBe('w0 w1 w2 ');
    await client.flush();
    const found = await eventually('both logs', async () => {
      const list = await logs('file:sdk/words');
      return list.length === 2 && list;
    });
    expect(found.map((log) => log.output).toSorted(byText)).toEqual(['w0 w1 ', 'w0 w1 w2 ']);
  });

  it('logs calls of the openai client as they are made: plain, streamed, raw, refused', async () => {
    const openai = client.wrapOpenAI(new OpenAI({ apiKey: 'sk-fake', baseURL: `${provider.url}/v1`, maxRetries: 0 }), {
      path: 'sdk/own',
      user: 'u_2',
    });
    const ask = { model: 'gpt-4o-mini', temperature: 0.5, messages: [{ role: 'user' as const, content: 'Hello' }] };
    const plain = await openai.chat.completions.create(ask);
    const { data, response } = await openai.chat.completions.create(ask).withResponse();
    expect(response.status).toBe(200);
    expect(data.choices[0]?.message.content).toBe(plain.choices[0]?.message.content);
    let streamed = '';
    const stream = await openai.chat.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? '';
    const helper = await openai.chat.completions.stream(ask).finalContent();
    const raw = await openai.chat.completions.create(ask).asResponse();
    expect(await raw.json()).toHaveProperty('choices');
    await expect(openai.chat.completions.create({ ...ask, model: 'fake-429' })).rejects.toMatchObject({ status: 429 });
    await client.flush();
    const found = await eventually('five logs', async () => {
      const list = await logs('file:sdk/own');
      return list.length === 5 && list;
    });
    const whole = (await Promise.all(found.map((log) => logOf(log.id)))).reverse();
    expect(whole.map((log) => log.output)).toEqual([
      plain.choices[0]?.message.content,
      data.choices[0]?.message.content,
      streamed,
      helper,
      null,
    ]);
    expect(whole[4]?.error).toMatch(/429/);
    expect(whole[2]).toMatchObject({
      user: 'u_2',
      messages: ask.messages,
      prompt: { path: 'sdk/own', model: 'gpt-4o-mini', temperature: 0.5 },
    });
    for (const log of whole.slice(0, 3)) expect(log.output_tokens).toBeGreaterThan(0);
  });

  it('logs calls of the anthropic client, streams and tools too', async () => {
    const anthropic = client.wrapAnthropic(new Anthropic({ apiKey: 'sk-ant-fake', baseURL: provider.url, maxRetries: 0 }), {
      path: 'sdk/claude',
    });
    const ask = {
      model: 'claude-fable-1',
      max_tokens: 200,
      system: 'Be brief.',
      messages: [{ role: 'user' as const, content: 'Hello' }],
    };
    const plain = await anthropic.messages.create(ask);
    const final = await anthropic.messages.stream(ask).finalMessage();
    let deltas = '';
    for await (const event of await anthropic.messages.create({ ...ask, stream: true }))
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') deltas += event.delta.text;
    const textOf = (message: Anthropic.Message) => message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    await client.flush();
    const found = await eventually('three logs', async () => {
      const list = await logs('file:sdk/claude');
      return list.length === 3 && list;
    });
    const whole = (await Promise.all(found.map((log) => logOf(log.id)))).reverse();
    expect(whole.map((log) => log.output)).toEqual([textOf(plain), textOf(final), deltas]);
    expect(whole[1]).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
    });
    for (const log of whole) expect(log.prompt_tokens).toBe(plain.usage.input_tokens);
  });

  it('logs responses, and calls of tools in streams of either vendor', async () => {
    const openai = client.wrapOpenAI(new OpenAI({ apiKey: 'sk-fake', baseURL: `${provider.url}/v1`, maxRetries: 0 }), {
      path: 'sdk/tools',
    });
    const anthropic = client.wrapAnthropic(new Anthropic({ apiKey: 'sk-ant-fake', baseURL: provider.url, maxRetries: 0 }), {
      path: 'sdk/tools',
    });
    const parameters = { type: 'object' as const, properties: { city: { type: 'string' } } };
    const asked = 'What is the weather?';
    const response = await openai.responses.create({ model: 'gpt-4o-mini', instructions: 'Be brief.', input: 'Hello' });
    let streamed = '';
    for await (const event of await openai.responses.create({ model: 'gpt-4o-mini', input: 'Hello', stream: true }))
      if (event.type === 'response.output_text.delta') streamed += event.delta;
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters } }];
    const chunks = await openai.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: asked }],
      tools,
      stream: true,
    });
    for await (const chunk of chunks) void chunk;
    const called = await anthropic.messages
      .stream({
        model: 'claude-fable-1',
        max_tokens: 99,
        messages: [{ role: 'user', content: asked }],
        tools: [{ name: 'weather', input_schema: parameters }],
      })
      .finalMessage();
    expect(called.stop_reason).toBe('tool_use');
    await client.flush();
    const found = await eventually('four logs', async () => {
      const list = await logs('file:sdk/tools');
      return list.length === 4 && list;
    });
    const whole = (await Promise.all(found.map((log) => logOf(log.id)))).reverse();
    expect(whole.map((log) => log.output)).toEqual([response.output_text, streamed, null, null]);
    expect(whole[0]?.messages).toMatchObject([
      { role: 'developer', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ]);
    const calls = whole.slice(2).map((log) => log.output_message?.tool_calls);
    const expected = [{ type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } }];
    expect(calls).toMatchObject([expected, expected]);
    expect(whole[3]?.prompt).toMatchObject({ tools: [{ name: 'weather' }], provider: 'anthropic' });
  });

  it('logs a call with the version of the prompt that made it', async () => {
    const openai = client.wrapOpenAI(new OpenAI({ apiKey: 'sk-fake', baseURL: `${provider.url}/v1`, maxRetries: 0 }));
    const prompt = await client.prompt('sdk/answer');
    const inputs = { company: 'Larkspur', question: 'Do you ship to Spain?' };
    const answer = await openai.chat.completions.create(prompt.openai(inputs));
    expect(provider.received.at(-1)?.json).toMatchObject({
      temperature: 0.3,
      messages: [{ content: 'You help Larkspur.' }, { content: inputs.question }],
    });
    await client.flush();
    const log = await eventually('the log', async () => (await logs(`version:${prompt.versionId} input:Spain`))[0]);
    expect(await logOf(log.id)).toMatchObject({
      output: answer.choices[0]?.message.content,
      inputs,
      prompt: { path: 'sdk/answer', version_id: prompt.versionId },
    });
    expect(() => prompt.messages({ company: 'L' })).toThrow('question');
  });

  it('makes a call of the gateway a child of the observed function, logged once', async () => {
    const openai = client.wrapOpenAI(new OpenAI({ apiKey: whetstone.apiKey, baseURL: `${whetstone.url}/v1`, maxRetries: 0 }));
    let rootId = '';
    const ask = client.observe(
      async (question: string) => {
        rootId = client.currentSpan()?.logId ?? '';
        const answer = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: question }] });
        return answer.choices[0]?.message.content ?? '';
      },
      { path: 'sdk/through-gateway' },
    );
    const output = await ask('Hello there');
    await client.flush();
    const { records } = (await client.api.logs.trace({ id: rootId })) as unknown as { records: Log[] };
    const children = records.filter((log) => log.id !== rootId);
    expect(children.map((log) => log.trace_parent_id)).toEqual([rootId]);
    expect((await logOf(children[0]?.id ?? '')).output).toBe(output);
  });

  it('sends feedback after the log that it judges, and reports what the server refuses without throwing', async () => {
    const run = client.observe(() => client.currentSpan()?.logId ?? '', { path: 'sdk/judged' });
    const id = run();
    const early = client.observe(() => client.feedback(client.currentSpan()?.logId ?? '', { path: 'feedback/vote', judgment: 'bad' }), {
      path: 'sdk/judged',
    });
    const judgmentId = early();
    client.feedback(id, { path: 'feedback/vote', judgment: 'good', user: 'u_1' });
    client.feedback(id, { path: 'feedback/vote', judgment: 'splendid', user: 'u_2' });
    expect(await client.flush()).toBe(true);
    expect((await logOf(id)).evaluator_logs.map((log) => log.judgment)).toEqual(['good']);
    expect((await client.api.logs.get({ id: judgmentId })) as unknown).toMatchObject({ judgment: 'bad' });
    expect(errors.map((error) => error.message).join()).toContain('takes one of');
    expect(client.lostLogs).toBe(1);
  });

  it('writes several logs in one request, each for itself: a bad one costs only itself, and a repeated one stays one', async () => {
    const path = 'sdk/batch';
    const prompt = { model: 'gpt-4o', template: [{ role: 'user', content: '{{q}}' }] };
    const batch = [
      { type: 'flow' as const, log: { log_id: 'log_batchroot000000000001', path, inputs: {}, output: 'done', log_status: 'complete' } },
      {
        type: 'prompt' as const,
        log: {
          log_id: 'log_batchcall000000000001',
          path: `${path}-call`,
          prompt,
          output: 'A',
          trace_parent_id: 'log_batchroot000000000001',
        },
      },
      { type: 'prompt' as const, log: { path: `${path}-call`, start_time: 'yesterday' } },
      { type: 'prompt' as const, log: { path: `${path}-none` } },
      { type: 'evaluator' as const, log: { path: 'feedback/vote', parent_id: 'log_batchcall000000000001', judgment: 'good' } },
      { type: 'tool' as const, environment: 'nowhere', log: { path: `${path}-tool` } },
    ];
    for (let time = 0; time < 2; time += 1) {
      const { results } = await client.api.logs.batch({ logs: batch });
      expect(results.map(({ id, error }) => (id === null ? error?.status : 'ok'))).toEqual(['ok', 'ok', 422, 404, 'ok', 404]);
      expect(results[2]?.error?.message).toContain('start_time');
    }
    const { records } = (await client.api.logs.trace({ id: 'log_batchroot000000000001' })) as unknown as { records: Log[] };
    expect(records.map(({ id }) => id).toSorted(byText)).toEqual(['log_batchcall000000000001', 'log_batchroot000000000001']);
    expect((await logOf('log_batchcall000000000001')).evaluator_logs.map((log) => log.judgment)).toEqual(['good']);
    await expect(client.api.logs.batch({ logs: [] })).rejects.toMatchObject({ status: 422 });
    await expect(client.api.logs.batch({ logs: [{ type: 'song', log: {} } as never] })).rejects.toMatchObject({ status: 422 });
  });

  it('logs values that are no JSON, and survives those that cannot be read', async () => {
    const circular: Record<string, unknown> = { big: 10n, at: new Date(0), map: new Map([['a', 1]]) };
    circular['self'] = circular;
    const trap = {
      get broken(): string {
        throw new Error('getter');
      },
    };
    const odd = client.observe((given: unknown) => given, { path: 'sdk/odd' });
    expect(odd(circular)).toBe(circular);
    expect(odd(trap)).toBe(trap);
    await client.flush();
    const found = await eventually('both', async () => {
      const list = await logs('file:sdk/odd');
      return list.length === 2 && Promise.all(list.map((log) => logOf(log.id)));
    });
    expect(found.map((log) => log.inputs)).toContainEqual({ big: '10', at: '1970-01-01T00:00:00.000Z', map: { a: 1 }, self: '[circular]' });
  });

  it('serves prompts while the server is away: from memory, and from the files of an earlier process', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'whetstone-sdk-cache-'));
    let away = false;
    const failures: Error[] = [];
    const options = {
      cacheDirectory: directory,
      promptFreshMs: 0,
      onError: (error: Error) => void failures.push(error),
      fetch: ((input, init) => (away ? Promise.reject(new TypeError('connect ECONNREFUSED')) : fetch(input, init))) as typeof fetch,
    };
    const first = clientWith(options);
    const fresh = await first.prompt('sdk/answer');
    await eventually('the file', async () => (await import('node:fs')).readdirSync(directory).some((name) => name.endsWith('.json')));
    away = true;
    expect((await first.prompt('sdk/answer')).versionId).toBe(fresh.versionId);
    await eventually('a report of the failed renewal', async () => failures.length > 0);
    const restarted = clientWith(options);
    expect((await restarted.prompt('sdk/answer')).messages({ company: 'L', question: 'Q' })).toMatchObject([
      { content: 'You help L.' },
      { content: 'Q' },
    ]);
    await expect(restarted.prompt('sdk/other')).rejects.toThrow('cannot be reached');
    const fallback = fresh.version;
    expect((await restarted.prompt('sdk/other', { fallback })).versionId).toBe(fresh.versionId);
    away = false;
    await expect(clientWith(options).prompt('sdk/none')).rejects.toMatchObject({ status: 404 });
    rmSync(directory, { recursive: true });
  });

  it('gives an old answer at once and the new one next, after a deployment', async () => {
    const reader = clientWith({ promptFreshMs: 0 });
    const saved = await client.api.prompts.upsert({ path: 'sdk/moving', model: 'gpt-4o', template: 'one' });
    expect((await reader.prompt('sdk/moving')).text()).toBe('one');
    const next = await client.api.prompts.upsert({ path: 'sdk/moving', model: 'gpt-4o', template: 'two' });
    const [production] = await client.api.prompts.listEnvironments({ id: saved.id });
    await client.api.prompts.setDeployment({ id: saved.id, environment_id: production?.id ?? '', version_id: next.version_id });
    expect((await reader.prompt('sdk/moving')).text()).toBe('one');
    await eventually('the new version', async () => (await reader.prompt('sdk/moving')).text() === 'two');
    expect((await reader.prompt('sdk/moving', { versionId: saved.version_id })).text()).toBe('one');
  });

  it('waits out a server that fails, loses nothing, and holds up nobody', async () => {
    let refusals = 3;
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        if (refusals-- > 0) return response.writeHead(503).end('{"detail":"busy"}');
        bodies.push(text);
        const { logs: sent } = JSON.parse(text) as { logs: unknown[] };
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ results: sent.map(() => ({ id: 'log_1', error: null })) }));
      });
    });
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    const patient = new Client({ apiKey: 'k', baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, batchSize: 10 });
    for (let i = 0; i < 25; i += 1) patient.log('flow', { path: 'a/b', output: String(i) });
    expect(await patient.flush()).toBe(true);
    const sent = bodies.flatMap((body) => (JSON.parse(body) as { logs: { log: { output: string } }[] }).logs);
    expect(sent.map(({ log }) => log.output)).toEqual(Array.from({ length: 25 }, (_, i) => String(i)));
    expect(patient.lostLogs).toBe(0);
    server.closeAllConnections();
    server.close();
  });

  it('bounds what waits while the server is away, says so, and never throws', async () => {
    const told: string[] = [];
    const lonely = new Client({
      apiKey: 'k',
      baseUrl: 'http://127.0.0.1:9',
      maxQueue: 5,
      maxLogAttempts: 2,
      onError: (error) => void told.push(error.message),
    });
    const run = lonely.observe((n: number) => n * 2, { path: 'a/b' });
    for (let i = 0; i < 8; i += 1) expect(run(i)).toBe(i * 2);
    expect(lonely.lostLogs).toBe(3);
    await lonely.flush();
    expect(lonely.lostLogs).toBe(8);
    expect(told.join()).toContain('cannot be reached');
  });

  it('lets a serverless platform wait: by its context, by an option, or before the answer', async () => {
    const waited: Promise<unknown>[] = [];
    const handler = client.flushing(async (_request: string, _context: { waitUntil(work: Promise<unknown>): void }) => {
      client.log('flow', { path: 'sdk/lambda', output: 'context' });
      return 'ok';
    });
    expect(await handler('r', { waitUntil: (work) => void waited.push(work) })).toBe('ok');
    expect(waited).toHaveLength(1);
    await Promise.all(waited);
    const edge = clientWith({ waitUntil: (work) => void waited.push(work) });
    edge.log('flow', { path: 'sdk/lambda', output: 'option' });
    expect(waited).toHaveLength(2);
    await Promise.all(waited);
    await client.flushing(async () => client.log('flow', { path: 'sdk/lambda', output: 'before' }))();
    const outputs = await eventually('three logs', async () => {
      const list = await logs('file:sdk/lambda');
      return list.length === 3 && list.map((log) => log.output).toSorted(byText);
    });
    expect(outputs).toEqual(['before', 'context', 'option']);
  });
});
