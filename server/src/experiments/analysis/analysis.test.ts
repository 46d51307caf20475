import { assignUnit } from '@whetstone/domain';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { epochsOf } from '../store.ts';
import { Engine, analyse } from './engine.ts';
import { settleTrack } from './settle.ts';
import { takeLease } from './store.ts';
import { type AnalysisHouse, dice, hourMs, openAnalysisHouse, users, voteGood } from './test/house.ts';
import { watch } from './watched.ts';

const dayMs = 24 * hourMs;
let house: AnalysisHouse;
let running: string | null = null;

beforeAll(async () => {
  house = await openAnalysisHouse();
});
afterEach(async () => {
  if (running !== null) await house.experiments.stop(house.scope, running, 'The test is over.');
  running = null;
  house.now += 60 * dayMs;
});
afterAll(() => house.close());

async function begin(more: Parameters<AnalysisHouse['begin']>[0] = {}): Promise<string> {
  running = await house.begin(more);
  return running;
}
const voting = (roll: () => number, chance: Record<string, number>) => (armId: string) => ({
  vote: roll() < (chance[armId] ?? 0) ? ('good' as const) : ('bad' as const),
});
const total = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0);

describe('an experiment in which B is better', () => {
  test('is decided once windows have closed, not before', async () => {
    const id = await begin();
    expect(await house.result(id)).toMatchObject({ verdict: { kind: 'no_data', words: 'No data yet: no user has taken part.' } });
    await house.visit(id, users(500, 'ab'), voting(dice(1), { control: 0.3, b: 0.6 }));
    house.now += dayMs - hourMs;
    expect(await house.settle(id)).toBe(0);
    const open = await house.result(id);
    expect(open.verdict.kind).toBe('no_data');
    expect(open.primary.arms.map(({ matured }) => matured)).toEqual([0, 0]);
    expect(total(open.primary.arms.map(({ units }) => units))).toBe(500);
    house.now += 2 * hourMs;
    expect(await house.settle(id)).toBe(500);
    expect(await house.settle(id)).toBe(0);
    const result = await house.result(id);
    expect(result.verdict).toMatchObject({ kind: 'better', arm_id: 'b' });
    expect(result.verdict.words).toMatch(/^b is better by \d+(\.\d)? to \d+(\.\d)? points\.$/i);
    const [comparison] = result.primary.comparisons;
    expect(comparison?.p).toBeLessThan(0.05);
    expect(comparison?.difference.lower).toBeGreaterThan(0);
    expect(result.looks).toHaveLength(1);
    expect(result.sample_ratio.alarm).toBe(false);
    expect(result.answers).toMatchObject([{ evaluator: 'feedback/vote', differ: false }]);
    expect((await house.experiments.get(house.scope, id)).row.words).toBe(result.verdict.words);
    expect(JSON.stringify(result)).not.toMatch(/NaN|Infinity/);
  });
});

describe('an experiment in which nothing differs', () => {
  test('cannot tell, and says how many units and days it takes for the smallest difference worth having', async () => {
    const id = await begin();
    const roll = dice(7);
    for (let day = 0; day < 3; day += 1) {
      await house.visit(id, users(150, `aa${day}`), voting(roll, { control: 0.5, b: 0.5 }));
      house.now += dayMs;
    }
    house.now += hourMs;
    await house.settle(id);
    const { verdict, primary, rate } = await house.result(id);
    expect(verdict.kind).toBe('cannot_tell');
    expect(verdict.words).toMatch(/^Cannot tell yet; about [\d,]+ more users at this rate, .*days?, to see a difference of 5 points\.$/);
    expect(primary.comparisons[0]).toMatchObject({ more_units: expect.any(Number) as number, more_days: expect.any(Number) as number });
    expect(rate.units_per_day).toBeGreaterThan(90);
  });
});

