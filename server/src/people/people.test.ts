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

  test('the first visit makes the owner, signs them in and prepares the workspace; the second is refused', async () => {
    const prepared: string[] = [];
    people.workspaces.onCreated(async ({ slug }) => void prepared.push(slug));
    expect(await people.needsOwner()).toBe(true);
    const { browser, scope, userId } = await setUpOwner(people);
    expect(prepared).toEqual(['acme']);
    expect(scope.actor).toMatchObject({ type: 'user', role: 'owner', name: 'Ada' });
    expect((await browser.session())?.user).toEqual({ id: userId, name: 'Ada', email: 'ada@example.com' });
    expect(await people.needsOwner()).toBe(false);
    const again = await browser.send('POST', '/setup', { name: 'Eve', email: 'eve@example.com', password, workspace: 'Evil' });
    expect(again.status).toBe(409);
  });

  test('signs in with the password and out again; the cookie opens nothing afterwards (T19)', async () => {
    const browser = new Browser(people);
    const wrong = await browser.send('POST', '/sign-in/email', { email: 'ada@example.com', password: 'not the password' });
    expect([wrong.status, await wrong.json()]).toEqual([401, { detail: 'Invalid email or password' }]);
    const right = await browser.send('POST', '/sign-in/email', { email: ' ADA@example.com', password });
    expect(right.status).toBe(200);
    expect(await right.json()).toEqual({ user: expect.objectContaining({ email: 'ada@example.com' }) });
    const kept = new Headers({ cookie: browser.cookieHeader() });
    expect(await people.sessionOf(kept)).not.toBeNull();
    expect((await browser.send('POST', '/sign-out', {})).status).toBe(200);
    expect(browser.cookies.size).toBe(0);
    expect(await people.sessionOf(kept)).toBeNull();
  });
});
