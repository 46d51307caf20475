import { AppError } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import type { Environment, FileEvent, Snapshot } from './index.ts';
import { as, newWorkspace, openFiles, prompt, refusal, withKey } from './test/room.ts';
import type { TestRoom } from './test/room.ts';

describeOnEditions('deployments', (open) => {
  let storage: Storage;
  let room: TestRoom;
  let scope: Scope;
  let production: Environment;
  let staging: Environment;
  let one: Snapshot;
  let two: Snapshot;
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
    production = await room.files.environments.byName(scope, 'production');
    staging = await room.files.environments.byName(scope, 'staging');
    one = await save('one');
    two = await save('two');
  });
  const save = async (template: string, path = 'p') =>
    (await room.files.upsert(scope, 'prompt', { path, kernel: prompt(template) })).snapshot;
  const deploy = (environment: Environment, to: Snapshot, options: object = {}, by: Scope = scope) =>
    room.files.deploy(by, 'prompt', to.file.id, environment.id, to.version.id, options);
  const history = async (environmentId?: string) =>
    (await room.files.deployments(scope, 'prompt', one.file.id, { page: 1, size: 50, environmentId: environmentId ?? null })).records;
  const current = async (environment: Environment) => {
    const all = await room.files.deployed(scope, 'prompt', one.file.id);
    return all.find((entry) => entry.environment.id === environment.id)?.snapshot?.version.id ?? null;
  };

  test('the first version of a file is deployed to the default environment, later ones are not', async () => {
    expect(one.environments.map(({ name }) => name)).toEqual(['production']);
    expect(two.environments).toEqual([]);
    expect(
      (await room.files.deployed(scope, 'prompt', one.file.id)).map(({ environment, snapshot }) => [
        environment.name,
        snapshot?.version.id,
      ]),
    ).toEqual([
      ['production', one.version.id],
      ['staging', undefined],
    ]);
    expect((await history()).map(({ action, versionId, previousVersionId }) => [action, versionId, previousVersionId])).toEqual([
      ['first', one.version.id, null],
    ]);
  });

  test('deploying moves one environment, and the history tells who, when, why and what was there', async () => {
    const snapshot = await deploy(production, two, { message: 'Shorter answers' });
    expect(snapshot.environments.map(({ name }) => name)).toEqual(['production']);
    expect(await current(production)).toBe(two.version.id);
    expect(await current(staging)).toBeNull();
    const [latest] = await history();
    expect(latest).toMatchObject({
      action: 'deploy',
      versionId: two.version.id,
      previousVersionId: one.version.id,
      contentHash: two.version.contentHash,
      message: 'Shorter answers',
      by: 'usr_ann',
      environment: { name: 'production' },
    });
  });

  test('going back to a version that was there before is a roll-back, in that environment only', async () => {
    await deploy(production, two);
    await deploy(production, one);
    await deploy(staging, one);
    expect((await history()).map(({ action, environment }) => `${action} ${environment.name}`)).toEqual([
      'deploy staging',
      'roll_back production',
      'deploy production',
      'first production',
    ]);
    expect((await history(staging.id)).map(({ action }) => action)).toEqual(['deploy']);
  });

  test('deploying what is there already changes nothing', async () => {
    await deploy(production, one);
    expect(await history()).toHaveLength(1);
  });

  test('taking out empties the environment; a second time is no error', async () => {
    await room.files.undeploy(scope, 'prompt', one.file.id, production.id);
    await room.files.undeploy(scope, 'prompt', one.file.id, production.id);
    expect(await current(production)).toBeNull();
    expect((await history()).map(({ action }) => action)).toEqual(['remove', 'first']);
    expect((await room.files.get(scope, 'prompt', { id: one.file.id })).version.id).toBe(two.version.id);
  });

  describe('expected version', () => {
    test('409 with what is there now when somebody was faster', async () => {
      await deploy(production, two);
      const three = await save('three');
      const error = await refusal(
        deploy(production, three, { expectedVersionId: one.version.id }),
        'conflict',
        /Somebody else changed `production`/,
      );
      expect(error.data).toMatchObject({ expected_version_id: one.version.id, current_version_id: two.version.id });
      await deploy(production, three, { expectedVersionId: two.version.id });
      await refusal(deploy(production, one, { expectedVersionId: '' }), 'conflict', /Somebody else/);
      await deploy(staging, one, { expectedVersionId: '' });
      const out = room.files.undeploy(scope, 'prompt', one.file.id, staging.id, { expectedVersionId: two.version.id });
      await refusal(out, 'conflict', /Somebody else changed `staging`/);
    });

    test('of ten deployments at once that expect the same version exactly one wins', async () => {
      const versions = await Promise.all(Array.from({ length: 10 }, (_, i) => save(`version ${i}`)));
      const outcomes = await Promise.allSettled(
        versions.map((version) => deploy(production, version, { expectedVersionId: one.version.id })),
      );
      const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.version.id] : []));
      expect(won).toHaveLength(1);
      expect(await current(production)).toBe(won[0]);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict', data: { current_version_id: won[0] } });
      }
      expect(await history()).toHaveLength(2);
    });

    test('deployments at once without expectation come one after the other, and the history has no gap', async () => {
      const versions = await Promise.all(Array.from({ length: 8 }, (_, i) => save(`version ${i}`)));
      await Promise.all(versions.map((version) => deploy(production, version)));
      const lines = (await history()).toReversed();
      expect(lines).toHaveLength(9);
      for (const [index, line] of lines.entries()) expect(line.previousVersionId).toBe(lines[index - 1]?.versionId ?? null);
      expect(await current(production)).toBe(lines.at(-1)?.versionId);
    });
  });

  describe('who may', () => {
    test('a protected environment needs an admin or the owner, and the refusal says so', async () => {
      const editor = as(scope, 'editor');
      const error = await refusal(
        deploy(production, two, {}, editor),
        'forbidden',
        /`production` is protected: only an admin or the owner/,
      );
      expect(error.data).toMatchObject({ protected: true });
      await refusal(room.files.undeploy(editor, 'prompt', one.file.id, production.id), 'forbidden', /protected/);
      await deploy(staging, two, {}, editor);
      await deploy(production, two, {}, as(scope, 'owner'));
      await room.files.environments.update(scope, production.id, { protected: false });
      await deploy(production, one, {}, editor);
      expect(await current(production)).toBe(one.version.id);
    });

    test('a key bound to one environment deploys only there', async () => {
      const key = withKey(scope, staging.id, 'editor');
      await deploy(staging, two, {}, key);
      await room.files.environments.update(scope, production.id, { protected: false });
      await refusal(deploy(production, two, {}, key), 'forbidden', /bound to the environment `staging`/);
    });

    test('a guard may refuse, and then nothing has changed', async () => {
      room.guards.push({
        deploy: async (_scope, file, environment, versionId) => {
          throw new AppError('conflict', `${file.path} ${environment.name} ${versionId} is under test`);
        },
      });
      await refusal(deploy(production, two), 'conflict', /p production prv_.* is under test/);
      room.guards.length = 0;
      expect(await current(production)).toBe(one.version.id);
      expect(await history()).toHaveLength(1);
    });
  });

  test('only a saved version of this file can be deployed, to an environment of this workspace', async () => {
    const elsewhere = await save('one', 'q');
    const other = await newWorkspace(room.files);
    const foreign = await room.files.environments.byName(other, 'staging');
    const draft = await room.files.upsertHidden(scope, { kernel: prompt('draft'), fileId: one.file.id, reason: 'draft' });
    const attempt = (environmentId: string, versionId: string, fileId = one.file.id) =>
      room.files.deploy(scope, 'prompt', fileId, environmentId, versionId);
    await refusal(attempt(production.id, elsewhere.version.id), 'not_found', /Prompt version/);
    await refusal(attempt(production.id, 'prv_no'), 'not_found', /Prompt version `prv_no` does not exist/);
    await refusal(attempt(foreign.id, two.version.id), 'not_found', /Environment/);
    await refusal(attempt('production', two.version.id), 'not_found', /Environment `production` does not exist/);
    await refusal(attempt(staging.id, draft.version.id), 'conflict', /unsaved draft/);
    await refusal(attempt(staging.id, two.version.id, 'pr_no'), 'not_found', /Prompt `pr_no` does not exist/);
    await refusal(room.files.deploy(scope, 'tool', one.file.id, staging.id, two.version.id), 'not_found', /Tool/);
  });

  test('each change is told in its transaction and stands in the audit log; a refused one is neither', async () => {
    const events: FileEvent[] = [];
    room.files.onEvent(async (event) => void (event.scope.workspaceId === scope.workspaceId && events.push(event)));
    room.audited.length = 0;
    await deploy(production, two);
    await refusal(deploy(production, two, { expectedVersionId: one.version.id }), 'conflict', /Somebody/);
    await room.files.undeploy(scope, 'prompt', one.file.id, production.id);
    const three = await save('three');
    expect(events.map(({ type, snapshot }) => [type, snapshot.version.id])).toEqual([
      ['version.deployed', two.version.id],
      ['version.undeployed', two.version.id],
      ['version.created', three.version.id],
    ]);
    expect(events[0]).toMatchObject({ environment: { name: 'production' }, previousVersionId: one.version.id });
    expect(room.audited.map(({ action, data }) => [action, data?.['environment'], data?.['versionId']])).toEqual([
      ['version.deployed', 'production', two.version.id],
      ['version.undeployed', 'production', null],
    ]);
  });

  test('a change waits for those who keep what it leads to, while they still begin', async () => {
    const begun = Date.now() + 600;
    const early = await openFiles(storage);
    const kept: string[] = [];
    early.files.onEvent(async ({ type }) => {
      if (Date.now() < begun) throw new AppError('unavailable', 'The server is still starting.', { retryAfterSeconds: 1 });
      kept.push(type);
    });
    await early.files.deploy(scope, 'prompt', one.file.id, production.id, two.version.id);
    await early.files.close();
    expect(kept).toEqual(['version.deployed']);
    expect(await current(production)).toBe(two.version.id);
    expect(await history()).toHaveLength(2);
  });

  test('nothing is deployed when what it leads to cannot be kept', async () => {
    const failing = await openFiles(storage);
    failing.files.onEvent(() => Promise.reject(new Error('no outbox')));
    await expect(failing.files.deploy(scope, 'prompt', one.file.id, production.id, two.version.id)).rejects.toThrow('no outbox');
    await failing.files.close();
    expect(await current(production)).toBe(one.version.id);
    expect(await history()).toHaveLength(1);
  });

  test('nothing is deployed when the audit log cannot be written', async () => {
    const failing = await openFiles(storage, { audit: { record: () => Promise.reject(new Error('no audit')) } });
    await expect(failing.files.deploy(scope, 'prompt', one.file.id, production.id, two.version.id)).rejects.toThrow('no audit');
    await failing.files.close();
    expect(await current(production)).toBe(one.version.id);
    expect(await history()).toHaveLength(1);
  });

  describe('environments', () => {
    test('are made, renamed and protected; names are unique and fit into `prompt:PATH@ENVIRONMENT`', async () => {
      const made = await room.files.environments.create(scope, { name: ' eu ', protected: true });
      expect(made).toMatchObject({ name: 'eu', isDefault: false, protected: true });
      await refusal(room.files.environments.create(scope, { name: 'eu', protected: false }), 'conflict', /already an environment `eu`/);
      await refusal(room.files.environments.update(scope, made.id, { name: 'staging' }), 'conflict', /already/);
      for (const name of ['', ' ', 'a@b', 'a/b', 'a\nb', 'x'.repeat(101)]) {
        await refusal(room.files.environments.create(scope, { name, protected: false }), 'invalid_input', /name/);
      }
      expect(await room.files.environments.update(scope, made.id, { name: 'europe', protected: false })).toMatchObject({
        name: 'europe',
        protected: false,
      });
      await refusal(room.files.environments.byName(scope, 'eu'), 'not_found', /Environment `eu` does not exist/);
      await refusal(room.files.environments.update(scope, 'env_no', { name: 'x' }), 'not_found', /Environment `env_no`/);
    });

    test('one is the default, and making another one so changes what reads answer', async () => {
      await deploy(staging, two);
      await room.files.environments.update(scope, staging.id, { makeDefault: true });
      const environments = await room.files.environments.list(scope);
      expect(environments.filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual(['staging']);
      expect((await room.files.get(scope, 'prompt', { id: one.file.id })).version.id).toBe(two.version.id);
      const parallel = [production, staging, production].map(({ id }) => room.files.environments.update(scope, id, { makeDefault: true }));
      await Promise.all(parallel);
      expect((await room.files.environments.list(scope)).filter(({ isDefault }) => isDefault)).toHaveLength(1);
    });

    test('one that is deleted while something is deployed to it loses or wins whole', async () => {
      for (let round = 0; round < 6; round += 1) {
        const made = await room.files.environments.create(scope, { name: `e${round}`, protected: false });
        const [deployed, deleted] = await Promise.allSettled([deploy(made, two), room.files.environments.delete(scope, made.id)]);
        expect([deployed.status, deleted.status].toSorted()).toEqual(['fulfilled', 'rejected']);
        expect((await room.files.environments.list(scope)).some(({ id }) => id === made.id)).toBe(deployed.status === 'fulfilled');
      }
    });

    test('neither the default nor one in use can be deleted; the history names one that was', async () => {
      await refusal(room.files.environments.delete(scope, production.id), 'conflict', /default environment/);
      await deploy(staging, two);
      await refusal(room.files.environments.delete(scope, staging.id), 'conflict', /A file is deployed to `staging`/);
      await room.files.undeploy(scope, 'prompt', one.file.id, staging.id);
      await room.files.environments.delete(scope, staging.id);
      await refusal(room.files.environments.byName(scope, 'staging'), 'not_found', /Environment `staging`/);
      await refusal(deploy(staging, two), 'not_found', /Environment/);
      expect((await history()).map(({ environment }) => environment.name)).toContain('staging');
      expect((await room.files.environments.create(scope, { name: 'staging', protected: false })).id).not.toBe(staging.id);
    });
  });
});
