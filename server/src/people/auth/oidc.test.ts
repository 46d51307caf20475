import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../../storage/index.ts';
import { openTestStorage, silent } from '../../test/storage.ts';
import { createAuditTrail } from '../audit/audit.ts';
import { addMember, Browser, openPeople, origin, password, setUpOwner } from '../fixtures.ts';
import type { People } from '../index.ts';
import type { PeopleTables } from '../tables.ts';
import { makeAuth } from './auth.ts';
import { type Claims, startProvider } from './fake-provider.ts';

let provider: Awaited<ReturnType<typeof startProvider>>;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  provider.forge = false;
});
const settings = (enforced: boolean) => ({ issuer: provider.issuer, clientId: 'whetstone', clientSecret: 's', enforced, name: 'Acme SSO' });

/** Goes to the provider and back, as a browser would. @returns where it ends */
async function signIn(browser: Browser, claims: Claims, invitation?: string): Promise<URL> {
  provider.next = claims;
  const started = await browser.send('POST', '/sign-in/oidc', { callbackURL: '/w/acme', invitation });
  if (started.status !== 200) throw new Error(await started.text());
  const { url } = (await started.json()) as { url: string };
  const authorized = await fetch(url, { redirect: 'manual' });
  const back = await browser.send('GET', authorized.headers.get('location') ?? '', undefined, { 'sec-fetch-site': 'cross-site' });
  expect([302, 200]).toContain(back.status);
  return new URL(back.headers.get('location') ?? '', origin);
}
const claimsOf = (name: string, more: Partial<Claims> = {}): Claims => ({
  sub: `sub-${name}`,
  email: `${name}@example.com`,
  email_verified: true,
  name,
  ...more,
});

