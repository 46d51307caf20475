import { systemScope } from '@whetstone/contract';
import { readMetric } from '@whetstone/domain';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DueUnit, Outcome, TermAsked } from '../index.ts';
import { unitKeyOf } from './unit-key.ts';
import { openTestLogs, promptLog, type TestLogs } from '../test/open.ts';

const scope = systemScope('ws_a', 'test');
const hour = 3_600_000;
const start = Date.parse('2026-03-01T10:00:00Z');
const window = 24 * hour;
const track = { experimentId: 'exp_1', key: 'exp_1', windowMs: window };
const source = { experimentId: 'exp_1', fileId: 'pr_1', environmentId: 'env_1', windowMs: window };

let house: TestLogs;
let now = start;

beforeEach(async () => {
  now = start;
  house = await openTestLogs({ now: () => now });
});
afterEach(() => house.close());

function asked(text: string, perUnit: TermAsked['perUnit'] = 'any'): TermAsked[] {
  return [...readMetric(text).terms.values()].map((term) => ({
    term,
    perUnit,
    evaluatorId: term.type === 'judgment' ? term.path.replace('feedback/', 'ev_') : null,
  }));
}

async function call(unit: string, armId: string, more: Parameters<typeof promptLog>[0] = {}): Promise<string> {
  const log = promptLog({ fileId: 'pr_1', environmentId: 'env_1', experimentId: 'exp_1', armId, unit, ...more });
  return (await house.logs.record(scope, log)).id;
}

let judgments = 0;
const judge = (logId: string, value: string, more: { id?: string; judge?: string } = {}) =>
  house.logs.judge(scope, {
    logId,
    evaluatorId: 'ev_vote',
    evaluatorVersionId: 'evv_1',
    source: 'user',
    judge: `judge ${(judgments += 1)}`,
    value,
    origin: 'api',
    ...more,
  });

async function due(): Promise<DueUnit[]> {
  await house.logs.drained(10_000);
  return house.logs.experimented.due(scope, track, new Date(now), 100);
}

async function terms(...of: TermAsked[][]): Promise<Map<string, (number | null)[]>> {
  const units = await due();
  const found = await house.logs.experimented.terms(scope, source, units, of.flat());
  return new Map([...found].map(([unit, { values }]) => [unit, values]));
}

const outcome = (more: Partial<Outcome> & { unitKey: string }): Outcome => ({
  armId: 'control',
  epoch: 1,
  firstAt: start * 1000,
  maturedAt: (start + window) * 1000,
  leftOut: '',
  logs: 1,
  outcomes: [1],
  before: [null],
  answered: [],
  ...more,
});

describe('units whose window closed', () => {
  test('are due once the window after the first exposure has passed, in the order in which it did', async () => {
    await call('late', 'b');
    now -= hour;
    await call('early', 'control');
    now += 2 * hour;
    await call('early', 'control');
    expect(await due()).toEqual([]);
    expect(await house.logs.experimented.nextDue(scope, track)).toEqual(new Date(start - hour + window));
    now = start + window - hour;
    expect((await due()).map(({ unit }) => unit)).toEqual(['early']);
    now = start + window;
    expect(await due()).toMatchObject([
      { unit: 'early', armId: 'control', firstAt: (start - hour) * 1000 },
      { unit: 'late', armId: 'b' },
    ]);
  });

  test('count from the server’s clock, whatever the caller says of its own', async () => {
    await call('u', 'b', { createdAt: new Date(start - 400 * 24 * hour) });
    now += window - 1;
    expect(await due()).toEqual([]);
    now += 1;
    expect(await due()).toMatchObject([{ unit: 'u', firstAt: start * 1000 }]);
  });

  test('are exposed by asking for the version too, and say which arms they saw until then', async () => {
    await house.logs.exposures.record(scope, [
      { experimentId: 'exp_1', unit: 'u', armId: 'b', epoch: 1, at: new Date(now), source: 'get' },
    ]);
    now += hour;
    await call('u', 'control');
    now += window;
    await call('u', 'c');
    await call('x', '~off');
    await call('y', '~forced');
    expect(await due()).toEqual([
      { unit: 'u', armId: 'b', firstAt: start * 1000, arms: expect.arrayContaining(['b', 'control']) as string[] },
    ]);
    expect((await due())[0]?.arms).toHaveLength(2);
    expect(await house.logs.experimented.exposed(scope, 'exp_1', [new Date(start + 1)])).toEqual([{ armId: 'b', span: 0, units: 1 }]);
  });

  test('are due no more once they are settled, and the first outcome stands', async () => {
    await call('u', 'b');
    now += window;
    const [unit] = await due();
    if (unit === undefined) throw new Error('nothing is due');
    const of = house.logs.experimented;
    const unitKey = unitKeyOf('exp_1', unit.unit);
    await of.settle(scope, 'exp_1', [outcome({ unitKey, armId: 'b', outcomes: [1] })], new Date(now));
    await of.settle(scope, 'exp_1', [outcome({ unitKey, armId: 'b', outcomes: [0] })], new Date(now + 5));
    expect(await due()).toEqual([]);
    expect(await of.groups(scope, 'exp_1', 1, 0, [], null)).toMatchObject([{ armId: 'b', epoch: 1, units: 1, metrics: [{ n: 1, y: 1 }] }]);
    expect(await of.settled(scope, 'exp_1')).toMatchObject({ units: 1 });
  });
});

