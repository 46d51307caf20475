import type { PromptKernel } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PromptCall, PromptStreamEvent } from './index.ts';
import { type House, openHouse } from './test/house.ts';

let house: House;
const never = new AbortController().signal;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

const kernel: PromptKernel = {
  model: 'gpt-4o-mini',
  endpoint: 'chat',
  temperature: 0.2,
  max_tokens: 100,
  template: [
    { role: 'system', content: 'You help customers of {{company}}.' },
    { role: 'user', content: '{{question}}' },
  ],
};
function request(more: Partial<PromptCall> = {}): PromptCall {
  return {
    ref: { path: 'support/answer' },
    at: {},
    kernel: null,
    draft: false,
    messages: [],
    inputs: { company: 'Acme', question: 'How do I pay?' },
    toolChoice: null,
    samples: 1,
    providerApiKeys: {},
    log: { origin: 'api' },
    suffix: null,
    environment: null,
    ...more,
  };
}

describe('callPrompt', () => {
  it('makes the file and version of an inline kernel, calls it and logs it under that version', async () => {
    const result = await house.gateway.callPrompt(house.scope, request({ kernel }), never);
    expect(result.samples).toMatchObject([{ output: 'You said: How do I pay?', finishReason: 'stop', error: null, promptTokens: 13 }]);
    expect(result.messages).toEqual([
      { role: 'system', content: 'You help customers of Acme.' },
      { role: 'user', content: 'How do I pay?' },
    ]);
    const log = await house.logs.find(house.scope, result.logId);
    expect(log).toMatchObject({
      versionId: result.snapshot.version.id,
      fileId: result.snapshot.file.id,
      inputs: { company: 'Acme' },
      origin: 'api',
    });
    expect(house.fake.received[0]?.json).toMatchObject({ model: 'gpt-4o-mini', temperature: 0.2, max_tokens: 100 });
  });

  it('calls what is deployed, and logs the environment that resolved it', async () => {
    const { snapshot } = await house.files.upsert(house.scope, 'prompt', { path: 'support/answer', kernel });
    const result = await house.gateway.callPrompt(house.scope, request(), never);
    expect(result.snapshot.version.id).toBe(snapshot.version.id);
    const log = await house.logs.find(house.scope, result.logId);
    expect(log?.environmentId).toBe(result.environmentId);
    expect(result.environmentId).not.toBeNull();
    const byVersion = await house.gateway.callPrompt(house.scope, request({ at: { versionId: snapshot.version.id } }), never);
    expect(byVersion.environmentId).toBeNull();
  });

  it('422 names every missing variable, and nothing is sent', async () => {
    await expect(house.gateway.callPrompt(house.scope, request({ kernel, inputs: {} }), never)).rejects.toMatchObject({
      status: 422,
      details: [{ loc: ['body', 'inputs', 'company'] }, { loc: ['body', 'inputs', 'question'] }],
    });
    expect(house.fake.received).toHaveLength(0);
  });

  it('gives each sample its own log', async () => {
    const result = await house.gateway.callPrompt(house.scope, request({ kernel: { ...kernel, seed: 5 }, samples: 3 }), never);
    expect(new Set(result.samples.map(({ logId }) => logId)).size).toBe(3);
    expect(house.fake.received.map(({ json }) => json['seed']).sort((a, b) => Number(a) - Number(b))).toEqual([5, 6, 7]);
  });

  it("uses the caller's key for the provider and keeps it nowhere", async () => {
    const result = await house.gateway.callPrompt(house.scope, request({ kernel, providerApiKeys: { openai: 'sk-canary' } }), never);
    expect(house.fake.received[0]?.headers['authorization']).toBe('Bearer sk-canary');
    expect(JSON.stringify(await house.logs.find(house.scope, result.logId))).not.toContain('sk-canary');
  });

  it('runs a draft under the file without a new version in its list', async () => {
    await house.files.upsert(house.scope, 'prompt', { path: 'drafted', kernel });
    const result = await house.gateway.callPrompt(
      house.scope,
      request({ ref: { path: 'drafted' }, kernel: { ...kernel, temperature: 1.5 }, draft: true, log: { origin: 'playground' } }),
      never,
    );
    expect(result.snapshot.version.status).toBe('uncommitted');
    expect(result.snapshot.file.path).toBe('drafted');
  });

  it('renders Jinja in its thread, and ends a template that loops', async () => {
    const jinja: PromptKernel = {
      ...kernel,
      template_language: 'jinja',
      template: [{ role: 'user', content: '{% for x in items %}{{ x }},{% endfor %}' }],
    };
    const result = await house.gateway.callPrompt(house.scope, request({ kernel: jinja, inputs: { items: [1, 2] } }), never);
    expect(result.messages).toEqual([{ role: 'user', content: '1,2,' }]);
    const loop: PromptKernel = {
      ...jinja,
      template: [{ role: 'user', content: '{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}' }],
    };
    await expect(house.gateway.callPrompt(house.scope, request({ kernel: loop }), never)).rejects.toMatchObject({ status: 422 });
  });

  it('fills in snippets and sends linked tools', async () => {
    await house.files.upsert(house.scope, 'tool', {
      path: 'tone',
      kernel: { tool_type: 'snippet', setup_values: { snippets: [{ key: 'warm', value: 'Be warm.' }] } },
    });
    const { snapshot: tool } = await house.files.upsert(house.scope, 'tool', {
      path: 'weather',
      kernel: {
        tool_type: 'json_schema',
        function: { name: 'get_weather', description: 'Weather', parameters: { type: 'object', properties: {} } },
      },
    });
    const result = await house.gateway.callPrompt(
      house.scope,
      request({
        kernel: { ...kernel, template: [{ role: 'system', content: '{{ tone("warm") }}' }], linked_tools: [tool.version.id] },
        messages: [{ role: 'user', content: 'Hi' }],
      }),
      never,
    );
    expect(result.messages[0]).toEqual({ role: 'system', content: 'Be warm.' });
    expect(house.fake.received[0]?.json['tools']).toEqual([
      { type: 'function', function: { name: 'get_weather', description: 'Weather', parameters: { type: 'object', properties: {} } } },
    ]);
  });

  it('calls a completion prompt at the completions endpoint', async () => {
    const result = await house.gateway.callPrompt(
      house.scope,
      request({ kernel: { model: 'gpt-3.5-turbo-instruct', endpoint: 'complete', template: 'Q: {{question}}\nA:' } }),
      never,
    );
    expect(house.fake.received[0]?.path).toBe('/v1/completions');
    expect(result.samples[0]?.output).toBe('You said: Q: How do I pay?\nA:');
  });

  it("throws the provider's failure with the log that tells of it", async () => {
    house.behave(() => ({ status: 401 }));
    const error = await house.gateway.callPrompt(house.scope, request({ kernel }), never).then(
      () => null,
      (thrown: unknown) => thrown as { failure: { status: number; provider: string }; data: { log_id: string } },
    );
    expect(error).toMatchObject({ failure: { status: 401, provider: 'OpenAI' } });
    expect(await house.logs.find(house.scope, error?.data.log_id ?? '')).toMatchObject({ status: 'error' });
  });

  it('a prompt without a template and a call without messages is 422', async () => {
    await expect(house.gateway.callPrompt(house.scope, request({ kernel: { model: 'gpt-4o-mini' } }), never)).rejects.toMatchObject({
      status: 422,
    });
  });
});