describe('sign-in by OpenID Connect', () => {
  let storage: Storage;
  let people: People;
  let owner: Awaited<ReturnType<typeof setUpOwner>>;
  beforeAll(async () => {
    storage = await openTestStorage();
    ({ people } = await openPeople(storage, { oidc: settings(false) }));
    owner = await setUpOwner(people);
  });
  afterAll(async () => {
    await people.close();
    await storage.close();
  });

  test('says so, and a stranger is refused in words', async () => {
    expect(people.signInMethods()).toEqual({ password: true, oidc: true, oidcName: 'Acme SSO' });
    const browser = new Browser(people);
    const end = await signIn(browser, claimsOf('stranger'));
    expect(end.pathname).toBe('/sign-in');
    expect(end.searchParams.get('error_description')).toContain('Ask an admin for an invitation');
    expect(await browser.session()).toBeNull();
    const { rows } = await storage.executeSql<{ email: string }>('SELECT email FROM users');
    expect(rows.map(({ email }) => email)).not.toContain('stranger@example.com');
  });

  test('an invitation to the proven address lets them in; an unproven one does not', async () => {
    await people.invitations.create(owner.scope, { email: 'bea@example.com', role: 'editor' });
    const unproven = await signIn(new Browser(people), claimsOf('bea', { sub: 'sub-mallory', email_verified: false }));
    expect(unproven.pathname).toBe('/sign-in');
    const browser = new Browser(people);
    expect((await signIn(browser, claimsOf('bea'))).pathname).toBe('/w/acme');
    const session = await browser.session();
    expect(session?.user).toMatchObject({ email: 'bea@example.com', name: 'bea' });
    expect((await people.scopeOfMember(session?.user.id ?? '', owner.slug))?.actor.role).toBe('editor');
    expect(await people.invitations.list(owner.scope)).toEqual([]);
    const again = new Browser(people);
    expect((await signIn(again, claimsOf('bea'))).pathname).toBe('/w/acme');
    expect((await again.session())?.user.id).toBe(session?.user.id);
    const { rows } = await storage.executeSql<{ n: number }>(
      'SELECT count(coalesce(access_token, refresh_token, id_token)) AS n FROM accounts',
    );
    expect(rows[0]?.n).toBe(0);
  });

  test('an invitation by link is carried to the provider and back', async () => {
    const { url } = await people.invitations.create(owner.scope, { role: 'reviewer' });
    const browser = new Browser(people);
    await signIn(browser, claimsOf('carl', { email_verified: false }), url.split('/').at(-1));
    const session = await browser.session();
    expect((await people.scopeOfMember(session?.user.id ?? '', owner.slug))?.actor.role).toBe('reviewer');
    expect((await signIn(new Browser(people), claimsOf('dora'), url.split('/').at(-1))).pathname).toBe('/sign-in');
  });

  test('whoever proves an address takes over an account set up with it unproven: its password and sessions end', async () => {
    const { browser: squatter, email } = await addMember(people, owner.scope, 'viewer');
    const browser = new Browser(people);
    await signIn(browser, { sub: 'sub-real', email, email_verified: true, name: 'Real' });
    expect(await browser.session()).not.toBeNull();
    expect(await squatter.session()).toBeNull();
    expect((await squatter.send('POST', '/sign-in/email', { email, password })).status).toBe(401);
  });

  test('someone who was suspended gets no session by this way either', async () => {
    await people.invitations.create(owner.scope, { email: 'eli@example.com', role: 'viewer' });
    const browser = new Browser(people);
    await signIn(browser, claimsOf('eli'));
    await people.members.update(owner.scope, (await browser.session())?.user.id ?? '', { suspended: true });
    const end = await signIn(browser, claimsOf('eli'));
    expect(end.searchParams.get('error_description')).toContain('suspended');
    expect(await browser.session()).toBeNull();
  });

  test('an id token that the provider did not sign is refused', async () => {
    provider.forge = true;
    const browser = new Browser(people);
    expect((await signIn(browser, claimsOf('bea'))).pathname).toBe('/sign-in');
    expect(await browser.session()).toBeNull();
  });

  test('it leads back to this site only', async () => {
    for (const callbackURL of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      expect((await new Browser(people).send('POST', '/sign-in/oidc', { callbackURL })).status).toBe(400);
    }
  });

  test('a code that another browser asked for is refused (login CSRF, T8)', async () => {
    provider.next = claimsOf('bea');
    const attacker = new Browser(people);
    const { url } = (await (await attacker.send('POST', '/sign-in/oidc', {})).json()) as { url: string };
    const authorized = await fetch(url, { redirect: 'manual' });
    const victim = new Browser(people);
    await victim.send('GET', authorized.headers.get('location') ?? '');
    expect(await victim.session()).toBeNull();
  });
});

