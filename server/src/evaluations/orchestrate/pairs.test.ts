import { type EvaluatorSpec, pairOptions, type Scope, systemScope } from '@whetstone/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Snapshot } from '../../files/index.ts';
import { createReports, type Reports } from '../../reports/index.ts';
import type { Evaluation, NewRun, Run } from '../index.ts';
import { type EvaluationHouse, openEvaluationHouse } from '../test/house.ts';

let house: EvaluationHouse;
let reports: Reports;
let scope: Scope;
let workspaces = 0;
/** Questions to the judge: which answer stood first. */
let judged: { first: string; second: string }[] = [];
let says: (first: string, second: string, at: number) => string | { status: number };

vi.setConfig({ testTimeout: 120_000 });

beforeAll(async () => {
  house = await openEvaluationHouse();
  reports = createReports({ ...house, clock: () => new Date() });
});
afterAll(() => house?.close());
beforeEach(async () => {
  scope = systemScope(`ws_pairs_${++workspaces}`, 'test');
  await house.files.prepareWorkspace(scope.workspaceId);
  judged = [];
  says = (first) => (first.startsWith('new') ? 'first' : 'second');
  house.behave(({ body }) => {
    if (!body.includes('Which is better')) return { text: `${/(new|old)/.exec(body)?.[0]} ${/question \d+/.exec(body)?.[0]}` };
    const part = (name: string) => new RegExp(`<<${name}.output [0-9a-f]{32}>>\\\\n(.*?)\\\\n<</${name}`).exec(body)?.[1] ?? '?';
    const [first, second] = [part('first'), part('second')];
    judged.push({ first, second });
    const said = says(first, second, judged.length);
    return typeof said === 'string' ? { text: JSON.stringify({ reasoning: 'so', judgment: said }) } : said;
  });
});
afterEach(() => house.behave(null));

const judge = (more: Partial<EvaluatorSpec> = {}): EvaluatorSpec =>
  ({
    evaluator_type: 'llm',
    arguments_type: 'target_free',
    return_type: 'select',
    options: [...pairOptions],
    pairwise: true,
    prompt: { model: 'gpt-4o-mini', template: [{ role: 'user', content: 'Which is better? {{first.output}} {{second.output}}' }] },
    ...more,
  }) as EvaluatorSpec;

async function prompt(word: string): Promise<Snapshot> {
  const kernel = { model: 'gpt-4o-mini', template: [{ role: 'user' as const, content: `${word}: {{q}}` }] };
  return (await house.files.upsert(scope, 'prompt', { path: 'shop/answer', kernel })).snapshot;
}
async function cases(count: number): Promise<Snapshot> {
  const datapoints = Array.from({ length: count }, (_, index) => ({ inputs: { q: `question ${index}` } }));
  return (await house.files.datasets.upsert(scope, { path: 'shop/cases', action: 'set', datapoints })).snapshot;
}
async function evaluation(spec = judge()): Promise<Evaluation> {
  const { snapshot } = await house.files.upsert(scope, 'evaluator', { path: 'judges/better', kernel: { spec } });
  return house.evaluations.create(scope, { name: null, file: null, evaluators: [{ versionId: snapshot.version.id }] });
}
const start = (its: Evaluation, dataset: Snapshot, version: Snapshot, more: Partial<NewRun> = {}): Promise<Run> =>
  house.evaluations.createRun(scope, its.id, {
    dataset: { versionId: dataset.version.id },
    version: { versionId: version.version.id },
    orchestrated: true,
    useExistingLogs: false,
    ...more,
  });
const over = (its: Evaluation) =>
  expect.poll(async () => (await house.evaluations.stats(scope, its.id)).status, { timeout: 60_000, interval: 200 }).toBe('completed');
async function pairOf(its: Evaluation) {
  const [evaluator] = (await reports.report(scope, its.id)).evaluators;
  return { evaluator: evaluator!, pair: evaluator!.pairwise?.[0] };
}

