import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Storage } from '../../storage/index.ts';
import { describeOnEditions, openTestStorage, silent } from '../../test/storage.ts';
import { openPeople, setUpOwner } from '../fixtures.ts';
import { openVault, type People } from '../index.ts';
import { createVault } from './vault.ts';

const master = 'a master key of some length';
const secret = 'sk-test-0123456789abcdef';

describeOnEditions('provider credentials', (open) => {
  let storage: Storage;
  let people: People;
  let scope: Scope;
  let logged: unknown[];
  const operatorCredentials = [
    { provider: 'openai', secret: 'sk-operator-0123456789', baseUrl: 'http://127.0.0.1:9000/v1' },
    { provider: 'ollama', secret: null, baseUrl: 'http://10.0.0.5:11434/v1' },
  ];
  beforeAll(async () => {
    storage = await open();
    ({ people, logged } = await openPeople(storage, { secret: master, operatorCredentials }));
    ({ scope } = await setUpOwner(people));
  });
  afterAll(async () => {
    await people.close();
    await storage.close();
  });
  const stored = async (): Promise<string> =>
    (await storage.executeSql<{ text: string }>('SELECT row_to_json(c)::text AS text FROM credentials c')).rows
      .map(({ text }) => text)
      .join();

  test('a secret is never sent back, only its last four characters, and lies sealed (T6, T17)', async () => {
    const made = await people.credentials.create(scope, { name: 'mine', provider: 'openai', secret });
    expect(made).toMatchObject({ name: 'mine', provider: 'openai', hint: 'cdef', source: 'workspace', baseUrl: null });
    const seen = JSON.stringify([
      made,
      await people.credentials.list(scope),
      await people.audit.list(scope, { page: 1, size: 50 }),
      logged,
    ]);
    expect(seen).not.toContain(secret);
    expect(seen).not.toContain('sk-operator');
    expect(await stored()).not.toContain(secret);
    expect(await people.credentials.resolve(scope, 'mine')).toMatchObject({ secret, privateAllowed: false });
    await people.credentials.delete(scope, made.id);
  });

  test("a name comes before a provider, the workspace's before the operator's, and demo is always there", async () => {
    expect(await people.credentials.resolve(scope, 'openai')).toMatchObject({
      source: 'operator',
      secret: 'sk-operator-0123456789',
      privateAllowed: true,
    });
    expect(await people.credentials.resolve(scope, 'ollama')).toMatchObject({ secret: '', baseUrl: 'http://10.0.0.5:11434/v1' });
    expect(await people.credentials.resolve(scope, 'demo')).toMatchObject({ source: 'built-in', provider: 'demo' });
    expect(await people.credentials.resolve(scope, 'anthropic')).toBeNull();
    const own = await people.credentials.create(scope, { name: 'team', provider: 'openai', secret });
    expect(await people.credentials.resolve(scope, 'openai')).toMatchObject({ id: own.id, secret });
    const named = await people.credentials.create(scope, { name: 'openai', provider: 'groq', secret: `${secret}2` });
    expect(await people.credentials.resolve(scope, 'openai')).toMatchObject({ id: named.id, provider: 'groq' });
    expect(await people.credentials.resolveById(scope, own.id)).toMatchObject({ name: 'team' });
    expect((await people.credentials.list(scope)).map(({ name, source }) => [name, source])).toEqual([
      ['team', 'workspace'],
      ['openai', 'workspace'],
      ['openai', 'operator'],
      ['ollama', 'operator'],
      ['demo', 'built-in'],
    ]);
    await expect(people.credentials.create(scope, { name: 'team', provider: 'openai', secret })).rejects.toMatchObject({
      code: 'conflict',
    });
    await people.credentials.delete(scope, own.id);
    await people.credentials.delete(scope, named.id);
    expect(await people.credentials.resolve(scope, 'openai')).toMatchObject({ source: 'operator' });
  });

  test('a new base URL without the secret again is refused (CVE-2026-41487)', async () => {
    const { id } = await people.credentials.create(scope, {
      name: 'bound',
      provider: 'openai',
      secret,
      baseUrl: 'https://api.example.com/v1/',
    });
    for (const baseUrl of ['https://evil.example/v1', 'https://api.example.com/other', null]) {
      await expect(people.credentials.update(scope, id, { baseUrl })).rejects.toMatchObject({ code: 'bad_request', status: 400 });
    }
    expect(await people.credentials.resolve(scope, 'bound')).toMatchObject({ baseUrl: 'https://api.example.com/v1', secret });
    // The same again is no change.
    await people.credentials.update(scope, id, { name: 'bound2', baseUrl: 'https://api.example.com/v1' });
    const moved = await people.credentials.update(scope, id, { baseUrl: 'https://new.example/v1', secret: 'sk-new-0123456789' });
    expect(moved).toMatchObject({ name: 'bound2', baseUrl: 'https://new.example/v1', hint: '6789' });
    expect(await people.credentials.resolve(scope, 'bound2')).toMatchObject({ secret: 'sk-new-0123456789' });
    await people.credentials.delete(scope, id);
  });

  test('a secret moved to another workspace, provider or address by hand opens nothing (T17)', async () => {
    const { id } = await people.credentials.create(scope, {
      name: 'tampered',
      provider: 'openai',
      secret,
      baseUrl: 'https://api.example.com',
    });
    const before = (await storage.executeSql<{ base_url: string; provider: string }>(`SELECT * FROM credentials WHERE id = '${id}'`))
      .rows[0];
    for (const change of [`base_url = 'https://evil.example'`, `provider = 'groq'`, `secret = overlay('A' placing 'B' from 1)`]) {
      await storage.executeSql(`UPDATE credentials SET ${change} WHERE id = '${id}'`);
      const fresh = await openPeople(storage, { secret: master });
      expect(await fresh.people.credentials.resolveById(scope, id)).toBeNull();
      expect(JSON.stringify(fresh.logged)).not.toContain(secret);
      await fresh.people.close();
      await storage.executeSql('UPDATE credentials SET base_url = $1, provider = $2 WHERE id = $3', [
        before?.base_url,
        before?.provider,
        id,
      ]);
    }
    await people.credentials.delete(scope, id);
  });

  test.each(['http://127.0.0.1/v1', 'ftp://example.com', 'javascript:alert(1)', 'https://user:pass@example.com', 'not a url'])(
    'a base URL that a user may not name is refused (T1): %s',
    async (baseUrl) => {
      const made = people.credentials.create(scope, { name: 'inside', provider: 'openai', secret, baseUrl });
      await expect(made).rejects.toMatchObject({ code: 'bad_request' });
    },
  );

  test('another workspace sees, changes and uses none of these (T7)', async () => {
    const { id } = await people.credentials.create(scope, { name: 'private', provider: 'mistral', secret });
    const other = await people.workspaces.create(scope.actor.id, { name: 'Other' });
    const elsewhere = { ...scope, workspaceId: other.id };
    expect(await people.credentials.resolve(elsewhere, 'private')).toBeNull();
    expect(await people.credentials.resolve(elsewhere, 'mistral')).toBeNull();
    expect(await people.credentials.resolveById(elsewhere, id)).toBeNull();
    await expect(people.credentials.update(elsewhere, id, { name: 'x' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(people.credentials.delete(elsewhere, id)).rejects.toMatchObject({ code: 'not_found' });
    await people.credentials.delete(scope, id);
  });

  test('a new master key seals everything again; the old one can then go (T17, rotation)', async () => {
    const { id } = await people.credentials.create(scope, { name: 'rotated', provider: 'openai', secret });
    const newer = 'another master key, also long';
    const both = await openPeople(storage, { secret: `${newer},${master}` });
    expect(await both.people.credentials.resolveById(scope, id)).toMatchObject({ secret });
    expect(await both.people.rotateCredentials()).toBe(1);
    expect(await both.people.rotateCredentials()).toBe(0);
    await both.people.close();
    const only = await openPeople(storage, { secret: newer });
    expect(await only.people.credentials.resolveById(scope, id)).toMatchObject({ secret });
    await only.people.close();
  });

  test('a start under a master key that nothing was sealed with is refused in words (T17)', async () => {
    await expect(openVault({ storage, secret: 'yet another key that is wrong', log: silent })).rejects.toThrow(
      /sealed under another master key .* Set WHETSTONE_SECRET/,
    );
  });

  test('a provider that needs a resource or region has it checked, field by field', async () => {
    const make = (provider: string, settings: Record<string, string>, baseUrl: string | null = null) =>
      people.credentials.create(scope, { name: 'placed', provider, secret, settings, baseUrl });
    await expect(make('azure', {})).rejects.toMatchObject({ details: [{ loc: ['body', 'settings', 'resource'] }] });
    await expect(make('azure', { resource: 'a.example.com/' })).rejects.toMatchObject({
      details: [{ loc: ['body', 'settings', 'resource'] }],
    });
    await expect(make('azure', { resource: 'ours', api_version: 'new' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(make('bedrock', {}, 'https://example.com')).rejects.toMatchObject({ details: [{ loc: ['body', 'settings', 'region'] }] });
    await expect(make('bedrock', { region: 'eu-west-1.evil.com' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(make('openai', { region: 'eu-west-1' })).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(make('azure', JSON.parse('{"__proto__":"x","resource":"ours"}') as Record<string, string>)).rejects.toMatchObject({
      code: 'invalid_input',
    });
    const made = await make('azure', { resource: ' ours ', deployment: '' });
    expect(made.settings).toEqual({ resource: 'ours' });
    await people.credentials.delete(scope, made.id);
  });

  test('another resource or region wants the secret again, another deployment does not (T17)', async () => {
    const made = await people.credentials.create(scope, { name: 'placed', provider: 'azure', secret, settings: { resource: 'ours' } });
    const moved = people.credentials.update(scope, made.id, { settings: { resource: 'theirs' } });
    await expect(moved).rejects.toMatchObject({ code: 'bad_request', details: [{ loc: ['body', 'secret'] }] });
    const kept = await people.credentials.update(scope, made.id, { settings: { resource: 'ours', deployment: 'gpt' } });
    expect(kept.settings).toEqual({ resource: 'ours', deployment: 'gpt' });
    expect(await people.credentials.resolve(scope, 'placed')).toMatchObject({ secret });
    await people.credentials.update(scope, made.id, { settings: { resource: 'theirs' }, secret: `${secret}2` });
    expect(await people.credentials.resolve(scope, 'placed')).toMatchObject({ secret: `${secret}2`, settings: { resource: 'theirs' } });
    await storage.executeSql(`UPDATE credentials SET settings = '{"resource":"stolen"}' WHERE id = '${made.id}'`);
    const other = await openPeople(storage, { secret: master });
    expect(await other.people.credentials.resolve(scope, 'placed')).toBeNull();
    await other.people.close();
    await people.credentials.delete(scope, made.id);
  });

  test('making, changing and deleting is in the audit log', async () => {
    const { id } = await people.credentials.create(scope, { name: 'audited', provider: 'openai', secret });
    await people.credentials.update(scope, id, { secret: `${secret}x` });
    await people.credentials.delete(scope, id);
    const { records } = await people.audit.list(scope, { page: 1, size: 3, action: 'credential' });
    expect(records.map(({ action, data }) => [action, data])).toEqual([
      ['credential.deleted', { provider: 'openai' }],
      ['credential.updated', { name: 'audited', base_url: null, secret_replaced: true }],
      ['credential.created', { provider: 'openai', base_url: null }],
    ]);
  });
});

test('the master key is made in the data directory, for its owner only, and found again (T17)', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'whetstone-vault-'));
  const storage = await openTestStorage();
  const place = { ...storage, dataDir };
  const first = await openVault({ storage: place, secret: null, log: silent });
  expect(statSync(join(dataDir, 'secret')).mode & 0o777).toBe(0o600);
  const sealed = first.seal('hello', ['ws']);
  const second = await openVault({ storage: place, secret: null, log: silent });
  expect(second.open(sealed, ['ws'])).toBe('hello');
  // WHETSTONE_SECRET set later: the file counts as the old key.
  const third = await openVault({ storage: place, secret: 'from the environment, long', log: silent });
  expect(third.open(sealed, ['ws'])).toBe('hello');
  expect(third.isStale(sealed)).toBe(true);
  expect(readFileSync(join(dataDir, 'secret'), 'utf8')).not.toContain(first.derive('sessions'));
  await storage.close();
  rmSync(dataDir, { recursive: true });
});

test('any byte changed, and any other context, fails closed (T17)', () => {
  const vault = createVault(['one', 'two']);
  const sealed = vault.seal('hello', ['ws_1', 'credential', 'https://a.example']);
  expect(sealed).not.toBe(vault.seal('hello', ['ws_1', 'credential', 'https://a.example']));
  expect(() => vault.open(sealed, ['ws_2', 'credential', 'https://a.example'])).toThrow();
  expect(() => vault.open(sealed, ['ws_1', 'credential', 'https://b.example'])).toThrow();
  expect(() => createVault(['three']).open(sealed, ['ws_1', 'credential', 'https://a.example'])).toThrow(/not at hand/);
  const [format = '', id = '', text = ''] = sealed.split('.');
  const bytes = Buffer.from(text, 'base64url');
  for (let index = 0; index < bytes.length; index++) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    const forged = [format, id, changed.toString('base64url')].join('.');
    expect(() => vault.open(forged, ['ws_1', 'credential', 'https://a.example'])).toThrow();
  }
  expect(() => vault.open([format, id, bytes.subarray(0, 20).toString('base64url')].join('.'), [])).toThrow();
});
