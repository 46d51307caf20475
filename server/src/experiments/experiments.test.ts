import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { as, refusal, prompt } from '../files/test/room.ts';
import type { Storage } from '../storage/index.ts';
import { describeOnEditions } from '../test/storage.ts';
import { type Experiments, marks } from './index.ts';
import { draft, metric, type ExperimentHouse, type Ground, newGround, openExperiments } from './test/house.ts';

describeOnEditions('experiments', (open, edition) => {
  let storage: Storage;
  let house: ExperimentHouse;
  let experiments: Experiments;
  let ground: Ground;
  let nowMs = 0;
  beforeAll(async () => {
    storage = await open();
    house = await openExperiments(storage, { monotonicMs: () => nowMs });
    ({ experiments } = house);
  });
  afterAll(async () => {
    await house.close();
    await storage.close();
  });
  beforeEach(async () => {
    ground = await newGround(house.files);
    house.audited.length = 0;
    house.told.length = 0;
  });

  const running = async (more: Parameters<typeof draft>[1] = {}) => {
    const { row } = await experiments.create(ground.scope, draft(ground, more));
    return experiments.begin(ground.scope, row.id);
  };
  const place = (unit: string | null) => ({ fileId: ground.file.id, environmentId: ground.production, unit });
  const deploy = (versionId: string, environment = ground.production) =>
    house.files.deploy(ground.scope, 'prompt', ground.file.id, environment, versionId);
  const three = () => ({ arms: [{ weight: 0.4 }, { version_id: ground.b.id, weight: 0.3 }, { version_id: ground.c.id, weight: 0.3 }] });

  test('pin what is deployed as control, open an epoch, and tell the audit log and webhooks', async () => {
    const begun = await running();
    expect(begun.row).toMatchObject({ state: 'running', salt: begun.row.id });
    expect(begun.row.arms.map(({ id, versionId }) => [id, versionId])).toEqual([
      ['control', ground.control.id],
      ['b', ground.b.id],
    ]);
    expect(begun.epochs).toMatchObject([
      {
        number: 1,
        traffic: 1,
        slots: [
          { armId: 'control', weight: 0.5 },
          { armId: 'b', weight: 0.5 },
        ],
      },
    ]);
    expect((await experiments.history(ground.scope, begun.row.id)).map(({ type }) => type)).toEqual(['started', 'created']);
    expect(house.audited.map(({ action }) => action)).toEqual(['experiment.created', 'experiment.started']);
    expect(house.told.map(({ event }) => event)).toEqual(['experiment.started']);
  });

  test('say what is wrong with a draft', async () => {
    const create = (more: Parameters<typeof draft>[1]) => experiments.create(ground.scope, draft(ground, more));
    await refusal(create({ arms: [{ weight: 0.5 }, { version_id: ground.b.id, weight: 0.4 }] }), 'invalid_input', /add up to 0\.9/);
    await refusal(create({ arms: [{ weight: 0.5 }, { weight: 0.5 }] }), 'invalid_input', /there are 2/);
    await refusal(
      create({
        arms: [
          { version_id: ground.c.id, weight: 0.5 },
          { version_id: ground.b.id, weight: 0.5 },
        ],
      }),
      'invalid_input',
      /there is none/,
    );
    await refusal(
      create({ arms: [{ weight: 0.5 }, { version_id: 'prv_none', weight: 0.5 }] }),
      'invalid_input',
      /has no version `prv_none`/,
    );
    await refusal(create({ forced: [{ unit: 'qa', arm_id: 'z' }] }), 'invalid_input', /no arm `z`/);
    await refusal(create({ file_id: 'pr_none' }), 'not_found', /pr_none/);
    await refusal(create({ environment: 'nowhere' }), 'not_found', /nowhere/);
    const tool = await house.files.upsert(ground.scope, 'tool', { path: 'a tool', kernel: { source_code: 'x' } });
    await refusal(create({ file_id: tool.snapshot.file.id }), 'invalid_input', /is a tool/);
  });

  test('do not start without a control, with a deleted version, twice, or by who may not deploy there', async () => {
    const { row } = await experiments.create(ground.scope, draft(ground, { environment: 'staging' }));
    const missing = await refusal(
      experiments.begin(ground.scope, row.id),
      'conflict',
      /Nothing of `support\/answer` is deployed to `staging`/,
    );
    expect(missing.data).toMatchObject({ experiment_id: row.id });
    const other = await experiments.create(ground.scope, draft(ground));
    await refusal(experiments.begin(as(ground.scope, 'editor'), other.row.id), 'forbidden', /protected/);
    await house.files.deleteVersion(ground.scope, 'prompt', ground.file.id, ground.b.id);
    await refusal(experiments.begin(ground.scope, other.row.id), 'invalid_input', /was deleted/);
    const fine = await running({ arms: [{ weight: 0.5 }, { version_id: ground.c.id, weight: 0.5 }] });
    await refusal(experiments.begin(ground.scope, fine.row.id), 'conflict', /started already/);
  });

  test('ask the gates of the environment for every arm', async () => {
    const asked: (string | null)[][] = [];
    house.guards.push({ beforeDeploy: async (_scope, request) => void asked.push([request.versionId, request.overrideGates]) });
    try {
      const { row } = await experiments.create(ground.scope, draft(ground, three()));
      await experiments.begin(ground.scope, row.id, { overrideGates: 'It is urgent' });
    } finally {
      house.guards.pop();
    }
    expect(asked).toEqual([
      [ground.b.id, 'It is urgent'],
      [ground.c.id, 'It is urgent'],
    ]);
  });

  test('give a unit the same arm on every replica, and none to who names no unit', async () => {
    const begun = await running();
    const replica = await house.replica();
    const arms = new Set<string>();
    for (let i = 0; i < 2_000; i += 1) {
      const [here, there] = await Promise.all([
        experiments.assign(ground.scope, place(`u${i}`)),
        replica.assign(ground.scope, place(`u${i}`)),
      ]);
      expect(there).toEqual(here);
      expect(here).toMatchObject({ experimentId: begun.row.id, propensity: 0.5, epoch: 1 });
      expect(here?.versionId).toBe(here?.armId === 'b' ? ground.b.id : ground.control.id);
      arms.add(here?.armId ?? '');
    }
    expect([...arms].toSorted()).toEqual(['b', 'control']);
    expect(await experiments.assign(ground.scope, place(null))).toMatchObject({
      armId: marks.noUnit,
      served: 'control',
      versionId: ground.control.id,
    });
    expect(await experiments.assign(ground.scope, { ...place('u1'), environmentId: ground.staging })).toBeNull();
  });

  test('are asked of memory, without a promise, also where there are none', async () => {
    await experiments.assign(ground.scope, place('u1'));
    expect(experiments.assign(ground.scope, place('u1'))).toBeNull();
    const begun = await running();
    expect(await experiments.assign(ground.scope, place('u1'))).toMatchObject({ experimentId: begun.row.id });
    expect(experiments.assign(ground.scope, place('u1'))).not.toBeInstanceOf(Promise);
  });

  test('reach other replicas when they stop', async () => {
    const begun = await running();
    const replica = await house.replica();
    expect(await replica.assign(ground.scope, place('u1'))).not.toBeNull();
    await experiments.stop(ground.scope, begun.row.id, null);
    const until = performance.now() + 5_000;
    while ((await replica.assign(ground.scope, place('u1'))) !== null && performance.now() < until) await sleep(20);
    expect(await replica.assign(ground.scope, place('u1'))).toBeNull();
    expect((await experiments.get(ground.scope, begun.row.id)).row).toMatchObject({ state: 'stopped', ended_why: 'Stopped by usr_ann.' });
  });

  test('leave out who does not take part, and keep who does when more do', async () => {
    const begun = await running({ traffic: 0.2 });
    const units = Array.from({ length: 500 }, (_, i) => `u${i}`);
    const armsNow = async () =>
      new Map(
        await Promise.all(units.map(async (unit) => [unit, (await experiments.assign(ground.scope, place(unit)))?.armId ?? null] as const)),
      );
    const before = await armsNow();
    await experiments.update(ground.scope, begun.row.id, { traffic: 0.6 });
    const after = await armsNow();
    const inBefore = units.filter((unit) => before.get(unit) !== null);
    expect(inBefore.length).toBeGreaterThan(60);
    expect(inBefore.length).toBeLessThan(150);
    expect(inBefore.map((unit) => after.get(unit))).toEqual(inBefore.map((unit) => before.get(unit)));
    expect(units.filter((unit) => after.get(unit) !== null).length).toBeGreaterThan(240);
    expect((await experiments.get(ground.scope, begun.row.id)).epochs).toMatchObject([
      { number: 1, traffic: 0.2 },
      { number: 2, traffic: 0.6 },
    ]);
  });

  test('give forced units their arm, marked, and others not', async () => {
    await running({ forced: [{ unit: 'qa@example.com', arm_id: 'b' }], traffic: 0.0001 });
    expect(await experiments.assign(ground.scope, place('qa@example.com'))).toMatchObject({
      armId: marks.forced,
      served: 'b',
      versionId: ground.b.id,
      propensity: 1,
    });
    expect(await experiments.assign(ground.scope, place('somebody'))).toBeNull();
  });

  test('give the share of a stopped arm to control, and move nobody else', async () => {
    const begun = await running(three());
    const units = Array.from({ length: 300 }, (_, i) => `u${i}`);
    const armOf = async (unit: string) => (await experiments.assign(ground.scope, place(unit)))?.armId ?? '';
    const before = new Map(await Promise.all(units.map(async (unit) => [unit, await armOf(unit)] as const)));
    const stopped = await experiments.stopArm(ground.scope, begun.row.id, 'b', 'It answers with errors.', 'guard_stopped');
    await experiments.stopArm(ground.scope, begun.row.id, 'b', 'again');
    expect(stopped.row.arms[1]).toMatchObject({ id: 'b', stoppedWhy: 'It answers with errors.' });
    expect(stopped.epochs.at(-1)?.slots).toEqual([
      { armId: 'control', weight: 0.4 },
      { armId: 'control', weight: 0.3 },
      { armId: 'c', weight: 0.3 },
    ]);
    for (const unit of units) expect(await armOf(unit)).toBe(before.get(unit) === 'b' ? 'control' : before.get(unit));
    expect((await experiments.assign(ground.scope, place('u1')))?.propensity).toBeOneOf([0.7, 0.3]);
    expect(house.told.map(({ event }) => event)).toEqual(['experiment.started', 'experiment.arm_stopped']);
    await refusal(experiments.stopArm(ground.scope, begun.row.id, 'control', 'x'), 'conflict', /Control cannot be stopped/);
    await refusal(experiments.stopArm(ground.scope, begun.row.id, 'z', 'x'), 'conflict', /no arm `z`/);
    // Its share stays control's when weights change.
    const changed = await experiments.update(ground.scope, begun.row.id, {
      arms: [{ weight: 0.2 }, { version_id: ground.b.id, weight: 0.2 }, { version_id: ground.c.id, weight: 0.6 }],
    });
    expect(changed.epochs.at(-1)).toMatchObject({
      number: 3,
      slots: [
        { armId: 'control', weight: 0.2 },
        { armId: 'control', weight: 0.2 },
        { armId: 'c', weight: 0.6 },
      ],
    });
    const none = await experiments.update(ground.scope, begun.row.id, {
      arms: [{ weight: 0.5 }, { version_id: ground.b.id, weight: 0 }, { version_id: ground.c.id, weight: 0.5 }],
    });
    expect(none.epochs.at(-1)?.slots.map(({ weight }) => weight)).toEqual([0.5, 0, 0.5]);
    await refusal(
      experiments.update(ground.scope, begun.row.id, {
        arms: [{ weight: 1 }, { version_id: ground.b.id, weight: 0 }, { version_id: ground.c.id, weight: 0 }],
      }),
      'invalid_input',
      /has a weight of 0.*stop it/,
    );
  });

  test('keep what decides as it was, and arms pinned', async () => {
    const begun = await running();
    const update = (patch: Parameters<Experiments['update']>[2]) => experiments.update(ground.scope, begun.row.id, patch);
    const fixed = await refusal(
      update({ smallest_difference: 0.01, window_hours: 1 }),
      'conflict',
      /`smallest_difference`, `window_hours` cannot change/,
    );
    expect(fixed.data).toMatchObject({ experiment_id: begun.row.id });
    await refusal(update({ arms: [{ weight: 0.5 }, { version_id: ground.c.id, weight: 0.5 }] }), 'conflict', /pinned/);
    await refusal(update({ arms: [{ weight: 0.5 }, { version_id: ground.b.id, weight: 0.6 }] }), 'invalid_input', /add up to 1\.1/);
    const named = await update({ name: 'Better name', hypothesis: null });
    expect([named.row.name, named.epochs.length]).toEqual(['Better name', 1]);
    await experiments.stop(ground.scope, begun.row.id, 'Enough');
    await refusal(update({ traffic: 0.5 }), 'conflict', /has ended/);
    expect((await update({ hypothesis: 'It was so.' })).row.hypothesis).toBe('It was so.');
  });

  test.each(['1/0', 'vote:', '(', `${'('.repeat(40)}1${')'.repeat(40)}`])(
    'refuse the metric `%s`, that nothing could look at',
    async (value) => {
      const metric = { value, per_unit: 'any' as const, direction: 'up' as const, missing: 'zero' as const };
      const guards = [{ metric, bound: { difference: 1 } }];
      for (const settings of [{ metric }, { secondary: [metric] }, { guards }]) {
        await refusal(experiments.create(ground.scope, draft(ground, settings)), 'invalid_input', /cannot be read at character \d/);
        const { row } = await experiments.create(ground.scope, draft(ground));
        await refusal(experiments.update(ground.scope, row.id, settings), 'invalid_input', /cannot be read at character \d/);
      }
    },
  );

  test('refuse a second one with the file there, naming the first, and allow one in another environment', async () => {
    const begun = await running();
    const { row } = await experiments.create(ground.scope, draft(ground));
    const refused = await refusal(experiments.begin(ground.scope, row.id), 'conflict', /is running with this file in `production`/);
    expect(refused.data).toMatchObject({ experiment_id: begun.row.id });
    await deploy(ground.control.id, ground.staging);
    const elsewhere = await experiments.create(ground.scope, draft(ground, { environment: 'staging' }));
    expect((await experiments.begin(ground.scope, elsewhere.row.id)).row.state).toBe('running');
    const twins = await Promise.all([experiments.create(ground.scope, draft(ground)), experiments.create(ground.scope, draft(ground))]);
    await experiments.stop(ground.scope, begun.row.id, null);
    const results = await Promise.allSettled(twins.map((twin) => experiments.begin(ground.scope, twin.row.id)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('refuse another deployment there, let a roll-back through, and end with it', async () => {
    await deploy(ground.c.id);
    await deploy(ground.b.id);
    const begun = await running({ arms: [{ weight: 0.5 }, { version_id: ground.control.id, weight: 0.5 }] });
    expect(begun.row.arms[0]?.versionId).toBe(ground.b.id);
    const fresh = (await house.files.upsert(ground.scope, 'prompt', { path: 'support/answer', kernel: prompt('four') })).snapshot;
    const refused = await refusal(
      deploy(fresh.version.id),
      'conflict',
      /is running with `support\/answer` in `production`.*Stop it, then deploy/,
    );
    expect(refused.data).toMatchObject({ experiment_id: begun.row.id });
    await refusal(house.files.undeploy(ground.scope, 'prompt', ground.file.id, ground.production), 'conflict', /Stop it first/);
    await deploy(fresh.version.id, ground.staging);
    await deploy(ground.c.id);
    const after = await experiments.get(ground.scope, begun.row.id);
    expect(after.row).toMatchObject({ state: 'stopped', ended_why: 'usr_ann rolled `production` back to another version.' });
    expect(await experiments.assign(ground.scope, place('u1'))).toBeNull();
  });

  test('refuse to lose an arm, the file or the environment, while they decide', async () => {
    const begun = await running();
    const data = { experiment_id: begun.row.id };
    const { scope, file, b } = ground;
    expect(
      (await refusal(house.files.deleteVersion(scope, 'prompt', file.id, b.id), 'conflict', /is an arm of the experiment/)).data,
    ).toMatchObject(data);
    expect((await refusal(house.files.delete(scope, 'prompt', file.id), 'conflict', /Stop it first/)).data).toMatchObject(data);
    await house.files.environments.update(scope, ground.staging, { makeDefault: true });
    expect(
      (await refusal(house.files.environments.delete(scope, ground.production), 'conflict', /is at work in `production`/)).data,
    ).toMatchObject(data);
    await refusal(experiments.delete(scope, begun.row.id), 'conflict', /is running/);
    await experiments.stop(scope, begun.row.id, null);
    await house.files.deleteVersion(scope, 'prompt', file.id, b.id);
    expect((await experiments.get(scope, begun.row.id)).row.arms[1]?.versionId).toBe(b.id);
    await house.files.delete(scope, 'prompt', file.id);
    await refusal(experiments.get(scope, begun.row.id), 'not_found', /does not exist/);
  });

  test('end with the winner deployed, linked in the history, and some units held out on control', async () => {
    const begun = await running();
    const promoted = await experiments.promote(ground.scope, begun.row.id, { armId: 'b', holdOut: 0.2, message: 'It won' });
    expect(promoted.row).toMatchObject({ state: 'promoted', promoted_arm_id: 'b', hold_out: 0.2 });
    const { records } = await house.files.deployments(ground.scope, 'prompt', ground.file.id, { page: 1, size: 1 });
    expect(records[0]).toMatchObject({
      versionId: ground.b.id,
      action: 'deploy',
      message: expect.stringContaining(begun.row.id) as string,
    });
    const units = Array.from({ length: 500 }, (_, i) => `u${i}`);
    const got = await Promise.all(units.map(async (unit) => experiments.assign(ground.scope, place(unit))));
    const held = got.filter((one) => one !== null);
    expect(held.length).toBeGreaterThan(60);
    expect(held.length).toBeLessThan(150);
    for (const one of held) expect(one).toMatchObject({ armId: marks.holdOut, versionId: ground.control.id });
    expect(await experiments.assign(ground.scope, place(null))).toBeNull();
    await deploy(ground.c.id);
    const next = await experiments.create(ground.scope, draft(ground));
    await refusal(experiments.begin(ground.scope, next.row.id), 'conflict', /holds users out/);
    await refusal(
      house.files.deleteVersion(ground.scope, 'prompt', ground.file.id, ground.control.id),
      'conflict',
      /End its hold-out first/,
    );
    await experiments.endHoldOut(ground.scope, begun.row.id);
    expect(await experiments.assign(ground.scope, place(units[got.findIndex((one) => one !== null)] ?? null))).toBeNull();
    await refusal(experiments.endHoldOut(ground.scope, begun.row.id), 'conflict', /holds no users out/);
    expect(house.told.map(({ event }) => event)).toEqual(['experiment.started', 'experiment.promoted']);
  });

  test('are promoted as a deployment is made: by who may, past the gates, whole or not at all', async () => {
    const begun = await running();
    await refusal(experiments.promote(as(ground.scope, 'editor'), begun.row.id, { armId: 'b' }), 'forbidden', /protected/);
    house.guards.push({
      beforeDeploy: async () => {
        throw new Error('no');
      },
    });
    await expect(experiments.promote(ground.scope, begun.row.id, { armId: 'b' })).rejects.toThrow('no');
    house.guards.pop();
    expect((await experiments.get(ground.scope, begun.row.id)).row.state).toBe('running');
    const kept = await experiments.promote(ground.scope, begun.row.id, { armId: 'control', holdOut: 0.1 });
    expect(kept.row).toMatchObject({ state: 'promoted', promoted_arm_id: 'control', hold_out: null });
    await refusal(experiments.promote(ground.scope, begun.row.id, { armId: 'b' }), 'conflict', /promoted already/);
  });

  test("take a log of the client's where environment, unit and version agree, and mark it otherwise", async () => {
    const begun = await running({ forced: [{ unit: 'qa', arm_id: 'b' }] });
    const join = (unit: string | null, versionId: string) => experiments.join(ground.scope, { ...place(unit), versionId });
    const assigned = await experiments.assign(ground.scope, place('u7'));
    const other = assigned?.versionId === ground.b.id ? ground.control.id : ground.b.id;
    const experimentId = begun.row.id;
    expect(await join('u7', assigned?.versionId ?? '')).toEqual({ experimentId, armId: assigned?.armId });
    expect(await join('u7', other)).toEqual({ experimentId, armId: marks.off });
    expect(await join('u7', ground.c.id)).toEqual({ experimentId, armId: marks.off });
    expect(await join(null, ground.control.id)).toEqual({ experimentId, armId: marks.noUnit });
    expect(await join('qa', ground.b.id)).toEqual({ experimentId, armId: marks.forced });
    await experiments.stop(ground.scope, begun.row.id, null);
    expect(await join('u7', other)).toBeNull();
  });

  test('note exposures on disk, one a unit in a while, by our clock', async () => {
    const begun = await running();
    const snapshot = await house.files.get(ground.scope, 'prompt', { id: ground.file.id });
    const found = { snapshot, environmentId: ground.production };
    for (const unit of ['a', 'b', 'c', 'a', 'b', 'a']) {
      const given = await experiments.expose(ground.scope, found, unit, 'get');
      expect(given.snapshot.version.id).toBe(given.assigned?.versionId);
    }
    await experiments.expose(ground.scope, found, null, 'get');
    await experiments.expose(ground.scope, { snapshot, environmentId: null }, 'd', 'get');
    await house.logs.drained(10_000);
    const noted = [];
    for await (const exposure of house.logs.exposures.all(ground.scope)) noted.push(exposure);
    expect(noted.map(({ unit }) => unit).toSorted()).toEqual(['', 'a', 'b', 'c']);
    for (const { experimentId, receivedAt, epoch, armId, unit } of noted) {
      expect([experimentId, epoch]).toEqual([begun.row.id, 1]);
      expect(Math.abs(receivedAt.getTime() - Date.now())).toBeLessThan(60_000);
      expect(armId).toBe(unit === '' ? marks.noUnit : (await experiments.assign(ground.scope, place(unit)))?.armId);
    }
  });

  test('belong to one workspace, and go with it', async () => {
    const begun = await running();
    const other = await newGround(house.files);
    await refusal(experiments.get(other.scope, begun.row.id), 'not_found', /does not exist/);
    expect(await experiments.list(other.scope, {})).toEqual([]);
    await experiments.deleteWorkspace(ground.scope.workspaceId);
    expect(await experiments.list(ground.scope, {})).toEqual([]);
  });

  test('are carried with epochs and events, and decide as before', async () => {
    const begun = await running(three());
    await experiments.stopArm(ground.scope, begun.row.id, 'b', 'Bad.');
    const before = await experiments.assign(ground.scope, place('u1'));
    const [carried] = await experiments.carry.experiments(ground.scope);
    if (carried === undefined) throw new Error('nothing was carried');
    expect(await experiments.carry.takeExperiment(ground.scope, carried)).toEqual({ id: begun.row.id, there: true });
    const twin = { ...carried, id: 'exp_twin' };
    expect(await experiments.carry.takeExperiment(ground.scope, twin)).toEqual({
      why: `The experiment ${begun.row.id} decides there already.`,
    });
    const odd = {
      ...carried,
      id: 'exp_odd',
      state: 'stopped' as const,
      hold_out: null,
      guards: [{ metric: metric('vote:'), bound: { ratio: 2 } }],
    };
    expect(await experiments.carry.takeExperiment(ground.scope, odd)).toEqual({
      why: expect.stringMatching(/^A metric cannot be read: `vote:`/),
    });
    await experiments.deleteWorkspace(ground.scope.workspaceId);
    expect(await experiments.carry.takeExperiment(ground.scope, carried)).toEqual({ id: begun.row.id });
    expect(await experiments.carry.experiments(ground.scope)).toEqual([carried]);
    expect(await experiments.assign(ground.scope, place('u1'))).toEqual(before);
  });

  // The server of the other edition is not ours to stop.
  const onEmbedded = edition === 'embedded' ? test : () => undefined;
  onEmbedded('go on as last known while PostgreSQL is silent', async () => {
    const begun = await running();
    expect(await experiments.assign(ground.scope, place('u1'))).toMatchObject({ experimentId: begun.row.id });
    const pid = storage.engines?.pid;
    if (pid === undefined) throw new Error('no engine process');
    process.kill(pid, 'SIGSTOP');
    try {
      nowMs += 5_000;
      expect(await experiments.assign(ground.scope, place('u1'))).toMatchObject({ experimentId: begun.row.id });
      nowMs += 5_000;
      // Nobody waits a second time.
      expect(experiments.assign(ground.scope, place('u1'))).toMatchObject({ experimentId: begun.row.id });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
