import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import type { Environment, Snapshot } from './index.ts';
import { counting, newWorkspace, openFiles, prompt, refusal, withKey } from './test/room.ts';
import type { TestRoom } from './test/room.ts';

describeOnEditions('resolve', (open, edition) => {
  let storage: Storage;
  let room: TestRoom;
  let replica: TestRoom;
  let scope: Scope;
  let statements: () => number;
  let production: Environment;
  let staging: Environment;
  let one: Snapshot;
  let two: Snapshot;
  let nowMs = 0;
  beforeAll(async () => {
    storage = await open();
    const counted = counting(storage);
    statements = counted.statements;
    room = await openFiles(counted.storage, { monotonicMs: () => nowMs });
    replica = await openFiles(storage);
  });
  afterAll(async () => {
    await room.files.close();
    await replica.files.close();
    await storage.close();
  });
  beforeEach(async () => {
    scope = await newWorkspace(room.files);
    production = await room.files.environments.byName(scope, 'production');
    staging = await room.files.environments.byName(scope, 'staging');
    one = await save('one');
    two = await save('two');
    await room.files.deploy(scope, 'prompt', two.file.id, staging.id, two.version.id);
  });
  const save = async (template: string, path = 'p') =>
    (await room.files.upsert(scope, 'prompt', { path, kernel: prompt(template) })).snapshot;
  const resolve = async (at: object = {}, by: Scope = scope, ref: { id: string } | { path: string } = { path: 'p' }) => {
    const { snapshot, environmentId } = await room.files.resolve(by, 'prompt', ref, at);
    return [snapshot.version.id, environmentId];
  };
  const until = async (expected: () => Promise<boolean>) => {
    for (let attempt = 0; attempt < 100 && !(await expected()); attempt += 1) await new Promise((done) => setTimeout(done, 20));
    expect(await expected()).toBe(true);
  };

  test('says which environment answered; none for a version id, and none where nothing was deployed', async () => {
    expect(await resolve()).toEqual([one.version.id, production.id]);
    expect(await resolve({ environment: 'production' })).toEqual([one.version.id, production.id]);
    expect(await resolve({ environment: 'staging' })).toEqual([two.version.id, staging.id]);
    expect(await resolve({ versionId: two.version.id })).toEqual([two.version.id, null]);
    expect(await resolve({ versionId: two.version.id, environment: 'production' })).toEqual([two.version.id, null]);
    expect(await resolve({}, scope, { id: one.file.id })).toEqual([one.version.id, production.id]);
    await room.files.undeploy(scope, 'prompt', one.file.id, production.id);
    expect(await resolve()).toEqual([two.version.id, null]);
    await refusal(resolve({ environment: 'production' }), 'not_found', /Nothing of `p` is deployed/);
    await refusal(resolve({ environment: 'x' }), 'not_found', /Environment `x` does not exist/);
  });

  test('asks no database while the answer is under half a second old, whoever calls', async () => {
    await resolve();
    const before = statements();
    await Promise.all(Array.from({ length: 500 }, () => resolve()));
    expect(statements()).toBe(before);
  });

  test('between half a second and a second it answers at once and renews behind the caller, once for all of them', async () => {
    await resolve();
    const before = statements();
    nowMs += 700;
    await Promise.all(Array.from({ length: 50 }, () => resolve()));
    await until(async () => statements() - before >= 2);
    expect(statements() - before).toBe(2);
  });

  test('after a second the caller gets what is true now, and calls at once share the question', async () => {
    await resolve();
    await storage.executeSql('update deployments set version_id = $1 where file_id = $2', [two.version.id, one.file.id]);
    expect((await resolve())[0]).toBe(one.version.id);
    nowMs += 1_001;
    const before = statements();
    const answers = await Promise.all(Array.from({ length: 50 }, () => resolve()));
    expect(new Set(answers.map(([version]) => version))).toEqual(new Set([two.version.id]));
    expect(statements() - before).toBe(2);
  });

  test('a change on this replica is seen by the next call', async () => {
    await resolve();
    await room.files.deploy(scope, 'prompt', one.file.id, production.id, two.version.id);
    expect((await resolve())[0]).toBe(two.version.id);
    await room.files.environments.update(scope, staging.id, { makeDefault: true });
    expect((await resolve())[1]).toBe(staging.id);
    await room.files.move(scope, 'prompt', one.file.id, { path: 'elsewhere' });
    await refusal(resolve(), 'not_found', /Prompt `p` does not exist/);
    const third = await save('three');
    expect((await resolve())[0]).toBe(third.version.id);
    await room.files.delete(scope, 'prompt', third.file.id);
    await refusal(resolve(), 'not_found', /Prompt `p` does not exist/);
  });

  test('a change on another replica is told to this one', async () => {
    await resolve();
    await replica.files.deploy(scope, 'prompt', one.file.id, production.id, two.version.id);
    // The clock of this replica stands still: only the message can have dropped what it knew.
    await until(async () => (await resolve())[0] === two.version.id);
    await replica.files.environments.update(scope, staging.id, { makeDefault: true });
    await until(async () => (await resolve())[1] === staging.id);
  });

  test('what is handed out cannot be changed by its caller', async () => {
    const { snapshot } = await room.files.resolve(scope, 'prompt', { path: 'p' });
    expect(() => Object.assign(snapshot.version.kernel, { template: 'mine' })).toThrow(TypeError);
    expect(() => snapshot.environments.pop()).toThrow(TypeError);
  });

  describe('a key bound to one environment', () => {
    test('means that environment when it names none, and may name no other', async () => {
      const key = withKey(scope, staging.id);
      expect(await resolve({}, key)).toEqual([two.version.id, staging.id]);
      expect(await resolve({ environment: 'staging' }, withKey(scope, staging.id))).toEqual([two.version.id, staging.id]);
      await refusal(
        resolve({ environment: 'production' }, key),
        'forbidden',
        /bound to the environment `staging` and cannot use `production`/,
      );
      await refusal(room.files.get(key, 'prompt', { path: 'p' }, { environment: 'production' }), 'forbidden', /bound/);
      expect((await room.files.get(key, 'prompt', { path: 'p' })).version.id).toBe(two.version.id);
      expect(await resolve()).toEqual([one.version.id, production.id]);
    });

    test('finds nothing where nothing is deployed: it never falls back to another environment', async () => {
      await save('only in production', 'q');
      await refusal(resolve({}, withKey(scope, staging.id), { path: 'q' }), 'not_found', /environment `staging`/);
      const { records } = await room.files.list(withKey(scope, staging.id), { page: 1, size: 10 });
      expect(records.map(({ file, version }) => [file.path, version.id])).toEqual([['p', two.version.id]]);
      await refusal(room.files.list(withKey(scope, staging.id), { environment: 'production', page: 1, size: 1 }), 'forbidden', /bound/);
    });

    test('may name a version that is or was deployed there, and no other', async () => {
      const key = withKey(scope, staging.id);
      const three = await save('three');
      await room.files.deploy(scope, 'prompt', one.file.id, staging.id, three.version.id);
      expect(await resolve({ versionId: two.version.id }, key)).toEqual([two.version.id, null]);
      await refusal(resolve({ versionId: one.version.id }, key), 'forbidden', /never deployed/);
    });

    test('stays bound to it when it is renamed, also when another takes the name', async () => {
      const key = withKey(scope, staging.id);
      await room.files.environments.update(scope, staging.id, { name: 'canary' });
      await room.files.environments.create(scope, { name: 'staging', protected: false });
      expect(await resolve({}, key)).toEqual([two.version.id, staging.id]);
      expect(await resolve({ environment: 'canary' }, key)).toEqual([two.version.id, staging.id]);
      await refusal(resolve({ environment: 'staging' }, key), 'forbidden', /bound to the environment `canary` and cannot use `staging`/);
    });

    test('can do nothing once the environment is gone', async () => {
      const eu = await room.files.environments.create(scope, { name: 'eu', protected: false });
      await room.files.environments.delete(scope, eu.id);
      await refusal(resolve({}, withKey(scope, eu.id)), 'forbidden', /no longer exists/);
    });
  });

  test('a list of 40 files and the presentation of their versions take a fixed number of statements', async () => {
    const saved = [];
    for (let i = 0; i < 40; i += 1) saved.push(await save(`text ${i}`, `many/${i}`));
    const before = statements();
    const { records } = await room.files.list(scope, { page: 1, size: 50 });
    expect(records).toHaveLength(47);
    expect(statements() - before).toBe(3);
    const ids = saved.map(({ version }) => version.id);
    expect((await room.files.versionsById(scope, ids)).size).toBe(40);
    expect(statements() - before).toBe(5);
    expect((await room.files.versionsById(scope, ids)).size).toBe(40);
    expect(statements() - before).toBe(5);
  });

  // The server of the other edition is not ours to stop.
  const onEmbedded = edition === 'embedded' ? test : () => undefined;
  onEmbedded('F8: while PostgreSQL is silent the last known answer serves', async () => {
    await resolve();
    await room.files.versionsById(scope, [one.version.id]);
    await save('one');
    const pid = storage.engines?.pid;
    if (pid === undefined) throw new Error('no engine process');
    process.kill(pid, 'SIGSTOP');
    try {
      nowMs += 5_000;
      expect(await resolve()).toEqual([one.version.id, production.id]);
      expect((await room.files.versionsById(scope, [one.version.id])).size).toBe(1);
      expect((await save('one')).version.id).toBe(one.version.id);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    nowMs += 2_000;
    expect(await resolve()).toEqual([one.version.id, production.id]);
  });
});