describe('a judge that compares two answers, in a run', () => {
  test('judges every answer against the control’s to the same case, in both orders, and leaves the control alone', async () => {
    const its = await evaluation();
    const dataset = await cases(12);
    const old = await start(its, dataset, await prompt('old'));
    await house.evaluations.updateRun(scope, its.id, old.id, { control: true });
    const fresh = await start(its, dataset, await prompt('new'));
    await over(its);
    expect(judged).toHaveLength(24);
    for (const { first, second } of judged) expect(first.slice(4)).toBe(second.slice(4));
    expect(judged.filter(({ first }) => first.startsWith('new'))).toHaveLength(12);
    const { records } = await house.evaluations.logs(scope, its.id, { page: 1, size: 100 });
    const mine = records.filter(({ runId }) => runId === fresh.id);
    const theirs = new Map(records.filter(({ runId }) => runId === old.id).map(({ log, datapoint }) => [datapoint?.id, log.id]));
    const all = await house.logs.judgmentsOf(
      scope,
      records.map(({ log }) => log.id),
    );
    expect([...theirs.values()].flatMap((id) => all.get(id) ?? [])).toEqual([]);
    for (const { log, datapoint } of mine) {
      const [judgment] = all.get(log.id) ?? [];
      expect(judgment).toMatchObject({ value: 'better', source: 'llm', metadata: { pair: { log_id: theirs.get(datapoint?.id) } } });
      expect(judgment?.metadata).toHaveProperty('pair.orders.0.first', 'log');
      expect(judgment?.metadata).toHaveProperty('calls.length', 2);
    }
    const { evaluator, pair } = await pairOf(its);
    expect(pair).toMatchObject({ run_id: fresh.id, baseline_run_id: old.id, pairs: 12, wins: 12, ties: 0, losses: 0 });
    expect(pair?.position).toMatchObject({ pairs: 12, disagreed: 0 });
    expect(evaluator.comparisons).toMatchObject([{ run_id: fresh.id, verdict: 'better', difference: 1, became_better: 12 }]);
    expect((await reports.pairs(scope, its.id, {})).pairs.map(({ verdict }) => verdict)).toEqual(['better', 'worse']);
  });

  test('counts as a tie what depended on the order, and tells how often that was', async () => {
    // Of every third question it likes whatever stands first.
    says = (first) => (/[036]$/.test(first) || first.startsWith('new') ? 'first' : 'second');
    const its = await evaluation();
    const dataset = await cases(9);
    await start(its, dataset, await prompt('old'));
    await start(its, dataset, await prompt('new'));
    await over(its);
    const { evaluator, pair } = await pairOf(its);
    expect(pair).toMatchObject({ pairs: 9, wins: 6, ties: 3, losses: 0 });
    expect(pair?.position).toMatchObject({ disagreed: 3, first_preferred: 3, second_preferred: 0, rate: { estimate: 3 / 9 } });
    expect(pair?.position.rate.upper).toBeGreaterThan(0.5);
    expect(evaluator.comparisons[0]?.difference).toBeCloseTo(6 / 9);
    let text = '';
    for await (const part of reports.export(scope, its.id, { format: 'markdown' }, new AbortController().signal)) text += part;
    expect(text).toContain('Position bias: in 3 of 9 pairs');
  });

  test('pairs repetitions, and judges again nothing that is judged when runs are woken or taken up by another process', async () => {
    const its = await evaluation();
    const dataset = await cases(4);
    await start(its, dataset, await prompt('old'), { repetitions: 2 });
    const run = await start(its, dataset, await prompt('new'), { repetitions: 2 });
    await over(its);
    expect(judged).toHaveLength(16);
    await house.another().start();
    await house.evaluations.updateRun(scope, its.id, run.id, { status: 'running' });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(judged).toHaveLength(16);
    const { pair } = await pairOf(its);
    expect(pair).toMatchObject({ pairs: 8, wins: 8, win_rate: { units: 4 } });
  });

  test('says of a case that the baseline never answered that it is not judged, and asks nobody', async () => {
    const its = await evaluation();
    const dataset = await cases(3);
    const old = await house.evaluations.createRun(scope, its.id, {
      dataset: { versionId: dataset.version.id },
      version: { versionId: (await prompt('old')).version.id },
      orchestrated: false,
      useExistingLogs: false,
    });
    const run = await start(its, dataset, await prompt('new'));
    await expect
      .poll(async () => (await house.evaluations.runs(scope, its.id)).find(({ id }) => id === run.id)?.progress.done, { timeout: 20_000 })
      .toBe(3);
    expect((await house.evaluations.stats(scope, its.id)).status).toBe('running');
    await house.evaluations.updateRun(scope, its.id, old.id, { status: 'cancelled' });
    await over(its);
    expect(judged).toEqual([]);
    const { records } = await house.evaluations.logs(scope, its.id, { page: 1, size: 100 });
    const all = await house.logs.judgmentsOf(
      scope,
      records.map(({ log }) => log.id),
    );
    for (const { log } of records)
      expect(all.get(log.id)).toMatchObject([{ value: null, error: null, reason: 'The baseline has no answer to this case.' }]);
  });

  test('is asked again while its provider is busy, and fails case by case where it answers outside the form', async () => {
    says = (first, _second, at) => (at <= 3 ? { status: 429 } : first.endsWith('2') ? 'perhaps' : 'tie');
    const its = await evaluation();
    const dataset = await cases(4);
    await start(its, dataset, await prompt('old'));
    await start(its, dataset, await prompt('new'));
    await over(its);
    const { pair, evaluator } = await pairOf(its);
    expect(pair).toMatchObject({ pairs: 3, ties: 3, failed: 1 });
    expect(evaluator.scores[1]).toMatchObject({ judged: 3, failed: 1, estimate: 0.5 });
  });

  test('stays under the cap of the run, and goes on with a higher one', async () => {
    const its = await evaluation();
    const dataset = await cases(20);
    await start(its, dataset, await prompt('old'));
    await over(its);
    const free = await start(its, dataset, await prompt('new'));
    await over(its);
    const whole = (await house.evaluations.runs(scope, its.id)).find(({ id }) => id === free.id)?.progress.cost_usd ?? 0;
    expect(whole).toBeGreaterThan(0);
    const before = judged.length;
    const cap = whole / 2;
    const capped = await start(its, dataset, await prompt('newer'), { maxCostUsd: cap });
    await expect
      .poll(async () => (await house.evaluations.runs(scope, its.id)).find(({ id }) => id === capped.id)?.status, { timeout: 20_000 })
      .toBe('cancelled');
    const stopped = (await house.evaluations.runs(scope, its.id)).find(({ id }) => id === capped.id);
    expect(stopped?.stopped?.because).toBe('cost');
    expect(stopped?.progress.cost_usd).toBeLessThanOrEqual(cap * 1.0001);
    expect(judged.length - before).toBeLessThan(40);
    await house.evaluations.updateRun(scope, its.id, capped.id, { maxCostUsd: whole * 4, status: 'running' });
    await over(its);
    expect(judged.length - before).toBe(40);
  });

  test('is estimated with two calls a pair, and none for the baseline', async () => {
    const its = await evaluation(judge({ votes: 3 }));
    const dataset = await cases(5);
    const versions = [await prompt('old'), await prompt('new')].map(({ version }) => ({ versionId: version.id }));
    const asked = { dataset: { versionId: dataset.version.id }, evaluators: [], repetitions: 1, override: null, cache: false };
    expect((await house.evaluations.estimate(scope, its.id, { ...asked, versions })).judge_calls).toBe(5 * 2 * 3);
  });

  test('has nothing to say of a single log', async () => {
    const [one] = await house.judges.judge(scope, { path: 'x', spec: judge() }, [
      { logId: 'l', datapointId: null, log: {}, testcase: null },
    ]);
    expect(one).toMatchObject({ outcome: 'not_judged' });
    expect(await house.judges.requirements(scope, judge())).toMatchObject({ runs_in: { production: false } });
  });
});
