import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse } from '../test/house.ts';
import { type Answer, ask, create, events, get, type Item, models, path, textOf, weather } from './test/ask.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
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
    const answer = await create(house, ask('weather in Paris?', { model, tools: [weather] }));
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
      house,
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
    const forced = await create(house, ask('Hi', { model, tools: [weather], tool_choice: { type: 'function', name: 'get_weather' } }));
    expect(forced.output.at(-1)?.type).toBe('function_call');
    expect((await create(house, ask('weather?', { model, tools: [weather], tool_choice: 'none' }))).output[0]?.type).toBe('message');
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
    expect(JSON.parse(textOf(await create(house, ask('Where?', { model, text }))))).toEqual({ city: 'Paris' });
  });

  it('reasons in an item before the answer', async () => {
    const more = { model, reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] };
    const answer = await create(house, ask('Hi', more));
    expect(answer.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(answer.output[0]?.summary).toEqual([{ type: 'summary_text', text: 'Let me think about it. ' }]);
    const list = await events(await house.request(path, ask('Hi', { ...more, stream: true })));
    const deltas = list.filter(({ type }) => type === 'response.reasoning_summary_text.delta');
    expect(deltas.map(({ delta }) => delta).join('')).toBe('Let me think about it. ');
    expect(list.at(-1)?.response?.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
  });

  it('is incomplete where the limit cut it', async () => {
    const answer = await create(house, ask('a long story of many words', { model, max_output_tokens: 2 }));
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
    const again = await get(house, answer.id);
    expect(again.status).toBe(200);
    expect(await again.json()).toEqual(answer);
    const items = (await (await get(house, answer.id, '/input_items?order=asc')).json()) as { data: Item[] };
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
