import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type House, key, openHouse } from '../test/house.ts';

/** What goes wrong at a provider or a caller, through the doors of both shapes, passed through and translated. */
let house: House;
beforeAll(async () => {
  house = await openHouse({
    limits: {
      idleTimeoutMs: 400,
      streamHeadersTimeoutMs: 600,
      headersTimeoutMs: 600,
      totalTimeoutMs: 5_000,
      maxStreamBytes: 4 << 20,
      maxAnswerBytes: 4 << 20,
      maxLineBytes: 2 << 20,
    },
  });
});
afterAll(() => house.close());
beforeEach(() => {
  house.fake.reset();
  house.behave(null);
});

interface Door {
  path: string;
  body: (stream: boolean) => Record<string, unknown>;
  /** Type of the event that ends a good stream. */
  end: string;
  errorKeys: string[];
}
const responses = (model: string): Door => ({
  path: '/v1/responses',
  body: (stream) => ({ model, input: 'one two three four', stream }),
  end: 'response.completed',
  errorKeys: ['error'],
});
const messages = (model: string): Door => ({
  path: '/v1/messages',
  body: (stream) => ({ model, max_tokens: 100, messages: [{ role: 'user', content: 'one two three four' }], stream }),
  end: 'message_stop',
  errorKeys: ['error', 'request_id', 'type'],
});
const doors: [string, Door][] = [
  ['responses, passed through', responses('gpt-4o-mini')],
  ['responses, translated', responses('claude-sonnet-4-5')],
  ['messages, passed through', messages('claude-sonnet-4-5')],
  ['messages, translated', messages('gpt-4o-mini')],
];

async function typesOf(response: Response): Promise<string[]> {
  const text = await response.text();
  return [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type ?? '');
}
async function count(): Promise<number> {
  await house.logs.drained(5_000);
  return (await house.allLogs()).length;
}

/** Reads so many pieces of the answer and leaves. */
function hangUpAfter(pieces: number, { path, body }: Door): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const request = httpRequest(house.url + path, { method: 'POST', headers }, (response) => {
      let seen = 0;
      response.on('data', () => {
        seen += 1;
        if (seen >= pieces) request.destroy();
      });
      response.on('error', () => undefined);
      response.on('close', () => resolve(String(response.headers['x-whetstone-log-id'])));
    });
    request.on('error', reject);
    request.end(JSON.stringify(body(true)));
  });
}

describe.each(doors)('%s', (_name, door) => {
  it('a caller who goes away ends the call, and what came is in one cancelled log', async () => {
    const before = await count();
    house.behave(() => ({ words: 40, dripMs: 15 }));
    const ids = await Promise.all([1, 3, 6].map((pieces) => hangUpAfter(pieces, door)));
    await expect.poll(() => house.fake.open(), { timeout: 5_000 }).toBe(0);
    await expect.poll(count, { timeout: 5_000 }).toBe(before + 3);
    const logs = await Promise.all(ids.map((id) => house.logs.find(house.scope, id)));
    expect(logs.map((log) => log?.status)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(logs.at(-1)?.messages).toMatchObject([{ content: 'one two three four' }]);
    expect(house.fake.received.every(({ aborted }) => aborted)).toBe(true);
  });

  it.each([
    ['reset-before-head', 502],
    ['reset-after-head', 502],
    ['bad-json', 502],
    ['wrong-type', 502],
    ['endless', 502],
    ['redirect', 502],
    ['half-open', 504],
  ] as const)('a whole answer with %s: %i in the caller’s shape and one log', async (fault, status) => {
    const before = await count();
    house.behave(() => (fault === 'half-open' ? { delayMs: 5_000 } : { fault }));
    const response = await house.request(door.path, door.body(false));
    expect(response.status).toBe(status);
    expect(Object.keys((await response.json()) as object).sort()).toEqual(door.errorKeys);
    expect((await house.logOf(response)).status).toBe('error');
    expect(await count()).toBe(before + 1);
  });

  it.each(['cut-stream', 'half-open-stream', 'bad-json', 'stream-error', 'endless'] as const)(
    'a stream with %s says one error, never its end, and is logged with what came',
    async (fault) => {
      house.behave(() => ({ fault, words: 12 }));
      const response = await house.request(door.path, door.body(true));
      const types = await typesOf(response);
      // Nothing was said yet where the endless piece says nothing.
      if (response.ok) expect(types.filter((type) => type === 'error')).toHaveLength(1);
      else expect([fault, response.status]).toEqual(['endless', 502]);
      expect(types).not.toContain(door.end);
      const log = await house.logOf(response);
      expect(log.status).toBe('error');
      if (fault !== 'endless') expect(log.output).toContain('word0');
    },
  );

  it('pieces cut anywhere, also within a letter, give the same stream', async () => {
    const text = 'Größe 😀 naïve 日本語';
    const read = async (pieceBytes: number | null): Promise<string> => {
      house.behave(() => ({ text, pieceBytes }));
      const response = await house.request(door.path, door.body(true));
      const body = await response.text();
      expect((await house.logOf(response)).output).toBe(text);
      // Ids and times are of each call.
      return body.replaceAll(/(?:req|msg|resp)_[0-9A-Za-z]{21}\d*/g, 'id').replaceAll(/"(?:created_at|completed_at)":\d+/g, '"at":0');
    };
    expect(await read(3)).toBe(await read(null));
  });

  it('a retry that goes well is the caller’s answer', async () => {
    house.behave((received) => (house.fake.received[0] === received ? { status: 500 } : null));
    const response = await house.request(door.path, door.body(true));
    expect(response.status).toBe(200);
    expect(await typesOf(response)).toContain(door.end);
    expect((await house.logOf(response)).providerResponse).toMatchObject({ earlier_attempts: [{ status: 500 }] });
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

  it('costs the caller nothing but is told, in a stream too', async () => {
    const own = await openHouse({}, { beforeFlush });
    for (const [, door] of doors) {
      const whole = await own.request(door.path, door.body(false));
      expect(whole.status).toBe(200);
      expect(whole.headers.get('x-whetstone-log-dropped')).toBe('1');
      const stream = await (await own.request(door.path, door.body(true))).text();
      expect(stream).toContain(': x-whetstone-log-dropped: 1\n\n');
      expect(stream).toContain(`event: ${door.end}`);
    }
    full = false;
    await own.close();
  });

  it('is a 503 under WHETSTONE_FAIL_CLOSED, and in a stream an error instead of the end', async () => {
    const own = await openHouse({ failClosed: true }, { beforeFlush });
    for (const [, door] of doors) {
      const whole = await own.request(door.path, door.body(false));
      expect(whole.status).toBe(503);
      expect(Object.keys((await whole.json()) as object).sort()).toEqual(door.errorKeys);
      const types = await typesOf(await own.request(door.path, door.body(true)));
      expect(types).not.toContain(door.end);
      expect(types).toContain('error');
    }
    full = false;
    await own.close();
  });
});
