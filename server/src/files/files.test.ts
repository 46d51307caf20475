import type { Scope } from '@whetstone/contract';
import { contentHash } from '@whetstone/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import { as, counting, newWorkspace, openFiles, prompt, refusal } from './test/room.ts';
import type { TestRoom } from './test/room.ts';

describeOnEditions('files', (open) => {
  let storage: Storage;
  let room: TestRoom;
  let scope: Scope;
  let statements: () => number;
  beforeAll(async () => {
    storage = await open();
    const counted = counting(storage);
    statements = counted.statements;
    room = await openFiles(counted.storage);
  });
  afterAll(async () => {
    await room.files.close();
    await storage.close();
  });
  beforeEach(async () => {
    scope = await newWorkspace(room.files);
  });
  const save = (template: string, path = 'support/answer', versionName?: string) =>
    room.files.upsert(scope, 'prompt', { path, kernel: prompt(template), versionName });

  describe('versions', () => {
    test('the same content twice is one version, other content another', async () => {
      const first = await save('Hello {{name}}');
      const again = await save('Hello {{name}}');
      const other = await save('Hi {{name}}');
      expect([first.createdFile, first.createdVersion]).toEqual([true, true]);
      expect([again.createdFile, again.createdVersion, again.snapshot.version.id]).toEqual([false, false, first.snapshot.version.id]);
      expect([other.createdFile, other.createdVersion]).toEqual([false, true]);
      const versions = await room.files.versions(scope, 'prompt', first.snapshot.file.id);
      expect(versions.map(({ version }) => version.id)).toEqual([other.snapshot.version.id, first.snapshot.version.id]);
    });

    test('a default that is stated is the same content; the first statement of it is kept as it was written', async () => {
      const kernel = {
        ...prompt('x', { temperature: 1, provider: 'openai' }),
        tools: [{ name: 'f', parameters: { z: 1, a: { $ref: null } } }],
      };
      const { snapshot } = await room.files.upsert(scope, 'prompt', { path: 'p', kernel });
      const again = await room.files.upsert(scope, 'prompt', { path: 'p', kernel: { ...kernel, temperature: null, provider: null } });
      expect(again.snapshot.version.id).toBe(snapshot.version.id);
      expect(again.snapshot.version.kernel).toEqual(kernel);
      expect(JSON.stringify(again.snapshot.version.kernel.tools)).toBe(JSON.stringify(kernel.tools));
    });

    test('the id follows from the file and the content, so two files with one content have two', async () => {
      const one = (await save('same', 'a')).snapshot;
      const two = (await save('same', 'b')).snapshot;
      expect(one.version.contentHash).toBe(contentHash('prompt', prompt('same')));
      expect(two.version.contentHash).toBe(one.version.contentHash);
      expect(two.version.id).not.toBe(one.version.id);
      expect(one.version.id).toMatch(/^prv_[0-9A-Za-z]{21}$/);
    });

    test('an imported id lives on when the same content is saved later', async () => {
      const imported = await room.files.upsert(scope, 'prompt', { path: 'p', kernel: prompt('x'), versionId: 'prv_imported' });
      expect(imported.snapshot.version.id).toBe('prv_imported');
      expect((await save('x', 'p')).snapshot.version.id).toBe('prv_imported');
      const other = room.files.upsert(scope, 'prompt', { path: 'q', kernel: prompt('y'), versionId: 'prv_imported' });
      await refusal(other, 'conflict', /another version with the id/);
    });

    test('a name belongs to one version of a file, and 409 names its holder', async () => {
      const { snapshot } = await save('one', 'p', 'v1');
      const error = await refusal(save('two', 'p', 'v1'), 'conflict', /another version named `v1`/);
      expect(error.data).toEqual({ version_name: 'v1', version_id: snapshot.version.id });
      await expect(room.files.versions(scope, 'prompt', snapshot.file.id)).resolves.toHaveLength(1);
      expect((await save('one', 'q', 'v1')).snapshot.version.name).toBe('v1');
      const two = (await save('two', 'p', 'v2')).snapshot;
      const rename = (name: string) => room.files.updateVersion(scope, 'prompt', two.file.id, two.version.id, { name });
      await refusal(rename('v1'), 'conflict', /another version named/);
      expect((await rename('v3')).version.name).toBe('v3');
    });

    test('null leaves a label as it is, an empty text takes it away', async () => {
      const { file, version } = (await save('one', 'p', 'v1')).snapshot;
      const patch = (name: string | null, description: string | null) =>
        room.files.updateVersion(scope, 'prompt', file.id, version.id, { name, description });
      expect((await patch(null, 'Why')).version).toMatchObject({ name: 'v1', description: 'Why' });
      expect((await patch('', null)).version).toMatchObject({ name: null, description: 'Why' });
    });

    test('a deployed version cannot be deleted, nor the only one', async () => {
      const first = (await save('one')).snapshot;
      const remove = (id: string) => room.files.deleteVersion(scope, 'prompt', first.file.id, id);
      const error = await refusal(remove(first.version.id), 'conflict', /deployed to `production`/);
      expect(error.data).toEqual({ environments: ['production'] });
      const production = await room.files.environments.byName(scope, 'production');
      await room.files.undeploy(scope, 'prompt', first.file.id, production.id);
      await refusal(remove(first.version.id), 'conflict', /only version/);
    });

    test('a deleted version is gone from every read, still known by id to logs, and comes back with its content', async () => {
      const first = (await save('one')).snapshot;
      const second = (await save('two', 'support/answer', 'second')).snapshot;
      await room.files.deleteVersion(scope, 'prompt', first.file.id, second.version.id);
      expect(await room.files.versions(scope, 'prompt', first.file.id)).toHaveLength(1);
      const get = room.files.get(scope, 'prompt', { id: first.file.id }, { versionId: second.version.id });
      await refusal(get, 'not_found', /Prompt version `prv_.*` does not exist/);
      const known = await room.files.versionsById(scope, [second.version.id, first.version.id, 'prv_unknown']);
      expect([...known.values()].map(({ version }) => version.status).sort()).toEqual(['committed', 'deleted']);
      const back = await save('two');
      expect([back.createdVersion, back.snapshot.version.id, back.snapshot.version.name]).toEqual([true, second.version.id, null]);
    });

    test('a guard may keep a version, and then nothing has changed', async () => {
      const first = (await save('one')).snapshot;
      const second = (await save('two')).snapshot;
      const asked: string[] = [];
      room.guards.push({
        deleteVersion: async (_scope, file, versionId) => {
          asked.push(`${file.path} ${versionId}`);
          throw new Error('it is an arm');
        },
      });
      await expect(room.files.deleteVersion(scope, 'prompt', first.file.id, second.version.id)).rejects.toThrow('it is an arm');
      room.guards.length = 0;
      expect(asked).toEqual([`support/answer ${second.version.id}`]);
      expect(await room.files.versions(scope, 'prompt', first.file.id)).toHaveLength(2);
    });

    test('a kernel is refused with the place that is wrong', async () => {
      const spec = { evaluator_type: 'human' as const, arguments_type: 'target_free' as const, return_type: 'select' as const };
      const twice = { spec: { ...spec, options: [{ name: 'good' }, { name: 'good' }] } };
      const error = await refusal(room.files.upsert(scope, 'evaluator', { path: 'e', kernel: twice }), 'invalid_input', /`good` again/);
      expect(error.details?.[0]?.loc).toEqual(['body', 'spec', 'options', 1, 'name']);
      const parent = room.files.upsert(scope, 'prompt', { path: 'p', kernel: prompt('x'), parentVersionId: 'prv_none' });
      await refusal(parent, 'invalid_input', /no version `prv_none`/);
      expect(await room.files.find(scope, 'prompt', { path: 'p' })).toBeNull();
    });

    test('linked tools must be versions of tools of this workspace', async () => {
      const tool = await room.files.upsert(scope, 'tool', {
        path: 't',
        kernel: { function: { name: 'find', parameters: { properties: { q: {} } } } },
      });
      expect(tool.snapshot.inputs).toEqual(['q']);
      const link = (id: string) => room.files.upsert(scope, 'prompt', { path: 'p', kernel: prompt('x', { linked_tools: [id] }) });
      expect((await link(tool.snapshot.version.id)).createdFile).toBe(true);
      await refusal(link((await save('other')).snapshot.version.id), 'invalid_input', /no version .* of a tool/);
    });

    test('inputs are the variables of the template in order, and a broken Jinja template is still read', async () => {
      const { snapshot } = await save('{{ b }} and {{ a.b }} and {{ b }}');
      expect(snapshot.inputs).toEqual(['b', 'a.b']);
      const broken = { path: 'broken', kernel: prompt('{% if', { template_language: 'jinja' }) } as const;
      expect((await room.files.upsert(scope, 'prompt', broken)).snapshot.inputs).toEqual([]);
    });
  });

  describe('reads', () => {
    test('without a selector: what is deployed to the default environment, though newer versions exist', async () => {
      const first = (await save('one')).snapshot;
      await save('two');
      const got = await room.files.get(scope, 'prompt', { id: first.file.id });
      expect(got.version.id).toBe(first.version.id);
      expect(got.environments.map(({ name }) => name)).toEqual(['production']);
      expect((await room.files.get(scope, null, { path: 'support/answer' })).version.id).toBe(first.version.id);
    });

    test('without a selector and a deployment: the newest version', async () => {
      await room.files.upsert(scope, 'prompt', { path: 'p', kernel: prompt('one'), deployFirst: false });
      const two = (await save('two', 'p')).snapshot;
      expect(two.environments).toEqual([]);
      expect((await room.files.get(scope, 'prompt', { path: 'p' })).version.id).toBe(two.version.id);
    });

    test('404 names the environment, the version, the file or what is not deployed', async () => {
      const { file, version } = (await save('one')).snapshot;
      const get = (at: object, id = file.id) => room.files.get(scope, 'prompt', { id }, at);
      await refusal(get({ environment: 'nowhere' }), 'not_found', /Environment `nowhere` does not exist/);
      await refusal(get({ environment: 'staging' }), 'not_found', /Nothing of `support\/answer` is deployed to the environment `staging`/);
      await refusal(get({ versionId: 'prv_no' }), 'not_found', /Prompt version `prv_no` does not exist/);
      await refusal(get({}, 'pr_no'), 'not_found', /Prompt `pr_no` does not exist/);
      await refusal(room.files.get(scope, 'tool', { path: 'support/answer' }), 'not_found', /there is a prompt at this path/);
      await refusal(room.files.get(scope, 'tool', { id: file.id }), 'not_found', /Tool `pr_.*` does not exist/);
      const other = (await save('other', 'b')).snapshot;
      await refusal(get({ versionId: version.id }, other.file.id), 'not_found', /Prompt version/);
    });

    test('find is null for a missing file only', async () => {
      await save('one');
      expect(await room.files.find(scope, 'prompt', { path: 'none' })).toBeNull();
      expect(await room.files.find(scope, 'tool', { path: 'support/answer' })).toBeNull();
      const nowhere = room.files.find(scope, 'prompt', { path: 'support/answer' }, { environment: 'nowhere' });
      await refusal(nowhere, 'not_found', /Environment `nowhere` does not exist/);
    });

    test('odd names and ids are refused, never an error of the database', async () => {
      for (const odd of ['a\0b', '\uD800', '💥'.repeat(3000), "'; drop table files; --", '../x', '__proto__', '']) {
        await refusal(room.files.get(scope, 'prompt', { id: odd }), 'not_found', /does not exist/);
        await refusal(room.files.get(scope, 'prompt', { path: odd }, { environment: odd }), 'not_found', /does not exist/);
        await refusal(room.files.directories.get(scope, odd), 'not_found', /does not exist/);
        expect((await room.files.versionsById(scope, [odd])).size).toBe(0);
        const query = { name: odd, createdBy: odd, page: 1, size: 10 };
        expect((await room.files.list(scope, query)).records.length).toBe(odd === '' ? 6 : 0);
      }
      const { snapshot } = await room.files.upsert(scope, 'prompt', {
        path: 'p',
        kernel: JSON.parse('{"model":"m\\u0000","template":"\\ud800","other":{"__proto__":{"x":1}}}'),
        versionName: 'a\0b',
      });
      expect(snapshot.version).toMatchObject({ name: 'a\u2400b', kernel: { model: 'm\u2400', template: '\uFFFD' } });
      expect(JSON.stringify(snapshot.version.kernel.other)).toBe('{"__proto__":{"x":1}}');
      for (const path of ['/a', 'a//b', 'a/../b', 'a\0b', 'x'.repeat(2000), ' ']) await refusal(save('x', path), 'invalid_input', /path/i);
      await refusal(room.files.upsert(scope, 'prompt', { path: 'a', id: 'b', kernel: prompt('x') }), 'invalid_input', /not by both/);
      await refusal(room.files.upsert(scope, 'prompt', { kernel: prompt('x') }), 'invalid_input', /path/);
    });
  });

  describe('lists', () => {
    beforeEach(async () => {
      for (const path of ['support/answer', 'support/deep/Triage', 'supporting', 'zoo']) await save(`of ${path}`, path);
      await room.files.upsert(as(scope, 'editor', 'usr_bob'), 'flow', { path: 'flows/Answering', kernel: {} });
    });
    const paths = async (query: object) => {
      const { records, total } = await room.files.list(scope, { page: 1, size: 50, sortBy: 'name', ...query });
      expect(total).toBe(records.length);
      return records.map(({ file }) => file.path);
    };

    test('by kind, part of the name, directory and creator', async () => {
      expect(await paths({ kinds: ['prompt'] })).toEqual(['support/answer', 'supporting', 'support/deep/Triage', 'zoo']);
      expect(await paths({ kinds: ['prompt', 'flow'], name: 'ANSWER' })).toEqual(['support/answer', 'flows/Answering']);
      expect(await paths({ path: 'support' })).toEqual(['support/answer', 'support/deep/Triage']);
      expect(await paths({ path: '/support/deep/' })).toEqual(['support/deep/Triage']);
      expect(await paths({ createdBy: 'bob@EXAMPLE' })).toEqual(['flows/Answering']);
      expect(await paths({ createdBy: 'usr_bob' })).toEqual(['flows/Answering']);
      expect(await paths({ name: '%' })).toEqual([]);
      await refusal(room.files.list(scope, { path: 'nowhere', page: 1, size: 1 }), 'not_found', /Directory `nowhere` does not exist/);
    });

    test('with an environment: only what is deployed there, as of that version', async () => {
      const staging = await room.files.environments.byName(scope, 'staging');
      const { file, version } = (await save('newer', 'zoo')).snapshot;
      await room.files.deploy(scope, 'prompt', file.id, staging.id, version.id);
      const { records } = await room.files.list(scope, { environment: 'staging', page: 1, size: 10 });
      expect(records.map((record) => [record.file.path, record.version.id])).toEqual([['zoo', version.id]]);
      await refusal(room.files.list(scope, { environment: 'no', page: 1, size: 1 }), 'not_found', /Environment `no` does not exist/);
    });

    test('pages follow each other, and past the end they are empty', async () => {
      const page = (number: number) => room.files.list(scope, { kinds: ['prompt'], sortBy: 'name', page: number, size: 3 });
      const [one, two, far] = [await page(1), await page(2), await page(2 ** 52)];
      expect([one, two, far].map(({ total }) => total)).toEqual([4, 4, 4]);
      expect([one, two, far].map(({ records }) => records.map(({ file }) => file.name))).toEqual([
        ['answer', 'supporting', 'Triage'],
        ['zoo'],
        [],
      ]);
    });

    test('newest first unless asked otherwise; a new version makes a file updated', async () => {
      await save('again', 'support/answer');
      const first = async (query: object) => (await room.files.list(scope, { page: 1, size: 1, ...query })).records[0]?.file.path;
      expect(await first({})).toBe('flows/Answering');
      expect(await first({ sortBy: 'updated_at' })).toBe('support/answer');
      expect(await first({ sortBy: 'name', order: 'desc' })).toBe('zoo');
    });
  });

  test('20 parallel identical saves make one file and one version', async () => {
    const saved = await Promise.all(Array.from({ length: 20 }, () => save('parallel', 'many/at/once')));
    expect(new Set(saved.map(({ snapshot }) => `${snapshot.file.id} ${snapshot.version.id}`)).size).toBe(1);
    expect(saved.filter(({ createdFile }) => createdFile)).toHaveLength(1);
    expect(saved.filter(({ createdVersion }) => createdVersion)).toHaveLength(1);
    const file = saved[0]?.snapshot.file.id ?? '';
    expect(await room.files.versions(scope, 'prompt', file)).toHaveLength(1);
    expect((await room.files.deployments(scope, 'prompt', file, { page: 1, size: 10 })).total).toBe(1);
  });

  test('saving what is there again and again asks no database, until something changes', async () => {
    const first = await save('steady');
    await save('steady');
    const before = statements();
    for (let i = 0; i < 100; i += 1) expect((await save('steady')).snapshot.version.id).toBe(first.snapshot.version.id);
    expect(statements() - before).toBeLessThan(10);
    await room.files.delete(scope, 'prompt', first.snapshot.file.id);
    expect(await save('steady')).toMatchObject({ createdFile: true, createdVersion: true });
  });

  test('parallel saves of different content and kinds leave one file per path and lose nothing', async () => {
    const saves = Array.from({ length: 10 }, (_, i) => save(`content ${i}`, 'x/one'));
    const tools = Array.from({ length: 5 }, () =>
      room.files.upsert(scope, 'tool', { path: 'x/one', kernel: {} }).catch((error: unknown) => error),
    );
    const [prompts, others] = [await Promise.allSettled(saves), await Promise.all(tools)];
    const won = prompts.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.snapshot] : []));
    const refused = [...prompts.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : [])), ...others];
    const winner = await room.files.get(scope, null, { path: 'x/one' });
    if (winner.kind === 'prompt') expect(won).toHaveLength(10);
    else expect(won).toHaveLength(0);
    const losers = refused.filter((error) => error instanceof Error);
    expect(losers).toHaveLength(winner.kind === 'prompt' ? 5 : 10);
    for (const error of losers) expect(error).toMatchObject({ code: 'conflict' });
  });
});
