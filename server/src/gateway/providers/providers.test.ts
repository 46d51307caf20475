import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, openHouse, readEvents } from '../test/house.ts';
import { Accumulator } from '../wire/accumulate.ts';

/** The same questions to each dialect through the real door: what goes out is the provider's wire, what comes back is OpenAI's. */
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

const completions = '/v1/chat/completions';
const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
const schema = { type: 'object', properties: { city: { type: 'string' }, degrees: { type: 'integer' } }, required: ['city', 'degrees'] };
const pixel = 'data:image/png;base64,iVBORw0KGgo=';
const user = (content: unknown) => [{ role: 'user', content }];

interface Completion {
  id: string;
  object: string;
  model: string;
  choices: {
    index: number;
    message: {
      role: string;
      content: string | null;
      tool_calls?: { id: string; function: { name: string; arguments: string } }[];
      reasoning_content?: string;
    };
    finish_reason: string;
  }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
}
async function ask(model: string, body: Record<string, unknown>): Promise<Completion> {
  const response = await house.request(completions, { model, ...body });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as Completion;
}

const models = {
  openai: 'gpt-4o-mini',
  anthropic: 'claude-sonnet-4-5',
  google: 'gemini-2.5-flash',
  mistral: 'mistral-small-latest',
  cohere: 'command-a-03-2025',
  azure: 'azure/gpt-4o-mini',
  bedrock: 'anthropic.claude-sonnet-4-5-20250929-v1:0',
} as const;