describe('an experiment that was stopped early', () => {
  test('says what stayed open, and asks for no more users', async () => {
    const id = await begin();
    await house.visit(id, users(200, 'stopped'), voting(dice(23), { control: 0.5, b: 0.5 }));
    house.now += dayMs + hourMs;
    await house.settle(id);
    expect((await house.result(id)).verdict.words).toMatch(/^Cannot tell yet/);
    await house.experiments.stop(house.scope, id, 'We found something else.');
    running = null;
    house.now += hourMs / 2;
    await house.settle(id);
    const { verdict, primary } = await house.result(id);
    expect(verdict.kind).toBe('cannot_tell');
    expect(verdict.words).toMatch(/^Ended before it could tell: b is between [\d.]+ points below and [\d.]+ points above Control\.$/i);
    expect(primary.comparisons[0]).toMatchObject({ more_units: null, more_days: null });
    expect((await house.experiments.get(house.scope, id)).row.words).toBe(verdict.words);
  });

  test('before anybody took part, says so', async () => {
    const id = await begin();
    await house.experiments.stop(house.scope, id, null);
    running = null;
    expect((await house.result(id)).verdict).toMatchObject({ kind: 'no_data', words: 'No data: no user took part before it ended.' });
  });
});

describe('feedback', () => {
  test('that comes after the window, or changes then, is shown and not tested', async () => {
    const id = await begin();
    const logs = await house.visit(id, users(220, 'late'), () => ({ vote: 'good' }));
    house.now += dayMs + hourMs;
    const vote = (unit: string, value: string) =>
      house.logs.judge(house.scope, {
        logId: logs.get(unit)!,
        evaluatorId: house.evaluatorId,
        evaluatorVersionId: 'evv_1',
        source: 'user',
        judge: unit,
        value,
        origin: 'api',
      });
    await house.logs.drained(20_000);
    for (const unit of users(20, 'late')) await vote(unit, 'bad');
    await house.settle(id);
    for (const unit of users(10, 'late')) await vote(unit, 'bad');
    await house.logs.drained(20_000);
    const { primary } = await house.result(id);
    expect(primary.arms.map(({ value }) => value.estimate)).toEqual([1, 1]);
    expect(primary.late).toBe(30);
  });

  test('of one user counts once, however much there is; many logs are one unit', async () => {
    const id = await begin();
    await house.visit(id, users(120, 'one'), () => ({ vote: 'bad' }));
    for (let n = 0; n < 5; n += 1)
      await house.visit(
        id,
        Array.from({ length: 40 }, () => 'one0'),
        () => ({ vote: 'good' }),
      );
    house.now += dayMs + hourMs;
    await house.settle(id);
    const { primary } = await house.result(id);
    expect(total(primary.arms.map(({ measured }) => measured))).toBe(120);
    expect(total(primary.arms.map(({ value, measured }) => Math.round((value.estimate ?? 0) * measured)))).toBe(1);
  });

  test('that only some arms give is flagged', async () => {
    const id = await begin();
    await house.visit(id, users(400, 'some'), (armId, unit) => ({
      vote: armId === 'control' && unit.endsWith('1') ? 'good' : armId === 'b' ? 'bad' : null,
    }));
    house.now += dayMs + hourMs;
    await house.settle(id);
    const { answers } = await house.result(id);
    expect(answers[0]).toMatchObject({ differ: true });
    expect(answers[0]?.words).toContain('Different shares of users answer');
  });
});

describe('shares that change', () => {
  test('open an epoch: arms are compared within it, and units that would move are left out', async () => {
    const arms = (b: number) => [
      { id: 'control', weight: 1 - b },
      { id: 'b', version_id: house.b.version.id, weight: b },
    ];
    const id = await begin({ arms: arms(0.2) });
    const roll = dice(3);
    await house.visit(id, users(400, 'early'), voting(roll, { control: 0.2, b: 0.2 }));
    house.now += 12 * hourMs;
    await house.visit(id, users(100, 'open'), voting(roll, { control: 0.2, b: 0.2 }));
    house.now += 12 * hourMs;
    await house.experiments.update(house.scope, id, { arms: arms(0.8) });
    house.now += 1_000;
    await house.visit(id, users(400, 'later'), voting(roll, { control: 0.8, b: 0.8 }));
    house.now += dayMs + hourMs;
    await house.settle(id);
    const { primary, left_out, epochs, verdict } = await house.result(id);
    expect(epochs.map(({ number }) => number)).toEqual([1, 2]);
    expect(epochs[1]?.units).toBe(400);
    expect(left_out.moved).toBeGreaterThan(40);
    expect(total(primary.arms.map(({ matured }) => matured)) + left_out.moved).toBe(900);
    // All together B looks 35 points better: it had the good days.
    const [control, b] = primary.arms.map(({ value }) => value.estimate ?? 0);
    expect(b! - control!).toBeGreaterThan(0.25);
    expect(Math.abs(primary.comparisons[0]!.difference.estimate!)).toBeLessThan(0.12);
    expect(verdict.kind).toBe('cannot_tell');
  });
});

