import { AppError, systemScope, type EvaluatorSpec, type JudgmentValue, type Scope } from '@whetstone/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../files/index.ts';
import type { Judged } from '../judges/index.ts';
import type { NewLog, StoredJudgment } from '../logs/index.ts';
import type { Monitors } from './index.ts';
import { type MonitorHouse, openMonitorHouse } from './test/house.ts';

let house: MonitorHouse;
let scope: Scope;
let workspaces = 0;
let running: Monitors[] = [];

beforeAll(async () => {
  house = await openMonitorHouse();
});
afterAll(() => house?.close());
beforeEach(async () => {
  scope = systemScope(`ws_monitored_${++workspaces}`, 'test');
  await house.files.prepareWorkspace(scope.workspaceId);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.close()));
  house.behave(null);
  house.received.length = 0;
  house.mails.length = 0;
});

const code = (source: string, more: Partial<EvaluatorSpec> = {}) =>
  ({
    evaluator_type: 'python',
    language: 'javascript',
    arguments_type: 'target_free',
    return_type: 'boolean',
    code: source,
    ...more,
  }) as EvaluatorSpec;
const good = code('function evaluate(log) { return log.output === "good" }');
const evaluator = async (spec = good, path = 'judges/good'): Promise<Snapshot<'evaluator'>> =>
  (await house.files.upsert(scope, 'evaluator', { path, kernel: { spec } })).snapshot;
const prompt = async (path = 'shop/answer', temperature = 0): Promise<Snapshot> =>
  (
    await house.files.upsert(scope, 'prompt', {
      path,
      kernel: { model: 'gpt-4o-mini', temperature, template: [{ role: 'user', content: 'Say {{q}}.' }] },
    })
  ).snapshot;
const log = async (of: Snapshot, more: Partial<NewLog> = {}): Promise<string> =>
  (
    await house.logs.record(scope, {
      kind: of.kind as NewLog['kind'],
      fileId: of.file.id,
      versionId: of.version.id,
      origin: 'api',
      output: 'good',
      ...more,
    })
  ).id;
const logs = (of: Snapshot, count: number, more: (n: number) => Partial<NewLog> = () => ({})): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => log(of, more(n))));
const watch = async (of: Snapshot, more: object = {}) =>
  house.monitors.create(scope, { fileId: of.file.id, evaluator: { path: 'judges/good' }, ...more });
const start = async (more: Parameters<MonitorHouse['watcher']>[0] = {}): Promise<Monitors> => {
  const made = house.watcher(more);
  running.push(made);
  await made.start();
  return made;
};
const stop = async (one: Monitors): Promise<void> => {
  running = running.filter((each) => each !== one);
  await one.close();
};
const judgmentsOf = async (ids: readonly string[]): Promise<StoredJudgment[]> => {
  await house.logs.drained(30_000);
  return [...(await house.logs.judgmentsOf(scope, ids)).values()].flat();
};
/** Every row, so that what was judged twice would show twice. */
const allJudgments = async (): Promise<StoredJudgment[]> => {
  await house.logs.drained(30_000);
  return (await house.logs.judgments(scope, {}, { page: 1, size: 1_000, payload: true, count: false })).records;
};
const judgedAll = (ids: readonly string[], timeout = 40_000) =>
  expect.poll(async () => (await judgmentsOf(ids)).length, { timeout, interval: 200 }).toBe(ids.length);
