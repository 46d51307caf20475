import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../test/house.ts';
import { type Answer, ask, create, events, get, models, path, textOf, weather } from './test/ask.ts';

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
  it('gets the request byte for byte, and its answer comes back byte for byte', async () => {
    const body =
      '{ "model":"gpt-4o-mini", "input":"Hi cached",  "instructions":"Be brief", "temperature":0.50, "prompt_cache_key":"k", "unknown":[1.0], "metadata":{"a":"b"} }';
    const response = await house.request(path, body, { 'openai-beta': 'x' });
    expect(response.status).toBe(200);
    const [received] = house.fake.received;
    expect(received?.path).toBe('/v1/responses');
    expect(received?.body).toBe(body);
    expect(received?.headers).toMatchObject({ authorization: 'Bearer secret-of-openai', 'openai-beta': 'x' });
    const text = await response.text();
    const direct = await fetch(`${house.fake.url}${path}`, { method: 'POST', headers: { authorization: 'Bearer k' }, body });
    expect(text).toBe(await direct.text());
    const log = await house.logOf(response);
    expect(log).toMatchObject({
      origin: 'gateway',
      status: 'ok',
      provider: 'openai',
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Hi cached' },
      ],
      output: 'You said: Hi cached',
      finishReason: 'stop',
      promptTokens: 12,
      cachedTokens: 4,
      outputTokens: 5,
      metadata: { a: 'b' },
    });
    expect(log.providerRequest).toMatchObject({ prompt_cache_key: 'k', unknown: [1] });
    const version = await house.files.get(house.scope, 'prompt', { path: 'gateway/gpt-4o-mini' }, { versionId: log.versionId });
    expect(version.version.kernel).toMatchObject({ model: 'gpt-4o-mini', temperature: 0.5 });
  });

  it('streams byte for byte, and logs the same', async () => {
    const body = JSON.stringify(ask('Hi there', { stream: true }));
    const direct = await fetch(`${house.fake.url}${path}`, { method: 'POST', headers: { authorization: 'Bearer k' }, body });
    const response = await house.request(path, body);
    expect(await response.text()).toBe(await direct.text());
    expect(await house.logOf(response)).toMatchObject({
      output: 'You said: Hi there',
      finishReason: 'stop',
      outputTokens: 5,
      status: 'ok',
    });
  });

  it('tools that OpenAI runs and items that we do not know go through', async () => {
    const more = {
      tools: [{ type: 'web_search' }],
      input: [
        { type: 'item_reference', id: 'msg_1' },
        { role: 'user', content: 'Hi' },
      ],
    };
    const response = await house.request(path, ask('Hi', more));
    expect(response.status).toBe(200);
    expect(house.fake.received[0]?.json).toMatchObject(more);
    expect((await house.logOf(response)).providerRequest).toMatchObject(more);
  });

  it('keeps reasoning and calls of a stream in the log', async () => {
    const reasoning = { effort: 'low', summary: 'auto' };
    const response = await house.request(path, ask('weather?', { reasoning, tools: [weather], stream: true }));
    await response.text();
    expect(await house.logOf(response)).toMatchObject({
      finishReason: 'tool_calls',
      outputMessage: {
        thinking: [{ thinking: 'Let me think about it. ' }],
        tool_calls: [{ id: 'call_fake0', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } }],
      },
    });
  });

  it('keeps log-probabilities in the log', async () => {
    const more = { include: ['message.output_text.logprobs'], top_logprobs: 0 };
    for (const stream of [false, true]) {
      const response = await house.request(path, ask('Hi', { ...more, stream }));
      await response.text();
      expect((await house.logOf(response)).providerResponse?.['logprobs']).toMatchObject({
        content: [{ token: 'You' }, { token: ' said:' }, { token: ' Hi' }],
      });
    }
  });

  it.each([400, 401, 404, 429, 500])('a %i of the provider comes back as it is', async (status) => {
    house.behave(() => ({ status, retryAfter: '60' }));
    const response = await house.request(path, ask('Hi'));
    expect(response.status).toBe(status);
    expect(Object.keys(((await response.json()) as { error: object }).error)).toEqual(['message', 'type', 'param', 'code']);
    expect((await house.logOf(response)).status).toBe('error');
  });

  it.each(['stream-error', 'cut-stream', 'no-done'] as const)(
    'a stream with %s ends with one error event and an error in the log',
    async (fault) => {
      house.behave(() => ({ fault }));
      const response = await house.request(path, ask('one two three four', { stream: true }));
      const list = await events(response);
      expect(list.filter(({ type }) => type === 'error')).toHaveLength(1);
      expect(list.at(-1)?.type).toBe('error');
      const log = await house.logOf(response);
      expect(log.status).toBe('error');
      expect(log.output).toContain('You said');
    },
  );
});

