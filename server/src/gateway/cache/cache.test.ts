import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chat, credential, type House, openHouse, readEvents } from '../test/house.ts';
import { Accumulator } from '../wire/accumulate.ts';
import { answerOf, chunksOf, completionOf } from './replay.ts';
import { createCacheStore } from './store.ts';

const completions = '/v1/chat/completions';
const cached = { 'x-whetstone-cache': '60' };

describe('a replay', () => {
  it('says in pieces what the whole answer says', () => {
    const texts = fc.string({ unit: 'grapheme', maxLength: 200 });
    fc.assert(
      fc.property(texts, fc.array(texts, { maxLength: 3 }), (text, calls) => {
        const completion = {
          id: 'c',
          object: 'chat.completion',
          created: 1,
          model: 'm',
          choices: [
            {
              index: 0,
              message: {
                role: 'assistant',
                content: text,
                tool_calls: calls.map((given, i) => ({
                  id: `t${i}`,
                  type: 'function',
                  function: { name: 'f', arguments: JSON.stringify({ given }) },
                })),
              },
              logprobs: null,
              finish_reason: 'stop',
            },
          ],
          usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
        };
        const accumulator = new Accumulator();
        for (const chunk of chunksOf(completion, true)) accumulator.add(chunk);
        const streamed = accumulator.answer();
        const whole = answerOf(completion);
        expect(streamed.choices).toEqual(whole.choices);
        expect(streamed.usage).toEqual(whole.usage);
        expect(answerOf(completionOf(streamed, 1)).choices).toEqual(whole.choices);
      }),
    );
  });
});