const passed = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a monitor', () => {
  test('judges each new log within seconds, once, and says so', async () => {
    const [of] = [await prompt(), await evaluator()];
    await log(of);
    await house.logs.drained(30_000);
    const monitor = await watch(of);
    await start();
    const since = Date.now();
    const ids = await logs(of, 30, (n) => ({ output: n % 3 === 0 ? 'bad' : 'good', user: `u${n % 5}` }));
    await judgedAll(ids);
    expect(Date.now() - since).toBeLessThan(8_000);
    const found = await judgmentsOf(ids);
    expect(found.filter(({ value }) => value === true)).toHaveLength(20);
    expect(found[0]).toMatchObject({ source: 'code', monitorId: monitor.row.id });
    await passed(2_500);
    expect((await allJudgments()).length).toBe(30);
    const [shown] = await house.monitors.list(scope, of.file.id);
    expect(shown).toMatchObject({ status: 'watching', today: { judged: 30, notJudged: 0, failed: 0, costUsd: 0 } });
    const series = await house.monitors.series(scope, monitor.row.id, { from: new Date(Date.now() - 3_600_000), buckets: 6 });
    expect(series.whole).toMatchObject({ n: 30, units: 5 });
    expect(series.whole.estimate).toBeCloseTo(2 / 3);
    expect(series.whole.lower!).toBeLessThan(2 / 3);
    expect(series.versions).toMatchObject([{ versionId: of.version.id, measured: { n: 30 } }]);
  });

  test('judges what fits its filter, its environment and its share, the same logs however often it begins', async () => {
    const [of] = [await prompt(), await evaluator()];
    const staging = await house.files.environments.byName(scope, 'staging');
    await watch(of, { environment: 'staging', filter: 'user:vip', rate: 0.3 });
    await evaluator(code('function evaluate() { return true }'), 'judges/all');
    await house.monitors.create(scope, { fileId: of.file.id, evaluator: { path: 'judges/all' }, rate: 0.3 });
    const fits = await logs(of, 300, () => ({ environmentId: staging.id, user: 'vip' }));
    const others = [
      ...(await logs(of, 20, () => ({ environmentId: staging.id, user: 'other' }))),
      ...(await logs(of, 20, () => ({ user: 'vip' }))),
    ];
    const notTraffic = [await log(of, { origin: 'playground' }), await log(of, { origin: 'evaluation' }), await log(of, { runId: 'rn_x' })];
    await start();
    const count = async (): Promise<[number, number]> => {
      const found = await judgmentsOf([...fits, ...others, ...notTraffic]);
      const vip = await house.files.get(scope, 'evaluator', { path: 'judges/good' });
      const byVip = found.filter(({ evaluatorId }) => evaluatorId === vip.file.id);
      expect(byVip.every(({ logId }) => fits.includes(logId))).toBe(true);
      expect(found.every(({ logId }) => !notTraffic.includes(logId))).toBe(true);
      const same = new Set(
        found.filter(({ evaluatorId, logId }) => evaluatorId !== vip.file.id && fits.includes(logId)).map(({ logId }) => logId),
      );
      return [byVip.filter(({ logId }) => same.has(logId)).length, byVip.length];
    };
    await expect.poll(async () => (await count())[1], { timeout: 40_000 }).toBeGreaterThan(0);
    await passed(2_000);
    const [same, judged] = await count();
    // Three and a half standard deviations of a binomial; and two monitors of one share judge the same logs.
    expect(judged).toBeGreaterThan(62);
    expect(judged).toBeLessThan(118);
    expect(same).toBe(judged);
  });

  test('goes on after being killed half-way: nothing is judged twice, nothing is left out', async () => {
    const [of] = [await prompt(), await evaluator()];
    await watch(of);
    let asked = 0;
    const slow: Pick<typeof house.judges, 'runs' | 'judge' | 'subjectsOf'> = {
      runs: (spec) => house.judges.runs(spec),
      subjectsOf: (its, some) => house.judges.subjectsOf(its, some),
      judge: async (its, judge, subjects, options) => {
        asked += subjects.length;
        // The second batch never comes back: the process dies over it.
        if (asked > 125)
          return new Promise<Judged[]>((_, reject) =>
            options?.signal?.addEventListener('abort', () => reject(new Error('killed')), { once: true }),
          );
        return house.judges.judge(its, judge, subjects, options);
      },
    };
    const ids = await logs(of, 300);
    const first = await start({ judges: slow });
    await expect.poll(async () => (await allJudgments()).length, { timeout: 40_000 }).toBeGreaterThanOrEqual(100);
    await stop(first);
    const before = await allJudgments();
    expect(before.length).toBeLessThan(300);
    await start();
    const more = await logs(of, 20);
    await judgedAll([...ids, ...more]);
    const after = await allJudgments();
    expect(after.length).toBe(320);
    expect(after.every(({ rowVersion }) => rowVersion === 1)).toBe(true);
  });

  test('works in one of two processes', async () => {
    const [of] = [await prompt(), await evaluator()];
    await watch(of);
    const both = [await start(), await start()];
    const ids = await logs(of, 60);
    await judgedAll(ids);
    expect(both.map((each) => each.counters().judged).toSorted((a, b) => a - b)).toEqual([0, 60]);
  });

  test('judges a trace once, when it is complete, and nothing again when a child comes late', async () => {
    const flow = (await house.files.upsert(scope, 'flow', { path: 'shop/flow', kernel: { attributes: {} } })).snapshot;
    const of = await prompt();
    await evaluator(code('function evaluate(log) { return log.trace_children.length === 1 }'));
    await watch(flow);
    await start();
    const root = await log(flow, { logStatus: 'incomplete', output: null });
    await log(of, { traceParentId: root });
    await passed(3_000);
    expect(await judgmentsOf([root])).toEqual([]);
    await house.logs.change(scope, root, { logStatus: 'complete', output: 'done' });
    await judgedAll([root]);
    await log(of, { traceParentId: root });
    await house.logs.change(scope, root, { metadata: { seen: true } });
    await passed(3_000);
    expect((await allJudgments()).map(({ logId, value }) => [logId, value])).toEqual([[root, true]]);
  });

  test('sees a log that says that it is old', async () => {
    const [of] = [await prompt(), await evaluator()];
    await watch(of);
    await start();
    const ids = [await log(of), await log(of, { createdAt: new Date(Date.now() - 40 * 86_400_000) })];
    await judgedAll(ids);
  });

  test('tells of an evaluator that fails, and of a log that was not kept, without a zero', async () => {
    const of = await prompt();
    await evaluator(code('function evaluate(log) { if (log.output === "bad") throw new Error("no idea"); return true }'));
    const monitor = await watch(of);
    await start();
    const ids = [await log(of, { output: 'bad' }), await log(of), await log(of, { save: false })];
    await judgedAll(ids);
    const found = await judgmentsOf(ids);
    expect(found.find(({ logId }) => logId === ids[0])).toMatchObject({ value: null, error: expect.stringContaining('no idea') });
    expect(found.find(({ logId }) => logId === ids[2])).toMatchObject({
      value: null,
      error: null,
      reason: expect.stringContaining('not kept'),
    });
    const series = await house.monitors.series(scope, monitor.row.id, { from: new Date(Date.now() - 3_600_000), buckets: 6 });
    expect(series).toMatchObject({ whole: { n: 1, estimate: 1 }, failed: 1, notJudged: 1 });
  });

  test('stops when it is switched off, detached or its evaluator is deleted; what is on again begins from there', async () => {
    const [of, by] = [await prompt(), await evaluator()];
    const monitor = await watch(of);
    await start();
    await judgedAll([await log(of)]);
    await house.monitors.update(scope, monitor.row.id, { state: 'inactive' });
    await passed(1_500);
    const unseen = await log(of);
    await passed(2_500);
    await house.monitors.update(scope, monitor.row.id, { state: 'active' });
    await judgedAll([await log(of)]);
    expect(await judgmentsOf([unseen])).toEqual([]);
    const production = (await house.files.environments.list(scope)).find(({ isDefault }) => isDefault)!;
    const ref = { evaluatorId: by.file.id, environmentId: production.id };
    await house.monitors.attached.change(scope, 'prompt', of.file.id, { activate: [], deactivate: [ref] });
    expect((await house.monitors.get(scope, monitor.row.id)).status).toBe('off');
    await house.monitors.attached.change(scope, 'prompt', of.file.id, { activate: [ref], deactivate: [] });
    await judgedAll([await log(of)]);
    await house.files.delete(scope, 'evaluator', by.file.id);
    expect(await house.monitors.list(scope, null)).toEqual([]);
    const last = await log(of);
    await passed(3_000);
    expect(await judgmentsOf([last])).toEqual([]);
  });

  test('pauses until midnight when its budget is spent, and says so', async () => {
    const of = await prompt();
    await evaluator(code('function evaluate() { return true }'));
    const monitor = await watch(of, { budgetUsd: 0.02 });
    const cost = 0.001;
    const dear: Pick<typeof house.judges, 'runs' | 'judge' | 'subjectsOf'> = {
      runs: (spec) => house.judges.runs(spec),
      subjectsOf: (its, some) => house.judges.subjectsOf(its, some),
      judge: async (_scope, _judge, subjects) =>
        subjects.map(() => ({
          outcome: 'judged',
          value: true as JudgmentValue,
          reason: null,
          stdout: null,
          costUsd: cost,
          calls: ['log_x'],
        })),
    };
    await start({ judges: dear });
    await logs(of, 300);
    await expect.poll(async () => (await house.monitors.get(scope, monitor.row.id)).status, { timeout: 40_000 }).toBe('paused');
    const { text, today } = await house.monitors.get(scope, monitor.row.id);
    expect(text).toMatch(/budget of \$0.02 a day is spent/);
    // What was under way when it was spent is paid for, and no more.
    expect(today!.judged).toBeLessThanOrEqual(250);
    expect(today!.costUsd).toBeGreaterThanOrEqual(0.02);
    const before = today!.judged;
    await logs(of, 5);
    await passed(2_500);
    expect((await house.monitors.get(scope, monitor.row.id)).today!.judged).toBe(before);
    await house.monitors.update(scope, monitor.row.id, { budgetUsd: 10 });
    await judgedAll([await log(of)]);
  });

  test('is refused for what cannot be judged, and twice over the same logs', async () => {
    const of = await prompt();
    await evaluator({ evaluator_type: 'human', arguments_type: 'target_free', return_type: 'boolean' });
    const refusal = async (attempt: Promise<unknown>): Promise<AppError> =>
      attempt.then(
        () => expect.fail('it was not refused'),
        (error: unknown) => error as AppError,
      );
    expect((await refusal(watch(of))).message).toMatch(/people/);
    await evaluator(good, 'judges/code');
    const create = (more: object = {}) => house.monitors.create(scope, { fileId: of.file.id, evaluator: { path: 'judges/code' }, ...more });
    expect((await refusal(create({ filter: 'cost>>1' }))).code).toBe('invalid_input');
    expect((await refusal(create({ environment: 'nowhere' }))).code).toBe('not_found');
    await create();
    expect((await refusal(create())).code).toBe('conflict');
    await create({ filter: 'user:vip' });
  });
});

