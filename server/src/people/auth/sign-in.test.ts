import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Storage } from '../../storage/index.ts';
import { describeOnEditions } from '../../test/storage.ts';
import { addMember, Browser, type Clock, openPeople, origin, password, setUpOwner } from '../fixtures.ts';
import type { People } from '../index.ts';

describeOnEditions('sign-in', (open) => {
  let storage: Storage;
  let people: People;
  let clock: Clock;
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
  const signIn = (browser: Browser, email: string, secret = password): Promise<Response> =>
    browser.send('POST', '/sign-in/email', { email, password: secret });

  test('signs in with the password and out again; the cookie opens nothing afterwards (T19)', async () => {
    const browser = new Browser(people);
    const wrong = await signIn(browser, 'ada@example.com', 'not the password');
    expect([wrong.status, await wrong.json()]).toEqual([401, { detail: 'Invalid email or password' }]);
    const right = await signIn(browser, ' ADA@example.com');
    expect(await right.json()).toEqual({ user: { id: owner.userId, name: 'Ada', email: 'ada@example.com' } });
    const [cookie = ''] = right.headers.getSetCookie();
    expect(cookie).toMatch(/^whetstone\.session_token=.*; Path=\/; HttpOnly; SameSite=Lax/);
    expect(cookie).not.toMatch(/Secure/);
    const kept = new Headers({ cookie: browser.cookieHeader() });
    expect(await people.sessionOf(kept)).not.toBeNull();
    expect((await browser.send('POST', '/sign-out', {})).status).toBe(200);
    expect(browser.cookies.size).toBe(0);
    expect(await people.sessionOf(kept)).toBeNull();
  });

  test('on https the cookie is bound to the host and secure (T8)', async () => {
    const https = 'https://whetstone.example.com';
    const other = await openPeople(storage, { url: () => https });
    const browser = new Browser(other.people, '192.0.2.1', https);
    const [cookie = ''] = (await signIn(browser, 'ada@example.com')).headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-whetstone\.session_token=/);
    expect(cookie).toMatch(/; Secure/);
    expect(cookie).not.toMatch(/Domain/i);
    expect(await browser.session()).not.toBeNull();
    const plain = new Browser(other.people, '192.0.2.1', https);
    expect((await plain.send('POST', '/sign-out', {}, { origin: 'http://whetstone.example.com' })).status).toBe(403);
    await other.people.close();
  });

  test('what is stored of a session opens none: the token is hashed (T19)', async () => {
    const { browser } = owner;
    const value = decodeURIComponent([...browser.cookies.values()][0] ?? '');
    const token = value.slice(0, value.lastIndexOf('.'));
    const { rows } = await storage.executeSql<{ token: string }>('SELECT token FROM sessions');
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.map((row) => row.token)).not.toContain(token);
    const dump = await storage.executeSql<{ text: string }>('SELECT row_to_json(s)::text AS text FROM sessions s');
    expect(dump.rows.some(({ text }) => text.includes(token))).toBe(false);
    const { rows: accounts } = await storage.executeSql<{ password: string }>('SELECT password FROM accounts');
    expect(accounts.every((row) => !row.password.includes(password))).toBe(true);
    const stolen = new Browser(people);
    for (const row of rows) {
      stolen.cookies.set('whetstone.session_token', `${row.token}.${value.slice(value.lastIndexOf('.') + 1)}`);
      expect(await stolen.session()).toBeNull();
    }
  });

  test('a cookie with a changed signature, or brought along before sign-in, is worth nothing (T19, fixation)', async () => {
    const browser = new Browser(people);
    browser.cookies.set('whetstone.session_token', `${'A'.repeat(32)}.AAAA`);
    expect(await browser.session()).toBeNull();
    await signIn(browser, 'ada@example.com');
    expect(browser.cookies.get('whetstone.session_token')).not.toContain('A'.repeat(32));
    expect(await browser.session()).not.toBeNull();
  });

  test('requests of another site are refused, with a cookie or without (T8)', async () => {
    const body = { email: 'ada@example.com', password };
    const send = (headers: Record<string, string>): Promise<Response> => new Browser(people).send('POST', '/sign-in/email', body, headers);
    expect((await send({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await send({ origin: 'null' })).status).toBe(403);
    expect((await send({ origin: `${origin}.evil.example` })).status).toBe(403);
    const hidden = new Request(`${origin}/api/auth/sign-out`, {
      method: 'POST',
      headers: { cookie: owner.browser.cookieHeader(), 'content-type': 'application/json' },
      body: '{}',
    });
    expect((await people.handleAuth(hidden, '192.0.2.1')).status).toBe(403);
    const crossSite = await owner.browser.send('GET', '/session', undefined, { 'sec-fetch-site': 'cross-site' });
    expect(crossSite.status).toBe(403);
    const form = new Request(`${origin}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(body),
    });
    expect((await people.handleAuth(form, '192.0.2.1')).status).toBe(415);
    expect(await owner.browser.session()).not.toBeNull();
  });

  test.each([
    ['text instead of JSON', 'nope', 400],
    ['an empty object', {}, 400],
    ['a number as password', { email: 'ada@example.com', password: 5 }, 400],
    ['no address', { email: 'ada', password }, 400],
    ['NUL and lone surrogates', { email: 'a\0\ud800@example.com', password }, 400],
    ['a body of 100 KB', { email: 'ada@example.com', password, filler: 'x'.repeat(100_000) }, 413],
  ])('bad input is told where it is wrong: %s', async (_, body, status) => {
    const response = await new Browser(people).send('POST', '/sign-in/email', body);
    expect([response.status, typeof ((await response.json()) as { detail: unknown }).detail]).toEqual([status, 'string']);
  });

  test('guessing is slowed down: 429 with Retry-After, though guesses come all at once (T20)', async () => {
    clock.frozenAt = Date.now();
    const guesser = new Browser(people, '198.51.100.7');
    const answers = await Promise.all(Array.from({ length: 12 }, () => signIn(guesser, 'ada@example.com', 'guess guess')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(7);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    // The right password does not pass either, but only from there: the owner is not locked out.
    expect((await signIn(guesser, 'ada@example.com')).status).toBe(429);
    expect((await signIn(new Browser(people, '203.0.113.9'), 'ada@example.com')).status).toBe(200);
    clock.ms += 3_600_000;
    expect((await signIn(guesser, 'ada@example.com', 'guess guess')).status).toBe(401);
    const longer = await signIn(guesser, 'ada@example.com');
    expect(Number(longer.headers.get('retry-after'))).toBeGreaterThan(1);
    clock.ms += 3_600_000;
    expect((await signIn(guesser, 'ada@example.com')).status).toBe(200);
    clock.frozenAt = null;
  });

  test('one address that tries many accounts is slowed down (T20)', async () => {
    const statuses: number[] = [];
    clock.frozenAt = Date.now();
    for (let n = 0; n < 32; n++)
      statuses.push((await signIn(new Browser(people, '198.51.100.8'), `no${n}@example.com`, 'guess guess')).status);
    expect(statuses.slice(0, 30).every((status) => status === 401)).toBe(true);
    expect(statuses.slice(31)).toEqual([429]);
    clock.frozenAt = null;
  });

  test('sessions are listed and ended, each person their own', async () => {
    const { browser: other, userId } = await addMember(people, owner.scope, 'viewer');
    const [mine, theirs] = [await owner.browser.session(), await other.session()];
    if (mine === null || theirs === null) throw new Error('not signed in');
    expect(theirs.user.id).toBe(userId);
    const second = new Browser(people, '203.0.113.5');
    await second.send('POST', '/sign-in/email', { email: theirs.user.email, password }, { 'user-agent': 'Test/1' });
    const list = await people.sessions.list(theirs);
    expect(list).toHaveLength(2);
    expect(list.find(({ current }) => !current)).toMatchObject({ ip: '203.0.113.5', userAgent: 'Test/1' });
    await expect(people.sessions.end(mine, theirs.id)).rejects.toMatchObject({ code: 'not_found' });
    await people.sessions.end(theirs, list.find(({ current }) => !current)?.id ?? '');
    expect(await second.session()).toBeNull();
    expect(await other.session()).not.toBeNull();
  });

  test('a changed password ends every other session and makes a new one here (T19)', async () => {
    const { browser, email } = await addMember(people, owner.scope, 'editor');
    const elsewhere = new Browser(people);
    await signIn(elsewhere, email);
    const before = browser.cookieHeader();
    const wrong = await browser.send('POST', '/change-password', { current_password: 'wrong wrong', password: 'brand new password' });
    expect(wrong.status).toBe(401);
    const right = await browser.send('POST', '/change-password', { current_password: password, password: 'brand new password' });
    expect(right.status).toBe(200);
    expect(await elsewhere.session()).toBeNull();
    expect(await people.sessionOf(new Headers({ cookie: before }))).toBeNull();
    expect(await browser.session()).not.toBeNull();
    expect((await signIn(new Browser(people), email)).status).toBe(401);
  });

  test('a session that nobody uses for a week is over, and any after thirty days (T19)', async () => {
    const browser = new Browser(people);
    await signIn(browser, 'ada@example.com');
    const before = clock.ms;
    clock.ms += 6 * 24 * 3_600_000;
    expect(await browser.session()).not.toBeNull();
    clock.ms += 3 * 24 * 3_600_000;
    await people.close();
    expect(await browser.session()).not.toBeNull();
    clock.ms += 8 * 24 * 3_600_000;
    expect(await browser.session()).toBeNull();
    clock.ms = before;
  });
});