describe('what was known before', () => {
  test('narrows the difference', async () => {
    const names = users(520, 'cuped');
    const roll = dice(5);
    const usual = new Map(names.map((name) => [name, 1 + 9 * roll()]));
    await Promise.all(
      names.map((unit) =>
        house.logs.record(house.scope, {
          kind: 'prompt',
          fileId: house.control.file.id,
          versionId: house.control.version.id,
          environmentId: house.environmentId,
          origin: 'api',
          output: 'x',
          unit,
          promptCost: usual.get(unit)!,
        }),
      ),
    );
    house.now += dayMs;
    const id = await begin({
      metric: { ...voteGood, value: 'cost', per_unit: 'mean', direction: 'down', cap: 20 },
      smallest_difference: 0.5,
    });
    await house.visit(id, names, (armId, unit) => ({ log: { promptCost: usual.get(unit)! + roll() - (armId === 'b' ? 1 : 0) } }));
    house.now += dayMs + hourMs;
    await house.settle(id);
    const { primary } = await house.result(id);
    expect(primary.unit).toBe('USD');
    expect(primary.comparisons[0]).toMatchObject({ verdict: 'better' });
    expect(primary.comparisons[0]?.adjusted).toBeLessThan(0.1);
    expect(primary.comparisons[0]?.words).toMatch(/^b is better by [\d.]+ to [\d.]+ USD\.$/i);
  });
});

describe('units that are lost in one arm', () => {
  test('raise an alarm, once, and no verdict is trusted', async () => {
    const id = await begin();
    const { row } = await house.experiments.get(house.scope, id);
    const [epoch] = await epochsOf(house.room.db, [id]);
    expect(row.salt).toBe(id);
    const arrives = (unit: string, n: number) =>
      assignUnit({ salt: row.salt, traffic: 1, slots: epoch!.slots }, unit)?.armId === 'control' || n % 5 === 0;
    await house.visit(id, users(700, 'srm').filter(arrives), () => ({ vote: 'good' }));
    house.now += dayMs + hourMs;
    await house.settle(id);
    house.now += 60_000;
    await house.settle(id);
    const result = await house.result(id);
    expect(result.sample_ratio.alarm).toBe(true);
    expect(result.verdict).toMatchObject({ kind: 'cannot_tell' });
    expect(result.verdict.words).toContain('Do not trust this result');
    const events = await house.experiments.history(house.scope, id);
    expect(events.filter(({ type }) => type === 'alarm')).toHaveLength(1);
  });
});

describe('a guard', () => {
  test('stops an arm that fails, minutes after the failures, and freezes what is known of it', async () => {
    const error = { ...voteGood, value: 'error', direction: 'down' as const };
    const id = await begin({ guards: [{ metric: error, bound: { ratio: 1 } }] });
    const roll = dice(9);
    const visits = (prefix: string, count: number) =>
      house.visit(id, users(count, prefix), (armId) => ({
        vote: 'good',
        log: roll() < (armId === 'b' ? 0.2 : 0.02) ? { error: 'no' } : {},
      }));
    await visits('guard', 300);
    house.now += 700_000;
    await house.settle(id);
    const stopped = await house.experiments.get(house.scope, id);
    expect(stopped.row.arms[1]).toMatchObject({ stoppedAt: new Date(house.now).toISOString() });
    expect(stopped.row.arms[1]?.stoppedWhy).toContain('is worse than Control');
    expect((await house.experiments.history(house.scope, id))[0]).toMatchObject({ type: 'guard_stopped' });
    const unit = [...Array(50).keys()].map((n) => `after${n}`);
    for (const each of unit) expect((await house.experiments.assignment(house.scope, id, each)).assignment?.arm).toBe('control');
    house.now += 1_000;
    await visits('after', 200);
    house.now += dayMs + hourMs;
    await house.settle(id);
    const { guards, primary, left_out } = await house.result(id);
    expect(guards[0]?.arms[0]).toMatchObject({ arm_id: 'b', state: 'breached', threshold: 20 });
    expect(primary.arms[1]).toMatchObject({ matured: 0 });
    expect(left_out.moved).toBeGreaterThan(100);
    expect(primary.comparisons[0]?.words).toMatch(/was stopped|^Stopped/);
  });

  test('leaves alone an arm that fails no more than control', async () => {
    const error = { ...voteGood, value: 'error', direction: 'down' as const };
    const slow = { ...voteGood, value: 'latency', per_unit: 'mean' as const, direction: 'down' as const, cap: 5_000 };
    const edited = { ...voteGood, value: 'edited', direction: 'down' as const };
    const id = await begin({
      guards: [
        { metric: error, bound: { ratio: 1.5 } },
        { metric: slow, bound: { difference: 100 } },
        { metric: edited, bound: { difference: 0.1 } },
      ],
    });
    const roll = dice(11);
    await house.visit(id, users(300, 'fine'), () => ({
      log: { latencyMs: 500 + 100 * roll(), ...(roll() < 0.03 ? { error: 'no' } : {}) },
    }));
    house.now += dayMs + hourMs;
    await house.settle(id);
    const { guards } = await house.result(id);
    expect(guards.map(({ arms }) => arms[0]?.state)).toEqual(['watching', 'watching', 'watching']);
    expect(guards.map(({ arms }) => arms[0]?.threshold)).toEqual([60, 60, 60]);
    expect((await house.experiments.get(house.scope, id)).row.arms[1]?.stoppedAt).toBeNull();
  });
});

