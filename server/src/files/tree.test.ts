import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import { newWorkspace, openFiles, prompt, refusal } from './test/room.ts';
import type { TestRoom } from './test/room.ts';

describeOnEditions('tree', (open) => {
  let storage: Storage;
  let room: TestRoom;
  let scope: Scope;
  beforeAll(async () => {
    storage = await open();
    room = await openFiles(storage);
  });
  afterAll(async () => {
    await room.files.close();
    await storage.close();
  });
  beforeEach(async () => {
    scope = await newWorkspace(room.files);
  });
  const save = async (path: string, template = path) =>
    (await room.files.upsert(scope, 'prompt', { path, kernel: prompt(template) })).snapshot;
  const directoryPaths = async () =>
    (await room.files.directories.list(scope)).map(({ path }) => path).filter((path) => path !== 'feedback');
  const directoryAt = async (path: string) => {
    const found = (await room.files.directories.list(scope)).find((directory) => directory.path === path);
    if (!found) throw new Error(`no directory ${path}`);
    return found;
  };

  test('a new workspace has its environments and its evaluators of feedback, and preparing it again changes nothing', async () => {
    const environments = await room.files.environments.list(scope);
    expect(environments.map(({ name, isDefault, protected: guarded }) => [name, isDefault, guarded])).toEqual([
      ['production', true, true],
      ['staging', false, false],
    ]);
    const list = () => room.files.list(scope, { kinds: ['evaluator'], path: 'feedback', sortBy: 'name', page: 1, size: 20 });
    const before = await list();
    expect(before.records.map(({ file }) => file.path.slice(9))).toEqual(['action', 'comment', 'correction', 'issue', 'rating', 'vote']);
    for (const { version, environments: deployedIn } of before.records) {
      expect((version.kernel as { spec: { evaluator_type: string } }).spec.evaluator_type).toBe('human');
      expect(deployedIn.map(({ name }) => name)).toEqual(['production']);
    }
    expect(before.records.at(-1)?.version.kernel).toMatchObject({
      spec: {
        return_type: 'select',
        options: [
          { name: 'good', valence: 'positive' },
          { name: 'bad', valence: 'negative' },
        ],
      },
    });
    await room.files.environments.update(scope, environments[1]?.id ?? '', { name: 'test' });
    await Promise.all([room.files.prepareWorkspace(scope.workspaceId), room.files.prepareWorkspace(scope.workspaceId)]);
    expect(await list()).toEqual(before);
    expect((await room.files.environments.list(scope)).map(({ name }) => name)).toEqual(['production', 'test']);
  });

  describe('paths', () => {
    test('are unique across all kinds, and 409 names the other kind', async () => {
      await save('a/b');
      const error = await refusal(
        room.files.upsert(scope, 'evaluator', { path: 'a/b', kernel: voteKernel }),
        'conflict',
        /`a\/b` is taken by a prompt/,
      );
      expect(error.data).toEqual({ path: 'a/b', type: 'prompt' });
      const flow = (await room.files.upsert(scope, 'flow', { path: 'c', kernel: {} })).snapshot;
      await refusal(room.files.move(scope, 'flow', flow.file.id, { path: 'a/b' }), 'conflict', /taken by a prompt/);
      expect((await room.files.get(scope, 'flow', { id: flow.file.id })).file.path).toBe('c');
    });

    test('make the directories on the way, in one form', async () => {
      const { file } = await save(' one / two/three');
      expect(file).toMatchObject({ path: 'one/two/three', name: 'three', directoryId: (await directoryAt('one/two')).id });
      expect(await directoryPaths()).toEqual(['one', 'one/two']);
      await save('one/two/four');
      expect(await directoryPaths()).toEqual(['one', 'one/two']);
      expect((await save('top')).file.directoryId).toBeNull();
    });
  });

  describe('a file', () => {
    test('moves by path, by name, or is only described', async () => {
      const { file, version } = await save('a/b');
      const move = (patch: object) => room.files.move(scope, 'prompt', file.id, patch);
      expect((await move({ path: 'x/y/z' })).file).toMatchObject({ path: 'x/y/z', name: 'z', directoryId: (await directoryAt('x/y')).id });
      expect((await move({ name: 'renamed' })).file).toMatchObject({ path: 'x/y/renamed', name: 'renamed' });
      const described = await move({ description: 'D', tags: ['t', 'u'], readme: '# R' });
      expect(described.file).toMatchObject({ path: 'x/y/renamed', description: 'D', tags: ['t', 'u'], readme: '# R' });
      expect((await move({ description: null, readme: '', tags: [] })).file).toMatchObject({ description: 'D', readme: null, tags: [] });
      expect(described.version.id).toBe(version.id);
      expect(await room.files.find(scope, 'prompt', { path: 'a/b' })).toBeNull();
      await refusal(move({ name: 'no/slash' }), 'invalid_input', /no slash/);
      await refusal(move({ path: '../up' }), 'invalid_input', /`\.\.`/);
      await refusal(room.files.move(scope, 'tool', file.id, { name: 'x' }), 'not_found', /it is the id of a prompt/);
    });

    test('when deleted frees its path, takes its versions along and tells those who keep its logs', async () => {
      const { file, version } = await save('a/b');
      const events: string[] = [];
      room.files.onEvent(async (event) => void (event.scope === scope && events.push(`${event.type} ${event.snapshot.file.path}`)));
      await room.files.delete(scope, 'prompt', file.id);
      expect(room.deleted).toContain(file.id);
      expect(events).toEqual(['file.deleted a/b']);
      expect(await room.files.find(scope, null, { id: file.id })).toBeNull();
      expect((await room.files.versionsById(scope, [version.id])).size).toBe(0);
      await refusal(room.files.delete(scope, 'prompt', file.id), 'not_found', /Prompt `pr_.*` does not exist/);
      const again = await save('a/b');
      expect(again.file.id).not.toBe(file.id);
    });

    test('stays when those who keep its logs cannot be told', async () => {
      const failing = await openFiles(storage, { onFileDeleted: () => Promise.reject(new Error('queue is full')) });
      const { file } = await save('a/b');
      await expect(failing.files.delete(scope, 'prompt', file.id)).rejects.toThrow('queue is full');
      await failing.files.close();
      expect((await room.files.get(scope, 'prompt', { id: file.id })).environments).toHaveLength(1);
    });
  });

  describe('a directory', () => {
    test('is made by path or by name and parent, once', async () => {
      const deep = await room.files.directories.create(scope, { path: 'a/b' });
      const child = await room.files.directories.create(scope, { name: 'c', parentId: deep.id });
      expect(child).toMatchObject({ path: 'a/b/c', name: 'c', parentId: deep.id });
      expect((await room.files.directories.create(scope, { name: 'top', parentId: 'root' })).path).toBe('top');
      expect(await directoryPaths()).toEqual(['a', 'a/b', 'a/b/c', 'top']);
      await refusal(room.files.directories.create(scope, { path: 'a/b' }), 'conflict', /`a\/b` exists already/);
      await refusal(room.files.directories.create(scope, {}), 'invalid_input', /path/);
      await refusal(
        room.files.directories.create(scope, { name: 'x', parentId: 'dir_no' }),
        'not_found',
        /Directory `dir_no` does not exist/,
      );
    });

    test('is described when it is made and later; what is not given stays', async () => {
      const made = await room.files.directories.create(scope, { path: 'a/b', description: 'D', tags: ['t'] });
      expect(made).toMatchObject({ path: 'a/b', description: 'D', readme: null, tags: ['t'] });
      const update = (patch: object) => room.files.directories.update(scope, made.id, patch);
      expect(await update({ readme: '# R', tags: ['u', 'v'] })).toMatchObject({ description: 'D', readme: '# R', tags: ['u', 'v'] });
      expect(await update({ name: 'c', description: '', readme: null })).toMatchObject({
        path: 'a/c',
        description: null,
        readme: '# R',
        tags: ['u', 'v'],
      });
      await room.files.directories.create(scope, { path: 'a/taken' });
      await refusal(update({ name: 'taken', description: 'half' }), 'conflict', /taken/);
      expect((await room.files.directories.get(scope, made.id)).directory).toMatchObject({ path: 'a/c', description: null });
    });

    test('shows what is directly inside and what is above; `root` is the top', async () => {
      await save('a/b/one');
      await save('a/b/c/two');
      await save('top');
      const b = await room.files.directories.get(scope, (await directoryAt('a/b')).id);
      expect([b.parents.map(({ path }) => path), b.subdirectories.map(({ path }) => path), b.files.map(({ file }) => file.path)]).toEqual([
        ['a'],
        ['a/b/c'],
        ['a/b/one'],
      ]);
      const root = await room.files.directories.get(scope, 'root');
      expect([root.subdirectories.map(({ path }) => path), root.files.map(({ file }) => file.path)]).toEqual([['a', 'feedback'], ['top']]);
    });

    test('takes everything below along when it moves or is renamed', async () => {
      const one = await save('a/b/one');
      const two = await save('a/b/c/two');
      const near = await save('a/bee');
      const b = await directoryAt('a/b');
      expect(await room.files.directories.update(scope, b.id, { path: 'x/y' })).toMatchObject({
        path: 'x/y',
        name: 'y',
        parentId: (await directoryAt('x')).id,
      });
      const path = async (id: string) => (await room.files.get(scope, null, { id })).file.path;
      expect([await path(one.file.id), await path(two.file.id), await path(near.file.id)]).toEqual(['x/y/one', 'x/y/c/two', 'a/bee']);
      expect(await directoryPaths()).toEqual(['a', 'x', 'x/y', 'x/y/c']);
      await room.files.directories.update(scope, b.id, { name: 'z' });
      await room.files.directories.update(scope, b.id, { parentId: 'root' });
      expect(await path(two.file.id)).toBe('z/c/two');
      expect((await directoryAt('z')).parentId).toBeNull();
      expect((await room.files.list(scope, { path: 'z', page: 1, size: 5 })).total).toBe(2);
    });

    test('is refused a place inside itself, at another directory, or over other files', async () => {
      await save('a/x');
      await save('b/c/x');
      const a = await directoryAt('a');
      await refusal(room.files.directories.update(scope, a.id, { path: 'a/d' }), 'invalid_input', /into itself/);
      await refusal(room.files.directories.update(scope, a.id, { path: 'b' }), 'conflict', /`b` exists already/);
      await refusal(room.files.directories.update(scope, a.id, { name: 'y'.repeat(300) }), 'invalid_input', /longer than/);
      const long = `a/${'d'.repeat(200)}/${'d'.repeat(200)}/${'d'.repeat(200)}/${'d'.repeat(200)}`;
      await save(`${long}/x`);
      await refusal(room.files.directories.update(scope, a.id, { path: 'e'.repeat(250) }), 'invalid_input', /longer than 1024/);
      expect((await room.files.get(scope, null, { path: 'a/x' })).file.path).toBe('a/x');
    });

    test('is deleted only when empty, and 409 names what is in it', async () => {
      const { file } = await save('a/b/one');
      const [a, b] = [await directoryAt('a'), await directoryAt('a/b')];
      await refusal(room.files.directories.delete(scope, a.id), 'conflict', /holds `b`/);
      const error = await refusal(room.files.directories.delete(scope, b.id), 'conflict', /holds `one`/);
      expect(error.data).toEqual({ names: ['one'] });
      await room.files.delete(scope, 'prompt', file.id);
      await room.files.directories.delete(scope, b.id);
      await room.files.directories.delete(scope, a.id);
      expect(await directoryPaths()).toEqual([]);
      await refusal(room.files.directories.delete(scope, 'root'), 'conflict', /top of the tree/);
    });

    test('cannot vanish under a file that is saved into it at the same moment', async () => {
      for (let round = 0; round < 5; round += 1) {
        const directory = await room.files.directories.create(scope, { path: `r${round}` });
        const [, saved] = await Promise.allSettled([room.files.directories.delete(scope, directory.id), save(`r${round}/x`)]);
        expect(saved.status).toBe('fulfilled');
        expect((await directoryAt(`r${round}`)).path).toBe(`r${round}`);
      }
    });
  });

  test('the tree has every directory and every shown file once', async () => {
    await save('a/b/one');
    await save('two');
    const { directories, files } = await room.files.tree(scope);
    expect(directories.map(({ path }) => path)).toEqual(['a', 'a/b', 'feedback']);
    expect(files.map(({ file }) => file.path).filter((path) => !path.startsWith('feedback'))).toEqual(['a/b/one', 'two']);
  });

  test('a deleted workspace leaves nothing, and the other one stays', async () => {
    const other = await newWorkspace(room.files);
    await save('a/b/one');
    await room.files.deleteWorkspace(scope.workspaceId);
    for (const table of ['files', 'versions', 'directories', 'environments', 'deployments', 'deployment_history']) {
      const { rows } = await storage.executeSql(`select 1 from ${table} where workspace_id = $1`, [scope.workspaceId]);
      expect(rows, table).toEqual([]);
    }
    expect((await room.files.list(other, { page: 1, size: 10 })).total).toBe(6);
  });
});

const voteKernel = { spec: { evaluator_type: 'human' as const, arguments_type: 'target_free' as const, return_type: 'boolean' as const } };
