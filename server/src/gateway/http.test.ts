import { gatewayOperations } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chat, type House, openHouse, readEvents } from './test/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

it('has a route for every operation that the documents describe', () => {
  const rows: readonly { method: 'GET' | 'POST' | 'DELETE'; path: string }[] = Object.values(gatewayOperations);
  const has = (method: 'GET' | 'POST' | 'DELETE', url: string): boolean => house.server.hasRoute({ method, url });
  const missing = rows.filter(
    ({ method, path }) => !has(method, path.replace(/\{(\w+)\}/g, ':$1')) && !has(method, path.replace(/\{\w+\}/, '*')),
  );
  expect(missing).toEqual([]);
  expect(has('GET', '/v1/nonsense')).toBe(false);
});

const completions = '/v1/chat/completions';

describe('POST /v1/chat/completions', () => {
  it('hands the request on byte for byte and the answer back byte for byte', async () => {
    const body =
      '{ "model": "gpt-4o-mini",  "messages": [{"role":"user","content":"Hi \\u00e9"}], "temperature": 0.50, "unknown_field": [1.0] }';
    const response = await house.request(completions, body);
    expect(response.status).toBe(200);
    expect(house.fake.received[0]?.body).toBe(body);
    const text = await response.text();
    expect(text).toContain('"annotations":[]');
    expect(JSON.parse(text)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'You said: Hi é' }, finish_reason: 'stop' }],
    });
  });

  it("sends our credential and none of the caller's headers", async () => {
    await house.request(completions, chat('Hi'), { 'x-api-key': 'mine', cookie: 'a=b', 'openai-beta': 'x', 'x-whetstone-session': 's' });
    const headers = house.fake.received[0]?.headers ?? {};
    expect(headers['authorization']).toBe('Bearer secret-of-openai');
    expect(headers['openai-beta']).toBe('x');
    for (const name of ['cookie', 'x-api-key', 'x-whetstone-session']) expect(headers[name]).toBeUndefined();
  });

  it('leaves a log with what was asked, answered, used and paid', async () => {
    const response = await house.request(completions, chat('Hi cached', { temperature: 0.3, user: 'ann' }), {
      'x-whetstone-session': 's1',
      'x-whetstone-reference': 'r1',
    });
    const log = await house.logOf(response);
    expect(log).toMatchObject({
      kind: 'prompt',
      origin: 'gateway',
      status: 'ok',
      model: 'gpt-4o-mini',
      provider: 'openai',
      user: 'ann',
      unit: 'ann',
      session: 's1',
      referenceId: 'r1',
      output: 'You said: Hi cached',
      messages: [{ role: 'user', content: 'Hi cached' }],
      finishReason: 'stop',
      promptTokens: 12,
      cachedTokens: 4,
      outputTokens: 5,
      estimated: false,
    });
    expect(log.promptCost).toBeCloseTo((8 * 0.15 + 4 * 0.075) / 1e6, 12);
    expect(log.outputCost).toBeCloseTo((5 * 0.6) / 1e6, 12);
    const file = await house.files.get(house.scope, 'prompt', { path: 'gateway/gpt-4o-mini' }, { versionId: log.versionId });
    expect(file.file.hidden).toBe(true);
    expect(file.version.kernel).toMatchObject({ model: 'gpt-4o-mini', temperature: 0.3 });
    expect(file.version.kernel.template ?? null).toBeNull();
  });

  it("streams the provider's events and logs the same answer, with usage that the caller did not ask for", async () => {
    const response = await house.request(completions, chat('Hi stream', { stream: true }));
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = await readEvents(response);
    expect(events.at(-1)).toBe('[DONE]');
    expect(events.some((event) => event.includes('"choices":[]'))).toBe(false);
    const text = events
      .slice(0, -1)
      .map((event) => (JSON.parse(event) as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? '');
    expect(text.join('')).toBe('You said: Hi stream');
    expect(house.fake.received[0]?.json['stream_options']).toEqual({ include_usage: true });
    expect(await house.logOf(response)).toMatchObject({
      output: 'You said: Hi stream',
      finishReason: 'stop',
      estimated: false,
      outputTokens: 5,
    });
  });

  it('hands on usage in the stream when the caller asked for it', async () => {
    const events = await readEvents(
      await house.request(completions, chat('Hi', { stream: true, stream_options: { include_usage: true } })),
    );
    expect(JSON.parse(events.at(-2) ?? '')).toMatchObject({ choices: [], usage: { total_tokens: expect.any(Number) as number } });
  });

  it("404 for an unknown path or another method, in OpenAI's shape", async () => {
    for (const [method, path] of [
      ['POST', '/v1/audio/speech'],
      ['GET', '/v1/chat/completions'],
      ['DELETE', '/v1/models/x/y'],
    ] as const) {
      const response = await fetch(`${house.url}${path}?a=b`, { method });
      expect(response.status).toBe(404);
      expect(await response.json()).toEqual({
        error: { message: `Invalid URL (${method} ${path})`, type: 'invalid_request_error', param: null, code: 'unknown_url' },
      });
    }
  });

  it('hands on log-probabilities and keeps them in the log, whole and streamed', async () => {
    for (const stream of [false, true]) {
      const response = await house.request(completions, chat('Hi', { logprobs: true, top_logprobs: 2, stream }));
      expect(await response.text()).toContain('"top_logprobs":[{');
      expect(house.fake.received.at(-1)?.json).toMatchObject({ logprobs: true, top_logprobs: 2 });
      const kept = (await house.logOf(response)).providerResponse?.['logprobs'] as {
        content: { token: string; top_logprobs: unknown[] }[];
      };
      expect(kept.content.map(({ token }) => token)).toEqual(['You', ' said:', ' Hi']);
      expect(kept.content[0]?.top_logprobs).toHaveLength(2);
    }
    const several = await house.request(completions, chat('Hi', { logprobs: true, n: 2 }));
    expect((await house.logOf(several)).providerResponse?.['choices']).toMatchObject([{ logprobs: {} }, { logprobs: {} }]);
  });

  it("401 without a key, in OpenAI's shape", async () => {
    const response = await house.request(completions, chat('Hi'), { authorization: 'Bearer nope' });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: { message: expect.any(String) as string, type: 'authentication_error', param: null, code: 'invalid_api_key' },
    });
  });
});
