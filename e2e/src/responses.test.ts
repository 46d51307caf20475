import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents';
import { HumanMessage } from '@langchain/core/messages';
import { tool as langchainTool } from '@langchain/core/tools';
import { ChatOpenAI } from '@langchain/openai';
import OpenAI from 'openai';
import { zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

/** Published clients of OpenAI's Responses API, unmodified, against the gateway; behind it three fake providers, of which one speaks this shape. */
let whetstone: Whetstone;
let provider: FakeProvider;
let client: OpenAI;
const env = (): Record<string, string> => ({
  OPENAI_API_KEY: 'sk-operator',
  OPENAI_BASE_URL: `${provider.url}/v1`,
  ANTHROPIC_API_KEY: 'sk-ant',
  ANTHROPIC_BASE_URL: provider.url,
  GEMINI_API_KEY: 'g-key',
  GEMINI_BASE_URL: `${provider.url}/v1beta`,
});
const clientOf = (server: Whetstone) => new OpenAI({ apiKey: server.apiKey, baseURL: `${server.url}/v1`, maxRetries: 0 });

beforeAll(async () => {
  provider = await startFakeProvider();
  whetstone = await startWhetstone({ env: env() });
  client = clientOf(whetstone);
});
afterAll(async () => {
  await whetstone?.close();
  await provider?.close();
});

const logOf = (id: string) =>
  eventually(`log ${id}`, async () => {
    const response = await fetch(`${whetstone.url}/v5/logs/${id}`, { headers: { 'x-api-key': whetstone.apiKey } });
    return response.ok ? ((await response.json()) as Record<string, unknown>) : null;
  });
const makeAgent = async (path: string): Promise<void> => {
  const body = {
    path,
    model: 'gpt-4o-mini',
    template: [{ role: 'system', content: 'You help {{name}}.' }],
    tools: [
      {
        type: 'inline',
        json_schema: {
          name: 'get_weather',
          description: 'Weather',
          parameters: { type: 'object', properties: { city: { type: 'string' } } },
        },
        on_agent_call: 'stop',
      },
    ],
  };
  const made = await fetch(`${whetstone.url}/v5/agents`, {
    method: 'POST',
    headers: { 'x-api-key': whetstone.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(made.status, await made.text()).toBeLessThan(300);
};
const weather = {
  type: 'function' as const,
  name: 'get_weather',
  description: 'Weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

describe.each(['gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash'])('openai client, responses, %s', (model) => {
  it('answers, and the log is there under the id of the answer’s header', async () => {
    const { data, response } = await client.responses.create({ model, input: 'Say something nice.', user: 'u_7' }).withResponse();
    expect(data.output_text).toBe('You said: Say something nice.');
    expect(await logOf(response.headers.get('x-whetstone-log-id') ?? '')).toMatchObject({
      output: data.output_text,
      user: 'u_7',
      model,
      origin: 'gateway',
      prompt_tokens: data.usage?.input_tokens,
      output_tokens: data.usage?.output_tokens,
    });
  });

  it('streams typed events that the client puts together itself', async () => {
    const stream = client.responses.stream({ model, input: 'Tell me more', reasoning: { effort: 'low', summary: 'auto' } });
    let text = '';
    stream.on('response.output_text.delta', (event) => (text += event.delta));
    const final = await stream.finalResponse();
    expect(text).toBe('You said: Tell me more');
    expect(final.output_text).toBe(text);
    expect(final.status).toBe('completed');
  });

  it('calls tools in a stream, takes the result and goes on by the id of the response', async () => {
    const first = await client.responses.stream({ model, input: 'weather twice', tools: [weather] }).finalResponse();
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls).toHaveLength(2);
    const input = calls.map((call) => ({ type: 'function_call_output' as const, call_id: call.call_id, output: '{"degrees":21}' }));
    const next = await client.responses.create({ model, previous_response_id: first.id, input, tools: [weather] });
    expect(next.previous_response_id).toBe(first.id);
    expect(next.output_text).toContain('You said');
    const found = await client.responses.retrieve(next.id);
    expect(found.output_text).toBe(next.output_text);
    await client.responses.delete(next.id);
    await expect(client.responses.retrieve(next.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('parses structured output', async () => {
    const format = zodTextFormat(z.object({ city: z.string(), degrees: z.number() }), 'place');
    const parsed = await client.responses.parse({ model, input: 'Where?', text: { format } });
    expect(parsed.output_parsed).toEqual({ city: 'Paris', degrees: 0.5 });
  });

  it('lists what a response was made from', async () => {
    const { id } = await client.responses.create({ model, input: 'One thing' });
    const items = [];
    for await (const item of client.responses.inputItems.list(id)) items.push(item);
    expect(items).toMatchObject([{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'One thing' }] }]);
  });

  it('throws the provider’s error, whole and within a stream', async () => {
    const names: Record<string, string> = {
      'gpt-4o-mini': 'openai/fake',
      'claude-sonnet-4-5': 'claude-fake',
      'gemini-2.5-flash': 'gemini-fake',
    };
    const error = await client.responses.create({ model: `${names[model]}-404`, input: 'Hi' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    const broken = await client.responses.create({ model: `${names[model]}-stream-error`, input: 'one two three four', stream: true });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of broken) seen.push(event.type);
    })();
    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError);
    expect(seen).toContain('response.output_text.delta');
  });

  it('@langchain/openai answers, streams and calls tools', async () => {
    const options = {
      model,
      apiKey: whetstone.apiKey,
      configuration: { baseURL: `${whetstone.url}/v1` },
      useResponsesApi: true,
      maxRetries: 0,
    };
    const chat = new ChatOpenAI(options);
    expect((await chat.invoke([new HumanMessage('Hello chain')])).text).toBe('You said: Hello chain');
    let text = '';
    for await (const chunk of await chat.stream('Hello stream')) text += chunk.text;
    expect(text).toBe('You said: Hello stream');
    const getWeather = langchainTool(async () => 'sunny', {
      name: 'get_weather',
      description: 'Weather',
      schema: z.object({ city: z.string() }),
    });
    const called = await chat.bindTools([getWeather]).invoke('weather please');
    expect(called.tool_calls).toMatchObject([{ name: 'get_weather', args: { city: 'Paris' } }]);
  });

  it('@openai/agents runs an agent with a tool to its end, whole and streamed', async () => {
    setTracingDisabled(true);
    const asked: string[] = [];
    const getWeather = tool({
      name: 'get_weather',
      description: 'Weather',
      parameters: z.object({ city: z.string() }),
      execute: async ({ city }) => {
        asked.push(city);
        return '{"degrees":21}';
      },
    });
    const agent = new Agent({ name: 'Forecaster', instructions: 'Answer about the weather.', model, tools: [getWeather] });
    const runner = new Runner({ modelProvider: new OpenAIProvider({ openAIClient: client, useResponses: true }), tracingDisabled: true });
    const done = await runner.run(agent, 'weather in Paris?');
    expect(done.finalOutput).toBe('You said: weather in Paris?');
    const streamed = await runner.run(agent, 'weather in Paris?', { stream: true });
    await streamed.completed;
    expect(streamed.finalOutput).toBe('You said: weather in Paris?');
    expect(asked).toEqual(['Paris', 'Paris']);
  });
});

it('an agent answers by its path, whole and streamed, and asks for the tool that the caller runs', async () => {
  await makeAgent('shop/clerk');
  const model = 'agent:shop/clerk';
  const { data, response } = await client.responses.create({ model, input: 'Hello', inputs: { name: 'Ada' } } as never).withResponse();
  expect(data.output_text).toBe('You said: Hello');
  expect(await logOf(response.headers.get('x-whetstone-log-id') ?? '')).toMatchObject({
    output: 'You said: Hello',
    agent: { path: 'shop/clerk' },
  });
  const streamed = await client.responses.stream({ model, input: 'Hello stream', inputs: { name: 'Ada' } } as never).finalResponse();
  expect(streamed.output_text).toBe('You said: Hello stream');
  const waits = await client.responses.stream({ model, input: 'weather?', inputs: { name: 'Ada' } } as never).finalResponse();
  expect(waits.output.find((item) => item.type === 'function_call')).toMatchObject({ name: 'get_weather' });
  await expect(client.responses.create({ model: 'agent:shop/nobody', input: 'Hi' })).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});

it('a conversation goes on after a restart', async () => {
  const first = await Promise.all(
    ['gpt-4o-mini', 'claude-sonnet-4-5'].map((model) => client.responses.create({ model, input: `My name is Ann, ${model}` })),
  );
  await whetstone.kill('SIGKILL');
  whetstone = await startWhetstone({ env: env(), dataDir: whetstone.dataDir });
  client = clientOf(whetstone);
  for (const { id, model } of first) {
    const { data, response } = await client.responses.create({ model, input: 'Who am I?', previous_response_id: id }).withResponse();
    expect(data.output_text).toBe('You said: Who am I?');
    const log = await logOf(response.headers.get('x-whetstone-log-id') ?? '');
    expect((log['messages'] as { content: string }[]).map(({ content }) => content)).toEqual([
      `My name is Ann, ${model}`,
      `You said: My name is Ann, ${model}`,
      'Who am I?',
    ]);
  }
});
