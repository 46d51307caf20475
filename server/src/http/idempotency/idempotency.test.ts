import { systemScope } from '@whetstone/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Storage } from '../../storage/index.ts';
import { describeOnEditions, silent } from '../../test/storage.ts';
import { type Attempt, createIdempotency, type Idempotency, type KeptAnswer } from './idempotency.ts';

describeOnEditions('F30: an idempotency key', (open) => {
  let storage: Storage;
  let once: Idempotency;
  let ahead = 0;
  const scope = systemScope('ws_a', 'test');
  const request = ['POST', '/v5/prompts/log', { output: 'a' }];

  const make = (secret = 'a secret of the server'): Idempotency =>
    createIdempotency({ storage, secret, log: silent, now: () => new Date(Date.now() + ahead) });
  const attempt = async (key: string, what: unknown[] = request, by = scope): Promise<Attempt> => {
    const begun = await once.begin(by, key, what);
    if (begun.kept) throw new Error('answered already');
    return begun;
  };
  const kept = async (key: string, from = once): Promise<KeptAnswer> => {
    const begun = await from.begin(scope, key, request);
    if (!begun.kept) throw new Error('not answered yet');
    return begun;
  };

  beforeAll(async () => {
    storage = await open();
    once = make();
  });
  afterAll(() => storage.close());

  test('lets one of many at once run, tells the others to wait, and gives all who ask later its answer', async () => {
    const begun = await Promise.allSettled(Array.from({ length: 20 }, () => once.begin(scope, 'k-1', request)));
    const runs = begun.flatMap((each) => (each.status === 'fulfilled' && !each.value.kept ? [each.value] : []));
    const refused = begun.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
    expect(runs).toHaveLength(1);
    expect(refused).toHaveLength(19);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'conflict', retryAfterSeconds: 1 });
    await runs[0]?.end(201, '{"id":"log_1"}');
    expect(await kept('k-1')).toEqual({ kept: true, status: 201, body: '{"id":"log_1"}' });
    expect((await kept('k-1')).body).toBe('{"id":"log_1"}');
  });

  test('belongs to one request, one caller and one workspace', async () => {
    await (await attempt('k-2')).end(200, 'first');
    await expect(once.begin(scope, 'k-2', ['POST', '/v5/prompts/log', { output: 'b' }])).rejects.toMatchObject({ code: 'bad_request' });
    await (await attempt('k-2', request, systemScope('ws_b', 'test'))).end(200, 'another workspace');
    await (await attempt('k-2', request, systemScope('ws_a', 'someone'))).end(200, 'another caller');
    expect((await kept('k-2')).body).toBe('first');
  });

  test('keeps refusals for good, and is free again after what waiting may mend', async () => {
    await (await attempt('k-3')).end(404, 'no such prompt');
    expect(await kept('k-3')).toMatchObject({ status: 404, body: 'no such prompt' });
    for (const status of [500, 502, 503, 409, 429]) await (await attempt('k-4')).end(status, 'later');
    await (await attempt('k-4')).end(200, 'at last');
    expect((await kept('k-4')).body).toBe('at last');
  });

  test('is free again a minute after the attempt that held it died, and for its own request only', async () => {
    await attempt('k-5');
    await expect(attempt('k-5')).rejects.toMatchObject({ code: 'conflict' });
    ahead += 61_000;
    await expect(attempt('k-5', ['another'])).rejects.toMatchObject({ code: 'bad_request' });
    const second = await attempt('k-5');
    await second.end(200, 'second');
    expect((await kept('k-5')).body).toBe('second');
  });

  test('is forgotten after half a day', async () => {
    await (await attempt('k-6')).end(200, 'old');
    ahead += 12 * 3_600_000 + 1;
    await (await attempt('k-6', ['another'])).end(200, 'new');
    await (await attempt('k-7')).end(200, 'old');
    ahead += 12 * 3_600_000 + 1;
    await once.forget(new Date(Date.now() + ahead));
    const { rows } = await storage.executeSql<{ n: number }>('SELECT count(*) AS n FROM idempotency_keys');
    expect(Number(rows[0]?.n)).toBe(0);
  });

  test('opens its answer only together with the secret of the server, and stands nowhere itself', async () => {
    await (await attempt('k-8-in-the-open')).end(200, 'a secret answer');
    const { rows } = await storage.executeSql<{ text: string }>('SELECT row_to_json(k)::text AS text FROM idempotency_keys k');
    expect(JSON.stringify(rows)).not.toMatch(/secret answer|in-the-open/);
    await expect(kept('k-8-in-the-open', make('another secret'))).rejects.toMatchObject({ code: 'conflict' });
    await (await attempt('k-9')).end(200, 'x'.repeat(5 << 20));
    await expect(kept('k-9')).rejects.toMatchObject({ code: 'conflict' });
  });

  test.each(['', ' ', 'a b', 'x'.repeat(256), 'ключ'])('that is none is refused: %j', async (key) => {
    await expect(once.begin(scope, key, request)).rejects.toMatchObject({ code: 'bad_request' });
  });
});