describe.each(Object.entries(models))('%s', (provider, model) => {
  it("answers in OpenAI's shape", async () => {
    const answer = await ask(model, { messages: [{ role: 'system', content: 'Be brief.' }, ...user('Hi')], max_tokens: 50 });
    expect(answer).toMatchObject({
      object: 'chat.completion',
      model: model.replace(/^azure\//, ''),
      choices: [{ index: 0, message: { role: 'assistant', content: 'You said: Hi', refusal: null }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 10, completion_tokens: 3, total_tokens: 13 },
    });
  });

  it('counts cached tokens within the prompt and logs them', async () => {
    const response = await house.request(completions, { model, messages: user('cached') });
    expect(await house.logOf(response)).toMatchObject({ provider, promptTokens: 11, cachedTokens: 4, estimated: false });
  });

  it("streams chunks in OpenAI's shape that add up to the same answer, and logs it", async () => {
    const response = await house.request(completions, {
      model,
      messages: user('Hi stream'),
      stream: true,
      stream_options: { include_usage: true },
    });
    const events = await readEvents(response);
    expect(events.at(-1)).toBe('[DONE]');
    const chunks = events.slice(0, -1).map((event) => JSON.parse(event) as { object: string; choices: unknown[] });
    // Azure's first piece tells what was filtered, and is handed on as it is.
    expect(chunks.slice(provider === 'azure' ? 1 : 0).every(({ object }) => object === 'chat.completion.chunk')).toBe(true);
    expect(chunks.at(-1)?.choices).toEqual([]);
    const accumulator = new Accumulator();
    chunks.forEach((chunk) => accumulator.add(chunk));
    expect(accumulator.answer()).toMatchObject({
      choices: [{ text: 'You said: Hi stream', finishReason: 'stop' }],
      usage: { promptTokens: 12, outputTokens: 5 },
    });
    expect(await house.logOf(response)).toMatchObject({
      output: 'You said: Hi stream',
      finishReason: 'stop',
      status: 'ok',
      promptTokens: 12,
    });
  });

  it('calls tools, whole and streamed, and understands the results', async () => {
    const answer = await ask(model, { messages: user('weather in Paris?'), tools: [weather] });
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } });

    const streamed = await house.request(completions, { model, messages: user('weather twice'), tools: [weather], stream: true });
    await streamed.text();
    expect((await house.logOf(streamed)).outputMessage?.tool_calls).toMatchObject([
      { function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
      { function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
    ]);

    const after = await ask(model, {
      messages: [...user('weather?'), answer.choices[0]?.message, { role: 'tool', tool_call_id: call?.id, content: '{"degrees":21}' }],
      tools: [weather],
    });
    expect(after.choices[0]?.message.content).toBe('You said: weather?');
  });

  it('forces a tool, and forbids them', async () => {
    const forced = await ask(model, {
      messages: user('Hi'),
      tools: [weather],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
    });
    expect(forced.choices[0]?.finish_reason).toBe('tool_calls');
    const none = await ask(model, { messages: user('weather?'), tools: [weather], tool_choice: 'none' });
    expect(none.choices[0]?.finish_reason).toBe('stop');
  });

  it('gives structured output, whole and streamed', async () => {
    const response_format = { type: 'json_schema', json_schema: { name: 'place', strict: true, schema } };
    const answer = await ask(model, { messages: user('Where?'), response_format });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ city: 'Paris', degrees: 1 });
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    const streamed = await house.request(completions, { model, messages: user('Where?'), response_format, stream: true });
    await streamed.text();
    const log = await house.logOf(streamed);
    expect(JSON.parse(log.output ?? '')).toEqual({ city: 'Paris', degrees: 1 });
    expect(log.finishReason).toBe('stop');
  });

  it('sees images, inline and by URL', async () => {
    const answer = await ask(model, {
      messages: user([
        { type: 'text', text: 'Look' },
        { type: 'image_url', image_url: { url: pixel } },
        { type: 'image_url', image_url: { url: provider === 'bedrock' ? pixel : 'https://example.com/cat.jpg', detail: 'low' } },
      ]),
    });
    expect(answer.choices[0]?.message.content).toBe('You said: Look I see 2 images.');
  });

  it('thinks when told to, and tells reasoning tokens where the provider does', async () => {
    const response = await house.request(completions, { model, messages: user('Hi'), reasoning_effort: 'low' });
    const answer = (await response.json()) as Completion;
    expect(answer.choices[0]?.message.content).toBe('You said: Hi');
    const tellsThoughts = provider !== 'openai' && provider !== 'azure';
    if (tellsThoughts) expect(answer.choices[0]?.message.reasoning_content).toBe('Let me think about it. ');
    const counts = ['openai', 'azure', 'google'].includes(provider);
    expect((await house.logOf(response)).reasoningTokens).toBe(counts ? 16 : null);
  });

  it('gives several samples with one log', async () => {
    const response = await house.request(completions, { model, messages: user('Hi'), n: 3 });
    const answer = (await response.json()) as Completion;
    expect(answer.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(answer.usage.completion_tokens).toBeGreaterThanOrEqual(9);
    expect((await house.logOf(response)).providerResponse?.['choices']).toHaveLength(3);
    const streamed = await house.request(completions, { model, messages: user('Hi'), n: 2, stream: true });
    const events = await readEvents(streamed);
    expect(events.filter((event) => event === '[DONE]')).toHaveLength(1);
    const indices = new Set(events.slice(0, -1).flatMap((event) => (JSON.parse(event) as Completion).choices.map(({ index }) => index)));
    expect([...indices].sort((a, b) => a - b)).toEqual([0, 1]);
  });

  it('ends by length where max_tokens says so', async () => {
    const answer = await ask(model, { messages: user('a long story about everything there is'), max_tokens: 3 });
    expect(answer.choices[0]?.finish_reason).toBe('length');
  });

  it.each([400, 404, 429, 500])('a %i of the provider keeps its status and words', async (status) => {
    house.behave(() => ({ status, retryAfter: '60' }));
    const response = await house.request(completions, { model, messages: user('Hi') });
    expect(response.status).toBe(status);
    const body = (await response.json()) as { error: Record<string, unknown> };
    const keys = Object.keys(body.error).sort();
    // Azure's own words are OpenAI's shape with fewer keys.
    if (provider === 'azure') expect(keys).toEqual(expect.arrayContaining(['code', 'message']));
    else expect(keys).toEqual(['code', 'message', 'param', 'type']);
    expect(response.headers.get('retry-after')).toBe('60');
    expect(await house.logOf(response)).toMatchObject({ status: 'error', error: body.error['message'] });
  });
});

