import type { AnyObject } from '@whetstone/contract';
import { describe, expect, it } from 'vitest';
import { Accumulator } from '../wire/accumulate.ts';
import { createDemoProvider, demoTimes } from './provider.ts';
import { demoModels } from './models.ts';

const context = `You are a friendly support assistant of Lumen. Answer from the context only.

Context:
[1] Refunds: Lumen refunds any order within 30 days of delivery. The refund reaches the card in five working days.

[2] Shipping: Orders ship from Rotterdam within two days. Express costs 9 euros.

[3] Batteries: The lamp's battery lasts forty hours and is charged by USB-C.`;
const question = (text: string, system = context) => [
  { role: 'system', content: system },
  { role: 'user', content: text },
];

interface Answered {
  status: number;
  headers: Record<string, string>;
  body: AnyObject;
  text: string;
  error: Error | null;
}
function ask(body: AnyObject, options: { sample?: number; speed?: number } = {}): Promise<Answered> {
  const send = createDemoProvider({ speed: options.speed ?? Infinity, now: () => new Date(0) });
  return new Promise((resolve) => {
    const answer: Answered = { status: 0, headers: {}, body: {}, text: '', error: null };
    send(
      {
        url: new URL('http://demo.invalid/v1/chat/completions'),
        method: 'POST',
        headers: { 'x-demo-sample': String(options.sample ?? 0) },
        body: JSON.stringify(body),
        privateAllowed: false,
      },
      {
        head: (status, headers) => Object.assign(answer, { status, headers }),
        data: (bytes) => (answer.text += bytes.toString()),
        end: () => {
          if (body['stream'] !== true) answer.body = JSON.parse(answer.text) as AnyObject;
          resolve(answer);
        },
        error: (error) => resolve({ ...answer, error }),
      },
    );
  });
}
async function words(model: string, text: string, more: AnyObject = {}): Promise<string> {
  const { body } = await ask({ model, messages: question(text), ...more });
  const accumulator = new Accumulator();
  accumulator.add(body);
  return accumulator.answer().choices[0]?.text ?? '';
}

