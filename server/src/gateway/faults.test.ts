import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { credential, chat, type House, key, openHouse, readEvents } from './test/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse({
    limits: {
      idleTimeoutMs: 400,
      streamHeadersTimeoutMs: 600,
      headersTimeoutMs: 600,
      totalTimeoutMs: 3_000,
      maxStreamBytes: 4 << 20,
      maxAnswerBytes: 4 << 20,
      maxLineBytes: 2 << 20,
      maxRetryDelayMs: 1_500,
    },
  });
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

const completions = '/v1/chat/completions';
type Log = Awaited<ReturnType<House['logOf']>>;

/** Every failed call leaves exactly one log: the one its answer names. */
async function onlyLog(response: Response, before: number): Promise<Log> {
  const log = await house.logOf(response);
  expect((await house.allLogs()).length).toBe(before + 1);
  return log;
}
async function count(): Promise<number> {
  await house.logs.drained(5_000);
  return (await house.allLogs()).length;
}

describe('F9: a provider in trouble', () => {
  it.each([400, 401, 403, 404, 408, 429, 500, 502, 503, 529])('%i comes back with its status and its own body', async (status) => {
    const before = await count();
    house.behave(() => ({ status }));
    const response = await house.request(completions, chat('Hi'));
    expect(response.status).toBe(status);
    const text = await response.text();
    const log = await onlyLog(response, before);
    expect(log).toMatchObject({ status: 'error', providerResponse: { status, body: text } });
    // What may go better is tried three times, what cannot once.
    expect(house.fake.received.length).toBe([408, 429, 500, 502, 503, 529].includes(status) ? 3 : 1);
  });

  it("a retry that goes well is the caller's answer, and the log tells of the first attempt", async () => {
    const response = await house.request(completions, chat('Hi', { model: 'openai/fake-500-then-ok' }));
    expect(response.status).toBe(200);
    expect((await house.logOf(response)).providerResponse).toMatchObject({ earlier_attempts: [{ provider: 'openai', status: 500 }] });
  });

  it.each([
    ['seconds', () => '1'],
    ['a date', () => new Date(Date.now() + 1_000).toUTCString()],
  ])('waits as long as Retry-After says, given as %s', async (_form, value) => {
    house.behave((received) => (house.fake.received[0] === received ? { status: 429, retryAfter: value() } : null));
    const startedAt = Date.now();
    const response = await house.request(completions, chat('Hi'));
    expect(response.status).toBe(200);
    // A date has whole seconds.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(_form === 'seconds' ? 990 : 1);
    expect(house.fake.received).toHaveLength(2);
  });

  it('does not wait for a Retry-After that is too long', async () => {
    house.behave(() => ({ status: 429, retryAfter: '60' }));
    const response = await house.request(completions, chat('Hi'));
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('60');
    expect(house.fake.received).toHaveLength(1);
  });

  it.each([
    ['nobody listens', 'http://127.0.0.1:9/v1', 502],
    ['TLS is spoken to a plain server', null, 502],
    ['there is no such name', 'http://no-such-host.invalid/v1', 502],
  ] as const)('502 when %s', async (_name, baseUrl, status) => {
    house.credentials.push(
      credential('openai', baseUrl ?? house.fake.url.replace('http:', 'https:') + '/v1', { id: 'cred_bad', name: 'bad' }),
    );
    const response = await house.request(completions, chat('Hi', { model: 'bad/gpt-4o-mini' }));
    house.credentials.pop();
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { type: 'server_error', code: 'provider_failed' } });
    expect(await house.logOf(response)).toMatchObject({ status: 'error' });
  });

  it.each([
    ['reset-before-head', 502],
    ['reset-after-head', 502],
    ['half-open', 504],
    ['bad-json', 502],
    ['wrong-type', 502],
    ['endless', 502],
    ['huge-headers', 502],
    ['not-http', 502],
    ['redirect', 502],
  ] as const)('a whole answer, %s: %i', async (fault, status) => {
    const before = await count();
    house.behave(() => (fault === 'half-open' ? { delayMs: 5_000 } : { fault }));
    const response = await house.request(completions, chat('Hi'));
    expect(response.status).toBe(status);
    expect(Object.keys(((await response.json()) as { error: object }).error)).toEqual(['message', 'type', 'param', 'code']);
    const log = await onlyLog(response, before);
    expect(log.status).toBe('error');
    expect(log.error).toBeTruthy();
  });

  it.each([
    ['reset-before-head', 502],
    ['reset-after-head', 502],
    ['wrong-type', 502],
  ] as const)('a stream that never began, %s: %i', async (fault, status) => {
    house.behave(() => ({ fault }));
    const response = await house.request(completions, chat('Hi', { stream: true }));
    expect(response.status).toBe(status);
    expect(await house.logOf(response)).toMatchObject({ status: 'error', output: null });
  });

  it.each(['gpt-4o-mini', 'claude-sonnet-4-5', 'gemini-2.5-flash'])(
    '%s: a stream that is cut ends with an error event, and the log keeps what came',
    async (model) => {
      for (const fault of ['cut-stream', 'half-open-stream', 'stream-error'] as const) {
        const before = await count();
        house.behave(() => ({ fault, words: 30 }));
        const response = await house.request(completions, chat('Hi', { model, stream: true }));
        const events = await readEvents(response);
        expect(JSON.parse(events.at(-1) ?? ''), fault).toMatchObject({
          error: { message: expect.any(String) as string, type: expect.any(String) as string },
        });
        expect(events).not.toContain('[DONE]');
        const log = await onlyLog(response, before);
        expect(log).toMatchObject({ status: 'error', estimated: true });
        expect(log.output, fault).toMatch(/^word0 word1 /);
        expect(log.outputTokens).toBeGreaterThan(0);
      }
    },
  );

  it('a stream without its end mark is whole when the answer said why it ended', async () => {
    house.behave(() => ({ fault: 'no-done' }));
    const response = await house.request(completions, chat('Hi', { stream: true }));
    expect((await readEvents(response)).at(-1)).toBe('[DONE]');
    expect(await house.logOf(response)).toMatchObject({ status: 'ok', output: 'You said: Hi' });
  });

  it('a piece that is not JSON is an error in the log beside what came', async () => {
    house.behave(() => ({ fault: 'bad-json', words: 20 }));
    const response = await house.request(completions, chat('Hi', { stream: true }));
    await response.text();
    const log = await house.logOf(response);
    expect(log.status).toBe('error');
    expect(log.error).toContain('not JSON');
    expect(log.output).toMatch(/^word0 /);
  });

  it('a piece of 1 MB and characters cut by the network arrive whole', async () => {
    const text = 'Größe 🚀 日本 '.repeat(60);
    house.behave(() => ({ text, pieceBytes: 1 }));
    const cut = await house.request(completions, chat('Hi', { stream: true, model: 'claude-sonnet-4-5', max_tokens: 100_000 }));
    await cut.text();
    expect((await house.logOf(cut)).output).toBe(text);
    const big = 'a'.repeat(1_000_000);
    house.behave(() => ({ text: big }));
    const whole = await house.request(completions, chat('Hi', { stream: true }));
    expect((await whole.text()).length).toBeGreaterThan(1_000_000);
    expect((await house.logOf(whole)).output?.length).toBe(1_000_000);
  });

  it('an endless stream is ended at the cap', async () => {
    house.behave(() => ({ fault: 'endless', words: 3 }));
    const response = await house.request(completions, chat('Hi', { stream: true }));
    const events = await readEvents(response);
    expect(events.at(-1)).toContain('longer than');
    expect(await house.logOf(response)).toMatchObject({ status: 'error' });
    await expect.poll(() => house.fake.open(), { timeout: 5_000 }).toBe(0);
  });

  it('a slow drip is no failure', async () => {
    house.behave(() => ({ dripMs: 20 }));
    const response = await house.request(completions, chat('Hi', { stream: true }));
    expect((await readEvents(response)).at(-1)).toBe('[DONE]');
  });

  it('an answer without usage is counted by estimate, and says so', async () => {
    house.behave(() => ({ noUsage: true }));
    const log = await house.logOf(await house.request(completions, chat('Hi there')));
    expect(log).toMatchObject({ estimated: true, promptTokens: 9, outputTokens: 5 });
    expect(log.promptCost).toBeGreaterThan(0);
  });

  it('a call that drips on for too long in all is ended', async () => {
    house.behave(() => ({ dripMs: 100, words: 100 }));
    const response = await house.request(completions, chat('Hi', { stream: true }));
    expect((await readEvents(response)).at(-1)).toContain('longer than 3 s in all');
    expect(await house.logOf(response)).toMatchObject({ status: 'error', estimated: true });
  });

  it('no socket is left behind', async () => {
    await expect.poll(() => house.fake.open(), { timeout: 5_000 }).toBe(0);
  });
});