describe('a back-fill', () => {
  test('judges old logs, each once, with an estimate before and progress', async () => {
    const [of] = [await prompt(), await evaluator()];
    const ids = await logs(of, 250, (n) => ({ createdAt: new Date(Date.now() - (n + 1) * 3_600_000) }));
    await house.logs.drained(30_000);
    const monitor = await watch(of);
    await start();
    await passed(2_000);
    expect(await judgmentsOf(ids)).toEqual([]);
    const from = new Date(Date.now() - 100.5 * 3_600_000);
    expect(await house.monitors.backfills.estimate(scope, monitor.row.id, { from })).toMatchObject({ logs: 100 });
    const made = await house.monitors.backfills.create(scope, monitor.row.id, { from });
    expect(made).toMatchObject({ state: 'running', total: 100 });
    await expect.poll(async () => (await house.monitors.backfills.list(scope, monitor.row.id))[0]?.state, { timeout: 30_000 }).toBe('done');
    expect((await house.monitors.backfills.list(scope, monitor.row.id))[0]).toMatchObject({ lookedAt: 100, judged: 100, failed: 0 });
    await house.monitors.backfills.create(scope, monitor.row.id, { from: new Date(Date.now() - 300 * 3_600_000) });
    await judgedAll(ids);
    expect((await allJudgments()).length).toBe(250);
  });

  test('is cancelled, and what it judged stays', async () => {
    const [of] = [await prompt(), await evaluator()];
    await logs(of, 50, () => ({ createdAt: new Date(Date.now() - 3_600_000) }));
    await house.logs.drained(30_000);
    const monitor = await watch(of);
    const made = await house.monitors.backfills.create(scope, monitor.row.id, { from: new Date(Date.now() - 86_400_000) });
    expect((await house.monitors.backfills.cancel(scope, monitor.row.id, made.id)).state).toBe('cancelled');
    await start();
    await passed(2_500);
    expect(await allJudgments()).toEqual([]);
  });
});