describe('POST /v1/responses', () => {
  it.each([
    ['no model', { input: 'x' }, 'model'],
    ['no input', { model: models.openai }, 'input'],
    ['input of another type', { model: models.openai, input: 7 }, 'input'],
    ['an item that is no object', { model: models.openai, input: ['x'] }, 'input.0'],
    ['work in the background', { model: models.openai, input: 'x', background: true }, 'background'],
    ['no JSON', '{', 'JSON'],
  ])('400 in OpenAI’s shape for %s', async (_name, body, words) => {
    const response = await house.request(path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(words) as string } });
  });

  it.each([
    ['a tool that OpenAI runs', { tools: [{ type: 'web_search' }] }, 'web_search'],
    ['an item that others lack', { input: [{ type: 'computer_call', call_id: 'x' }] }, 'computer_call'],
    ['a prompt that OpenAI keeps', { prompt: { id: 'pmpt_1' } }, 'prompt'],
  ])('%s is a 400 that names it where the provider has no such thing', async (_name, more, words) => {
    const response = await house.request(path, ask('Hi', { model: models.anthropic, ...more }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(words) as string } });
    expect(house.fake.received).toHaveLength(0);
  });

  it.each(Object.values(models))('runs a prompt: its template goes before the input, for %s', async (model) => {
    await house.files.upsert(house.scope, 'prompt', {
      path: `shop/${model}`,
      kernel: {
        model,
        temperature: 0.1,
        template: [{ role: 'system', content: 'You help {{name}}.' }],
        tools: [{ name: 'find', parameters: {} }],
      },
    });
    const call = { model: `prompt:shop/${model}`, inputs: { name: 'Ann' }, temperature: 0.9 };
    const response = await house.request(path, { ...call, input: 'Hi' });
    const answer = (await response.json()) as Answer;
    expect(textOf(answer)).toBe('You said: Hi');
    const sent = house.fake.received[0]?.body ?? '';
    for (const words of ['You help Ann.', '0.1', 'find']) expect(sent).toContain(words);
    for (const words of ['0.9', 'inputs']) expect(sent).not.toContain(words);
    const next = await house.request(path, { ...call, input: 'And?', previous_response_id: answer.id });
    expect((await house.logOf(next)).messages).toEqual([
      { role: 'system', content: 'You help Ann.' },
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'You said: Hi' },
      { role: 'user', content: 'And?' },
    ]);
  });

  it('the demo provider answers too', async () => {
    const answer = await create(house, ask('What can you do?', { model: 'demo-small' }));
    expect(textOf(answer)).not.toBe('');
  });

  it.each(Object.values(models))('an answer from the cache has this shape too, and can be continued (%s)', async (model) => {
    const headers = { 'x-whetstone-cache': '60' };
    const first = await house.request(path, ask(`Cached ${model}`, { model }), headers);
    expect(first.headers.get('x-whetstone-cache')).toBe('miss');
    house.fake.reset();
    for (const stream of [false, true]) {
      const response = await house.request(path, ask(`Cached ${model}`, { model, stream }), headers);
      expect(response.headers.get('x-whetstone-cache')).toBe('hit');
      const answer = stream ? (await events(response)).at(-1)?.response : ((await response.json()) as Answer);
      expect(textOf(answer as Answer)).toBe(`You said: Cached ${model}`);
      expect((await (await get(house, answer?.id ?? '')).json()) as Answer).toEqual(answer);
    }
    expect(house.fake.received).toHaveLength(0);
    // What the chat shape has no word for is not kept in it.
    if (model === models.openai) {
      const other = await house.request(path, ask(`Cached ${model}`, { model, tools: [{ type: 'web_search' }] }), headers);
      expect(other.headers.get('x-whetstone-cache')).toBeNull();
    }
  });
});
