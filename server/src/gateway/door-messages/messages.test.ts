import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../test/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

const path = '/v1/messages';
const models = { anthropic: 'claude-sonnet-4-5', openai: 'gpt-4o-mini', google: 'gemini-2.5-flash' } as const;
const weather = {
  name: 'get_weather',
  description: 'The weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const ask = (content: unknown, more: Record<string, unknown> = {}) => ({
  model: models.anthropic,
  max_tokens: 100,
  messages: [{ role: 'user', content }],
  ...more,
});

interface Message {
  type: string;
  id: string;
  role: string;
  content: { type: string; text?: string; thinking?: string; signature?: string; id?: string; name?: string; input?: unknown }[];
  stop_reason: string;
  usage: Record<string, number>;
}
interface Event {
  type: string;
  index?: number;
  message?: Message;
  content_block?: Message['content'][number];
  delta?: { type?: string; text?: string; partial_json?: string; thinking?: string; stop_reason?: string };
  usage?: Record<string, number>;
}

async function events(response: Response): Promise<Event[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => {
      const [name = '', data = ''] = event.split('\n');
      const parsed = JSON.parse(data.replace('data: ', '')) as Event;
      expect(name).toBe(`event: ${parsed.type}`);
      return parsed;
    });
}

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

describe.each(Object.entries(models))('%s answers in Anthropic’s shape', (provider, model) => {
  it('whole, with usage', async () => {
    const response = await house.request(path, ask('Hi cached', { model, system: 'Be brief.', stop_sequences: ['END'] }));
    const message = (await response.json()) as Message;
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      model,
      content: [{ type: 'text', text: 'You said: Hi cached' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 8, cache_read_input_tokens: 4, output_tokens: 5 },
    });
    expect(response.headers.get('request-id')).toMatch(/^req_/);
    expect(await house.logOf(response)).toMatchObject({ provider, promptTokens: 12, cachedTokens: 4, outputTokens: 5 });
  });

  it('as a stream of blocks that adds up', async () => {
    const response = await house.request(path, ask('Hi there', { model, stream: true }));
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const list = await events(response);
    expect(list[0]).toMatchObject({ type: 'message_start', message: { role: 'assistant', model, content: [] } });
    expect(list.filter(({ type }) => type === 'content_block_start')).toHaveLength(1);
    expect(list.map(({ delta }) => delta?.text ?? '').join('')).toBe('You said: Hi there');
    expect(list.at(-2)).toMatchObject({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn' },
      usage: { input_tokens: 11, output_tokens: 5 },
    });
    expect(list.at(-1)).toEqual({ type: 'message_stop' });
    expect(await house.logOf(response)).toMatchObject({ output: 'You said: Hi there', status: 'ok' });
  });

  it('calls tools, whole and streamed, and understands the results', async () => {
    const message = (await (await house.request(path, ask('weather in Paris?', { model, tools: [weather] }))).json()) as Message;
    const call = message.content.find(({ type }) => type === 'tool_use');
    expect(message.stop_reason).toBe('tool_use');
    expect(call).toMatchObject({ name: 'get_weather', input: { city: 'Paris' } });

    const streamed = await house.request(path, ask('weather twice', { model, tools: [weather], stream: true }));
    const list = await events(streamed);
    const starts = list.filter(({ content_block: block }) => block?.type === 'tool_use');
    expect(starts).toHaveLength(2);
    for (const start of starts) {
      const json = list.filter(({ index }) => index === start.index).map(({ delta }) => delta?.partial_json ?? '');
      expect(JSON.parse(json.join(''))).toEqual({ city: 'Paris' });
    }
    expect((await house.logOf(streamed)).outputMessage?.tool_calls).toHaveLength(2);

    const after = await house.request(path, {
      model,
      max_tokens: 50,
      tools: [weather],
      messages: [
        { role: 'user', content: 'weather?' },
        { role: 'assistant', content: message.content },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: call?.id, content: [{ type: 'text', text: '{"degrees":21}' }] }],
        },
      ],
    });
    expect(((await after.json()) as Message).content[0]?.text).toBe('You said: weather?');
    expect((await house.logOf(after)).messages?.at(-1)).toMatchObject({ role: 'tool', content: '{"degrees":21}' });
  });

  it('forces a tool, and forbids them', async () => {
    const forced = await house.request(path, ask('Hi', { model, tools: [weather], tool_choice: { type: 'tool', name: 'get_weather' } }));
    expect(((await forced.json()) as Message).stop_reason).toBe('tool_use');
    const none = await house.request(path, ask('weather?', { model, tools: [weather], tool_choice: { type: 'none' } }));
    expect(((await none.json()) as Message).stop_reason).toBe('end_turn');
  });

  it('sees images, inline and by URL', async () => {
    const response = await house.request(
      path,
      ask(
        [
          { type: 'text', text: 'Look' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/cat.jpg' } },
        ],
        { model },
      ),
    );
    expect(((await response.json()) as Message).content[0]?.text).toBe('You said: Look I see 2 images.');
    const [message] = (await house.logOf(response)).messages ?? [];
    expect(message?.content).toMatchObject([{ type: 'text' }, { image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }, {}]);
  });

  it('thinks', async () => {
    const thinking = { type: 'enabled', budget_tokens: 2000 };
    const message = (await (await house.request(path, ask('Hi', { model, max_tokens: 4000, thinking }))).json()) as Message;
    expect(message.content.at(-1)).toMatchObject({ type: 'text', text: 'You said: Hi' });
    if (provider !== 'openai') expect(message.content[0]).toMatchObject({ type: 'thinking', thinking: 'Let me think about it. ' });
    const list = await events(await house.request(path, ask('Hi', { model, max_tokens: 4000, thinking, stream: true })));
    if (provider !== 'openai') {
      expect(list.map(({ delta }) => delta?.thinking ?? '').join('')).toBe('Let me think about it. ');
      expect(list.findIndex(({ type }) => type === 'content_block_stop')).toBeLessThan(
        list.findIndex(({ delta }) => delta?.text !== undefined),
      );
    }
  });

  it('gives structured output', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const output_config = { format: { type: 'json_schema', schema } };
    const message = (await (await house.request(path, ask('Where?', { model, output_config }))).json()) as Message;
    expect(JSON.parse(message.content[0]?.text ?? '')).toEqual({ city: 'Paris' });
  });

  it('tells by its stop reason that the limit cut it', async () => {
    const message = (await (await house.request(path, ask('a long story of many words', { model, max_tokens: 2 }))).json()) as Message;
    expect(message.stop_reason).toBe('max_tokens');
  });

  it('errors in Anthropic’s shape with the provider’s status and words', async () => {
    house.behave(() => ({ status: 429, retryAfter: '60' }));
    const response = await house.request(path, ask('Hi', { model }));
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('60');
    const body = (await response.json()) as { type: string; error: { type: string; message: string } };
    expect(body).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
    expect(await house.logOf(response)).toMatchObject({ status: 'error', error: body.error.message });
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
