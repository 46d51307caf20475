import { systemScope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../test/house.ts';
import { StoredResponses } from './stored.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

const path = '/v1/responses';
const models = { openai: 'gpt-4o-mini', anthropic: 'claude-sonnet-4-5', google: 'gemini-2.5-flash' } as const;
const weather = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather',
  strict: false,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const ask = (input: unknown, more: Record<string, unknown> = {}) => ({ model: models.openai, input, ...more });

interface Item {
  id: string;
  type: string;
  status?: string;
  role?: string;
  name?: string;
  call_id?: string;
  arguments?: string;
  encrypted_content?: string;
  summary?: { text: string }[];
  content?: { type: string; text: string; logprobs?: unknown[] }[];
}
interface Answer {
  id: string;
  object: string;
  status: string;
  model: string;
  output: Item[];
  usage: Record<string, unknown>;
  [key: string]: unknown;
}
interface Event {
  type: string;
  sequence_number: number;
  output_index?: number;
  item_id?: string;
  item?: Item;
  delta?: string;
  text?: string;
  arguments?: string;
  response?: Answer;
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
async function create(body: Record<string, unknown>): Promise<Answer> {
  const response = await house.request(path, body);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as Answer;
}
function textOf(answer: Answer): string {
  return answer.output
    .flatMap(({ content }) => content ?? [])
    .map(({ text }) => text)
    .join('');
}
function get(id: string, rest = ''): Promise<Response> {
  return fetch(`${house.url}${path}/${id}${rest}`, { headers: { authorization: 'Bearer test-key' } });
}

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

describe.each(Object.entries(models))('%s answers in the shape of Responses', (provider, model) => {
  it('whole, key for key as OpenAI has it', async () => {
    const response = await house.request(path, ask('Hi cached', { model, instructions: 'Be brief.', max_output_tokens: 64 }));
    const answer = (await response.json()) as Answer;
    expect(answer).toMatchObject({
      object: 'response',
      status: 'completed',
      model,
      error: null,
      incomplete_details: null,
      max_output_tokens: 64,
      instructions: 'Be brief.',
      output: [
        {
          type: 'message',
          status: 'completed',
          role: 'assistant',
          content: [{ type: 'output_text', annotations: [], logprobs: [], text: 'You said: Hi cached' }],
        },
      ],
      usage: { input_tokens: 12, input_tokens_details: { cached_tokens: 4 }, output_tokens: 5, total_tokens: 17 },
    });
    expect(answer.id).toMatch(/^resp_/);
    const direct = await fetch(`${house.fake.url}${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: '{"input":"x"}',
    });
    expect(Object.keys(answer).sort()).toEqual(Object.keys((await direct.json()) as object).sort());
    expect(await house.logOf(response)).toMatchObject({
      provider,
      output: 'You said: Hi cached',
      promptTokens: 12,
      referenceId: answer.id,
    });
  });

  it('as typed events whose last one says the whole again', async () => {
    const response = await house.request(path, ask('Hi there', { model, stream: true }));
    const list = await events(response);
    expect(list.map(({ sequence_number: number }) => number)).toEqual(list.map((_, index) => index));
    expect(list.map(({ type }) => type).filter((type) => type !== 'response.output_text.delta')).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(list.map(({ delta }) => delta ?? '').join('')).toBe('You said: Hi there');
    const last = list.at(-1)?.response;
    expect(last?.id).toBe(list[0]?.response?.id);
    expect(last).toMatchObject({ status: 'completed', usage: { output_tokens: 5 } });
    expect(textOf(last as Answer)).toBe('You said: Hi there');
    expect(last?.output).toEqual(list.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item));
    expect(await house.logOf(response)).toMatchObject({ output: 'You said: Hi there', status: 'ok', finishReason: 'stop' });
  });

  it('calls tools, whole and streamed, and understands the results', async () => {
    const answer = await create(ask('weather in Paris?', { model, tools: [weather] }));
    const call = answer.output.find(({ type }) => type === 'function_call');
    expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"Paris"}', status: 'completed' });

    const streamed = await house.request(path, ask('weather twice', { model, tools: [weather], stream: true }));
    const list = await events(streamed);
    const added = list.filter(({ type, item }) => type === 'response.output_item.added' && item?.type === 'function_call');
    expect(added).toHaveLength(2);
    for (const { item, output_index: place } of added) {
      const deltas = list.filter((event) => event.type === 'response.function_call_arguments.delta' && event.item_id === item?.id);
      expect(deltas.map(({ delta }) => delta).join('')).toBe('{"city":"Paris"}');
      const done = list.find((event) => event.type === 'response.function_call_arguments.done' && event.output_index === place);
      expect(done?.arguments).toBe('{"city":"Paris"}');
    }
    expect((await house.logOf(streamed)).outputMessage?.tool_calls).toHaveLength(2);

    const after = await create(
      ask(
        [
          { role: 'user', content: 'weather?' },
          ...answer.output,
          { type: 'function_call_output', call_id: call?.call_id, output: '{"degrees":21}' },
        ],
        { model, tools: [weather] },
      ),
    );
    expect(textOf(after)).toBe('You said: weather?');
  });

  it('forces a tool, and forbids them', async () => {
    const forced = await create(ask('Hi', { model, tools: [weather], tool_choice: { type: 'function', name: 'get_weather' } }));
    expect(forced.output.at(-1)?.type).toBe('function_call');
    expect((await create(ask('weather?', { model, tools: [weather], tool_choice: 'none' }))).output[0]?.type).toBe('message');
  });

  it('sees images, inline and by URL', async () => {
    const content = [
      { type: 'input_text', text: 'Look' },
      { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'auto' },
      { type: 'input_image', image_url: 'https://example.com/cat.jpg', detail: 'low' },
    ];
    const response = await house.request(path, ask([{ role: 'user', content }], { model }));
    expect(textOf((await response.json()) as Answer)).toBe('You said: Look I see 2 images.');
    expect((await house.logOf(response)).messages?.[0]?.content).toMatchObject([
      { type: 'text', text: 'Look' },
      { image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      { image_url: { url: 'https://example.com/cat.jpg' } },
    ]);
  });

  it('gives structured output', async () => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const text = { format: { type: 'json_schema', name: 'place', schema, strict: true } };
    expect(JSON.parse(textOf(await create(ask('Where?', { model, text }))))).toEqual({ city: 'Paris' });
  });

  it('reasons in an item before the answer', async () => {
    const more = { model, reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] };
    const answer = await create(ask('Hi', more));
    expect(answer.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(answer.output[0]?.summary).toEqual([{ type: 'summary_text', text: 'Let me think about it. ' }]);
    const list = await events(await house.request(path, ask('Hi', { ...more, stream: true })));
    const deltas = list.filter(({ type }) => type === 'response.reasoning_summary_text.delta');
    expect(deltas.map(({ delta }) => delta).join('')).toBe('Let me think about it. ');
    expect(list.at(-1)?.response?.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
  });

  it('is incomplete where the limit cut it', async () => {
    const answer = await create(ask('a long story of many words', { model, max_output_tokens: 2 }));
    expect(answer).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    const list = await events(await house.request(path, ask('a long story of many words', { model, max_output_tokens: 2, stream: true })));
    expect(list.at(-1)?.type).toBe('response.incomplete');
  });

  it('errors in OpenAI’s shape with the provider’s status', async () => {
    house.behave(() => ({ status: 429, retryAfter: '60' }));
    const response = await house.request(path, ask('Hi', { model }));
    expect(response.status).toBe(429);
    expect(Object.keys(((await response.json()) as { error: object }).error).sort()).toEqual(['code', 'message', 'param', 'type']);
  });

  it('is found again by its id, as it was answered', async () => {
    const response = await house.request(
      path,
      ask('Remember me', { model, instructions: 'Be brief.', temperature: 0.5, metadata: { a: 'b' } }),
    );
    const answer = (await response.json()) as Answer;
    const again = await get(answer.id);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(answer);
    const items = (await (await get(answer.id, '/input_items?order=asc')).json()) as { data: Item[] };
    expect(items).toMatchObject({
      object: 'list',
      has_more: false,
      data: [{ role: 'user', content: [{ type: 'input_text', text: 'Remember me' }] }],
    });
  });

  it('is continued by its id, also when it was streamed', async () => {
    const first = await events(await house.request(path, ask('My name is Ann', { model, stream: true, instructions: 'Be brief.' })));
    const id = first[0]?.response?.id ?? '';
    house.fake.reset();
    const response = await house.request(path, ask('What is my name?', { model, previous_response_id: id, instructions: 'Be kind.' }));
    const answer = (await response.json()) as Answer;
    expect(answer.previous_response_id).toBe(id);
    expect((await house.logOf(response)).messages).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'My name is Ann' },
      { role: 'assistant', content: 'You said: My name is Ann' },
      { role: 'user', content: 'What is my name?' },
    ]);
    const sent = house.fake.received[0];
    if (provider === 'openai') expect(sent?.json['previous_response_id']).toBe(id);
    else for (const words of ['My name is Ann', 'You said: My name is Ann', 'What is my name?']) expect(sent?.body).toContain(words);
    expect(sent?.body).not.toContain('Be brief.');
  });
});

describe('a conversation that changes its provider', () => {
  it.each([
    [models.openai, models.anthropic],
    [models.anthropic, models.openai],
    [models.google, models.openai],
  ])('from %s to %s takes what was said along', async (from, to) => {
    const first = await create(ask('weather in Paris?', { model: from, tools: [weather] }));
    house.fake.reset();
    const call = first.output.find(({ type }) => type === 'function_call');
    const input = [{ type: 'function_call_output', call_id: call?.call_id, output: '{"degrees":21}' }];
    const response = await house.request(path, ask(input, { model: to, previous_response_id: first.id, tools: [weather] }));
    expect(response.status).toBe(200);
    const sent = house.fake.received[0];
    expect(sent?.json['previous_response_id']).toBeUndefined();
    for (const words of ['weather in Paris?', 'get_weather', 'degrees']) expect(sent?.body).toContain(words);
  });

  it('signed thinking goes back to the provider that signed it', async () => {
    const more = { model: models.anthropic, reasoning: { effort: 'low' }, include: ['reasoning.encrypted_content'], store: false };
    const first = await create(ask('Hi', more));
    house.fake.reset();
    await create(ask([{ role: 'user', content: 'Hi' }, ...first.output, { role: 'user', content: 'Go on' }], more));
    const sent = house.fake.received[0]?.json['messages'] as { content: unknown[] }[];
    expect(sent[1]?.content).toEqual([
      { type: 'thinking', thinking: 'Let me think about it. ', signature: 'EqFake==' },
      { type: 'text', text: 'You said: Hi' },
    ]);
  });
});

describe('stored responses', () => {
  const gone = { error: { code: 'previous_response_not_found', param: 'previous_response_id', type: 'invalid_request_error' } };

  it.each(Object.values(models))('store: false is not found again (%s)', async (model) => {
    const { id } = await create(ask('Hi', { model, store: false }));
    expect((await get(id)).status).toBe(404);
    const response = await house.request(path, ask('And?', { model, previous_response_id: id }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject(gone);
  });

  it.each(Object.values(models))('DELETE forgets it, at the provider too, and keeps the log (%s)', async (model) => {
    const response = await house.request(path, ask(`Forget ${model}`, { model }));
    const { id } = (await response.json()) as Answer;
    house.fake.reset();
    const removed = await fetch(`${house.url}${path}/${id}`, { method: 'DELETE', headers: { authorization: 'Bearer test-key' } });
    expect(await removed.json()).toEqual({ id, object: 'response', deleted: true });
    expect(house.fake.received.map((each) => `${each.method} ${each.path}`)).toEqual(
      model === models.openai ? [`DELETE /v1/responses/${id}`] : [],
    );
    expect((await get(id)).status).toBe(404);
    expect((await house.request(path, ask('And?', { model, previous_response_id: id }))).status).toBe(400);
    expect((await house.logOf(response)).output).toBe(`You said: Forget ${model}`);
  });

  it.each(['resp_nobody00000000000000000', 'resp_68af4030592c81938ec0a5fbab4a3e9f05438e46b5f69a3b', 'nonsense', "x' OR 1=1"])(
    'an unknown id is a 404, and a 400 as what came before: %s',
    async (id) => {
      expect((await get(encodeURIComponent(id))).status).toBe(404);
      const response = await house.request(path, ask('Hi', { previous_response_id: id }));
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject(gone);
      expect(house.fake.received).toHaveLength(0);
    },
  );

  it('a reference of the caller stays, and the response is found all the same', async () => {
    const response = await house.request(path, ask('Hi referenced'), { 'x-whetstone-reference': 'r1' });
    const { id } = (await response.json()) as Answer;
    expect(await house.logOf(response)).toMatchObject({ referenceId: 'r1', metadata: { response_id: id } });
    expect((await get(id)).status).toBe(200);
  });

  it.each(Object.values(models))('are found after a restart, in their own workspace only (%s)', async (model) => {
    const named = await create(ask(`Hi from ${model}`, { model }));
    const referenced = await house.request(path, ask(`Hi again from ${model}`, { model }), { 'x-whetstone-reference': 'r2' });
    const ids = [named.id, ((await referenced.json()) as Answer).id];
    // Nothing is remembered: what counts is what the logs say.
    const fresh = new StoredResponses(house.logs);
    for (const id of ids) {
      expect((await fresh.find(house.scope, id))?.log.model).toBe(model);
      expect(await fresh.find(systemScope('ws_other', 'test'), id)).toBeNull();
      expect(await house.gateway.doors.responses.find(systemScope('ws_other', 'test'), id)).toBeNull();
    }
  });

  it('a failed call leaves nothing to continue', async () => {
    house.behave(() => ({ status: 400 }));
    const response = await house.request(path, ask('Hi', { model: models.anthropic }));
    const id = (response.headers.get('x-whetstone-log-id') ?? '').replace('log_', 'resp_');
    expect((await get(id)).status).toBe(404);
  });
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
    const answer = await create(ask('What can you do?', { model: 'demo-small' }));
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
      expect((await (await get(answer?.id ?? '')).json()) as Answer).toEqual(answer);
    }
    expect(house.fake.received).toHaveLength(0);
    // What the chat shape has no word for is not kept in it.
    if (model === models.openai) {
      const other = await house.request(path, ask(`Cached ${model}`, { model, tools: [{ type: 'web_search' }] }), headers);
      expect(other.headers.get('x-whetstone-cache')).toBeNull();
    }
  });
});
