import { systemScope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Storage } from '../../storage/index.ts';
import { describeOnEditions } from '../../test/storage.ts';
import { chat, type House, openHouse, readEvents } from '../test/house.ts';
import { type Limit, RateLimits } from './rate-limits.ts';
import { createLimitStore, type LimitStore } from './store.ts';

const nothing = { requestsPerMinute: null, tokensPerMinute: null, usdPerDay: null, usdPerMonth: null };
const limit = (subject: Limit['subject'], id: string, amounts: Partial<Limit>) => ({ ...nothing, ...amounts, subject, id });
const keyScope = (workspaceId: string, id: string) => ({
  workspaceId,
  actor: { type: 'key' as const, id, name: 'App', role: 'gateway' as const, environment: null },
});

describeOnEditions('limits', (open) => {
  let storage: Storage;
  let store: LimitStore;
  let at = new Date('2026-11-23T14:05:10Z');
  const made: RateLimits[] = [];
  beforeAll(async () => {
    storage = await open();
    store = createLimitStore(storage);
  });
  afterAll(async () => {
    for (const one of made) await one.close();
    await storage.close();
  });
  const replica = (its: LimitStore = store): RateLimits => {
    const one = new RateLimits(its, {
      audit: { record: async () => undefined },
      clock: () => at,
      now: () => at.getTime(),
      changed: () => undefined,
    });
    made.push(one);
    return one;
  };
  const later = (ms: number) => {
    at = new Date(at.getTime() + ms);
  };
  const admitted = async (
    limits: RateLimits,
    scope: ReturnType<typeof keyScope>,
    times: number,
    user: string | null = null,
  ): Promise<number> => {
    const all = await Promise.allSettled(Array.from({ length: times }, async () => limits.admit(scope, user)));
    return all.filter(({ status }) => status === 'fulfilled').length;
  };

  it('where nothing is limited, a call is let in without a promise', async () => {
    const limits = replica();
    const scope = keyScope('ws_free', 'key_1');
    await limits.admit(scope, 'ann');
    expect(limits.admit(scope, 'ann')).toBeNull();
  });

  it('an end user who is erased leaves no limit and no count, neither kept nor owed; others keep theirs', async () => {
    const scope = keyScope('ws_erased', 'key_1');
    const limits = replica();
    for (const name of ['ann', 'bob']) await limits.set(scope, limit('user', name, { usdPerDay: 5 }));
    const use = async (): Promise<void> => {
      for (const name of ['ann', 'bob']) (await limits.admit(scope, name))?.settle({ tokens: 7, usd: 0.5 });
    };
    await use();
    await limits.flush();
    await use();
    await limits.forgetUser('ws_erased', 'ann');
    await limits.flush();
    const { rows } = await storage.executeSql<{ subject_id: string }>(
      "SELECT DISTINCT subject_id FROM limit_usage WHERE workspace_id = 'ws_erased'",
    );
    expect(rows).toEqual([{ subject_id: 'bob' }]);
    expect(await limits.list(scope)).toMatchObject([{ id: 'bob', used: { usdToday: 1 } }]);
    expect(await limits.admit(scope, 'ann')).toBeNull();
  });

  it('requests a minute: exactly so many, over all replicas together, and again in the next minute', async () => {
    const scope = keyScope('ws_requests', 'key_1');
    const [one, two] = [replica(), replica()];
    await one.set(scope, limit('key', 'key_1', { requestsPerMinute: 130 }));
    const both = await Promise.all([admitted(one, scope, 200), admitted(two, scope, 200)]);
    expect(both[0] + both[1]).toBe(130);
    await expect(one.admit(scope, null)).rejects.toMatchObject({
      code: 'rate_limited',
      data: { code: 'rate_limit_exceeded' },
      retryAfterSeconds: 50,
      headers: { 'x-ratelimit-limit-requests': '130', 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '50s' },
    });
    expect(await admitted(one, keyScope('ws_requests', 'key_2'), 5)).toBe(5);
    later(50_000);
    expect(await admitted(two, scope, 140)).toBe(130);
  });

  it('tokens a minute: what was used counts when it is known, on other replicas within a second', async () => {
    const scope = keyScope('ws_tokens', 'key_1');
    const [one, two] = [replica(), replica()];
    await one.set(scope, limit('key', 'key_1', { tokensPerMinute: 100 }));
    const first = await one.admit(scope, null);
    await two.admit(scope, null);
    expect(first?.headers).toMatchObject({ 'x-ratelimit-remaining-tokens': '100' });
    first?.settle({ tokens: 100, usd: 0 });
    await expect(one.admit(scope, null)).rejects.toMatchObject({ data: { code: 'rate_limit_exceeded' } });
    await one.flush();
    later(1_000);
    await expect(two.admit(scope, null)).rejects.toMatchObject({ data: { code: 'rate_limit_exceeded' } });
    later(60_000);
    expect(await two.admit(scope, null)).not.toBeNull();
  });

  it('a budget is spent until its day or month ends, in UTC, whatever server is asked', async () => {
    at = new Date('2026-11-30T23:59:00Z');
    const scope = keyScope('ws_budget', 'key_1');
    const one = replica();
    await one.set(scope, limit('key', 'key_1', { usdPerDay: 1, usdPerMonth: 1.5 }));
    (await one.admit(scope, null))?.settle({ tokens: 10, usd: 1.000001 });
    await one.flush();
    await expect(replica().admit(scope, null)).rejects.toMatchObject({ data: { code: 'budget_exceeded' }, retryAfterSeconds: 60 });
    expect(await one.list(scope)).toMatchObject([{ id: 'key_1', used: { usdToday: 1.000001, usdThisMonth: 1.000001 } }]);
    at = new Date('2026-12-01T00:00:00Z');
    (await one.admit(scope, null))?.settle({ tokens: 10, usd: 0.9 });
    at = new Date('2026-12-02T00:00:00Z');
    (await one.admit(scope, null))?.settle({ tokens: 10, usd: 0.7 });
    await one.flush();
    later(2_000);
    await expect(one.admit(scope, null)).rejects.toMatchObject({
      data: { code: 'budget_exceeded' },
      message: expect.stringContaining('1.5 USD a month') as string,
      retryAfterSeconds: 30 * 86_400 - 2,
    });
  });

  it('what is being reported counts too', async () => {
    const scope = keyScope('ws_reporting', 'key_1');
    let go = (): void => undefined;
    const held: LimitStore = {
      ...store,
      report: async (whose, report) => {
        if (report.usd > 0) await new Promise<void>((resolve) => (go = resolve));
        return store.report(whose, report);
      },
    };
    const limits = replica(held);
    await limits.set(scope, limit('key', 'key_1', { usdPerDay: 1 }));
    (await limits.admit(scope, null))?.settle({ tokens: 1, usd: 1 });
    const flushed = limits.flush();
    await expect(limits.admit(scope, null)).rejects.toMatchObject({ data: { code: 'budget_exceeded' } });
    go();
    await flushed;
    await expect(limits.admit(scope, null)).rejects.toMatchObject({ data: { code: 'budget_exceeded' } });
  });

  it("end users: one's own limit before everyone's, each counted alone, and what a second limit refuses is not counted by the first", async () => {
    at = new Date('2026-12-05T10:00:00Z');
    const scope = keyScope('ws_users', 'key_1');
    const limits = replica();
    await limits.set(scope, limit('user', '*', { requestsPerMinute: 2 }));
    await limits.set(scope, limit('user', 'vip', { requestsPerMinute: 5 }));
    await limits.set(scope, limit('key', 'key_1', { requestsPerMinute: 9 }));
    expect(await admitted(limits, scope, 4, 'ann')).toBe(2);
    expect(await admitted(limits, scope, 4, 'bob')).toBe(2);
    expect(await admitted(limits, scope, 6, 'vip')).toBe(5);
    expect(await admitted(limits, scope, 3)).toBe(0);
    await expect(limits.admit(systemScope('ws_users', 'test'), 'ann')).rejects.toMatchObject({
      message: expect.stringContaining('the user `ann`') as string,
    });
  });

  it('while PostgreSQL is away calls go on, and what they used is reported later', async () => {
    let away = false;
    const flaky: LimitStore = {
      ...store,
      report: async (...given) => {
        if (away) throw new Error('gone');
        return store.report(...given);
      },
    };
    const scope = keyScope('ws_away', 'key_1');
    const limits = replica(flaky);
    await limits.set(scope, limit('key', 'key_1', { requestsPerMinute: 60, usdPerDay: 1 }));
    (await limits.admit(scope, null))?.settle({ tokens: 1, usd: 0 });
    away = true;
    later(5_000);
    (await limits.admit(scope, null))?.settle({ tokens: 1, usd: 2 });
    await limits.flush();
    away = false;
    await limits.flush();
    expect(await limits.list(scope)).toMatchObject([{ used: { usdToday: 2 } }]);
  });

  it('another workspace has neither the limit nor the use of it; one that limits nothing is refused; lifted is lifted', async () => {
    const scope = keyScope('ws_border', 'key_1');
    const limits = replica();
    await limits.set(scope, limit('key', 'key_1', { requestsPerMinute: 1 }));
    expect(await admitted(limits, keyScope('ws_elsewhere', 'key_1'), 3)).toBe(3);
    expect(await limits.list(keyScope('ws_elsewhere', 'key_1'))).toEqual([]);
    await expect(limits.delete(keyScope('ws_elsewhere', 'x'), 'key', 'key_1')).rejects.toMatchObject({ code: 'not_found' });
    await expect(limits.set(scope, limit('key', 'key_1', {}))).rejects.toMatchObject({ code: 'bad_request' });
    expect(await admitted(limits, scope, 3)).toBe(1);
    await limits.delete(scope, 'key', 'key_1');
    expect(await admitted(limits, scope, 3)).toBe(3);
  });
});

