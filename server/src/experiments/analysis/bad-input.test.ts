import type { AppError } from '@whetstone/contract';
import { assignUnit } from '@whetstone/domain';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { epochsOf } from '../store.ts';
import { type AnalysisHouse, dice, hourMs, openAnalysisHouse, users, voteGood } from './test/house.ts';

const dayMs = 24 * hourMs;
const total = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);

/** What goes wrong around an experiment that runs: each has one outcome, which is explained, and none corrupts a result. */
describe('bad input to an experiment', () => {
  let house: AnalysisHouse;
  let running: string | null = null;

  beforeAll(async () => {
    house = await openAnalysisHouse();
    const { files, scope, control, environmentId } = house;
    await files.deploy(scope, 'prompt', control.file.id, environmentId, control.version.id, {});
  });
  afterEach(async () => {
    if (running !== null) await house.experiments.stop(house.scope, running, 'The test is over.').catch(() => undefined);
    running = null;
    house.now += 60 * dayMs;
  });
  afterAll(() => house.close());

  const begin = async (more: Parameters<AnalysisHouse['begin']>[0] = {}): Promise<string> => (running = await house.begin(more));
  const refusal = async (asked: Promise<unknown>, words: RegExp): Promise<AppError> => {
    const error = await asked.then(
      () => expect.unreachable('It was not refused.'),
      (reason: unknown) => reason as AppError,
    );
    expect(error.message).toMatch(words);
    return error;
  };
  const settled = async (id: string): Promise<Awaited<ReturnType<AnalysisHouse['result']>>> => {
    house.now += dayMs + hourMs;
    await house.settle(id);
    const result = await house.result(id);
    expect(JSON.stringify(result)).not.toMatch(/NaN|Infinity/);
    return result;
  };

  test('arms deleted or edited while it runs: refused, with the experiment’s id; a new version changes no arm', async () => {
    const id = await begin();
    const { files, scope, control, b } = house;
    const refused = await refusal(
      files.deleteVersion(scope, 'prompt', control.file.id, b.version.id),
      /is an arm of the experiment.*Stop it first/,
    );
    expect(refused).toMatchObject({ status: 409, data: { experiment_id: id } });
    const arms = [{ weight: 0.5 }, { version_id: house.c.version.id, weight: 0.5 }];
    await refusal(house.experiments.update(scope, id, { arms }), /Arms are pinned/);
    await files.upsert(scope, 'prompt', { path: 'shop/answer', kernel: { model: 'gpt-4o', temperature: 0.9 } });
    const { row } = await house.experiments.get(scope, id);
    expect(row.arms.map(({ versionId }) => versionId)).toEqual([control.version.id, b.version.id]);
  });

  test('weights that do not add up: refused, with their sum', async () => {
    const arms = [{ weight: 0.5 }, { version_id: house.b.version.id, weight: 0.4 }];
    expect(await refusal(house.begin({ arms }), /add up to 0\.9; together they are to be 1/)).toMatchObject({ status: 422 });
    const none = [{ weight: 1 }, { version_id: house.b.version.id, weight: 0 }];
    await refusal(house.begin({ arms: none }), /has a weight of 0/);
    const id = await begin();
    await refusal(house.experiments.update(house.scope, id, { arms }), /add up to 0\.9/);
    expect((await house.experiments.get(house.scope, id)).epochs).toHaveLength(1);
  });

  test('a metric without data: no verdict, and what is missing', async () => {
    const id = await begin({ metric: { ...voteGood, value: '"feedback/none":yes', missing: 'drop' } });
    await house.visit(id, users(150, 'nodata'), () => ({}));
    const { primary, verdict } = await settled(id);
    expect(verdict.kind).toBe('no_data');
    expect(primary.warnings.join(' ')).toContain('There is no evaluator at `feedback/none`');
    expect(primary.warnings.join(' ')).toContain('150 windows have closed and none of them holds a value');
  });

  test('an arm with no traffic: no comparison, named, and the sample ratio rings', async () => {
    const id = await begin();
    const { row } = await house.experiments.get(house.scope, id);
    const [epoch] = await epochsOf(house.room.db, [id]);
    const armOf = (unit: string) => assignUnit({ salt: row.salt, traffic: 1, slots: epoch!.slots }, unit)?.armId;
    const mine = users(400, 'alone').filter((unit) => armOf(unit) === 'control');
    await house.visit(id, mine, () => ({ vote: 'good' }));
    const { primary, sample_ratio: ratio, verdict } = await settled(id);
    expect(primary.comparisons[0]).toMatchObject({ verdict: 'cannot_tell', difference: { estimate: null } });
    expect(primary.warnings.join(' ')).toContain('had no traffic yet, while other arms had');
    expect(ratio.alarm).toBe(true);
    expect(verdict).toMatchObject({ kind: 'cannot_tell', words: ratio.words });
  });

  test('feedback for a log that never comes: counted, and in no arm', async () => {
    const id = await begin();
    await house.visit(id, users(120, 'known'), () => ({ vote: 'bad' }));
    const { scope, evaluatorId } = house;
    for (let n = 0; n < 30; n += 1)
      await house.logs.judge(scope, {
        logId: `log_never${n}`,
        evaluatorId,
        evaluatorVersionId: 'evv_1',
        source: 'user',
        judge: `known${n}`,
        value: 'good',
        origin: 'api',
      });
    const { primary, left_out: leftOut } = await settled(id);
    expect(leftOut.unknown_log).toBe(30);
    expect(primary.arms.map(({ value }) => value.estimate)).toEqual([0, 0]);
    expect(total(primary.arms.map(({ measured }) => measured))).toBe(120);
  });

  test('a hundred thousand feedbacks from one user: one user’s outcome, and no slower', { timeout: 240_000 }, async () => {
    const id = await begin({ metric: { ...voteGood, per_unit: 'any' } });
    const logs = await house.visit(id, users(200, 'crowd'), () => ({ vote: 'bad' }));
    await house.logs.drained(20_000);
    const [unit, log] = [...logs][0]!;
    const { scope, evaluatorId } = house;
    const vote = (n: number) =>
      house.logs.judge(scope, {
        logId: log,
        evaluatorId,
        evaluatorVersionId: 'evv_1',
        source: 'user',
        judge: `${unit}-${n}`,
        value: 'good',
        origin: 'api',
        fresh: true,
      });
    for (let from = 0; from < 100_000; from += 2_000) await Promise.all(Array.from({ length: 2_000 }, (_, n) => vote(from + n)));
    await house.logs.drained(120_000);
    house.now += dayMs + hourMs;
    const began = performance.now();
    await house.settle(id);
    const settledMs = performance.now() - began;
    const { primary, answers } = await house.result(id);
    const shownMs = performance.now() - began - settledMs;
    expect(total(primary.arms.map(({ measured }) => measured))).toBe(200);
    expect(total(primary.arms.map(({ value, measured }) => Math.round((value.estimate ?? 0) * measured)))).toBe(1);
    expect(total(answers[0]!.arms.map(({ rate }) => rate.n))).toBe(200);
    expect(settledMs).toBeLessThan(10_000);
    expect(shownMs).toBeLessThan(3_000);
  });

  test('clocks that disagree: what a caller says about time changes neither who is counted nor when', async () => {
    const id = await begin();
    const roll = dice(31);
    const off = (unit: string): number => (unit.endsWith('1') ? -400 : unit.endsWith('2') ? 400 : 0) * dayMs;
    await house.visit(id, users(300, 'clock'), (armId, unit) => ({
      vote: roll() < (armId === 'b' ? 0.7 : 0.2) ? 'good' : 'bad',
      log: { createdAt: new Date(house.now + off(unit)), startTime: new Date(house.now + off(unit)) },
    }));
    house.now += dayMs - hourMs;
    expect(await house.settle(id)).toBe(0);
    house.now += hourMs * 2;
    expect(await house.settle(id)).toBe(300);
    const { primary, verdict, epochs } = await house.result(id);
    expect(total(primary.arms.map(({ measured }) => measured))).toBe(300);
    expect(epochs).toMatchObject([{ number: 1, units: 300 }]);
    expect(verdict).toMatchObject({ kind: 'better', arm_id: 'b' });
  });

  test('two experiments on one prompt: the second is refused, with the id of the first, until that is stopped', async () => {
    const first = await begin();
    const { scope, experiments } = house;
    const second = await experiments.create(scope, {
      name: 'the second',
      file_id: house.control.file.id,
      traffic: 1,
      metric: voteGood,
      secondary: [],
      guards: [],
      smallest_difference: 0.05,
      mode: 'sequential',
      window_hours: 24,
      forced: [],
      arms: [{ weight: 0.5 }, { version_id: house.c.version.id, weight: 0.5 }],
    });
    const refused = await refusal(experiments.begin(scope, second.row.id), /is running with this file.*Stop it first/);
    expect(refused).toMatchObject({ status: 409, data: { experiment_id: first } });
    await experiments.stop(scope, first, null);
    running = (await experiments.begin(scope, second.row.id)).row.id;
    expect((await experiments.assignment(scope, running, 'u1')).assignment?.id).toBe(running);
  });

  test('a metric of an older release that cannot be read: said with what to do, and the others go on', async () => {
    const id = await begin();
    await house.room.db
      .updateTable('experiments')
      .set({ metric: JSON.stringify({ ...voteGood, value: 'vote:good +' }) })
      .where('id', '=', id)
      .execute();
    const refused = await refusal(house.result(id), /`vote:good \+` cannot be read at character.*Draft another experiment/);
    expect(refused.status).toBe(409);
    expect(await house.experiments.list(house.scope, {})).not.toEqual([]);
    await house.experiments.stop(house.scope, id, 'It cannot be read.');
    await house.experiments.delete(house.scope, id);
  });
});
