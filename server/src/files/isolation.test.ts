import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import type { Environment, Snapshot } from './index.ts';
import { newWorkspace, openFiles, prompt, refusal } from './test/room.ts';
import type { TestRoom } from './test/room.ts';

describeOnEditions('T7: two workspaces', (open) => {
  let storage: Storage;
  let room: TestRoom;
  let mine: Scope;
  let theirs: Scope;
  let file: Snapshot;
  let second: Snapshot;
  let staging: Environment;
  let directoryId: string;
  beforeAll(async () => {
    storage = await open();
    room = await openFiles(storage);
    mine = await newWorkspace(room.files);
    theirs = await newWorkspace(room.files);
    file = (await room.files.upsert(theirs, 'prompt', { path: 'shared/name', kernel: prompt('secret') })).snapshot;
    second = (await room.files.upsert(theirs, 'prompt', { path: 'shared/name', kernel: prompt('second') })).snapshot;
    staging = await room.files.environments.byName(theirs, 'staging');
    directoryId = file.file.directoryId ?? '';
  });
  afterAll(async () => {
    await room.files.close();
    await storage.close();
  });

  test('no verb reaches a file, version, environment or directory of another workspace by its id', async () => {
    const { files } = room;
    const [id, versionId] = [file.file.id, second.version.id];
    // Known to this replica, so that a memory that ignored the workspace would show it.
    await files.resolve(theirs, 'prompt', { id });
    await files.versionsById(theirs, [versionId]);
    const attempts: Record<string, () => Promise<unknown>> = {
      get: () => files.get(mine, 'prompt', { id }),
      'get by version': () => files.get(mine, 'prompt', { id }, { versionId }),
      resolve: () => files.resolve(mine, 'prompt', { id }),
      'resolve by path': () => files.resolve(mine, 'prompt', { path: 'shared/name' }),
      upsert: () => files.upsert(mine, 'prompt', { id, kernel: prompt('secret') }),
      upsertHidden: () => files.upsertHidden(mine, { fileId: id, kernel: prompt('secret'), reason: 'draft' }),
      versions: () => files.versions(mine, 'prompt', id),
      move: () => files.move(mine, 'prompt', id, { name: 'x' }),
      delete: () => files.delete(mine, 'prompt', id),
      updateVersion: () => files.updateVersion(mine, 'prompt', id, versionId, { name: 'x' }),
      deleteVersion: () => files.deleteVersion(mine, 'prompt', id, versionId),
      deploy: () => files.deploy(mine, 'prompt', id, staging.id, versionId),
      undeploy: () => files.undeploy(mine, 'prompt', id, staging.id),
      deployed: () => files.deployed(mine, 'prompt', id),
      deployments: () => files.deployments(mine, 'prompt', id, { page: 1, size: 10 }),
      'environments.update': () => files.environments.update(mine, staging.id, { name: 'x' }),
      'environments.delete': () => files.environments.delete(mine, staging.id),
      'directories.get': () => files.directories.get(mine, directoryId),
      'directories.create below': () => files.directories.create(mine, { name: 'x', parentId: directoryId }),
      'directories.update': () => files.directories.update(mine, directoryId, { name: 'x' }),
      'directories.delete': () => files.directories.delete(mine, directoryId),
      'list below': () => files.list(mine, { path: 'shared', page: 1, size: 10 }),
    };
    for (const [verb, attempt] of Object.entries(attempts)) {
      const error = await refusal(attempt(), 'not_found', /does not exist/).catch((cause: unknown) => {
        throw new Error(verb, { cause });
      });
      expect(error.message, verb).not.toContain('secret');
    }
    expect((await files.versionsById(mine, [versionId])).size).toBe(0);
    expect(await files.find(mine, null, { id })).toBeNull();
  });

  test('links and parents are looked for in the own workspace only', async () => {
    const tool = (await room.files.upsert(theirs, 'tool', { path: 'tool', kernel: {} })).snapshot;
    const linked = room.files.upsert(mine, 'prompt', { path: 'linked', kernel: prompt('x', { linked_tools: [tool.version.id] }) });
    await refusal(linked, 'invalid_input', /no version/);
    const parent = room.files.upsert(mine, 'prompt', { path: 'linked', kernel: prompt('x'), parentVersionId: file.version.id });
    await refusal(parent, 'invalid_input', /no version/);
  });

  test('the same path, names and content in both do not meet, and lists show only the own', async () => {
    const own = (await room.files.upsert(mine, 'prompt', { path: 'shared/name', kernel: prompt('secret') })).snapshot;
    expect(own.file.id).not.toBe(file.file.id);
    expect(own.version.id).not.toBe(file.version.id);
    await room.files.environments.create(mine, { name: 'same', protected: false });
    await room.files.environments.create(theirs, { name: 'same', protected: false });
    for (const scope of [mine, theirs]) {
      const { records } = await room.files.list(scope, { kinds: ['prompt'], page: 1, size: 10 });
      const { files, directories } = await room.files.tree(scope);
      const expected = scope === mine ? own.file.id : file.file.id;
      expect(records.map((record) => record.file.id)).toEqual([expected]);
      expect(files.filter(({ kind }) => kind === 'prompt').map((entry) => entry.file.id)).toEqual([expected]);
      expect(directories.map(({ path }) => path)).toEqual(['feedback', 'shared']);
      expect(await room.files.environments.list(scope)).toHaveLength(3);
    }
  });
});
