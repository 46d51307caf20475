import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeOnEditions } from './editions.ts';
import { byKey, caller, type Caller, send } from './send.ts';
import { eventually, type Whetstone } from './whetstone.ts';

interface Answer {
  results: { id: string | null; log_id: string | null; status: string; error: { code: string; message: string } | null }[];
  accepted: number;
  refused: number;
}
interface Log {
  id: string;
  evaluator_logs: { judgment: unknown; judge: string | null; edit: { amount: number; kind: string } | null; evaluator: { path: string } }[];
}

/** Feedback as applications and pages send it, over a server that is killed. */
describeOnEditions(describe, 'feedback', (start) => {
  let whetstone: Whetstone;
  let admin: Caller;
  const dataDir = mkdtempSync(join(tmpdir(), 'whetstone-e2e-'));
  const boot = async (): Promise<void> => {
    whetstone = await start({ dataDir });
    admin = caller(whetstone.url, byKey(whetstone.apiKey));
  };
  beforeAll(boot);
  afterAll(() => whetstone?.close());

  const log = (more: Record<string, unknown> = {}): Promise<{ id: string }> =>
    admin('POST', '/v5/prompts/log', {
      path: 'shop/answer',
      prompt: { model: 'gpt-4o' },
      output: 'The refund takes five days.',
      user: 'u1',
      ...more,
    });
  const give = (body: unknown): Promise<Answer> => admin('POST', '/v5/feedback', body);
  const judged = async (id: string): Promise<Record<string, unknown>> =>
    Object.fromEntries((await admin<Log>('GET', `/v5/logs/${id}`)).evaluator_logs.map((each) => [each.evaluator.path, each.judgment]));

  it('what is acknowledged survives the end of the server, before and after its log', { timeout: 120_000 }, async () => {
    const first = await log({ reference_id: 'ref-1' });
    expect(await give({ log_id: first.id, kind: 'vote', value: 'good' })).toMatchObject({ results: [{ status: 'accepted' }] });
    expect(await give({ reference_id: 'ref-2', kind: 'vote', value: 'bad' })).toMatchObject({ results: [{ status: 'waiting', id: null }] });
    expect(await give({ reference_id: 'ref-2', kind: 'correction', value: 'The refund takes ten days.' })).toMatchObject({ accepted: 1 });
    await whetstone.kill('SIGKILL');
    await boot();
    // What was acknowledged is in the journal, and shows when it was drained.
    const kept = await eventually('the vote of before', async () => {
      const all = await judged(first.id);
      return Object.keys(all).length > 0 && all;
    });
    expect(kept).toEqual({ 'feedback/vote': 'good' });
    const second = await log({ reference_id: 'ref-2' });
    const found = await eventually('joining', async () => {
      const all = await judged(second.id);
      return Object.keys(all).length === 2 && all;
    });
    expect(found).toEqual({ 'feedback/vote': 'bad', 'feedback/correction': 'The refund takes ten days.' });
    const { evaluator_logs: all } = await admin<Log>('GET', `/v5/logs/${second.id}`);
    expect(all.find(({ edit }) => edit !== null)?.edit).toMatchObject({ kind: 'words', amount: 4 / 27 });
    const filtered = await eventually('the filter', async () => {
      const { records } = await admin<{ records: Log[] }>('GET', '/v5/logs?filter=edited%3E0.1%20feedback%3Avote%3Dbad');
      return records.length > 0 && records;
    });
    expect(filtered.map(({ id }) => id)).toEqual([second.id]);
  });

  it('tells what is wrong with one, and answers many one by one', async () => {
    const { id } = await log();
    const wrong: [unknown, number, RegExp][] = [
      [{ log_id: id, kind: 'nope', value: 'good' }, 422, /There are `vote`/],
      [{ log_id: id, kind: 'vote', value: 7 }, 422, /one of `good`, `bad`/],
      [{ log_id: id, kind: 'rating', value: 'five' }, 422, /takes a number/],
      [{ kind: 'vote', value: 'good' }, 422, /log_id/],
      [{ log_id: id, reference_id: 'x', kind: 'vote', value: 'good' }, 422, /not by both/],
      [{ log_id: id, kind: 'vote' }, 422, /remove/],
      [{ log_id: id, kind: 'vote', value: 'good', votes: 1 }, 422, /votes/],
      [{ log_id: id, kind: 'vote', value: 'good', created_at: '0001-01-01T00:00:00Z' }, 422, /created_at.*years 1970 to 2261/],
      [{ log_id: id, kind: 'vote', value: 'good', created_at: '9999-12-31T00:00:00Z' }, 422, /created_at.*years 1970 to 2261/],
      [{ feedback: null }, 422, /"feedback".*expected array/],
      [{ feedback: 7 }, 422, /"feedback".*expected array/],
      [{ feedback: [] }, 422, /feedback/],
      [{ feedback: Array.from({ length: 1_001 }, () => ({ log_id: id, kind: 'vote', value: 'good' })) }, 422, /1000/],
      [{ log_id: id, kind: 'vote', value: 'good', created_at: 'yesterday' }, 422, /created_at/],
    ];
    for (const [body, status, words] of wrong) {
      const answer = await send(whetstone.url, '/v5/feedback', { method: 'POST', headers: byKey(whetstone.apiKey), body });
      expect(`${answer.status} ${JSON.stringify(body).slice(0, 80)}`).toBe(`${status} ${JSON.stringify(body).slice(0, 80)}`);
      expect(answer.text).toMatch(words);
    }
    const bytes = await fetch(`${whetstone.url}/v5/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': whetstone.apiKey },
      body: Buffer.concat([
        Buffer.from(`{"log_id":"${id}","kind":"comment","value":"`),
        Buffer.from([0xff, 0xfe, 0xc0]),
        Buffer.from('"}'),
      ]),
    });
    expect([200, 400]).toContain(bytes.status);
    const huge = await give({ log_id: id, kind: 'correction', value: 'word '.repeat(200_000) });
    expect(huge.results[0]?.status).toBe('accepted');
    const many = await give({
      feedback: [{ log_id: id, kind: 'vote', value: 'good' }, 'nonsense', { log_id: id, kind: 'action', value: 'copied' }],
    });
    expect(many.results.map(({ status }) => status)).toEqual(['accepted', 'refused', 'accepted']);
    expect([many.accepted, many.refused]).toEqual([2, 1]);
    expect(await judged(id)).toMatchObject({ 'feedback/vote': 'good', 'feedback/action': ['copied'] });
  });

  it('a publishable key sends from the pages that it names, and does nothing else', async () => {
    const { id } = await log();
    const origin = 'https://shop.example';
    const key = await admin<{ id: string; key: string; origins: string[] }>('POST', '/v5/api-keys', {
      name: 'site',
      role: 'feedback',
      origins: [origin],
    });
    expect(key.origins).toEqual([origin]);
    const post = (from: string | null, secret = key.key) =>
      fetch(`${whetstone.url}/v5/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': secret, ...(from === null ? {} : { origin: from }) },
        body: JSON.stringify({ log_id: id, kind: 'vote', value: 'good', user: 'u1' }),
      });
    const preflight = (from: string) =>
      fetch(`${whetstone.url}/v5/feedback`, { method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'POST' } });
    const allowed = (response: Response) => [response.status, response.headers.get('access-control-allow-origin')];
    expect(allowed(await preflight(origin))).toEqual([204, origin]);
    expect(allowed(await preflight('https://evil.example'))).toEqual([403, null]);
    expect(allowed(await post(origin))).toEqual([200, origin]);
    expect(allowed(await post(null))).toEqual([200, null]);
    expect(allowed(await post('https://evil.example'))).toEqual([403, null]);
    expect(allowed(await post('null'))).toEqual([403, null]);
    const long = await fetch(`${whetstone.url}/v5/feedback`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key.key, origin },
      body: JSON.stringify({ log_id: id, kind: 'comment', value: 'x'.repeat(300_000) }),
    });
    expect([long.status, await long.text()]).toEqual([422, expect.stringContaining('256 KB')]);
    // No page gets leave to use a key that can do more.
    expect(allowed(await post(origin, whetstone.apiKey))).toEqual([200, null]);
    for (const path of ['/v5/logs', '/v5/feedback/summary', '/v5/feedback/arrivals', `/v5/logs/${id}`])
      expect((await send(whetstone.url, path, { headers: byKey(key.key) })).status).toBe(403);
    await admin('PATCH', `/v5/api-keys/${key.id}`, { origins: ['https://other.example'] });
    expect(allowed(await post(origin))).toEqual([403, null]);
    expect(allowed(await preflight(origin))).toEqual([403, null]);
    const refused = await send(whetstone.url, '/v5/api-keys', {
      method: 'POST',
      headers: byKey(whetstone.apiKey),
      body: { name: 'x', role: 'gateway', origins: [origin] },
    });
    expect(refused.status).toBe(422);
  });

  it('one user who never stops is told to wait, and counts once', async () => {
    const { id } = await log();
    const key = await admin<{ key: string }>('POST', '/v5/api-keys', { name: 'busy', role: 'feedback' });
    let limited: Response | null = null;
    for (let n = 0; n < 10 && limited === null; n += 1) {
      const answer = await fetch(`${whetstone.url}/v5/feedback`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': key.key },
        body: JSON.stringify({
          feedback: Array.from({ length: 100 }, (_, i) => ({ log_id: id, kind: 'vote', value: i % 2 === 0 ? 'good' : 'bad', user: 'u1' })),
        }),
      });
      if (answer.status === 429) limited = answer;
    }
    expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0);
    const { evaluator_logs: all } = await admin<Log>('GET', `/v5/logs/${id}`);
    expect(all.map(({ judgment }) => judgment)).toEqual(['bad']);
  });
});