describe('the demo provider', () => {
  it('says of itself that it is simulated', async () => {
    expect((await ask({ model: 'demo-large', messages: question('Hi') })).body).toMatchObject({
      simulated: true,
      system_fingerprint: 'simulated',
    });
  });

  it('says the same to the same request, and something of its own to each sample', async () => {
    const body = { model: 'demo-large', messages: question('How long do refunds take?'), seed: 4 };
    expect((await ask(body)).text).toBe((await ask(body)).text);
    const samples = await Promise.all([0, 1, 2, 3, 4, 5].map(async (sample) => (await ask(body, { sample })).text));
    expect(new Set(samples).size).toBeGreaterThan(1);
  });

  it('answers from the passage that fits', async () => {
    expect(await words('demo-large', 'Within how many days can I get a refund for my order?')).toContain('30 days');
    expect(await words('demo-large', 'How long does the battery last?')).toContain('forty hours');
  });

  it('the weaker model is right less often', async () => {
    const right = async (model: string): Promise<number> => {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, seed) => words(model, 'How long does the battery of the lamp last?', { seed })),
      );
      return answers.filter((answer) => answer.includes('forty hours')).length;
    };
    const [large, small, fast] = [await right('demo-large'), await right('demo-small'), await right('demo-fast')];
    expect(large).toBeGreaterThan(small);
    expect(small).toBeGreaterThan(fast);
  });

  it('streams what it would have said whole', async () => {
    const body = { model: 'demo-small', messages: question('When does my order ship?'), seed: 1 };
    const { text } = await ask({ ...body, stream: true, stream_options: { include_usage: true } });
    const accumulator = new Accumulator();
    for (const event of text.split('\n\n')) if (event.startsWith('data: {')) accumulator.add(JSON.parse(event.slice(6)));
    const whole = new Accumulator();
    whole.add((await ask(body)).body);
    expect(accumulator.answer().choices[0]?.text).toBe(whole.answer().choices[0]?.text);
    expect(accumulator.answer().usage).toEqual(whole.answer().usage);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('fills a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: {
        sentiment: { enum: ['positive', 'negative'] },
        order_id: { type: 'string' },
        urgent: { type: 'boolean' },
        score: { type: 'integer', minimum: 1, maximum: 5 },
        tags: { type: 'array', items: { type: 'string' } },
      },
    };
    const text = await words('demo-large', 'My order A-1042 is broken and I am angry', {
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
    });
    const value = JSON.parse(text) as { order_id: string; score: number };
    expect(value).toMatchObject({
      sentiment: expect.stringMatching(/tive$/) as string,
      order_id: 'A-1042',
      urgent: expect.any(Boolean) as boolean,
      tags: [expect.any(String)],
    });
    expect(value.score).toBeGreaterThanOrEqual(1);
    expect(value.score).toBeLessThanOrEqual(5);
  });

  it('calls a tool that fits, and answers from its result', async () => {
    const tools = [
      {
        type: 'function',
        function: {
          name: 'look_up_order',
          description: 'Finds the status of an order',
          parameters: { type: 'object', properties: { order_id: { type: 'string' } } },
        },
      },
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'Weather of a city',
          parameters: { type: 'object', properties: { city: { type: 'string' } } },
        },
      },
    ];
    const first = (await ask({ model: 'demo-large', messages: question('What is the status of order A-1042?'), tools })).body as {
      choices: { message: AnyObject; finish_reason: string }[];
    };
    expect(first.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ function: { name: 'look_up_order', arguments: '{"order_id":"A-1042"}' } }] },
    });
    const messages = [
      ...question('What is the status of order A-1042?'),
      first.choices[0]?.message,
      { role: 'tool', tool_call_id: 'x', content: '{"status":"shipped","carrier":"PostNL"}' },
    ];
    const { body } = await ask({ model: 'demo-large', messages, tools });
    expect(JSON.stringify(body)).toContain('status is shipped');
  });

  it('says back what it is told to say, sums, classifies and obeys stops and limits', async () => {
    expect(await words('demo-large', 'Reply with "pong"')).toBe('pong');
    expect(await words('demo-large', 'What is 17 + 25?')).toContain('42');
    expect(
      await words('demo-large', 'Classify this as one of: billing, shipping, other. Text: where is the shipping of my parcel'),
    ).toMatch(/^(billing|shipping|other)$/);
    expect(await words('demo-large', 'Reply with "one two three"', { stop: ' three' })).toBe('one two');
    const { body } = await ask({ model: 'demo-large', messages: question('How long do refunds take?'), max_tokens: 4 });
    expect(body).toMatchObject({ choices: [{ finish_reason: 'length' }] });
  });

  it('demo-flaky fails now and then, the others never', async () => {
    const statuses = async (model: string) =>
      Promise.all(Array.from({ length: 120 }, async (_, seed) => ask({ model, messages: question('Hi'), seed })));
    const flaky = await statuses('demo-flaky');
    const failed = flaky.filter(({ status, error }) => status !== 200 || error !== null).length;
    expect(failed).toBeGreaterThan(1);
    expect(failed).toBeLessThan(40);
    expect((await statuses('demo-small')).every(({ status }) => status === 200)).toBe(true);
  });

  it('tells the time it would have taken: longer for the better model', async () => {
    const times = await Promise.all(
      demoModels
        .slice(0, 3)
        .map(async ({ id }) =>
          Number((await ask({ model: id, messages: question('How long does the battery last?') })).headers[demoTimes.total]),
        ),
    );
    expect(times[0]).toBeGreaterThan(times[1] ?? 0);
    expect(times[1]).toBeGreaterThan(times[2] ?? 0);
  });

  it('waits when it is not told not to, and stops waiting when it is given up', async () => {
    const send = createDemoProvider({ speed: 1, now: () => new Date(0) });
    const error = await new Promise((resolve) => {
      const handle = send(
        {
          url: new URL('http://demo.invalid/v1/chat/completions'),
          method: 'POST',
          headers: {},
          body: JSON.stringify({ model: 'demo-large', messages: question('Hi') }),
          privateAllowed: false,
        },
        { head: () => resolve('answered'), data: () => undefined, end: () => undefined, error: resolve },
      );
      setTimeout(() => handle.abort(new Error('given up')), 20);
    });
    expect(error).toMatchObject({ message: 'given up' });
  });

  it('a model it does not have is a 404 that names those it has', async () => {
    const { status, body } = await ask({ model: 'demo-huge', messages: question('Hi') });
    expect(status).toBe(404);
    expect(JSON.stringify(body)).toContain('demo-large');
  });
});
