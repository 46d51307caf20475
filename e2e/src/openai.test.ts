import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { describeOnEditions } from './editions.ts';
import { eventually, type Whetstone } from './whetstone.ts';

/** The published client of OpenAI's API against the gateway, with a fake OpenAI on loopback behind it. */
describeOnEditions(describe, 'openai client', (start) => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let client: OpenAI;

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await start({ env: { OPENAI_API_KEY: 'sk-operator', OPENAI_BASE_URL: `${provider.url}/v1` } });
    client = new OpenAI({ apiKey: whetstone.apiKey, baseURL: `${whetstone.url}/v1`, maxRetries: 0 });
  });
  afterAll(async () => {
    await whetstone?.close();
    await provider?.close();
  });

  const ask = [{ role: 'user' as const, content: 'Say something nice.' }];
  const logOf = (id: string) =>
    eventually(`log ${id}`, async () => {
      const response = await fetch(`${whetstone.url}/v5/logs/${id}`, { headers: { 'x-api-key': whetstone.apiKey } });
      return response.ok ? ((await response.json()) as Record<string, unknown>) : null;
    });

  it('chats, and the log is there under the id of the answer’s header', async () => {
    const { data, response } = await client.chat.completions.create({ model: 'gpt-4o-mini', messages: ask, user: 'u_7' }).withResponse();
    expect(data.choices[0]?.message.content).toBeTruthy();
    const log = await logOf(response.headers.get('x-whetstone-log-id') ?? '');
    expect(log).toMatchObject({
      output: data.choices[0]?.message.content,
      user: 'u_7',
      model: 'gpt-4o-mini',
      origin: 'gateway',
      prompt_tokens: data.usage?.prompt_tokens,
    });
    expect(log['prompt']).toMatchObject({ path: 'gateway/gpt-4o-mini' });
  });

  it('streams, with usage when asked', async () => {
    const { data: stream, response } = await client.chat.completions
      .create({ model: 'gpt-4o-mini', messages: ask, stream: true, stream_options: { include_usage: true } })
      .withResponse();
    let text = '';
    let usage: OpenAI.CompletionUsage | null = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(text).not.toBe('');
    expect(usage?.completion_tokens).toBeGreaterThan(0);
    expect(await logOf(response.headers.get('x-whetstone-log-id') ?? '')).toMatchObject({
      output: text,
      output_tokens: usage?.completion_tokens,
    });
  });

  it('calls tools', async () => {
    const tools = [
      {
        type: 'function' as const,
        function: { name: 'get_weather', description: 'Weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      },
    ];
    const { data, response } = await client.chat.completions
      .create({ model: 'gpt-4o-mini', messages: ask, tools, tool_choice: 'required' })
      .withResponse();
    const call = data.choices[0]?.message.tool_calls?.[0];
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } });
    const log = await logOf(response.headers.get('x-whetstone-log-id') ?? '');
    expect(log['output_message']).toMatchObject({ tool_calls: [{ function: { name: 'get_weather' } }] });
  });

  it('sends images and several samples through', async () => {
    const image = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const data = await client.chat.completions.create({
      model: 'gpt-4o-mini',
      n: 2,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: image } },
          ],
        },
      ],
    });
    expect(data.choices).toHaveLength(2);
  });

  it('embeds', async () => {
    const data = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'], encoding_format: 'float' });
    expect(data.data.map((row) => row.index)).toEqual([0, 1]);
    expect(data.data[0]?.embedding.length).toBeGreaterThan(3);
  });

  it('lists models', async () => {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    expect(ids).toContain('demo-small');
  });

  it('answers by the demo provider without any key', async () => {
    const data = await client.chat.completions.create({ model: 'demo-small', messages: ask });
    expect(data.choices[0]?.message.content).toBeTruthy();
  });

  it('runs a deployed prompt by its path', async () => {
    const headers = { 'x-api-key': whetstone.apiKey, 'content-type': 'application/json' };
    await fetch(`${whetstone.url}/v5/prompts`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ path: 'shop/greet', model: 'gpt-4o-mini', template: [{ role: 'system', content: 'Greet {{name}}.' }] }),
    });
    const { data, response } = await client.chat.completions
      .create({ model: 'prompt:shop/greet@production', messages: ask, inputs: { name: 'Grace' } } as never)
      .withResponse();
    expect(data.choices[0]?.message.content).toBeTruthy();
    const log = await logOf(response.headers.get('x-whetstone-log-id') ?? '');
    expect(log).toMatchObject({ inputs: { name: 'Grace' }, environment: 'production', prompt: { path: 'shop/greet' } });
    expect((log['messages'] as { content: string }[])[0]?.content).toBe('Greet Grace.');
  });

  it('gets the provider’s own error and status, and the failed call is logged', async () => {
    const error = await client.chat.completions.create({ model: 'fake-404', messages: ask }).then(
      () => null,
      (e: unknown) => e as InstanceType<typeof OpenAI.APIError>,
    );
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error?.code).toBe('model_not_found');
    expect(await logOf(error?.headers?.get('x-whetstone-log-id') ?? '')).toMatchObject({
      status: 'error',
      error: expect.stringContaining('fake-404'),
    });
  });

  it('refuses a wrong key in OpenAI’s shape', async () => {
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${whetstone.url}/v1`, maxRetries: 0 });
    await expect(stranger.chat.completions.create({ model: 'gpt-4o-mini', messages: ask })).rejects.toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
  });
});