/** Reads a stream with a raw socket and hangs up after so many pieces. */
function hangUpAfter(pieces: number, body: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const payload = JSON.stringify(body);
    const request = httpRequest(
      house.url + completions,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
      },
      (response) => {
        const logId = String(response.headers['x-whetstone-log-id']);
        let seen = 0;
        const leave = (): void => {
          request.destroy();
          resolve(logId);
        };
        if (pieces === 0) leave();
        response.on('data', () => {
          seen += 1;
          if (seen === pieces) leave();
        });
        response.on('error', () => undefined);
      },
    );
    request.on('error', reject);
    request.end(payload);
  });
}

describe('F10: the caller goes away', () => {
  it.each(['gpt-4o-mini', 'claude-sonnet-4-5'])(
    '%s: after any piece, the provider is hung up on and one cancelled log remains',
    async (model) => {
      const before = await count();
      house.behave(() => ({ words: 8, dripMs: 15 }));
      const ids = await Promise.all(Array.from({ length: 9 }, (_, pieces) => hangUpAfter(pieces, chat('Hi', { model, stream: true }))));
      await expect.poll(() => house.fake.open(), { timeout: 1_000 }).toBe(0);
      await expect.poll(count, { timeout: 5_000 }).toBe(before + 9);
      for (const id of ids) {
        const log = await house.logs.find(house.scope, id);
        expect(log).toMatchObject({ status: 'cancelled', error: expect.stringContaining('went away') as string });
      }
      expect(house.fake.received.every(({ aborted }) => aborted)).toBe(true);
    },
  );

  it('before a whole answer too', async () => {
    house.behave(() => ({ delayMs: 400 }));
    const gone = new AbortController();
    const pending = fetch(house.url + completions, {
      method: 'POST',
      signal: gone.signal,
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(chat('Hi', { user: 'leaver' })),
    }).catch(() => null);
    await expect.poll(() => house.fake.received.length).toBe(1);
    gone.abort();
    await pending;
    await expect
      .poll(async () => (await house.allLogs()).find((log) => log.user === 'leaver')?.status, { timeout: 3_000 })
      .toBe('cancelled');
  });
});

