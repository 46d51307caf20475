import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import { Browser, openPeople, password, setUpOwner } from './fixtures.ts';
import type { People } from './index.ts';

describeOnEditions('the first run', (open) => {
  let storage: Storage;
  let people: People;
  beforeAll(async () => {
    storage = await open();
    ({ people } = await openPeople(storage));
  });
  afterAll(async () => {
    await people.close();
    await storage.close();
  });

  test('a workspace that cannot be prepared leaves the first visit as it was', async () => {
    const other = await openPeople(storage);
    other.people.workspaces.onCreated(() => Promise.reject(new Error('no environments')));
    await expect(setUpOwner(other.people)).rejects.toThrow('no environments');
    expect(await people.needsOwner()).toBe(true);
    expect(await people.workspaces.all()).toEqual([]);
    await other.people.close();
  });

  test('of two first visits at once one makes the owner; the other, and every later one, is refused', async () => {
    const prepared: string[] = [];
    people.workspaces.onCreated(async ({ slug }) => void prepared.push(slug));
    expect(await people.needsOwner()).toBe(true);
    const visits = ['Ada', 'Eve'].map((name) =>
      new Browser(people).send('POST', '/setup', { name, email: `${name}@example.com`, password, workspace: 'Acme & Søn' }),
    );
    const answers = await Promise.all(visits);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect(prepared).toEqual(['acme-son']);
    expect(await people.needsOwner()).toBe(false);
    const again = await new Browser(people).send('POST', '/setup', { name: 'M', email: 'm@example.com', password, workspace: 'M' });
    expect(again.status).toBe(409);
    expect(await again.json()).toEqual({ detail: expect.stringContaining('owner already') });
  });

  test('sign-up is closed: better-auth offers no other way in', async () => {
    const browser = new Browser(people);
    const paths = ['/sign-up/email', '/sign-in/social', '/request-password-reset', '/update-user', '/list-sessions', '/ok', '/__proto__'];
    for (const path of paths) {
      const body = { name: 'Mal', email: 'mal@example.com', password, provider: 'oidc' };
      expect([path, (await browser.send('POST', path, body)).status]).toEqual([path, 404]);
    }
  });
});

describeOnEditions('the headless first run', (open) => {
  let storage: Storage;
  beforeAll(async () => {
    storage = await open();
  });
  afterAll(() => storage.close());

  const initial = { email: 'Ops@Example.com', password: 'initial password', apiKey: 'any string will do' };

  test('two replicas at once make one owner, one workspace `main` and one key with all rights', async () => {
    const first = await openPeople(storage, { secret: 's'.repeat(32) });
    const replicas = [first, await openPeople(storage, { secret: 's'.repeat(32) })];
    const prepared: string[] = [];
    for (const { people } of replicas) people.workspaces.onCreated(async ({ slug }) => void prepared.push(slug));
    await Promise.all(replicas.map(({ people }) => people.ensureInitial(initial)));
    expect(prepared).toEqual(['main']);
    const { people } = first;
    const scope = await people.scopeOfKey(initial.apiKey);
    expect(scope?.actor).toMatchObject({ type: 'key', role: 'admin', environment: null });
    if (scope === null) return;
    expect(await people.members.list(scope)).toMatchObject([{ email: 'ops@example.com', role: 'owner' }]);
    expect(await people.keys.list(scope)).toHaveLength(1);
    const browser = new Browser(people);
    expect((await browser.send('POST', '/sign-in/email', initial)).status).toBe(200);
    expect(await people.needsOwner()).toBe(false);
    await Promise.all(replicas.map((replica) => replica.people.close()));
  });

  test('a restart changes nothing: a revoked key stays revoked', async () => {
    const { people } = await openPeople(storage, { secret: 's'.repeat(32) });
    const scope = await people.scopeOfKey(initial.apiKey);
    if (scope === null) throw new Error('the key is gone');
    const [key] = await people.keys.list(scope);
    await people.keys.revoke(scope, key?.id ?? '');
    await people.ensureInitial(initial);
    expect(await people.scopeOfKey(initial.apiKey)).toBeNull();
    expect(await people.members.list(scope)).toHaveLength(1);
    await people.close();
  });
});

test('a key alone leaves `main` to the first visitor', async () => {
  const { openTestStorage } = await import('../test/storage.ts');
  const storage = await openTestStorage();
  const { people } = await openPeople(storage);
  await people.ensureInitial({ email: null, password: null, apiKey: 'k1' });
  const { scope, slug } = await setUpOwner(people);
  expect(slug).toBe('main');
  expect((await people.scopeOfKey('k1'))?.workspaceId).toBe(scope.workspaceId);
  const { records } = await people.audit.list(scope, { page: 1, size: 5 });
  expect(records.map(({ action, ip }) => [action, ip])).toEqual([
    ['member.joined', '192.0.2.1'],
    ['api_key.created', null],
  ]);
  await people.close();
  await storage.close();
});
