import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Storage } from '../../storage/index.ts';
import { describeOnEditions } from '../../test/storage.ts';
import { addMember, openPeople, setUpOwner } from '../fixtures.ts';
import type { People } from '../index.ts';

describeOnEditions('workspaces', (open) => {
  let storage: Storage;
  let people: People;
  let owner: Awaited<ReturnType<typeof setUpOwner>>;
  beforeAll(async () => {
    storage = await open();
    ({ people } = await openPeople(storage));
    owner = await setUpOwner(people);
  });
  afterAll(async () => {
    await people.close();
    await storage.close();
  });

  test('equal names get links of their own; a link that is taken is refused', async () => {
    const slugs = [];
    for (const name of ['Acme', 'Acme', '日本語', 'A_B%']) slugs.push((await people.workspaces.create(owner.userId, { name })).slug);
    expect(slugs).toEqual(['acme-2', 'acme-3', 'workspace', 'a-b']);
    await expect(people.workspaces.create(owner.userId, { name: 'X', slug: 'acme' })).rejects.toMatchObject({ code: 'conflict' });
    expect((await people.workspaces.ofUser(owner.userId)).map(({ slug, role }) => [slug, role])[0]).toEqual(['acme', 'owner']);
  });

  test('settings are kept, and told to the audit log', async () => {
    const redaction = [{ name: 'cards', kind: 'pattern' as const, match: String.raw`\d{16}`, replacement: '[card]' }];
    const patch = { retentionDays: 30, environmentRetentionDays: { env_1: null, env_2: 7 }, redaction };
    expect(await people.workspaces.update(owner.scope, patch)).toMatchObject(patch);
    expect(await people.workspaces.get(owner.scope)).toMatchObject({ name: 'Acme', ...patch });
    expect(await people.workspaces.update(owner.scope, { retentionDays: null })).toMatchObject({ retentionDays: null, redaction });
    expect(await people.workspaces.update(owner.scope, {})).toMatchObject({ retentionDays: null, redaction });
    const { records } = await people.audit.list(owner.scope, { page: 1, size: 3, action: 'workspace.updated' });
    expect(records.at(-1)?.data).toEqual(patch);
  });

  test('a redaction rule that cannot be used is refused when it is saved, for with it no log could be written', async () => {
    const before = await people.workspaces.get(owner.scope);
    for (const rule of [
      { kind: 'pattern' as const, match: '(' },
      { kind: 'field' as const, match: 'nowhere' },
    ]) {
      const redaction = [{ name: 'off', replacement: '[redacted]', ...rule }];
      await expect(people.workspaces.update(owner.scope, { redaction })).rejects.toMatchObject({ code: 'invalid_input' });
    }
    expect(await people.workspaces.get(owner.scope)).toEqual(before);
  });

  test('only an owner deletes a workspace, by its name in links; keys and members go with it', async () => {
    const doomed = await people.workspaces.create(owner.userId, { name: 'Doomed' });
    const scope = await people.scopeOfMember(owner.userId, doomed.slug);
    if (scope === null) throw new Error('no scope');
    const { key } = await people.keys.create(scope, { name: 'k', role: 'admin' });
    const member = await addMember(people, scope, 'admin');
    const gone: string[] = [];
    people.workspaces.onDeleted(async (id) => void gone.push(id));
    await expect(people.workspaces.delete(member.scope, 'doomed')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(people.workspaces.delete(scope, 'Doomed')).rejects.toMatchObject({ code: 'bad_request' });
    expect(await people.scopeOfKey(key)).not.toBeNull();
    await people.workspaces.delete(scope, 'doomed');
    expect(gone).toEqual([doomed.id]);
    expect(await people.scopeOfKey(key)).toBeNull();
    expect(await member.browser.session()).toBeNull();
    expect(await people.scopeOfMember(owner.userId, doomed.slug)).toBeNull();
    await expect(people.workspaces.get(scope)).rejects.toMatchObject({ code: 'not_found' });
    expect((await people.workspaces.all()).map(({ id }) => id)).not.toContain(doomed.id);
  });

  test('nobody deletes their only workspace: they could not come in again', async () => {
    const { browser, userId } = await addMember(people, owner.scope, 'viewer');
    const own = await people.workspaces.create(userId, { name: 'Mine' });
    await people.members.remove(owner.scope, userId);
    const scope = await people.scopeOfMember(userId, own.slug);
    if (scope === null) throw new Error('no scope');
    await expect(people.workspaces.delete(scope, own.slug)).rejects.toMatchObject({ code: 'conflict' });
    expect(await browser.session()).not.toBeNull();
  });

  test('who owns no workspace makes none, unless the operator lets everybody', async () => {
    const strict = await openPeople(storage, { openWorkspaces: false });
    const { userId } = await addMember(people, owner.scope, 'admin');
    expect(await strict.people.workspaces.mayCreate(userId)).toBe(false);
    await expect(strict.people.workspaces.create(userId, { name: 'Free rides' })).rejects.toMatchObject({ code: 'forbidden' });
    expect((await people.workspaces.ofUser(userId)).map(({ name }) => name)).not.toContain('Free rides');
    expect(await strict.people.workspaces.mayCreate(owner.userId)).toBe(true);
    const given = await strict.people.workspaces.create(owner.userId, { name: 'Given away' });
    expect(given.name).toBe('Given away');
    await strict.people.close();
  });

  test('the state of the demo is kept', async () => {
    expect((await people.workspaces.get(owner.scope)).demo).toBe('none');
    await people.workspaces.setDemo(owner.scope.workspaceId, 'loading');
    expect((await people.workspaces.get(owner.scope)).demo).toBe('loading');
  });
});
