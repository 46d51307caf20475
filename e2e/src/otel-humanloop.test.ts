import { HumanloopClient } from 'humanloop';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

type Log = Record<string, unknown> & { id: string };

/** The decorators of the published SDK: what they run leaves a trace. Its instrumentation of OpenAI sends the present dialect. */
describe('decorators of humanloop 0.8.20', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let client: HumanloopClient;
  let openai: OpenAI;

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await startWhetstone();
    client = new HumanloopClient({ apiKey: whetstone.apiKey, baseUrl: `${whetstone.url}/v5`, instrumentProviders: { OpenAI } });
    openai = new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0 });
  });
  afterAll(async () => {
    await whetstone?.close();
    await provider?.close();
  });

  const logsAt = (path: string): Promise<Log[]> =>
    eventually(
      `a log at ${path}`,
      async () => {
        const response = await fetch(`${whetstone.url}/v5/logs?size=20&filter=${encodeURIComponent(`file:"${path}"`)}`, {
          headers: { 'x-api-key': whetstone.apiKey },
        });
        const { records } = (await response.json()) as { records: Log[] };
        return records.length > 0 ? records : null;
      },
      30_000,
    );
  const finished = (path: string): Promise<Log> =>
    eventually(`the flow ${path} is complete`, async () => (await logsAt(path)).find((log) => log['log_status'] === 'complete'), 30_000);

  it('a flow with a tool and a prompt in it is one trace', async () => {
    const weather = client.tool({
      path: 'shop/weather',
      version: {
        function: {
          name: 'weather',
          description: 'The weather.',
          strict: true,
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      },
      callable: async ({ city }: { city: string }) => ({ city, degrees: 20 }),
    });
    const answer = client.prompt({
      path: 'shop/answer',
      callable: async ({ question }: { question: string }) => {
        const completion = await openai.chat.completions.create({
          model: 'fake-model',
          temperature: 0.4,
          messages: [
            { role: 'system', content: 'Be brief.' },
            { role: 'user', content: question },
          ],
        });
        return completion.choices[0]?.message.content ?? '';
      },
    });
    const assistant = client.flow({
      path: 'shop/assistant',
      attributes: { release: '7' },
      callable: async ({ question }: { question: string }) => {
        await weather({ city: 'Paris' });
        return answer({ question });
      },
    });
    expect(await assistant({ question: 'Where is my bike?' })).toBe('You said: Where is my bike?');

    const flow = await finished('shop/assistant');
    expect(flow).toMatchObject({
      type: 'flow',
      inputs: { question: 'Where is my bike?' },
      output: 'You said: Where is my bike?',
      flow: { attributes: { release: '7' } },
    });
    const [tool] = await logsAt('shop/weather');
    expect(tool).toMatchObject({
      type: 'tool',
      trace_parent_id: flow.id,
      inputs: { city: 'Paris' },
      output: '{"city":"Paris","degrees":20}',
      tool: {
        function: {
          name: 'weather',
          strict: true,
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      },
    });
    const [prompt] = await logsAt('shop/answer');
    expect(prompt).toMatchObject({
      type: 'prompt',
      trace_parent_id: flow.id,
      output: 'You said: Where is my bike?',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Where is my bike?' },
      ],
      prompt: { path: 'shop/answer', model: 'fake-model', provider: 'openai', temperature: 0.4 },
      finish_reason: 'stop',
    });
    expect(prompt?.['prompt_tokens']).toBeGreaterThan(0);
  });

  it('a flow that throws has the error, one that answers a message has the message', async () => {
    const failing = client.flow({
      path: 'shop/failing',
      callable: async (_inputs: { a: string }): Promise<string> => {
        throw new Error('out of bikes');
      },
    });
    await failing({ a: 'b' });
    expect(await finished('shop/failing')).toMatchObject({ error: 'out of bikes', status: 'error' });
    const speaking = client.flow({
      path: 'shop/speaking',
      callable: async (_inputs: { a: string }) => ({ role: 'assistant', content: 'Hi.' }),
    });
    await speaking({ a: 'b' });
    expect(await finished('shop/speaking')).toMatchObject({ output_message: { role: 'assistant', content: 'Hi.' }, output: 'Hi.' });
  });

  it('the older dialect of its instrumentation leaves the same prompt log', async () => {
    const attributes = {
      'humanloop.file.path': 'shop/older',
      'humanloop.file.type': 'prompt',
      'gen_ai.system': 'OpenAI',
      'llm.request.type': 'chat',
      'gen_ai.request.model': 'fake-model',
      'gen_ai.request.temperature': '0.4',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.prompt.0.content': 'Where is my bike?',
      'gen_ai.completion.0.role': 'assistant',
      'gen_ai.completion.0.content': 'On its way.',
      'gen_ai.completion.0.finish_reason': 'stop',
      'gen_ai.usage.prompt_tokens': '9',
    };
    // As Python's `MessageToJson` writes it: ids in base64, enums by name, and no content type at all.
    const span = {
      traceId: Buffer.alloc(16, 7).toString('base64'),
      spanId: Buffer.alloc(8, 9).toString('base64'),
      name: 'openai.chat',
      kind: 'SPAN_KIND_CLIENT',
      startTimeUnixNano: '1795442400000000000',
      endTimeUnixNano: '1795442400500000000',
      attributes: Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } })),
    };
    const body = Buffer.from(
      JSON.stringify({ resourceSpans: [{ scopeSpans: [{ scope: { name: 'humanloop.sdk.provider' }, spans: [span] }] }] }, null, 2),
    );
    const response = await fetch(`${whetstone.url}/v5/import/otel/v1/traces`, {
      method: 'POST',
      headers: { 'x-api-key': whetstone.apiKey },
      body,
    });
    expect(response.status).toBe(200);
    const { records } = (await response.json()) as { records: string[] };
    const [log] = await logsAt('shop/older');
    expect(log).toMatchObject({
      id: records[0],
      output: 'On its way.',
      prompt_tokens: 9,
      prompt: { model: 'fake-model', temperature: 0.4 },
    });
  });
});