describe('limits at the doors', () => {
  let house: House;
  let at = new Date('2026-11-23T14:05:10Z');
  beforeAll(async () => {
    house = await openHouse({ clock: () => at });
  });
  afterAll(() => house.close());
  beforeEach(() => house.fake.reset());
  const completions = '/v1/chat/completions';

  it("a refusal is a 429 in each caller's shape, with when to come back, and nothing is asked or logged", async () => {
    await house.gateway.limits.set(house.scope, limit('user', 'slow', { requestsPerMinute: 1, usdPerDay: 5 }));
    const first = await house.request(completions, chat('Hi', { user: 'slow', stream: true }));
    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('1');
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect((await readEvents(first)).at(-1)).toBe('[DONE]');
    const { calls } = house.gateway.counters();
    const refused = await house.request(completions, chat('Hi', { user: 'slow' }));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(refused.headers.get('retry-after')).toBe('50');
    expect(await refused.json()).toEqual({
      error: {
        message: expect.stringContaining('1 requests a minute') as string,
        type: 'rate_limit_error',
        param: null,
        code: 'rate_limit_exceeded',
      },
    });
    const messages = await house.request('/v1/messages', {
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      metadata: { user_id: 'slow' },
      messages: [{ role: 'user', content: 'Hi' }],
    });
    expect([messages.status, await messages.json()]).toMatchObject([429, { type: 'error', error: { type: 'rate_limit_error' } }]);
    const responses = await house.request('/v1/responses', { model: 'gpt-4o', input: 'Hi', user: 'slow' });
    expect([responses.status, await responses.json()]).toMatchObject([429, { error: { code: 'rate_limit_exceeded' } }]);
    expect(house.fake.received).toHaveLength(1);
    expect(house.gateway.counters()).toMatchObject({ calls, limited: 3 });
  });

  it('what a call cost is taken off the budget', async () => {
    await house.gateway.limits.set(house.scope, limit('user', 'poor', { usdPerDay: 0.000001 }));
    expect((await house.request(completions, chat('Hi', { user: 'poor' }))).status).toBe(200);
    at = new Date(at.getTime() + 90_000);
    const refused = await house.request(completions, chat('Hi', { user: 'poor' }));
    expect([refused.status, await refused.json()]).toMatchObject([429, { error: { code: 'budget_exceeded' } }]);
    expect((await house.request(completions, chat('Hi', { user: 'rich' }))).headers.get('x-ratelimit-limit-requests')).toBe('5000');
  });
});