describe('with OpenID Connect enforced', () => {
  let storage: Storage;
  let people: People;
  let owner: Awaited<ReturnType<typeof setUpOwner>>;
  let member: Awaited<ReturnType<typeof addMember>>;
  let links: { invitation: string; reset: string };
  beforeAll(async () => {
    storage = await openTestStorage();
    const before = await openPeople(storage);
    owner = await setUpOwner(before.people);
    member = await addMember(before.people, owner.scope, 'editor');
    links = {
      invitation: (await before.people.invitations.create(owner.scope, { role: 'admin' })).url.split('/').at(-1) ?? '',
      reset: (await before.people.members.resetLink(owner.scope, member.userId)).url.split('/').at(-1) ?? '',
    };
    await before.people.close();
    ({ people } = await openPeople(storage, { oidc: settings(true) }));
  });
  afterAll(async () => {
    await people.close();
    await storage.close();
  });
  const sessions = async (): Promise<number> =>
    (await storage.executeSql<{ n: number }>('SELECT count(*) AS n FROM sessions')).rows[0]?.n ?? -1;

  test('no path with a password makes a session, changes a password or a person (Langfuse SSO bypass)', async () => {
    const before = await sessions();
    const paths: [string, object][] = [
      ['/sign-in/email', { email: member.email, password }],
      ['/setup', { name: 'Eve', email: 'eve@example.com', password, workspace: 'Evil' }],
      [`/invitations/${links.invitation}`, { name: 'Eve', email: 'eve@example.com', password }],
      ['/reset', { token: links.reset, password: 'a new password' }],
      ['/forgot', { email: member.email }],
    ];
    for (const [path, body] of paths) {
      const browser = new Browser(people);
      const response = await browser.send('POST', path, body);
      expect([path, response.status]).toEqual([path, path === '/setup' ? 409 : 403]);
      expect(await browser.session()).toBeNull();
    }
    const signedIn = new Browser(people);
    for (const [name, value] of member.browser.cookies) signedIn.cookies.set(name, value);
    expect(await signedIn.session()).not.toBeNull();
    const change = await signedIn.send('POST', '/change-password', { current_password: password, password: 'a new password' });
    expect(change.status).toBe(403);
    expect(await sessions()).toBe(before);
    const { rows } = await storage.executeSql<{ n: number }>(`SELECT count(*) AS n FROM users WHERE email = 'eve@example.com'`);
    expect(rows[0]?.n).toBe(0);
  });

  test('sign-in by the provider works, and says in words who may come in', async () => {
    expect(people.signInMethods()).toEqual({ password: false, oidc: true, oidcName: 'Acme SSO' });
    const browser = new Browser(people);
    expect((await signIn(browser, { sub: 'sub-ada', email: 'ada@example.com', email_verified: true, name: 'Ada' })).pathname).toBe(
      '/w/acme',
    );
    expect((await browser.session())?.user.id).toBe(owner.userId);
  });
});

test('with it enforced from the start, the first to come in owns the first workspace', async () => {
  const storage = await openTestStorage();
  const { people } = await openPeople(storage, { oidc: settings(true) });
  expect(await people.needsOwner()).toBe(true);
  const made: string[] = [];
  people.workspaces.onCreated(async ({ slug }) => void made.push(slug));
  const first = new Browser(people);
  await signIn(first, claimsOf('first'));
  expect((await people.workspaces.ofUser((await first.session())?.user.id ?? ''))[0]).toMatchObject({ slug: 'main', role: 'owner' });
  expect(made).toEqual(['main']);
  expect((await signIn(new Browser(people), claimsOf('second'))).pathname).toBe('/sign-in');
  await people.close();
  await storage.close();
});

test('whatever makes a session passes one hook that asks the rules, and nothing else inserts one', async () => {
  const storage = await openTestStorage();
  const { people } = await openPeople(storage);
  const { userId } = await setUpOwner(people);
  const asked: string[] = [];
  const ground = {
    db: storage.database<PeopleTables>(),
    now: () => new Date(),
    log: silent,
    url: () => origin,
    audit: createAuditTrail(() => new Date()),
  };
  const rules = {
    mayBeMade: async () => null,
    passwordsRefused: () => null,
    mayEnter: async (ask: { userId: string }) => (asked.push(ask.userId), 'No.'),
  };
  const auth = await makeAuth({ ground, secret: 's'.repeat(32), oidc: null, rules });
  const { internalAdapter } = await auth.$context;
  await expect(internalAdapter.createSession(userId)).rejects.toThrow('No.');
  await expect(auth.api.signInEmail({ body: { email: 'ada@example.com', password } })).rejects.toThrow('No.');
  expect(asked).toEqual([userId, userId]);
  await people.close();
  await storage.close();
  const room = new URL('..', import.meta.url);
  const sources = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.test)\.ts$/.test(file));
  expect(sources.length).toBeGreaterThan(20);
  const inserts = /insertInto\('sessions'\)|INSERT INTO sessions|\.createSession\(/;
  expect(sources.filter((file) => inserts.test(readFileSync(new URL(file, room), 'utf8')))).toEqual([]);
});