describe('a fixed plan', () => {
  test('shows nothing until the planned number of units, and then the same for ever', async () => {
    const id = await begin({ mode: 'fixed', planned_units: 200 });
    const roll = dice(13);
    await house.visit(id, users(150, 'fix'), voting(roll, { control: 0.2, b: 0.7 }));
    house.now += dayMs + hourMs;
    await house.settle(id);
    const early = await house.result(id);
    expect(early.verdict.words).toMatch(/^Not yet: the answer is shown once/);
    expect(early.primary.arms.map(({ value }) => value.estimate)).toEqual([null, null]);
    expect(early.epochs.map(({ estimate }) => estimate)).toEqual([null]);
    await house.visit(id, users(100, 'fixmore'), voting(roll, { control: 0.2, b: 0.7 }));
    house.now += dayMs + hourMs;
    await house.settle(id);
    const answer = await house.result(id);
    expect(answer.verdict).toMatchObject({ kind: 'better', arm_id: 'b' });
    await house.visit(id, users(200, 'fixlast'), voting(roll, { control: 0.9, b: 0.1 }));
    house.now += dayMs + hourMs;
    await house.settle(id);
    const later = await house.result(id);
    expect(later.primary.comparisons).toEqual(answer.primary.comparisons);
    expect(later.verdict).toEqual(answer.verdict);
  });
});

describe('a fixed plan of a metric that few give', () => {
  test('answers when the planned number of users entered, with a value or without', async () => {
    const id = await begin({ mode: 'fixed', planned_units: 200, metric: { ...voteGood, missing: 'drop' } });
    const roll = dice(29);
    let turn = 0;
    const some = (armId: string) => {
      turn += 1;
      if (turn % 2 === 0) return {};
      return { vote: roll() < (armId === 'b' ? 0.9 : 0.2) ? ('good' as const) : ('bad' as const) };
    };
    await house.visit(id, users(180, 'entered'), some);
    house.now += dayMs + hourMs;
    await house.settle(id);
    const early = await house.result(id);
    expect(early.verdict.words).toMatch(/^Not yet: the answer is shown once, after about 20 more users/);
    await house.visit(id, users(60, 'entering'), some);
    house.now += dayMs + hourMs;
    await house.settle(id);
    const { verdict, primary } = await house.result(id);
    expect(verdict).toMatchObject({ kind: 'better', arm_id: 'b' });
    // The first 200 who entered are the plan; half of all said something.
    expect(total(primary.arms.map(({ matured }) => matured))).toBe(200);
    expect(Math.abs(total(primary.arms.map(({ measured }) => measured)) - 100)).toBeLessThan(20);
  });
});

describe('what cannot be measured', () => {
  test('is explained: no evaluator, no values, an arm without traffic', async () => {
    const id = await begin({
      metric: { ...voteGood, value: '"feedback/none":yes' },
      secondary: [{ ...voteGood, value: '1 / tokens', missing: 'drop' }],
    });
    const { row } = await house.experiments.get(house.scope, id);
    const [epoch] = await epochsOf(house.room.db, [id]);
    const control = users(60, 'none').filter(
      (unit) => assignUnit({ salt: row.salt, traffic: 1, slots: epoch!.slots }, unit)?.armId === 'control',
    );
    await house.visit(id, control, () => ({}));
    house.now += dayMs + hourMs;
    await house.settle(id);
    const result = await house.result(id);
    expect(result.primary.warnings.join(' ')).toContain('There is no evaluator at `feedback/none`');
    expect(result.primary.warnings.join(' ')).toContain('had no traffic yet');
    expect(result.secondary[0]?.warnings.join(' ')).toContain('none of them holds a value');
    expect(result.secondary[0]?.comparisons[0]).toMatchObject({
      difference: { estimate: null, reason: 'no_data' },
      verdict: 'cannot_tell',
    });
    expect(JSON.stringify(result)).not.toMatch(/NaN|Infinity/);
  });
});

