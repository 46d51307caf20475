import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';

/** Anthropic's published client, unmodified, against the gateway; behind it three fake providers, of which one speaks its shape. */
let whetstone: Whetstone;
let provider: FakeProvider;
let client: Anthropic;

beforeAll(async () => {
  provider = await startFakeProvider();
  whetstone = await startWhetstone({
    env: {
      OPENAI_API_KEY: 'sk-operator',
      OPENAI_BASE_URL: `${provider.url}/v1`,
      ANTHROPIC_API_KEY: 'sk-ant',
      ANTHROPIC_BASE_URL: provider.url,
      GEMINI_API_KEY: 'g-key',
      GEMINI_BASE_URL: `${provider.url}/v1beta`,
    },
  });
  // Sends the key as `x-api-key`.
  client = new Anthropic({ apiKey: whetstone.apiKey, baseURL: whetstone.url, maxRetries: 0 });
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
const weather = {
  name: 'get_weather',
  description: 'Weather',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
};
const user = (content: string) => [{ role: 'user' as const, content }];

describe.each(['claude-sonnet-4-6', 'gpt-4o-mini', 'gemini-2.5-flash'])('anthropic client, %s', (model) => {
  const ask = (content: string) => ({ model, max_tokens: 4000, messages: user(content) });

  it('answers, and the log is there under the id of the answer’s header', async () => {
    const { data, response } = await client.messages
      .create({ ...ask('Say something nice.'), system: 'Be kind.', metadata: { user_id: 'u_7' } })
      .withResponse();
    expect(data.content).toMatchObject([{ type: 'text', text: 'You said: Say something nice.' }]);
    expect(data.stop_reason).toBe('end_turn');
    expect(await logOf(response.headers.get('x-whetstone-log-id') ?? '')).toMatchObject({
      output: 'You said: Say something nice.',
      user: 'u_7',
      model,
      origin: 'gateway',
      prompt_tokens: data.usage.input_tokens,
      output_tokens: data.usage.output_tokens,
    });
  });

  it('streams with the client’s helper, thinking first', async () => {
    const stream = client.messages.stream({ ...ask('Tell me more'), thinking: { type: 'enabled', budget_tokens: 1024 } });
    let text = '';
    let thinking = '';
    stream.on('text', (delta) => (text += delta));
    stream.on('thinking', (delta) => (thinking += delta));
    const message = await stream.finalMessage();
    expect(text).toBe('You said: Tell me more');
    expect(message.content.at(-1)).toMatchObject({ type: 'text', text });
    expect(message.usage.output_tokens).toBeGreaterThan(0);
    expect(message.usage.input_tokens).toBeGreaterThan(0);
    if (model !== 'gpt-4o-mini') expect(thinking).toBe('Let me think about it. ');
  });

  it('calls tools in a stream and takes their results', async () => {
    const message = await client.messages.stream({ ...ask('weather twice'), tools: [weather] }).finalMessage();
    const calls = message.content.filter((block) => block.type === 'tool_use');
    expect(calls).toMatchObject([{ input: { city: 'Paris' } }, { input: { city: 'Paris' } }]);
    expect(message.stop_reason).toBe('tool_use');
    const results = calls.map((call) => ({ type: 'tool_result' as const, tool_use_id: call.id, content: '{"degrees":21}' }));
    const after = await client.messages.create({
      ...ask(''),
      tools: [weather],
      messages: [...user('weather?'), { role: 'assistant', content: message.content }, { role: 'user', content: results }],
    });
    expect(after.content.at(-1)).toMatchObject({ text: 'You said: weather?' });
  });

  it('sees images', async () => {
    const data = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const message = await client.messages.create({
      ...ask(''),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data } },
          ],
        },
      ],
    });
    expect(message.content).toMatchObject([{ text: 'You said: What is this? I see 1 image.' }]);
  });

  it('counts tokens', async () => {
    const { input_tokens: tokens } = await client.messages.countTokens({ model, messages: user('How many are these?') });
    expect(tokens).toBeGreaterThan(3);
  });

  it('throws the provider’s error, whole and within a stream', async () => {
    const names: Record<string, string> = {
      'gpt-4o-mini': 'openai/fake',
      'claude-sonnet-4-6': 'claude-fake',
      'gemini-2.5-flash': 'gemini-fake',
    };
    const error = await client.messages.create({ ...ask('Hi'), model: `${names[model]}-429` }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(Anthropic.RateLimitError);
    expect((error as InstanceType<typeof Anthropic.APIError>).type).toBe('rate_limit_error');
    expect((error as InstanceType<typeof Anthropic.APIError>).requestID).toBeTruthy();
    const stream = client.messages.stream({ ...ask('one two three four'), model: `${names[model]}-stream-error` });
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIError);
  });
});

