import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../test/house.ts';
import { ask, events, type Message, models, path, weather } from './test/ask.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
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
