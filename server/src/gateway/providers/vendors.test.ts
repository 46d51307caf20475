import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyObject } from '@whetstone/contract';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { frame } from '../../fake-provider/bedrock.ts';
import { credential, type House, openHouse, readEvents } from '../test/house.ts';
import { Accumulator } from '../wire/accumulate.ts';
import { asObject } from '../wire/read.ts';
import { eventStreamFraming } from './aws-event-stream.ts';
import { azureBase, azureDialect } from './azure.ts';
import { bedrockBase, bedrockDialect } from './bedrock.ts';
import { cohereDialect } from './cohere.ts';
import type { Dialect } from './dialect.ts';
import { callId, mistralDialect } from './mistral.ts';

const context = { model: 'm', id: 'log_1', created: 1, request: {} };
const pixel = 'data:image/png;base64,iVBORw0KGgo=';

interface Expected {
  text: string;
  reasoning: string;
  finishReason: string;
  calls: { id: string; name: string; arguments: string }[];
  usage: object;
}
interface Fixture {
  answer: unknown;
  expected: Expected;
  events: { name?: string; data: unknown }[];
  streamed: Expected;
}

function summary(chunks: readonly unknown[]): Expected {
  const accumulator = new Accumulator();
  for (const chunk of chunks) accumulator.add(chunk);
  const { choices, usage } = accumulator.answer();
  const message = choices[0]?.message;
  return {
    text: choices[0]?.text ?? '',
    reasoning: (message?.thinking ?? []).map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    finishReason: choices[0]?.finishReason ?? '',
    calls: (message?.tool_calls ?? []).map(({ id, function: named }) => ({ id, name: named.name, arguments: named.arguments ?? '' })),
    usage: usage ?? {},
  };
}

describe.each<[string, Dialect]>([
  ['mistral', mistralDialect],
  ['cohere', cohereDialect],
  ['bedrock', bedrockDialect],
])('what %s answers', (name, dialect) => {
  const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')) as Fixture;

  it('is read whole', () => {
    expect(summary([dialect.decode('chat', fixture.answer, context)])).toEqual(fixture.expected);
  });

  it('is read as a stream', () => {
    const decoder = dialect.streaming(context);
    const chunks = fixture.events.flatMap((event) =>
      decoder.event(typeof event.data === 'string' ? event.data : JSON.stringify(event.data), event.name ?? ''),
    );
    expect(summary(chunks)).toEqual(fixture.streamed);
    expect(decoder.done).toBe(true);
  });

  it.each([null, [], 'words', 7, {}, { choices: {} }, { message: [] }, { output: { message: 1 } }])('is refused when it is %j', (body) => {
    expect(() => dialect.decode('chat', body, context)).toThrow(/something other than/);
  });
});

describe.each<[string, Dialect]>([
  ['mistral', mistralDialect],
  ['cohere', cohereDialect],
  ['bedrock', bedrockDialect],
  ['azure', azureDialect],
])('whatever %s sends', (name, dialect) => {
  const words = fc.constantFrom(
    'message',
    'content',
    'choices',
    'delta',
    'usage',
    'output',
    'type',
    'tool_calls',
    'text',
    'contentBlockIndex',
    '__proto__',
  );
  const odd = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(words, tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  const events = fc.constantFrom(
    '',
    'messageStart',
    'contentBlockStart',
    'contentBlockDelta',
    'contentBlockStop',
    'messageStop',
    'metadata',
    'throttlingException',
  );

  it('is read or refused with words, whole or streamed, and pollutes nothing', () => {
    const readable = (work: () => unknown): void => {
      try {
        new Accumulator().add(work());
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        expect(error).not.toBeInstanceOf(TypeError);
        expect((error as Error).message).not.toBe('');
      }
    };
    fc.assert(
      fc.property(odd, fc.array(fc.tuple(events, odd), { maxLength: 5 }), (body, list) => {
        for (const kind of ['chat', 'embeddings'] as const) readable(() => dialect.decode(kind, body, context));
        expect(dialect.readError(500, JSON.stringify(body)).message).not.toBe('');
        const decoder = dialect.streaming(context);
        for (const [event, data] of list) readable(() => decoder.event(JSON.stringify(data), event));
        expect(dialect.listModels.read(body).every((each) => typeof each === 'string')).toBe(true);
        expect(({} as Record<string, unknown>)['polluted'], name).toBeUndefined();
      }),
    );
  });
});

describe("AWS's event stream", () => {
  const read = (pieces: readonly Buffer[], most = 1000): [string, string][] => {
    const events: [string, string][] = [];
    const reader = eventStreamFraming.reader((data, name) => events.push([name, data]), most);
    for (const piece of pieces) reader.push(piece);
    reader.end();
    return events;
  };

  it("reads the specification's own examples", () => {
    // smithy.io, Event Stream Specification: a message without headers or payload, and one with a payload only.
    const empty = Buffer.from('000000100000000005c248eb7d98c8ff', 'hex');
    const payload = Buffer.from('0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936', 'hex');
    expect(read([empty, payload])).toEqual([
      ['', ''],
      ['', "{'foo':'bar'}"],
    ]);
  });

  it('reads frames wherever the bytes are cut', () => {
    const bytes = Buffer.concat([
      frame({ ':event-type': 'a' }, 'event', { n: 'é' }),
      frame({ ':exception-type': 'oops' }, 'exception', {}),
    ]);
    for (const size of [1, 3, 7, 64]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
      expect(read(pieces)).toEqual([
        ['a', '{"n":"é"}'],
        ['oops', '{}'],
      ]);
    }
  });

  it('refuses a changed byte wherever it is, and a frame that is too long', () => {
    const bytes = frame({ ':event-type': 'a' }, 'event', { n: 1 });
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => read([changed]), `byte ${at}`).toThrow();
    }
    expect(() => read([bytes], 10)).toThrow(/longer than 10 bytes/);
  });
});