describe('a log that cannot be written', () => {
  let full = true;
  const beforeFlush = async () => {
    if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  beforeEach(() => {
    full = true;
  });

  it('costs the caller nothing but is told, counted, and said in a stream too', async () => {
    const own = await openHouse({}, { beforeFlush });
    const whole = await own.request(completions, chat('Hi'));
    expect(whole.status).toBe(200);
    expect(whole.headers.get('x-whetstone-log-dropped')).toBe('1');
    const stream = await own.request(completions, chat('Hi', { stream: true }));
    expect(await stream.text()).toContain(': x-whetstone-log-dropped: 1\n\ndata: [DONE]');
    expect(own.gateway.counters().dropped).toBe(2);
    full = false;
    await own.close();
  });

  it('is a 503 under WHETSTONE_FAIL_CLOSED, and in a stream an error instead of the end mark', async () => {
    const own = await openHouse({ failClosed: true }, { beforeFlush });
    const whole = await own.request(completions, chat('Hi'));
    expect(whole.status).toBe(503);
    expect(JSON.stringify(await whole.json())).not.toContain('You said');
    const events = await readEvents(await own.request(completions, chat('Hi', { stream: true })));
    expect(events).not.toContain('[DONE]');
    expect(events.at(-1)).toContain('could not be logged');
    full = false;
    await own.close();
  });
});