it('runs a deployed prompt by its path', async () => {
  await fetch(`${whetstone.url}/v5/prompts`, {
    method: 'POST',
    headers: { 'x-api-key': whetstone.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ path: 'shop/greet', model: 'claude-sonnet-4-6', template: [{ role: 'system', content: 'Greet {{name}}.' }] }),
  });
  const call = { model: 'prompt:shop/greet@production', max_tokens: 100, messages: user('Hello'), inputs: { name: 'Grace' } };
  const { data, response } = await client.messages.create(call as never).withResponse();
  expect(data.content).toMatchObject([{ text: 'You said: Hello' }]);
  expect(await logOf(response.headers.get('x-whetstone-log-id') ?? '')).toMatchObject({
    inputs: { name: 'Grace' },
    environment: 'production',
    prompt: { path: 'shop/greet' },
    messages: [{ content: 'Greet Grace.' }, { content: 'Hello' }],
  });
});

it('an agent answers by its path, whole and streamed', async () => {
  const made = await fetch(`${whetstone.url}/v5/agents`, {
    method: 'POST',
    headers: { 'x-api-key': whetstone.apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({ path: 'shop/clerk', model: 'claude-sonnet-4-6', template: [{ role: 'system', content: 'Be kind.' }] }),
  });
  expect(made.status, await made.text()).toBeLessThan(300);
  const call = { model: 'agent:shop/clerk', max_tokens: 100, messages: user('Hello') };
  const { data, response } = await client.messages.create(call).withResponse();
  expect(data).toMatchObject({ content: [{ type: 'text', text: 'You said: Hello' }], stop_reason: 'end_turn' });
  expect(await logOf(response.headers.get('x-whetstone-log-id') ?? '')).toMatchObject({ agent: { path: 'shop/clerk' } });
  expect((await client.messages.stream(call).finalMessage()).content).toMatchObject([{ text: 'You said: Hello' }]);
});

it('lists models in Anthropic’s shape for Anthropic’s client', async () => {
  const models = [];
  for await (const model of client.models.list()) models.push(model);
  expect(models).toContainEqual(expect.objectContaining({ type: 'model', id: 'demo-small', display_name: 'demo-small' }));
  expect((await client.models.retrieve('demo-small')).type).toBe('model');
});

it('refuses a wrong key in Anthropic’s shape', async () => {
  const stranger = new Anthropic({ apiKey: 'wrong', baseURL: whetstone.url, maxRetries: 0 });
  await expect(stranger.messages.create({ model: 'claude-sonnet-4-6', max_tokens: 10, messages: user('Hi') })).rejects.toMatchObject({
    status: 401,
    type: 'authentication_error',
  });
});

it('takes the key as a bearer token too, as the client sends `authToken`', async () => {
  const bearer = new Anthropic({ authToken: whetstone.apiKey, apiKey: null, baseURL: whetstone.url, maxRetries: 0 });
  expect((await bearer.messages.create({ model: 'claude-sonnet-4-6', max_tokens: 10, messages: user('Hi') })).type).toBe('message');
});
