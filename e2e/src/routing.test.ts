import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeAws, startFakeProvider, type FakeProvider } from '../../server/src/fake-provider/index.ts';
import { byKey, caller, type Caller, send } from './send.ts';
import { eventually, startWhetstone, type Whetstone } from './whetstone.ts';
import { secondWorkspace } from './workspace-of-everything.ts';

/** Routes, limits and the cache through published clients, set over v5, with the operator's variables as vendors name them. */
describe('what a workspace sets for its calls', () => {
  let whetstone: Whetstone;
  let provider: FakeProvider;
  let admin: Caller;
  let key: { id: string; key: string };
  let client: OpenAI;

  beforeAll(async () => {
    provider = await startFakeProvider();
    whetstone = await startWhetstone({
      env: {
        AZURE_OPENAI_API_KEY: 'azure-key',
        AZURE_OPENAI_ENDPOINT: `${provider.url}/azure`,
        AWS_ACCESS_KEY_ID: fakeAws.accessKeyId,
        AWS_SECRET_ACCESS_KEY: fakeAws.secretAccessKey,
        AWS_REGION: 'eu-west-1',
        AWS_ENDPOINT_URL_BEDROCK_RUNTIME: provider.url,
        MISTRAL_API_KEY: 'mistral-key',
        MISTRAL_BASE_URL: `${provider.url}/mistral`,
        CO_API_KEY: 'cohere-key',
        CO_API_URL: `${provider.url}/cohere`,
      },
    });
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
    key = await admin('POST', '/v5/api-keys', { name: 'App', role: 'gateway' });
    client = new OpenAI({ apiKey: key.key, baseURL: `${whetstone.url}/v1`, maxRetries: 0 });
  }, 120_000);
  afterAll(async () => {
    await whetstone?.close();
    await provider?.close();
  });
  const ask = [{ role: 'user' as const, content: 'Hi' }];

  it.each(['azure/gpt-4o', 'bedrock/amazon.nova-pro-v1:0', 'mistral-small-latest', 'command-a-03-2025'])(
    '%s answers the published client, whole and streamed',
    async (model) => {
      const whole = await client.chat.completions.create({ model, messages: ask });
      expect(whole.choices[0]?.message.content).toBe('You said: Hi');
      let text = '';
      for await (const chunk of await client.chat.completions.create({ model, messages: ask, stream: true }))
        text += chunk.choices[0]?.delta.content ?? '';
      expect(text).toBe('You said: Hi');
    },
  );

  it('a route falls over from one provider to another, and its log tells', async () => {
    const targets = [
      { model: 'fake-503', credential: 'azure' },
      { model: 'amazon.nova-pro-v1:0', credential: 'bedrock' },
    ];
    const made = await admin('PUT', '/v5/routes/main', { targets });
    expect(made).toMatchObject({ name: 'main', targets: [{ weight: 0, retries: 0 }, {}], cache_ttl_seconds: null });
    expect(await admin('GET', '/v5/routes')).toMatchObject({ records: [{ name: 'main' }] });
    const { data, response } = await client.chat.completions.create({ model: 'main', messages: ask }).withResponse();
    expect([data.choices[0]?.message.content, response.headers.get('x-whetstone-route')]).toEqual(['You said: Hi', 'main']);
    const id = response.headers.get('x-whetstone-log-id') ?? '';
    const log = await eventually('the log', async (): Promise<Record<string, unknown> | null> => {
      const found = await send(whetstone.url, `/v5/logs/${id}`, { headers: byKey(whetstone.apiKey) });
      return found.status === 200 ? found.json() : null;
    });
    expect(log['provider_response']).toMatchObject({
      route: { name: 'main', served_by: 'bedrock/amazon.nova-pro-v1:0' },
      earlier_attempts: [{ provider: 'azure', status: 503 }],
    });
    expect((await client.models.list()).data[0]).toMatchObject({ id: 'main', owned_by: 'route' });
  });

  it('a cached answer costs nothing and comes to another client in its own shape', async () => {
    await admin('PUT', '/v5/routes/thrifty', { targets: [{ model: 'mistral-small-latest' }], cache_ttl_seconds: 600 });
    const before = provider.received.length;
    const first = await client.chat.completions.create({ model: 'thrifty', messages: ask }).withResponse();
    const again = await client.chat.completions.create({ model: 'thrifty', messages: ask }).withResponse();
    expect([first.response.headers.get('x-whetstone-cache'), again.response.headers.get('x-whetstone-cache')]).toEqual(['miss', 'hit']);
    expect(again.data.choices).toEqual(first.data.choices);
    expect(provider.received.length).toBe(before + 1);
    expect((await send(whetstone.url, '/v5/cache', { method: 'DELETE', headers: byKey(whetstone.apiKey) })).status).toBe(204);
    const after = await client.chat.completions.create({ model: 'thrifty', messages: ask }).withResponse();
    expect(after.response.headers.get('x-whetstone-cache')).toBe('miss');
  });

  it('a limited key gets the published clients’ own error of a rate limit, and is free when the limit is lifted', async () => {
    const limit = await admin('PUT', '/v5/limits', { subject: 'key', id: key.id, requests_per_minute: 1, usd_per_month: 5 });
    expect(limit).toMatchObject({ requests_per_minute: 1, tokens_per_minute: null, used: { usd_this_month: 0 } });
    const calls = await Promise.allSettled([1, 2, 3].map(() => client.chat.completions.create({ model: 'main', messages: ask })));
    const refused = calls.flatMap((call) => (call.status === 'rejected' ? [call.reason as unknown] : []));
    // A minute may have ended in between.
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toBeInstanceOf(OpenAI.RateLimitError);
    expect(refused[0]).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    const anthropic = new Anthropic({ apiKey: key.key, baseURL: whetstone.url, maxRetries: 0 });
    const messages = await Promise.allSettled([1, 2].map(() => anthropic.messages.create({ model: 'main', max_tokens: 9, messages: ask })));
    expect(messages.some((call) => call.status === 'rejected' && call.reason instanceof Anthropic.RateLimitError)).toBe(true);
    await admin('DELETE', `/v5/limits?subject=key&id=${key.id}`);
    expect(await admin('GET', '/v5/limits')).toEqual({ records: [] });
    await client.chat.completions.create({ model: 'main', messages: ask });
    await client.chat.completions.create({ model: 'main', messages: ask });
  });

  it('bad settings are refused with their place, and another workspace has none of them', async () => {
    const status = async (method: string, path: string, body: unknown, as = whetstone.apiKey) =>
      (await send(whetstone.url, path, { method, headers: byKey(as), body })).status;
    const target = { model: 'demo-small' };
    expect(await status('PUT', '/v5/routes/a%20b', { targets: [target] })).toBe(422);
    expect(await status('PUT', '/v5/routes/x', { targets: [] })).toBe(422);
    expect(await status('PUT', '/v5/routes/x', { targets: [{ ...target, weight: -1 }] })).toBe(422);
    expect(await status('PUT', '/v5/routes/x', { targets: [{ ...target, timeout_seconds: 1e9 }] })).toBe(422);
    expect(await status('PUT', '/v5/limits', { subject: 'key', id: 'key_of_nobody', usd_per_day: 1 })).toBe(404);
    expect(await status('PUT', '/v5/limits', { subject: 'user', id: 'ann' })).toBe(400);
    expect(await status('DELETE', '/v5/limits?subject=user&id=ann', undefined)).toBe(404);
    expect(await status('PUT', '/v5/routes/x', { targets: [target] }, key.key)).toBe(403);
    const foreign = await secondWorkspace(whetstone, 'Elsewhere');
    expect(await caller(whetstone.url, byKey(foreign.key))('GET', '/v5/routes')).toEqual({ records: [] });
    expect(await status('DELETE', '/v5/routes/main', undefined, foreign.key)).toBe(404);
  });
});