describe('the cache', () => {
  let house: House;
  let now = Date.now();
  beforeAll(async () => {
    house = await openHouse({ clock: () => new Date(now) });
  });
  afterAll(() => house.close());
  beforeEach(async () => {
    house.fake.reset();
    house.behave(null);
    await house.gateway.clearCache(house.scope);
  });

  it('answers an equal request again for nothing, and the log and a header say so', async () => {
    const first = await house.request(completions, chat('Hi'), cached);
    const original = await first.json();
    expect(first.headers.get('x-whetstone-cache')).toBe('miss');
    now += 5_000;
    const second = await house.request(completions, chat('Hi', { user: 'ann', metadata: { a: '1' } }), cached);
    expect(await second.json()).toEqual(original);
    expect([second.headers.get('x-whetstone-cache'), second.headers.get('x-whetstone-cache-age')]).toEqual(['hit', '5']);
    expect(house.fake.received).toHaveLength(1);
    const [log, paid] = [await house.logOf(second), await house.logOf(first)];
    expect(log).toMatchObject({
      promptCost: 0,
      outputCost: 0,
      promptTokens: paid.promptTokens,
      output: 'You said: Hi',
      model: 'gpt-4o-mini',
      status: 'ok',
    });
    expect(log.providerResponse?.['cached']).toMatchObject({
      log_id: paid.id,
      saved_cost_usd: (paid.promptCost ?? 0) + (paid.outputCost ?? 0),
    });
    expect(paid.providerResponse?.['cached']).toBeUndefined();
  });

  it('replays a whole answer as a stream and a stream as a whole answer', async () => {
    await (await house.request(completions, chat('Tell me of whetstones'), cached)).text();
    const streamed = await house.request(
      completions,
      chat('Tell me of whetstones', { stream: true, stream_options: { include_usage: true } }),
      cached,
    );
    expect([streamed.headers.get('x-whetstone-cache'), streamed.headers.get('content-type')]).toEqual([
      'hit',
      'text/event-stream; charset=utf-8',
    ]);
    const events = await readEvents(streamed);
    expect(events.at(-1)).toBe('[DONE]');
    const accumulator = new Accumulator();
    for (const event of events.slice(0, -1)) accumulator.add(JSON.parse(event));
    expect(accumulator.answer()).toMatchObject({
      choices: [{ text: 'You said: Tell me of whetstones', finishReason: 'stop' }],
      usage: { outputTokens: 8 },
    });
    await (await house.request(completions, chat('Streamed', { stream: true }), cached)).text();
    const whole = await house.request(completions, chat('Streamed'), cached);
    expect(await whole.json()).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'You said: Streamed' }, finish_reason: 'stop' }],
    });
    expect(house.fake.received).toHaveLength(2);
  });

  it('does not ask it without the header, refreshes when told, and forgets when the time is over', async () => {
    const ask = async (value: string | null) => {
      const response = await house.request(completions, chat('Hi'), value === null ? {} : { 'x-whetstone-cache': value });
      await response.text();
      return response.headers.get('x-whetstone-cache');
    };
    expect([await ask('60'), await ask(null), await ask('off'), await ask('60'), await ask('refresh'), await ask('60')]).toEqual([
      'miss',
      null,
      null,
      'hit',
      'miss',
      'hit',
    ]);
    now += 3_601_000;
    expect(await ask('60')).toBe('miss');
    for (const wrong of ['0', '-1', '1.5', 'yes', '99999999999'])
      expect((await house.request(completions, chat('Hi'), { 'x-whetstone-cache': wrong })).status, wrong).toBe(400);
  });

  it('anything that changes the answer is another request, another credential of the provider is not', async () => {
    house.credentials.push(credential('openai', `${house.fake.url}/v1`, { id: 'c_other', name: 'other', secret: 'other' }));
    const status = async (body: object) => {
      const response = await house.request(completions, body, cached);
      await response.text();
      return response.headers.get('x-whetstone-cache');
    };
    expect(await status(chat('Hi'))).toBe('miss');
    expect(await status(chat('Hi', { temperature: 0 }))).toBe('miss');
    expect(await status(chat('Hi', { model: 'gpt-4o' }))).toBe('miss');
    expect(await status(chat('hi'))).toBe('miss');
    expect(await status({ messages: [{ content: 'Hi', role: 'user' }], model: 'gpt-4o-mini' })).toBe('hit');
    expect(await status(chat('Hi', { model: 'other/gpt-4o-mini' }))).toBe('hit');
    expect(await status(chat('Hi', { model: 'groq/gpt-4o-mini' }))).toBe('miss');
  });

  it('keeps no error, no broken stream and no other workspace’s answer', async () => {
    house.behave(() => ({ status: 400 }));
    expect((await house.request(completions, chat('Hi'), cached)).status).toBe(400);
    house.behave(() => ({ fault: 'cut-stream' }));
    await (await house.request(completions, chat('Hi', { stream: true }), cached)).text().catch(() => '');
    house.behave(null);
    expect((await house.request(completions, chat('Hi'), cached)).headers.get('x-whetstone-cache')).toBe('miss');
    const store = createCacheStore(house.storage);
    const { rows } = await house.storage.executeSql<{ key: string }>('SELECT key FROM cached_answers');
    expect(rows).toHaveLength(1);
    expect(await store.find('ws_other', rows[0]?.key ?? '', new Date(now))).toBeNull();
    await house.gateway.clearCache({ ...house.scope, workspaceId: 'ws_other' });
    expect((await house.request(completions, chat('Hi'), cached)).headers.get('x-whetstone-cache')).toBe('hit');
  });

  it('forgets what was answered to an end user who is erased, and nobody else’s', async () => {
    const ask = async (text: string, user?: string) => {
      const response = await house.request(completions, chat(text, user === undefined ? {} : { user }), cached);
      await response.text();
      return response.headers.get('x-whetstone-cache');
    };
    expect([await ask('of ann', 'ann'), await ask('of bob', 'bob'), await ask('of nobody')]).toEqual(['miss', 'miss', 'miss']);
    expect(await ask('of ann', 'bob')).toBe('hit');
    await house.gateway.forgetUser({ ...house.scope, workspaceId: 'ws_other' }, 'ann');
    expect(await ask('of ann', 'bob')).toBe('hit');
    await house.gateway.forgetUser(house.scope, 'ann');
    const { rows } = await house.storage.executeSql<{ end_user: string | null }>('SELECT end_user FROM cached_answers ORDER BY end_user');
    expect(rows).toEqual([{ end_user: 'bob' }, { end_user: null }]);
    expect([await ask('of ann'), await ask('of bob'), await ask('of nobody')]).toEqual(['miss', 'hit', 'hit']);
  });

  it('drops the oldest beyond its bound, and what has expired', async () => {
    const store = createCacheStore(house.storage);
    for (let i = 0; i < 6; i++) {
      const createdAt = new Date(now + i);
      await store.write('ws_bound', `k${i}`, {
        completion: '{}',
        logId: 'log_x',
        user: null,
        createdAt,
        expiresAt: new Date(now + (i === 5 ? 1 : 60_000)),
      });
    }
    await store.trim('ws_bound', 3, new Date(now + 10));
    const { rows } = await house.storage.executeSql<{ key: string }>(
      "SELECT key FROM cached_answers WHERE workspace_id = 'ws_bound' ORDER BY key",
    );
    expect(rows.map(({ key }) => key)).toEqual(['k2', 'k3', 'k4']);
  });

  it('is asked by a route with a time of its own, also at the other doors and for embeddings', async () => {
    const plain = { credential: null, weight: 0, retries: 0, timeoutMs: null };
    await house.gateway.routes.set(house.scope, {
      name: 'thrifty',
      targets: [{ model: 'claude-sonnet-4-5', ...plain }],
      cacheTtlSeconds: 60,
    });
    const ask = async () => {
      const response = await house.request('/v1/messages', {
        model: 'thrifty',
        max_tokens: 99,
        messages: [{ role: 'user', content: 'Hi' }],
        stream: true,
      });
      return [response.headers.get('x-whetstone-cache'), (await response.text()).includes('"text":"You said: Hi"')];
    };
    expect((await ask())[0]).toBe('miss');
    expect(await ask()).toEqual(['hit', true]);
    expect(house.fake.received).toHaveLength(1);
    const embed = async () => {
      const response = await house.request('/v1/embeddings', { model: 'text-embedding-3-small', input: 'x' }, cached);
      return [response.headers.get('x-whetstone-cache'), await response.json()];
    };
    const [, vectors] = await embed();
    expect(await embed()).toEqual(['hit', vectors]);
  });
});
