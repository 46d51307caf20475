import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createExperiments, type Experiments, marks } from '../experiments/index.ts';
import { silent } from '../test/storage-log.ts';
import { openOtlp, type OtlpHouse } from './test/room.ts';
import { newTraceId, spanId, type Written } from './test/spans.ts';

/** An application that asks for a prompt's version, calls the model by itself and only sends spans. */
describe('spans of an application under an experiment', () => {
  let room: OtlpHouse;
  let experiments: Experiments;
  let experimentId: string;
  let versions: { control: string; b: string };

  beforeAll(async () => {
    room = await openOtlp();
    const { house, scope } = room;
    const { storage, files, logs } = house;
    experiments = await createExperiments({
      storage,
      audit: { record: async () => undefined },
      files,
      logs,
      hooks: { tell: async () => [] },
      guards: house.guards,
      replicated: false,
      log: silent,
      clock: () => new Date(),
      randomBytes,
    });
    await room.reopen({ experiments });
    const save = async (temperature: number) =>
      (await files.upsert(scope, 'prompt', { path: 'shop/answer', kernel: { model: 'gpt-4o', temperature } })).snapshot;
    const [control, b] = [await save(0), await save(1)];
    const production = await files.environments.byName(scope, 'production');
    await files.deploy(scope, 'prompt', control.file.id, production.id, control.version.id, {});
    const made = await experiments.create(scope, {
      name: 'Warmer',
      file_id: control.file.id,
      traffic: 1,
      metric: { value: 'error', per_unit: 'any', direction: 'down', missing: 'zero' },
      secondary: [],
      guards: [],
      smallest_difference: 0.05,
      mode: 'sequential',
      window_hours: 24,
      forced: [],
      arms: [{ weight: 0.5 }, { version_id: b.version.id, weight: 0.5 }],
    });
    experimentId = (await experiments.begin(scope, made.row.id)).row.id;
    versions = { control: control.version.id, b: b.version.id };
  });
  afterAll(async () => {
    await experiments?.close();
    await room?.close();
  });

  const now = Date.now();
  const called = async (unit: string | null, version: string | null, environment = 'production', more: Written['attributes'] = {}) => {
    const traceId = newTraceId();
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-4o',
      ...(unit === null ? {} : { 'user.id': unit }),
      ...(version === null ? {} : { 'whetstone.version_id': version }),
      ...more,
    };
    const spans = [{ traceId, spanId: spanId(1), name: 'chat gpt-4o', startMs: now, endMs: now + 500, attributes }];
    await room.take([{ resource: { 'service.name': 'shop', 'deployment.environment.name': environment }, spans }]);
    return room.logOf(traceId, spanId(1));
  };
  const armOf = async (unit: string) => (await experiments.assignment(room.scope, experimentId, unit)).assignment!.arm as 'control' | 'b';

  it('join the arm of their user, where environment and version agree with the hash', async () => {
    const seen = new Set<string>();
    for (const unit of ['ada', 'ben', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal']) {
      const arm = await armOf(unit);
      seen.add(arm);
      const log = await called(unit, versions[arm]);
      expect(log).toMatchObject({ versionId: versions[arm], experimentId, armId: arm, unit, user: unit });
    }
    expect([...seen].toSorted()).toEqual(['b', 'control']);
  });

  it('are off-assignment with another version than that of their arm', async () => {
    const other = { control: versions.b, b: versions.control }[await armOf('ada')];
    expect(await called('ada', other)).toMatchObject({ experimentId, armId: marks.off });
  });

  it('are counted as without a unit when they name no user, and may name another unit', async () => {
    expect(await called(null, versions.control)).toMatchObject({ experimentId, armId: marks.noUnit, unit: null });
    const arm = await armOf('session-1');
    const log = await called('ada', versions[arm], 'production', { 'whetstone.unit': 'session-1' });
    expect(log).toMatchObject({ experimentId, armId: arm, unit: 'session-1', user: 'ada' });
  });

  it('take no part in another environment, or with a version of another file', async () => {
    expect(await called('ada', versions.b, 'staging')).toMatchObject({ experimentId: null, armId: null });
    expect(await called('ada', 'prv_unknown')).toMatchObject({ experimentId: null, armId: null });
    expect(await called('ada', null)).toMatchObject({ experimentId: null, armId: null });
  });
});