describe('streamPrompt', () => {
  async function read(events: AsyncIterable<PromptStreamEvent>): Promise<PromptStreamEvent[]> {
    const list: PromptStreamEvent[] = [];
    for await (const event of events) list.push(event);
    return list;
  }

  it('starts, gives deltas that add up, and ends each sample with its log durable', async () => {
    const events = await read(house.gateway.streamPrompt(house.scope, request({ kernel, samples: 2 }), never));
    expect(events[0]).toMatchObject({ type: 'start', logIds: [expect.any(String), expect.any(String)] });
    for (const index of [0, 1]) {
      const text = events.map((event) => (event.type === 'delta' && event.index === index ? event.text : '')).join('');
      expect(text).toBe('You said: How do I pay?');
    }
    const ends = events.flatMap((event) => (event.type === 'end' ? [event.sample] : []));
    expect(ends).toHaveLength(2);
    for (const sample of ends)
      expect(await house.logs.find(house.scope, sample.logId)).toMatchObject({ output: 'You said: How do I pay?' });
  });

  it('a reader who stops stops the provider, and the partial answer is logged as cancelled', async () => {
    house.behave(() => ({ words: 200, dripMs: 5 }));
    let logId = '';
    for await (const event of house.gateway.streamPrompt(house.scope, request({ kernel }), never)) {
      if (event.type === 'delta') {
        logId = event.logId;
        break;
      }
    }
    const log = await house.logs.find(house.scope, logId);
    expect(log).toMatchObject({ status: 'cancelled', estimated: true });
    expect(log?.output?.startsWith('word0')).toBe(true);
    await expect.poll(() => house.fake.received[0]?.aborted, { timeout: 1000 }).toBe(true);
  });

  it("a failure before the first word comes as the sample's error", async () => {
    house.behave(() => ({ status: 400 }));
    const events = await read(house.gateway.streamPrompt(house.scope, request({ kernel }), never));
    expect(events.at(-1)).toMatchObject({ type: 'end', sample: { error: "Invalid value for 'temperature'." } });
  });
});
