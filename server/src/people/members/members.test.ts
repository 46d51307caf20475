import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Storage } from '../../storage/index.ts';
import { describeOnEditions } from '../../test/storage.ts';
import { addMember, Browser, openPeople, password, setUpOwner } from '../fixtures.ts';
import type { People } from '../index.ts';

describeOnEditions('members', (open) => {
  let storage: Storage;
  let people: People;
  let clock: { ms: number };
  let owner: Awaited<ReturnType<typeof setUpOwner>>;
  let admin: Awaited<ReturnType<typeof addMember>>;
  beforeAll(async () => {
    storage = await open();
    ({ people, clock } = await openPeople(storage));
    owner = await setUpOwner(people);
    admin = await addMember(people, owner.scope, 'admin');
  });
  afterAll(async () => {
    await people.close();
    await storage.close();
  });
  const forbidden = { code: 'forbidden' };
  const tokenOf = (url: string): string => url.split('/').at(-1) ?? '';

  test('a demotion holds at once here, and within a second on another replica (T30)', async () => {
    const other = await openPeople(storage);
    const { userId } = await addMember(people, owner.scope, 'editor');
    expect((await other.people.scopeOfMember(userId, owner.slug))?.actor.role).toBe('editor');
    await people.members.update(owner.scope, userId, { role: 'viewer' });
    expect((await people.scopeOfMember(userId, owner.slug))?.actor.role).toBe('viewer');
    other.clock.ms += 1_000;
    expect((await other.people.scopeOfMember(userId, owner.slug))?.actor.role).toBe('viewer');
    await other.people.close();
  });

  test('a suspended member loses access and sessions at once, and comes back when reinstated', async () => {
    const { userId, browser, email } = await addMember(people, owner.scope, 'editor');
    expect((await people.members.update(owner.scope, userId, { suspended: true })).suspended).toBe(true);
    expect(await people.scopeOfMember(userId, owner.slug)).toBeNull();
    expect(await browser.session()).toBeNull();
    const refused = await new Browser(people).send('POST', '/sign-in/email', { email, password });
    expect([refused.status, await refused.json()]).toEqual([403, { detail: expect.stringContaining('suspended') }]);
    await people.members.update(owner.scope, userId, { suspended: false });
    expect((await browser.send('POST', '/sign-in/email', { email, password })).status).toBe(200);
    expect((await people.scopeOfMember(userId, owner.slug))?.actor.role).toBe('editor');
  });

  test('a removed member is out at once; someone of another workspace keeps that one', async () => {
    const { userId, browser } = await addMember(people, owner.scope, 'reviewer');
    const own = await people.workspaces.create(userId, { name: 'Own' });
    await people.members.remove(owner.scope, userId);
    expect(await people.scopeOfMember(userId, owner.slug)).toBeNull();
    expect(await browser.session()).not.toBeNull();
    expect((await people.scopeOfMember(userId, own.slug))?.actor.role).toBe('owner');
    await expect(people.members.remove(owner.scope, userId)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('an admin may not touch an owner, nor make one', async () => {
    const { userId } = await addMember(people, owner.scope, 'editor');
    await expect(people.members.update(admin.scope, owner.userId, { role: 'viewer' })).rejects.toMatchObject(forbidden);
    await expect(people.members.update(admin.scope, owner.userId, { suspended: true })).rejects.toMatchObject(forbidden);
    await expect(people.members.remove(admin.scope, owner.userId)).rejects.toMatchObject(forbidden);
    await expect(people.members.resetLink(admin.scope, owner.userId)).rejects.toMatchObject(forbidden);
    await expect(people.members.update(admin.scope, userId, { role: 'owner' })).rejects.toMatchObject(forbidden);
    await expect(people.members.update(admin.scope, admin.userId, { role: 'owner' })).rejects.toMatchObject(forbidden);
    await expect(people.invitations.create(admin.scope, { role: 'owner' })).rejects.toMatchObject({ code: 'bad_request' });
    const key: Scope = { ...admin.scope, actor: { type: 'key', id: 'key_x', name: 'CI', role: 'admin', environment: null } };
    await expect(people.members.update(key, owner.userId, { role: 'viewer' })).rejects.toMatchObject(forbidden);
    expect((await people.members.update(admin.scope, userId, { role: 'reviewer' })).role).toBe('reviewer');
  });

  test('an admin who was demoted meanwhile changes nobody, though their request began as admin (T30)', async () => {
    const { scope, userId } = await addMember(people, owner.scope, 'admin');
    await people.members.update(owner.scope, userId, { role: 'viewer' });
    await expect(people.members.update(scope, admin.userId, { role: 'viewer' })).rejects.toMatchObject(forbidden);
  });

  test('the last owner stays, even when two owners demote each other at once', async () => {
    const conflict = { code: 'conflict' };
    await expect(people.members.update(owner.scope, owner.userId, { role: 'admin' })).rejects.toMatchObject(conflict);
    await expect(people.members.update(owner.scope, owner.userId, { suspended: true })).rejects.toMatchObject(conflict);
    await expect(people.members.remove(owner.scope, owner.userId)).rejects.toMatchObject(conflict);
    const second = await addMember(people, owner.scope, 'admin');
    await people.members.update(owner.scope, second.userId, { role: 'owner' });
    const secondScope = await people.scopeOfMember(second.userId, owner.slug);
    if (secondScope === null) throw new Error('no scope');
    const results = await Promise.allSettled([
      people.members.update(owner.scope, second.userId, { role: 'admin' }),
      people.members.update(secondScope, owner.userId, { role: 'admin' }),
    ]);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const owners = (await people.members.list(owner.scope)).filter(({ role }) => role === 'owner');
    expect(owners).toHaveLength(1);
    // Back to the first owner for the tests that follow.
    if (owners[0]?.id === second.userId) await people.workspaces.transfer(secondScope, owner.userId);
  });

  test('only an owner passes the workspace on, and becomes an admin by it', async () => {
    await expect(people.workspaces.transfer(admin.scope, admin.userId)).rejects.toMatchObject(forbidden);
    const { userId } = await addMember(people, owner.scope, 'viewer');
    const after = await people.workspaces.transfer(owner.scope, userId);
    expect(after.find(({ id }) => id === userId)?.role).toBe('owner');
    expect(after.find(({ id }) => id === owner.userId)?.role).toBe('admin');
    // The old scope says owner still; the transfer looks again.
    await expect(people.workspaces.transfer(owner.scope, owner.userId)).rejects.toMatchObject(forbidden);
    const heir = await people.scopeOfMember(userId, owner.slug);
    if (heir === null) throw new Error('no scope');
    await people.workspaces.transfer(heir, owner.userId);
  });

  test('an invitation is good once, for seven days, for its address, and until revoked', async () => {
    const make = (email?: string) => people.invitations.create(admin.scope, { role: 'editor', email });
    const accept = (url: string, email: string): Promise<Response> =>
      new Browser(people).send('POST', `/invitations/${tokenOf(url)}`, { name: 'Neu', email, password });
    const { url } = await make();
    expect(await (await new Browser(people).send('GET', `/invitations/${tokenOf(url)}`)).json()).toEqual({
      workspace: 'Acme',
      email: null,
      role: 'editor',
      invited_by: admin.scope.actor.name,
      sign_in: { password: true, oidc: false },
    });
    const both = await Promise.all([accept(url, 'one@example.com'), accept(url, 'two@example.com')]);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await accept(url, 'three@example.com')).status).toBe(404);
    expect((await accept((await make()).url, 'ada@example.com')).status).toBe(409);
    const named = await make('Named@Example.com');
    expect((await accept(named.url, 'other@example.com')).status).toBe(403);
    expect((await accept(named.url, 'named@example.com')).status).toBe(200);
    const revoked = await make();
    await people.invitations.revoke(owner.scope, revoked.id);
    expect((await accept(revoked.url, 'four@example.com')).status).toBe(404);
    const late = await make();
    clock.ms += 7 * 24 * 3_600_000 + 1;
    expect((await accept(late.url, 'five@example.com')).status).toBe(404);
    expect((await people.invitations.list(owner.scope)).map(({ id }) => id)).not.toContain(late.id);
    clock.ms = 0;
    const { rows } = await storage.executeSql<{ text: string }>('SELECT row_to_json(i)::text AS text FROM invitations i');
    expect(rows.some(({ text }) => text.includes(tokenOf(url)))).toBe(false);
  });

  test('someone with an account takes up an invitation signed in, and only once', async () => {
    const own = await people.workspaces.create(owner.userId, { name: 'Second' });
    const second: Scope = { ...owner.scope, workspaceId: own.id };
    const { browser, userId } = await addMember(people, owner.scope, 'viewer');
    const { url } = await people.invitations.create(second, { role: 'admin' });
    const response = await browser.send('POST', `/invitations/${tokenOf(url)}`, {});
    expect(await response.json()).toMatchObject({ workspace: { slug: 'second' } });
    expect((await people.scopeOfMember(userId, own.slug))?.actor.role).toBe('admin');
    const again = await people.invitations.create(second, { role: 'viewer' });
    expect((await browser.send('POST', `/invitations/${tokenOf(again.url)}`, {})).status).toBe(409);
    expect(await people.invitations.list(second)).toHaveLength(1);
    expect((await people.scopeOfMember(userId, own.slug))?.actor.role).toBe('admin');
  });

  test('a lost password is set anew by a link: once, within a day, ending all sessions', async () => {
    const { userId, email, browser } = await addMember(people, owner.scope, 'viewer');
    const first = await people.members.resetLink(admin.scope, userId);
    const link = await people.members.resetLink(admin.scope, userId);
    const visitor = new Browser(people);
    expect(await (await visitor.send('GET', `/reset/${tokenOf(link.url)}`)).json()).toEqual({ email });
    const weak = await visitor.send('POST', '/reset', { token: tokenOf(link.url), password: 'short' });
    expect([weak.status, await weak.json()]).toEqual([400, { detail: 'password: needs at least 8 characters' }]);
    const done = await visitor.send('POST', '/reset', { token: tokenOf(link.url), password: 'a new password' });
    expect(done.status).toBe(200);
    expect(await visitor.session()).not.toBeNull();
    expect(await browser.session()).toBeNull();
    for (const { url } of [link, first]) {
      expect((await visitor.send('POST', '/reset', { token: tokenOf(url), password: 'another one' })).status).toBe(404);
    }
    expect((await new Browser(people).send('POST', '/sign-in/email', { email, password: 'a new password' })).status).toBe(200);
    const late = await people.members.resetLinkByEmail(` ${email.toUpperCase()}`);
    clock.ms += 24 * 3_600_000 + 1;
    expect((await visitor.send('POST', '/reset', { token: tokenOf(late.url), password: 'another one' })).status).toBe(404);
    clock.ms = 0;
    await expect(people.members.resetLinkByEmail('nobody@example.com')).rejects.toMatchObject({ code: 'not_found' });
  });

  test("an admin here cannot take over an account that opens someone else's workspace (T7)", async () => {
    const { userId } = await addMember(people, owner.scope, 'editor');
    await people.workspaces.create(userId, { name: 'Private' });
    await expect(people.members.resetLink(owner.scope, userId)).rejects.toMatchObject(forbidden);
  });

  test('what changes who may do what is in the audit log, and stands or falls with the change', async () => {
    const { userId } = await addMember(people, owner.scope, 'viewer');
    await people.members.update(admin.scope, userId, { role: 'editor', suspended: true });
    await people.members.remove(admin.scope, userId);
    const { records } = await people.audit.list(owner.scope, { page: 1, size: 10 });
    expect(
      records
        .slice(0, 5)
        .map(({ action }) => action)
        .toSorted(),
    ).toEqual(['invitation.created', 'member.joined', 'member.removed', 'member.role_changed', 'member.suspended']);
    expect(records.find(({ action }) => action === 'member.role_changed')).toMatchObject({
      actor: { id: admin.userId },
      target: { id: userId },
      data: { from: 'viewer', to: 'editor' },
    });
    const { total } = await people.audit.list(owner.scope, { page: 1, size: 1 });
    await expect(people.members.update(admin.scope, owner.userId, { role: 'viewer' })).rejects.toThrow();
    expect((await people.audit.list(owner.scope, { page: 1, size: 1 })).total).toBe(total);
    const rolledBack = storage
      .database<Record<string, never>>()
      .transaction()
      .execute(async (tx) => {
        await people.audit.record(owner.scope, { action: 'version.deployed' }, tx as never);
        throw new Error('undone');
      });
    await expect(rolledBack).rejects.toThrow('undone');
    expect((await people.audit.list(owner.scope, { page: 1, size: 1, action: 'version.deployed' })).total).toBe(0);
  });

  test('another workspace sees, changes and audits none of these people (T7)', async () => {
    const { id } = await people.workspaces.create(admin.userId, { name: 'Island' });
    const island = await people.scopeOfMember(admin.userId, id);
    if (island === null) throw new Error('no scope');
    expect((await people.members.list(island)).map((member) => member.id)).toEqual([admin.userId]);
    await expect(people.members.update(island, owner.userId, { role: 'viewer' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(people.members.remove(island, owner.userId)).rejects.toMatchObject({ code: 'not_found' });
    await expect(people.members.resetLink(island, owner.userId)).rejects.toMatchObject({ code: 'not_found' });
    expect(await people.scopeOfMember(owner.userId, id)).toBeNull();
    expect((await people.audit.list(island, { page: 1, size: 10 })).records.map(({ action }) => action)).toEqual(['workspace.created']);
  });

  test('names are found for people and keys, and follow a change', async () => {
    const key = await people.keys.create(owner.scope, { name: 'Named key', role: 'viewer' });
    const ids = [owner.userId, key.id, 'usr_unknown', 'system:demo'];
    expect(await people.users.names(ids)).toEqual(
      new Map([
        [owner.userId, { name: 'Ada', email: 'ada@example.com' }],
        [key.id, { name: 'Named key', email: null }],
      ]),
    );
    await people.users.rename(owner.userId, 'Ada L.');
    expect((await people.users.names(ids)).get(owner.userId)?.name).toBe('Ada L.');
    expect((await owner.browser.session())?.user.name).toBe('Ada L.');
  });
});