describe('workers', () => {
  test('that die between batches, or work at once, count every unit once', async () => {
    const id = await begin();
    await house.visit(id, users(300, 'work'), voting(dice(17), { control: 0.4, b: 0.4 }));
    house.now += dayMs + hourMs;
    await house.logs.drained(20_000);
    const { row } = await house.experiments.get(house.scope, id);
    const watched = await watch(house.room, house.scope, row);
    let batches = 0;
    const dies = async (): Promise<boolean> => {
      batches += 1;
      if (batches > 1) throw new Error('killed');
      return true;
    };
    const before = new Date(house.now);
    await expect(settleTrack(house.room, house.scope, watched, watched.tracks[0]!, { before, goOn: dies, atOnce: 120 })).rejects.toThrow(
      'killed',
    );
    await Promise.all([analyse(house.room, house.scope, row), analyse(house.room, house.scope, row)]);
    const { primary } = await house.result(id);
    expect(total(primary.arms.map(({ matured }) => matured))).toBe(300);
  });

  test('take turns by a lease, and find what is due by themselves', async () => {
    const { db } = house.room;
    expect(await takeLease(db, house.scope.workspaceId, 'one', 30)).toBe(true);
    expect(await takeLease(db, house.scope.workspaceId, 'two', 30)).toBe(false);
    expect(await takeLease(db, house.scope.workspaceId, 'one', -1)).toBe(true);
    expect(await takeLease(db, house.scope.workspaceId, 'two', -1)).toBe(true);
    const id = await begin();
    await house.visit(id, users(120, 'engine'), voting(dice(19), { control: 0.5, b: 0.5 }));
    house.now += dayMs + hourMs;
    const engines = [new Engine(house.room), new Engine(house.room)];
    await Promise.all(engines.map((engine) => engine.start()));
    await expect
      .poll(async () => (await house.experiments.get(house.scope, id)).row.words, { timeout: 60_000, interval: 500 })
      .toContain('Cannot tell');
    await Promise.all(engines.map((engine) => engine.stop()));
    const { primary } = await house.result(id);
    expect(total(primary.arms.map(({ matured }) => matured))).toBe(120);
  });
});

describe('a plan', () => {
  test('says how many units and days it takes, by what units did lately', async () => {
    const past = await begin();
    for (let day = 0; day < 4; day += 1) {
      await house.visit(past, users(60, `plan${day}`), voting(dice(day), { control: 0.5, b: 0.5 }));
      house.now += dayMs;
    }
    const request = {
      file_id: house.control.file.id,
      metric: voteGood,
      arms: 2,
      traffic: 1,
      smallest_difference: 0.05,
      power: 0.8,
      window_hours: 24,
    };
    await house.logs.drained(20_000);
    const plan = await house.experiments.plan(house.scope, request);
    expect(plan.baseline.n).toBe(240);
    expect(plan.units_per_day).toBeCloseTo(60, 0);
    expect(plan.without_unit).toBe(0);
    expect(plan.fixed.units).toBeGreaterThan(2_500);
    expect(plan.sequential.units! / plan.fixed.units!).toBeGreaterThan(1.5);
    expect(plan.sequential.units! / plan.fixed.units!).toBeLessThan(2);
    expect(plan.sequential.days).toBeCloseTo(plan.sequential.units! / plan.units_per_day! + 1, 5);
    expect(plan.warnings).toEqual([]);
    const unknown = await house.experiments.plan(house.scope, { ...request, metric: { ...voteGood, value: 'rating' } });
    expect(unknown.sequential.units).toBeNull();
    expect(unknown.warnings.join(' ')).toContain('No user had a value');
    await expect(house.experiments.plan(house.scope, { ...request, metric: { ...voteGood, value: 'vote:' } })).rejects.toThrow(
      'at character 6',
    );
  });
});