describe('what goes out', () => {
  it("to Anthropic: system apart, roles merged, tool results as the user's, a limit, stop sequences", async () => {
    await ask('claude-sonnet-4-5', {
      messages: [
        { role: 'system', content: 'A' },
        { role: 'developer', content: 'B' },
        ...user('x'),
        ...user('y'),
        { role: 'assistant', content: null, tool_calls: [{ id: 't1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
        { role: 'tool', tool_call_id: 't1', content: 'done' },
      ],
      stop: 'END',
      temperature: 0.2,
      user: 'ann',
      logit_bias: {},
    });
    const [sent] = house.fake.received;
    expect(sent?.path).toBe('/v1/messages');
    expect(sent?.headers['x-api-key']).toBe('secret-of-anthropic');
    expect(sent?.json).toEqual({
      model: 'claude-sonnet-4-5',
      system: 'A\n\nB',
      max_tokens: 4096,
      temperature: 0.2,
      stop_sequences: ['END'],
      metadata: { user_id: 'ann' },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'x' },
            { type: 'text', text: 'y' },
          ],
        },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'done' }] },
      ],
    });
  });

  it("to Gemini: parts, the function's name with its result, camel-case parameters", async () => {
    await ask('gemini-2.5-flash', {
      messages: [
        { role: 'system', content: 'A' },
        ...user([
          { type: 'text', text: 'x' },
          { type: 'image_url', image_url: { url: pixel } },
        ]),
        {
          role: 'assistant',
          tool_calls: [
            {
              id: 't1',
              type: 'function',
              function: { name: 'f', arguments: '{"a":1}' },
              extra_content: { google: { thought_signature: 'S' } },
            },
          ],
        },
        { role: 'tool', tool_call_id: 't1', content: 'done' },
      ],
      top_p: 0.9,
      seed: 7,
      max_tokens: 10,
    });
    const [sent] = house.fake.received;
    expect(sent?.path).toBe('/v1beta/models/gemini-2.5-flash:generateContent');
    expect(sent?.json).toEqual({
      systemInstruction: { parts: [{ text: 'A' }] },
      generationConfig: { topP: 0.9, seed: 7, maxOutputTokens: 10 },
      contents: [
        { role: 'user', parts: [{ text: 'x' }, { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }] },
        { role: 'model', parts: [{ functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 'S' }] },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: 'done' } } }] },
      ],
    });
  });

  it("what a dialect cannot say is the caller's 400, not a 502", async () => {
    const response = await house.request(completions, {
      model: 'claude-sonnet-4-5',
      messages: user([{ type: 'input_audio', input_audio: { data: '', format: 'wav' } }]),
    });
    expect(response.status).toBe(400);
    expect(house.fake.received).toHaveLength(0);
  });
});

describe('POST /v1/embeddings', () => {
  it.each(['text-embedding-3-small', 'gemini-embedding-001', 'demo-embed'])('%s gives vectors, floats or base64', async (model) => {
    const response = await house.request('/v1/embeddings', { model, input: ['one', 'three'] });
    const floats = (await response.json()) as {
      object: string;
      data: { embedding: number[]; index: number }[];
      usage: { total_tokens: number };
    };
    expect(floats).toMatchObject({ object: 'list', data: [{ object: 'embedding', index: 0 }, { index: 1 }] });
    const coded = (await (await house.request('/v1/embeddings', { model, input: ['one', 'three'], encoding_format: 'base64' })).json()) as {
      data: { embedding: string }[];
    };
    const bytes = Buffer.from(coded.data[0]?.embedding ?? '', 'base64');
    expect([...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)]).toEqual([
      ...Float32Array.from(floats.data[0]?.embedding ?? []),
    ]);
    expect(await house.logOf(response)).toMatchObject({
      model,
      output: '2 vectors',
      inputs: { input: ['one', 'three'] },
      status: 'ok',
      outputTokens: model === 'gemini-embedding-001' ? null : null,
    });
  });

  it('400 where the provider has none', async () => {
    const response = await house.request('/v1/embeddings', { model: 'claude-sonnet-4-5', input: 'x' });
    expect(response.status).toBe(400);
  });
});