describe('what a window holds', () => {
  test('logs and judgments received in it, of the arm alone', async () => {
    const first = await call('u', 'b', { promptCost: 0.5, latencyMs: 100, promptTokens: 10, outputTokens: 5 });
    now += hour;
    await call('u', 'b', { promptCost: 0.25, latencyMs: 300, error: 'no' });
    await call('u', '~off', { promptCost: 100 });
    await judge(first, 'good');
    now += window;
    await call('u', 'b', { promptCost: 100, latencyMs: 10_000 });
    await judge(first, 'bad');
    expect(await terms(asked('cost + latency + tokens + error + vote:good + vote:bad'))).toEqual(new Map([['u', [0.5, 300, 15, 1, 1, 0]]]));
    expect(await terms(asked('cost + error', 'sum'), asked('latency + error', 'mean'))).toEqual(new Map([['u', [0.75, 1, 200, 0.5]]]));
  });

  test('a vote as it was when the window closed, though it was changed later', async () => {
    const log = await call('u', 'b');
    const id = house.logs.newId();
    await house.logs.drained(10_000);
    await judge(log, 'bad', { id, judge: 'u' });
    now += hour;
    await judge(log, 'good', { id, judge: 'u' });
    await house.logs.drained(10_000);
    now += window;
    await judge(log, 'bad', { id, judge: 'u' });
    expect(await terms(asked('vote:good + vote:bad'))).toEqual(new Map([['u', [1, 0]]]));
    expect((await house.logs.experimented.counts(scope, track, ['ev_vote'], new Date(start))).late).toEqual(new Map([['ev_vote', 1]]));
  });

  test('of a million votes of one judge one, and of one unit one number', async () => {
    const log = await call('u', 'b');
    for (let n = 0; n < 50; n += 1) await judge(log, n === 49 ? 'good' : 'bad', { judge: 'same' });
    now += window;
    expect(await terms(asked('vote:good + vote:bad', 'sum'))).toEqual(new Map([['u', [1, 0]]]));
  });

  test('a sum of costs of which one is unknown is unknown; what was deleted is gone', async () => {
    await call('u', 'b', { promptCost: 1 });
    await call('u', 'b');
    await call('v', 'b', { promptCost: 1 });
    const gone = await call('v', 'b', { promptCost: 7 });
    await house.logs.delete(scope, [gone]);
    now += window;
    expect(await terms(asked('cost', 'sum'))).toEqual(
      new Map([
        ['u', [null]],
        ['v', [1]],
      ]),
    );
  });

  test('what was before the first exposure, in the same file and environment, 28 days back', async () => {
    const other = { experimentId: null, armId: null };
    await call('u', '', { ...other, promptCost: 100 });
    now += 20 * 24 * hour;
    const before = await call('u', '', { ...other, promptCost: 1 });
    await call('u', '', { ...other, promptCost: 50, fileId: 'pr_2' });
    await call('u', '', { ...other, promptCost: 50, environmentId: 'env_2' });
    await call('new', 'b', {});
    await judge(before, 'good');
    now += 20 * 24 * hour;
    await call('u', 'b', { promptCost: 3 });
    now += window;
    const units = await due();
    const found = await house.logs.experimented.terms(scope, source, units, asked('cost + vote:good', 'sum'));
    expect(found.get('u')).toEqual({ logs: 1, values: [3, null], before: [1, 1], evaluatorIds: [] });
    expect(found.get('new')).toMatchObject({ before: [null, null] });
    expect(
      await house.logs.experimented.baseline(scope, source, asked('cost', 'sum'), { from: new Date(start), to: new Date(now) }),
    ).toMatchObject({
      unitCount: 2,
      withoutUnit: 0,
    });
  });
});

describe('outcomes', () => {
  test('are added up by arm, epoch and span, with what was before', async () => {
    const at = (hours: number) => (start + hours * hour) * 1000;
    await house.logs.experimented.settle(
      scope,
      'exp_1',
      [
        outcome({ unitKey: 'a', outcomes: [2, null], before: [1, null], answered: [0], maturedAt: at(1) }),
        outcome({ unitKey: 'b', outcomes: [3, 1], before: [null, null], maturedAt: at(2) }),
        outcome({ unitKey: 'c', outcomes: [4, 1], before: [2, null], answered: [0, 1], maturedAt: at(3) }),
        outcome({ unitKey: 'd', outcomes: [9, 9], leftOut: 'moved', maturedAt: at(1) }),
        outcome({ unitKey: 'e', outcomes: [5, 0], epoch: 2, armId: 'b', maturedAt: at(1) }),
      ],
      new Date(now),
    );
    const of = house.logs.experimented;
    expect(await of.groups(scope, 'exp_1', 2, 2, [new Date(start + 2.5 * hour)], null)).toEqual([
      {
        armId: 'control',
        epoch: 1,
        span: 0,
        units: 2,
        logs: 2,
        answered: [1, 0],
        metrics: [
          { n: 2, y: 5, yy: 13, yyy: 35, before: { known: 1, x: 1, xx: 1, xy: 2, yKnown: 2 } },
          { n: 1, y: 1, yy: 1, yyy: 1, before: { known: 0, x: 0, xx: 0, xy: 0, yKnown: 0 } },
        ],
      },
      expect.objectContaining({ armId: 'control', epoch: 1, span: 1, units: 1, answered: [1, 1] }) as object,
      expect.objectContaining({ armId: 'b', epoch: 2, span: 0, units: 1 }) as object,
    ]);
    expect((await of.groups(scope, 'exp_1', 1, 0, [], 2)).map(({ units }) => units)).toEqual([1, 1]);
    expect((await of.ordered(scope, 'exp_1', 0, 10)).map(({ value }) => value)).toEqual([2, 5, 3, 4]);
    expect(await of.settled(scope, 'exp_1')).toEqual({ units: 4, leftOut: new Map([['moved', 1]]), lastAt: new Date(start) });
  });
});