describe('an alert', () => {
  beforeEach(() =>
    // Webhooks belong to a workspace that exists.
    house.storage.executeSql('INSERT INTO workspaces (id, slug, name, created_at) VALUES ($1, $1, $1, now())', [scope.workspaceId]),
  );
  const change = { type: 'change', direction: 'down', average_run_length: 1_000, tolerance: 0.02, user_minutes: 60 } as const;

  test('tells once when good judgments become rare, over a webhook that is signed, in Slack’s form and by mail; and when it is over', async () => {
    const [of] = [await prompt(), await evaluator()];
    const monitor = await watch(of);
    const events = ['alert.opened', 'alert.recovered'];
    await house.hooks.create(scope, { url: house.url, format: 'json', events });
    await house.hooks.create(scope, { url: `${house.url}/slack`, format: 'slack', events });
    const alert = await house.monitors.alerts.create(scope, monitor.row.id, {
      rule: { ...change, baseline: 0.9 },
      channels: { emails: ['on-call@example.com'] },
    });
    await house.monitors.alerts.test(scope, alert.row.id);
    await expect.poll(() => house.received.length, { timeout: 30_000 }).toBe(2);
    house.received.length = 0;
    let current = await start();
    await judgedAll(await logs(of, 100, (n) => ({ output: n % 20 === 0 ? 'bad' : 'good' })));
    const state = async () => (await house.monitors.alerts.list(scope, { monitorId: monitor.row.id }))[0]!;
    expect((await state()).row.state).toBe('watching');
    // The state is kept, so a restart in the midst changes nothing.
    await stop(current);
    current = await start();
    await judgedAll(await logs(of, 100, (n) => ({ output: n % 2 === 0 ? 'bad' : 'good' })));
    await expect.poll(async () => (await state()).row.state, { timeout: 30_000 }).toBe('open');
    await expect.poll(() => house.received.length, { timeout: 30_000 }).toBe(2);
    const json = house.received.find(({ body }) => body.includes('"type":"alert.opened"'))!;
    expect(json.headers['x-whetstone-signature']).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
    expect(JSON.parse(json.body).data).toMatchObject({ file: { path: 'shop/answer' }, text: expect.stringMatching(/has gone down.*90 %/) });
    const slack = JSON.parse(house.received.find(({ body }) => body.includes('blocks'))!.body) as { text: string; blocks: unknown[] };
    expect(slack.text).toMatch(/has gone down/);
    expect(slack.blocks.length).toBe(2);
    expect(house.mails.filter(({ subject }) => subject.startsWith('Drop'))).toMatchObject([{ to: 'on-call@example.com' }]);
    expect((await house.monitors.alerts.acknowledge(scope, alert.row.id)).row.memory.acknowledged).toBe(true);
    // Bad as before: it has told already.
    await judgedAll(await logs(of, 60, (n) => ({ output: n % 2 === 0 ? 'bad' : 'good' })));
    expect(house.received.length).toBe(2);
    await judgedAll(await logs(of, 220));
    await expect.poll(async () => (await state()).row.state, { timeout: 30_000 }).toBe('watching');
    expect((await house.monitors.alerts.history(scope, alert.row.id)).map(({ type }) => type)).toEqual([
      'recovered',
      'acknowledged',
      'opened',
      'tested',
    ]);
  });

  test('on a threshold tells only when the interval lies beyond it; muted it tells nobody', async () => {
    const [of] = [await prompt(), await evaluator()];
    const monitor = await watch(of);
    await house.hooks.create(scope, { url: house.url, format: 'json', events: ['alert.opened'] });
    const rule = { type: 'threshold', side: 'below', value: 0.8, over: { logs: 100 }, level: 0.99 } as const;
    const alert = await house.monitors.alerts.create(scope, monitor.row.id, { rule });
    await house.monitors.alerts.mute(scope, alert.row.id, new Date(Date.now() + 3_600_000));
    await start();
    const state = async () => (await house.monitors.alerts.list(scope, { monitorId: monitor.row.id }))[0]!.row.state;
    // 75 % of 60: below, but not for certain.
    await judgedAll(await logs(of, 60, (n) => ({ output: n % 4 === 0 ? 'bad' : 'good' })));
    await passed(11_000);
    expect(await state()).toBe('watching');
    await judgedAll(await logs(of, 100, (n) => ({ output: n % 2 === 0 ? 'bad' : 'good' })));
    await expect.poll(state, { timeout: 40_000 }).toBe('open');
    expect((await house.monitors.alerts.history(scope, alert.row.id))[0]).toMatchObject({
      type: 'opened',
      told: [],
      text: expect.stringContaining('muted'),
    });
    expect(house.received).toEqual([]);
  });
});