describe('addresses', () => {
  it.each([
    [{ resource: 'ours' }, null, 'https://ours.openai.azure.com/openai'],
    [{}, 'https://ours.openai.azure.com/', 'https://ours.openai.azure.com/openai'],
    [{}, 'https://ours.openai.azure.com/openai', 'https://ours.openai.azure.com/openai'],
    [{}, 'https://ours.openai.azure.com/openai/v1/', 'https://ours.openai.azure.com/openai'],
    [{}, null, null],
  ])("Azure's: %j and %j", (settings, base, expected) => {
    expect(azureBase(settings as Record<string, string>, base)).toBe(expected);
  });

  it("Bedrock's is its region's", () => {
    expect(bedrockBase({ region: 'eu-west-1' }, null)).toBe('https://bedrock-runtime.eu-west-1.amazonaws.com');
    expect(bedrockBase({ region: 'cn-north-1' }, null)).toBe('https://bedrock-runtime.cn-north-1.amazonaws.com.cn');
    expect(bedrockBase({ region: 'eu-west-1' }, 'https://vpce.example.com')).toBe('https://vpce.example.com');
    expect(bedrockBase({}, null)).toBeNull();
  });
});

describe('through the door', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse();
  });
  afterAll(() => house.close());
  beforeEach(() => {
    house.fake.reset();
    house.behave(null);
  });
  const ask = async (path: string, body: object): Promise<AnyObject> => {
    const response = await house.request(`/v1/${path}`, body);
    const text = await response.text();
    expect(response.status, text).toBe(200);
    return JSON.parse(text) as AnyObject;
  };
  const talk = [
    { role: 'developer', content: 'A' },
    { role: 'user', content: 'x', name: 'ann' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_abcdefghijklmnop', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
    },
    { role: 'tool', tool_call_id: 'call_abcdefghijklmnop', content: 'done' },
  ];

  it('to Mistral: its names, nothing that it does not know, ids of tool calls that it takes', async () => {
    await ask('chat/completions', {
      model: 'mistral-large-latest',
      messages: talk,
      seed: 7,
      max_completion_tokens: 9,
      user: 'ann',
      logit_bias: {},
      stream_options: { include_usage: true },
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: 'required',
    });
    const [sent] = house.fake.received;
    const id = callId('call_abcdefghijklmnop');
    expect(sent?.path).toBe('/mistral/v1/chat/completions');
    expect(sent?.headers['authorization']).toBe('Bearer secret-of-mistral');
    expect(sent?.json).toEqual({
      model: 'mistral-large-latest',
      random_seed: 7,
      max_tokens: 9,
      tools: [{ type: 'function', function: { name: 'f' } }],
      tool_choice: 'any',
      messages: [
        { role: 'system', content: 'A' },
        { role: 'user', content: 'x' },
        { role: 'assistant', content: '', tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
        { role: 'tool', tool_call_id: id, content: 'done' },
      ],
    });
  });

  it('to Cohere: its names, one tool alone where it is forced, images as they come', async () => {
    await ask('chat/completions', {
      model: 'command-a-03-2025',
      messages: [
        ...talk,
        {
          role: 'user',
          content: [
            { type: 'text', text: 'y' },
            { type: 'image_url', image_url: { url: pixel } },
          ],
        },
      ],
      top_p: 0.5,
      top_k: 3,
      stop: 'END',
      user: 'ann',
      tools: ['f', 'g'].map((name) => ({
        type: 'function',
        function: { name, parameters: { type: 'object', properties: {} }, strict: true },
      })),
      tool_choice: { type: 'function', function: { name: 'g' } },
    });
    const [sent] = house.fake.received;
    expect(sent?.path).toBe('/cohere/v2/chat');
    expect(sent?.json).toEqual({
      model: 'command-a-03-2025',
      stream: false,
      p: 0.5,
      k: 3,
      stop_sequences: ['END'],
      strict_tools: true,
      tool_choice: 'REQUIRED',
      tools: [{ type: 'function', function: { name: 'g', parameters: { type: 'object', properties: {} } } }],
      messages: [
        { role: 'system', content: 'A' },
        { role: 'user', content: 'x' },
        { role: 'assistant', tool_calls: talk[2]?.tool_calls },
        { role: 'tool', tool_call_id: 'call_abcdefghijklmnop', content: 'done' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'y' },
            { type: 'image_url', image_url: { url: pixel } },
          ],
        },
      ],
    });
  });

  it('to Azure: byte for byte, at the address of the deployment', async () => {
    const body = JSON.stringify({ model: 'azure/gpt-4o', messages: [{ role: 'user', content: 'Hi' }], seed: 1 });
    const response = await house.request('/v1/chat/completions', body);
    expect(response.status).toBe(200);
    const [sent] = house.fake.received;
    expect(sent?.path).toBe('/azure/openai/deployments/our-gpt/chat/completions?api-version=2024-10-21');
    expect(sent?.headers['api-key']).toBe('secret-of-azure');
    expect(sent?.headers['authorization']).toBeUndefined();
    expect(sent?.json).toEqual({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }], seed: 1 });
    const log = await house.logOf(response);
    expect(log).toMatchObject({ provider: 'azure', model: 'gpt-4o' });
    // 10 tokens at 2.50 USD, 3 at 10.
    expect(log.promptCost).toBeCloseTo(0.000025, 9);
    expect(log.outputCost).toBeCloseTo(0.00003, 9);
  });

  it('to Bedrock: signed, in the shape of Converse', async () => {
    await ask('chat/completions', {
      model: 'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      messages: talk,
      max_tokens: 20,
      temperature: 0.3,
      stop: ['END'],
      tools: [{ type: 'function', function: { name: 'f', description: 'F', parameters: { type: 'object', properties: {} } } }],
    });
    const [sent] = house.fake.received;
    expect(sent?.path).toBe('/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse');
    expect(sent?.headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIA\w+\/\d{8}\/eu-west-1\/bedrock\/aws4_request, /);
    expect(sent?.json).toEqual({
      system: [{ text: 'A' }],
      inferenceConfig: { maxTokens: 20, temperature: 0.3, stopSequences: ['END'] },
      toolConfig: { tools: [{ toolSpec: { name: 'f', description: 'F', inputSchema: { json: { type: 'object', properties: {} } } } }] },
      messages: [
        { role: 'user', content: [{ text: 'x' }] },
        { role: 'assistant', content: [{ toolUse: { toolUseId: 'call_abcdefghijklmnop', name: 'f', input: { a: 1 } } }] },
        { role: 'user', content: [{ toolResult: { toolUseId: 'call_abcdefghijklmnop', content: [{ text: 'done' }] } }] },
      ],
    });
  });

  it("a wrong secret access key is Bedrock's own 401, an API key needs no signature", async () => {
    const settings = { region: 'eu-west-1' };
    house.credentials.push(
      credential('bedrock', house.fake.url, {
        id: 'c1',
        name: 'wrong',
        secret: 'nonsense',
        settings: { ...settings, access_key_id: 'AKIAFAKEFAKEFAKE0001' },
      }),
      credential('bedrock', house.fake.url, { id: 'c2', name: 'bearer', secret: 'bedrock-api-key', settings }),
    );
    const body = (name: string) => ({ model: `${name}/amazon.nova-pro-v1:0`, messages: [{ role: 'user', content: 'Hi' }] });
    expect((await house.request('/v1/chat/completions', body('wrong'))).status).toBe(401);
    await ask('chat/completions', body('bearer'));
    expect(house.fake.received.at(-1)?.headers['authorization']).toBe('Bearer bedrock-api-key');
    expect(await house.gateway.testCredential(house.scope, 'c2')).toMatchObject({
      ok: true,
      models: ['anthropic.claude-sonnet-4-5-20250929-v1:0'],
    });
  });

  it('a credential without its region says so, not that there is none', async () => {
    house.credentials.push(credential('bedrock', null, { id: 'c3', name: 'nowhere' }));
    const response = await house.request('/v1/chat/completions', {
      model: 'nowhere/amazon.nova-pro-v1:0',
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'credential_incomplete', message: expect.stringContaining('`region`') as string } },
    ]);
  });

  it.each(['mistral', 'cohere', 'azure', 'bedrock'])('the credential of %s is tested by asking for its models', async (provider) => {
    expect(await house.gateway.testCredential(house.scope, `cred_${provider}`)).toMatchObject({ ok: true });
  });

  it.each(['mistral-small-latest', 'command-r', 'amazon.nova-lite-v1:0'])(
    'an error in the middle of a stream of %s is told and logged',
    async (model) => {
      house.behave(() => ({ fault: 'stream-error' }));
      const response = await house.request('/v1/chat/completions', {
        model,
        messages: [{ role: 'user', content: 'Hi there you' }],
        stream: true,
      });
      const events = await readEvents(response);
      expect(events.at(-1)).toContain('"error"');
      expect(await house.logOf(response)).toMatchObject({ status: 'error' });
    },
  );

  it.each(['mistral-small-latest', 'command-r', 'amazon.nova-lite-v1:0'])(
    'a stream of %s that is cut is an error, with what came of it',
    async (model) => {
      house.behave(() => ({ fault: 'cut-stream', words: 20, dripMs: 1 }));
      const response = await house.request('/v1/chat/completions', { model, messages: [{ role: 'user', content: 'Hi' }], stream: true });
      await response.text().catch(() => '');
      const log = await house.logOf(response);
      expect(log.status).toBe('error');
      expect(log.output).toMatch(/^word0 word1/);
    },
  );

  it('hands on log-probabilities where they are offered', async () => {
    const question = { messages: [{ role: 'user', content: 'Hi' }], logprobs: true };
    const tokens = async (model: string) => {
      const answer = await ask('chat/completions', { model, ...question });
      const [choice] = answer['choices'] as { logprobs: { content: { token: string; logprob: number }[] } | null }[];
      return choice?.logprobs?.content.map(({ token, logprob }) => [token, logprob]);
    };
    expect(await tokens('command-r')).toEqual([
      ['You', -0.25],
      [' said:', -0.25],
      [' Hi', -0.25],
    ]);
    expect((await tokens('azure/gpt-4o'))?.[0]).toEqual(['You', -0.1]);
    const streamed = await readEvents(await house.request('/v1/chat/completions', { model: 'command-r', ...question, stream: true }));
    expect(streamed.filter((event) => event.includes('"logprob":-0.25'))).toHaveLength(3);
  });

  it.each(['mistral-embed', 'cohere/embed-v4.0', 'azure/text-embedding-3-small', 'bedrock/cohere.embed-multilingual-v3'])(
    '%s embeds, floats or base64',
    async (model) => {
      const floats = await ask('embeddings', { model, input: ['one', 'three'] });
      const coded = await ask('embeddings', { model, input: ['one', 'three'], encoding_format: 'base64' });
      const list = floats['data'] as { embedding: number[] }[];
      expect(list).toHaveLength(2);
      const [first] = coded['data'] as { embedding: string }[];
      const bytes = Buffer.from(first?.embedding ?? '', 'base64');
      expect([...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)]).toEqual([
        ...Float32Array.from(list[0]?.embedding ?? []),
      ]);
    },
  );

  it("Titan embeds one text with the provider's count, and says so of several", async () => {
    const model = 'bedrock/amazon.titan-embed-text-v2:0';
    expect(asObject((await ask('embeddings', { model, input: 'one', dimensions: 4 }))['usage'])).toEqual({
      prompt_tokens: 4,
      total_tokens: 4,
    });
    const several = await house.request('/v1/embeddings', { model, input: ['one', 'two'] });
    expect([several.status, await several.text()]).toEqual([400, expect.stringContaining('one text a call')]);
  });
});
