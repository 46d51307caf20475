import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../test/house.ts';
import { ask, events, type Message, models, path } from './test/ask.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

describe('a provider of the same shape', () => {
  it('gets the request byte for byte, cache marks included, and its answer comes back byte for byte', async () => {
    const body = `{ "model":"claude-sonnet-4-5", "max_tokens": 64,  "system":[{"type":"text","text":"Be brief","cache_control":{"type":"ephemeral"}}], "messages":[{"role":"user","content":"Hi cached"}] , "unknown":[1.0] }`;
    const response = await house.request(path, body, { 'anthropic-beta': 'some-beta' });
    expect(response.status).toBe(200);
    const [received] = house.fake.received;
    expect(received?.body).toBe(body);
    expect(received?.path).toBe('/v1/messages');
    expect(received?.headers).toMatchObject({
      'x-api-key': 'secret-of-anthropic',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'some-beta',
    });
    const text = await response.text();
    expect(text).toContain('"cache_creation":{"ephemeral_5m_input_tokens":0');
    expect(JSON.parse(text)).toMatchObject({ id: 'msg_fake0001', content: [{ type: 'text', text: 'You said: Hi cached' }] });
    expect(await house.logOf(response)).toMatchObject({
      origin: 'gateway',
      status: 'ok',
      provider: 'anthropic',
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Hi cached' },
      ],
      output: 'You said: Hi cached',
      promptTokens: 12,
      cachedTokens: 4,
      outputTokens: 5,
    });
  });

  it('streams byte for byte, and logs the same', async () => {
    const direct = await fetch(`${house.fake.url}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(ask('Hi there', { stream: true })),
    });
    const response = await house.request(path, ask('Hi there', { stream: true }));
    expect(await response.text()).toBe(await direct.text());
    expect(await house.logOf(response)).toMatchObject({ output: 'You said: Hi there', finishReason: 'stop', outputTokens: 5 });
  });

  it('keeps thinking with its signature in the log', async () => {
    const thinking = { type: 'enabled', budget_tokens: 1024 };
    for (const stream of [false, true]) {
      const response = await house.request(path, ask('Hi', { max_tokens: 2000, thinking, stream }));
      await response.text();
      expect((await house.logOf(response)).outputMessage?.thinking).toEqual([
        { type: 'thinking', thinking: 'Let me think about it. ', signature: 'EqFake==' },
      ]);
      expect(house.fake.received.at(-1)?.json['thinking']).toEqual(thinking);
    }
  });

  it.each([400, 401, 404, 429, 529])('a %i of the provider comes back as it is', async (status) => {
    house.behave(() => ({ status, retryAfter: '60' }));
    const response = await house.request(path, ask('Hi'));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: expect.any(String) as string },
      request_id: 'req_fake0001',
    });
    expect((await house.logOf(response)).status).toBe('error');
  });

  it('an error within the stream is passed on once, and logged', async () => {
    house.behave(() => ({ fault: 'stream-error' }));
    const response = await house.request(path, ask('one two three four', { stream: true }));
    const list = await events(response);
    expect(list.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(list.at(-1)).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
    const log = await house.logOf(response);
    expect(log).toMatchObject({ status: 'error', error: 'Overloaded' });
    expect(log.output).toContain('You said');
  });

  it('a stream that breaks off ends with an error event', async () => {
    house.behave(() => ({ fault: 'cut-stream' }));
    const response = await house.request(path, ask('one two three four', { stream: true }));
    expect((await events(response)).at(-1)).toMatchObject({ type: 'error', error: { type: 'api_error' } });
    expect((await house.logOf(response)).status).toBe('error');
  });
});

describe('what cannot be said elsewhere', () => {
  it.each([
    ['a tool that Anthropic runs', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'web_search_20250305'],
    [
      'a PDF',
      {
        messages: [
          { role: 'user', content: [{ type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' } }] },
        ],
      },
      'document',
    ],
  ])('%s is a 400 that names it, for others only', async (_name, more, words) => {
    const refused = await house.request(path, ask('Hi', { model: models.openai, ...more }));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { type: 'invalid_request_error', message: expect.stringContaining(words) as string },
    });
    expect(house.fake.received).toHaveLength(0);
    expect((await house.request(path, ask('Hi', more))).status).toBe(200);
  });
});

describe('POST /v1/messages', () => {
  it.each([
    ['no model', { messages: [{ role: 'user', content: 'x' }] }, 'model'],
    ['no messages', { model: models.anthropic }, 'messages'],
    ['messages that are no list', { model: models.anthropic, messages: 'x' }, 'messages'],
    ['a message that is no object', { model: models.anthropic, messages: ['x'] }, 'messages.0'],
    ['no JSON', '{', 'JSON'],
  ])('400 in Anthropic’s shape for %s', async (_name, body, words) => {
    const response = await house.request(path, body);
    expect(response.status).toBe(400);
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining(words) as string },
      request_id: response.headers.get('request-id'),
    });
  });

  it('401 in Anthropic’s shape', async () => {
    const response = await house.request(path, ask('Hi'), { authorization: 'Bearer nope' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'authentication_error' } });
  });

  it('keeps the headers of a call with its log', async () => {
    const response = await house.request(path, ask('Hi', { metadata: { user_id: 'ann' } }), {
      'x-whetstone-session': 's1',
      'x-whetstone-reference': 'r1',
      'x-whetstone-file': 'team/messages',
    });
    const log = await house.logOf(response);
    expect(log).toMatchObject({ user: 'ann', unit: 'ann', session: 's1', referenceId: 'r1' });
    expect(
      (await house.files.get(house.scope, 'prompt', { path: 'team/messages' }, { versionId: log.versionId })).version.kernel,
    ).toMatchObject({
      model: models.anthropic,
      max_tokens: 100,
    });
  });

  it.each(Object.values(models))('runs a prompt: its template goes before the messages, for %s', async (model) => {
    await house.files.upsert(house.scope, 'prompt', {
      path: `shop/${model}`,
      kernel: { model, temperature: 0.1, template: [{ role: 'system', content: 'You help {{name}}.' }] },
    });
    const response = await house.request(path, {
      model: `prompt:shop/${model}`,
      inputs: { name: 'Ann' },
      max_tokens: 50,
      temperature: 0.9,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', cache_control: { type: 'ephemeral' } }] }],
    });
    expect(((await response.json()) as Message).content[0]?.text).toBe('You said: Hi');
    const sent = house.fake.received[0]?.body ?? '';
    expect(sent).toContain('You help Ann.');
    expect(sent).toContain('0.1');
    expect(sent).not.toContain('0.9');
    expect(sent.includes('cache_control')).toBe(model === models.anthropic);
    expect(await house.logOf(response)).toMatchObject({
      inputs: { name: 'Ann' },
      messages: [
        { role: 'system', content: 'You help Ann.' },
        { role: 'user', content: 'Hi' },
      ],
    });
  });
});

describe('an answer from the cache', () => {
  it.each(Object.values(models))('has this shape too (%s)', async (model) => {
    const headers = { 'x-whetstone-cache': '60' };
    await (await house.request(path, ask('Cached', { model, stream: true }), headers)).text();
    house.fake.reset();
    const whole = await house.request(path, ask('Cached', { model }), headers);
    expect(whole.headers.get('x-whetstone-cache')).toBe('hit');
    expect((await whole.json()) as Message).toMatchObject({ type: 'message', content: [{ text: 'You said: Cached' }] });
    const streamed = await house.request(path, ask('Cached', { model, stream: true }), headers);
    expect((await events(streamed)).map(({ delta }) => delta?.text ?? '').join('')).toBe('You said: Cached');
    expect(house.fake.received).toHaveLength(0);
  });
});

describe('POST /v1/messages/count_tokens', () => {
  it('asks a provider of this shape, with nothing but what it takes there', async () => {
    const response = await house.request(`${path}/count_tokens`, ask('Hi', { system: 'Be brief.', temperature: 1 }));
    expect(await response.json()).toEqual({ input_tokens: 10 });
    expect(house.fake.received[0]?.path).toBe('/v1/messages/count_tokens');
    expect(Object.keys(house.fake.received[0]?.json ?? {}).sort()).toEqual(['messages', 'model', 'system']);
    expect(response.headers.get('x-whetstone-estimated')).toBeNull();
  });

  it('estimates for others, and says so', async () => {
    const response = await house.request(`${path}/count_tokens`, ask('How many tokens are these words?', { model: models.openai }));
    expect(((await response.json()) as { input_tokens: number }).input_tokens).toBeGreaterThan(5);
    expect(response.headers.get('x-whetstone-estimated')).toBe('1');
    expect(house.fake.received).toHaveLength(0);
  });

  it('hands on the provider’s error', async () => {
    house.behave(() => ({ status: 404 }));
    const response = await house.request(`${path}/count_tokens`, ask('Hi'));
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });
});
