import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Storage, StoreUnavailableError } from '../../storage/index.ts';
import { describeOnEditions } from '../../test/storage.ts';
import { Browser, openPeople, password, setUpOwner } from '../fixtures.ts';
import type { People } from '../index.ts';

describeOnEditions('API keys', (open) => {
  let storage: Storage;
  let people: People;
  let clock: { ms: number };
  let owner: Awaited<ReturnType<typeof setUpOwner>>;
  beforeAll(async () => {
    storage = await open();
    ({ people, clock } = await openPeople(storage));
    owner = await setUpOwner(people);
  });
  afterAll(async () => {
    await people.close();
    await storage.close();
  });

  test('a key is 256 random bits, shown once and stored as its SHA-256 only (T18)', async () => {
    const made = await people.keys.create(owner.scope, { name: 'App', role: 'gateway', environment: 'staging' });
    expect(made.key).toMatch(/^wsk_[0-9A-Za-z]{43}$/);
    expect(made.prefix).toBe(made.key.slice(0, 8));
    expect((await people.keys.create(owner.scope, { name: 'Site', role: 'feedback' })).key).toMatch(/^wsf_/);
    const { rows } = await storage.executeSql<{ text: string; hash: string }>('SELECT row_to_json(k)::text AS text, hash FROM api_keys k');
    expect(rows.some(({ text }) => text.includes(made.key.slice(10)))).toBe(false);
    expect(rows.map(({ hash }) => hash)).toContain(createHash('sha256').update(made.key).digest('base64url'));
    const listed = await people.keys.list(owner.scope);
    expect(JSON.stringify(listed)).not.toContain(made.key.slice(10));
    expect(await people.scopeOfKey(made.key)).toEqual({
      workspaceId: owner.scope.workspaceId,
      actor: { type: 'key', id: made.id, name: 'App', role: 'gateway', environment: 'staging' },
    });
  });

  test.each([`' OR 1=1 --`, `wsk_'; DROP TABLE api_keys; --`, 'wsk_', '\0', '\ud800', 'k'.repeat(100_000), '__proto__'])(
    'a made-up key is unknown, whatever is in it (T18): %#',
    async (key) => {
      expect(await people.scopeOfKey(key)).toBeNull();
    },
  );

  test('a revoked key is refused at once here, within a second on another replica, and for good', async () => {
    const other = await openPeople(storage);
    const { key, id } = await people.keys.create(owner.scope, { name: 'Old', role: 'editor' });
    expect(await people.scopeOfKey(key)).not.toBeNull();
    expect(await other.people.scopeOfKey(key)).not.toBeNull();
    await people.keys.revoke(owner.scope, id);
    expect(await people.scopeOfKey(key)).toBeNull();
    other.clock.ms += 1_000;
    expect(await other.people.scopeOfKey(key)).toBeNull();
    await expect(people.keys.revoke(owner.scope, id)).rejects.toMatchObject({ code: 'not_found' });
    expect((await people.keys.list(owner.scope)).map((each) => each.id)).not.toContain(id);
    await other.people.close();
  });

  test('an expired key is refused, though it was known a moment ago', async () => {
    const expiresAt = new Date(Date.now() + clock.ms + 60_000);
    const { key } = await people.keys.create(owner.scope, { name: 'Short', role: 'viewer', expiresAt });
    clock.ms += 59_900;
    expect(await people.scopeOfKey(key)).not.toBeNull();
    clock.ms += 200;
    expect(await people.scopeOfKey(key)).toBeNull();
    const past = people.keys.create(owner.scope, { name: 'Past', role: 'viewer', expiresAt: new Date(0) });
    await expect(past).rejects.toMatchObject({ code: 'bad_request' });
  });

  test('the last use is written off the path of the call, at most once a minute', async () => {
    const { key, id } = await people.keys.create(owner.scope, { name: 'Used', role: 'gateway' });
    const lastUse = async (): Promise<Date | null> =>
      (await people.keys.list(owner.scope)).find((each) => each.id === id)?.lastUsedAt ?? null;
    expect(await lastUse()).toBeNull();
    await people.scopeOfKey(key);
    for (let n = 0; n < 50 && (await lastUse()) === null; n++) await sleep(50);
    const first = await lastUse();
    expect(first).not.toBeNull();
    clock.ms += 30_000;
    await people.scopeOfKey(key);
    clock.ms += 31_000;
    await people.scopeOfKey(key);
    for (let n = 0; n < 50 && (await lastUse())?.getTime() === first?.getTime(); n++) await sleep(50);
    expect((await lastUse())?.getTime()).toBeGreaterThan((first?.getTime() ?? 0) + 60_000);
  });

  test('while PostgreSQL is away a known key serves for 60 s, an unknown one is told to wait (F8)', async () => {
    let away = false;
    const flaky = {
      ...storage,
      database: <Tables>() =>
        storage.database<Tables>().withPlugin({
          transformQuery: ({ node }) => {
            if (away) throw new StoreUnavailableError('postgres', 'gone');
            return node;
          },
          transformResult: async ({ result }) => result,
        }),
    };
    const replica = await openPeople(flaky);
    const { key } = await people.keys.create(owner.scope, { name: 'Steady', role: 'gateway' });
    expect(await replica.people.scopeOfKey(key)).not.toBeNull();
    away = true;
    replica.clock.ms += 59_000;
    expect(await replica.people.scopeOfKey(key)).not.toBeNull();
    await expect(replica.people.scopeOfKey('wsk_unknown')).rejects.toMatchObject({ code: 'unavailable' });
    const signIn = await new Browser(replica.people).send('POST', '/sign-in/email', { email: 'ada@example.com', password });
    expect([signIn.status, signIn.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await replica.people.scopeOfKey(key)).not.toBeNull();
    replica.clock.ms += 2_000;
    await expect(replica.people.scopeOfKey(key)).rejects.toMatchObject({ code: 'unavailable' });
    away = false;
    replica.clock.ms += 2_000;
    expect(await replica.people.scopeOfKey(key)).not.toBeNull();
    await replica.people.close();
  });

  test('another workspace sees and revokes none of these keys (T7)', async () => {
    const { id: workspaceId } = await people.workspaces.create(owner.userId, { name: 'Other' });
    const elsewhere = { ...owner.scope, workspaceId };
    const { id } = await people.keys.create(owner.scope, { name: 'Mine', role: 'viewer' });
    expect(await people.keys.list(elsewhere)).toEqual([]);
    await expect(people.keys.revoke(elsewhere, id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('making and revoking a key is in the audit log, with the address of whoever did it', async () => {
    const { id } = await people.audit.withIp('203.0.113.77', () => people.keys.create(owner.scope, { name: 'Audited', role: 'admin' }));
    await people.keys.revoke(owner.scope, id);
    const { records, total } = await people.audit.list(owner.scope, { page: 1, size: 2, action: 'api_key' });
    expect(total).toBeGreaterThan(2);
    expect(records).toMatchObject([
      { action: 'api_key.revoked', target: { type: 'api_key', id, name: 'Audited' }, ip: null },
      { action: 'api_key.created', ip: '203.0.113.77', data: { role: 'admin' }, actor: { type: 'user', id: owner.userId, name: 'Ada' } },
    ]);
    const found = async (query: { action?: string; actor?: string }) =>
      (await people.audit.list(owner.scope, { page: 1, size: 100, ...query })).records.map(({ action }) => action);
    expect(new Set(await found({ action: 'KEY.rev' }))).toEqual(new Set(['api_key.revoked']));
    expect(await found({ action: 'api_key', actor: 'aD' })).toEqual(await found({ action: 'api_key' }));
    expect(await found({ actor: owner.userId })).toEqual(await found({ actor: 'Ada' }));
    expect(await found({ actor: 'nobody' })).toEqual([]);
    expect(await found({ action: '%' })).toEqual([]);
  });
});
