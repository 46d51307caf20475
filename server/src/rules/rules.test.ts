import { randomBytes } from 'node:crypto';
import { AppError, type Datapoint, type Scope, systemScope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCuration } from '../curation/index.ts';
import type { Snapshot } from '../files/index.ts';
import { type House, openHouse } from '../gateway/test/house.ts';
import { readLogFilter } from '../http/index.ts';
import type { NewLog } from '../logs/index.ts';
import { createRules, type NewRule, type Rule, type Rules } from './index.ts';

let house: House;
let rules: Rules;
let scope: Scope;
let prompt: Snapshot;
let dataset: Snapshot<'dataset'>;
let now = () => new Date();
let workspaces = 0;

beforeAll(async () => {
  house = await openHouse();
  const { storage, files, logs } = house;
  rules = createRules({
    storage,
    files,
    logs,
    curation: createCuration(house),
    readFilter: (of, text) => readLogFilter({ files }, of, text),
    log: { warn: () => undefined },
    clock: () => now(),
    randomBytes,
  });
});
afterAll(() => house?.close());
beforeEach(async () => {
  now = () => new Date();
  scope = systemScope(`ws_ruled_${++workspaces}`, 'test');
  await house.files.prepareWorkspace(scope.workspaceId);
  const kernel = { model: 'gpt-4o-mini', template: [{ role: 'user' as const, content: '{{question}}' }] };
  prompt = (await house.files.upsert(scope, 'prompt', { path: 'answer', kernel })).snapshot;
  dataset = (await house.files.datasets.upsert(scope, { path: 'cases', action: 'set', datapoints: [caseOf('there', 'yes')] })).snapshot;
});

const signal = new AbortController().signal;
const caseOf = (question: string, output: string): Datapoint => ({ inputs: { question }, messages: [], target: { output } });
const log = async (question: string, more: Partial<NewLog> = {}): Promise<string> => {
  const base = { kind: 'prompt' as const, fileId: prompt.file.id, versionId: prompt.version.id, origin: 'api' as const };
  const { id } = await house.logs.record(scope, { ...base, inputs: { question }, output: `answer to ${question}`, ...more });
  await house.logs.drained(10_000);
  return id;
};
const make = (more: Partial<NewRule> = {}): Promise<Rule> =>
  rules.create(scope, dataset.file.id, {
    name: 'From production',
    fileId: null,
    filter: null,
    rate: 1,
    target: 'output',
    correction: null,
    targetKey: 'output',
    tags: ['ruled'],
    split: null,
    mostADay: 50,
    mode: 'review',
    batch: 100,
    state: 'active',
    since: null,
    ...more,
  });
const looked = (rule: Rule): Promise<Rule> => rules.run(scope, dataset.file.id, rule.row.id, signal);
const waiting = async (): Promise<string[]> =>
  (await rules.waiting(scope, dataset.file.id, { ruleId: null, page: 1, size: 100 })).records.map(
    ({ datapoint }) => `${datapoint.inputs?.['question']} → ${datapoint.target?.['output'] as string}`,
  );
const newest = async (): Promise<string[]> => {
  const [version] = await house.files.versions(scope, 'dataset', dataset.file.id);
  const { records } = await house.files.datasets.datapoints(scope, version?.version.id ?? '');
  return records.map(({ inputs, target }) => `${inputs?.['question']} → ${target?.['output'] as string}`);
};
const idsWaiting = async (): Promise<string[]> =>
  (await rules.waiting(scope, dataset.file.id, { ruleId: null, page: 1, size: 100 })).records.map(({ row }) => row.id);
const judge = async (logId: string, path: string, value: string): Promise<void> => {
  const spec = { evaluator_type: 'human' as const, arguments_type: 'target_free' as const, return_type: 'text' as const };
  const { file, version } = (await house.files.upsert(scope, 'evaluator', { path, kernel: { spec } })).snapshot;
  await house.logs.judge(scope, {
    evaluatorId: file.id,
    evaluatorVersionId: version.id,
    logId,
    source: 'user',
    judge: 'u1',
    value,
    origin: 'api',
  });
  await house.logs.drained(10_000);
};

describe('a rule', () => {
  it('proposes each log that comes once, and none that was there before or is in the dataset', async () => {
    await log('before');
    await new Promise((resolve) => setTimeout(resolve, 20));
    const rule = await make();
    await log('a');
    await log('there', { output: 'yes' });
    await log('a', { output: 'answer to a' });
    const { counts } = await looked(rule);
    expect(await waiting()).toEqual(['a → answer to a']);
    expect(counts).toEqual({ waiting: 1, added: 0, dismissed: 0, duplicate: 2, today: 1 });
    await looked(rule);
    expect(await waiting()).toEqual(['a → answer to a']);
    expect(await newest()).toEqual(['there → yes']);
  });

  it('takes what fits its file and filter, and no more a day than it may', async () => {
    const rule = await make({ filter: 'output:refund', mostADay: 2, fileId: prompt.file.id });
    for (const n of [1, 2, 3]) await log(`q${n}`, { output: `a refund ${n}` });
    await log('other');
    const first = await looked(rule);
    expect(first.counts).toMatchObject({ waiting: 2, today: 2 });
    now = () => new Date(Date.now() + 86_400_000);
    await log('q4', { output: 'refund 4' });
    expect((await looked(rule)).counts).toMatchObject({ today: 2, waiting: 4 });
  });

  it('finds a log when it is judged, long after it came, and follows a correction while it waits', async () => {
    const rule = await make({ target: 'correction' });
    const id = await log('late');
    expect((await looked(rule)).counts.waiting).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 20));
    // It looks back by two minutes for what is stored late; the log is from before that now.
    const later = Date.now() + 120_000;
    now = () => new Date(later);
    await looked(rule);
    await judge(id, 'feedback/correction', 'better');
    await looked(rule);
    expect(await waiting()).toEqual(['late → better']);
    await judge(id, 'feedback/correction', 'best');
    await looked(rule);
    expect(await waiting()).toEqual(['late → best']);
  });

  it('asks for judgments by the filter language', async () => {
    const rule = await make({ filter: 'judged:quality/tone=rude' });
    const [rude, kind] = [await log('rude'), await log('kind')];
    await looked(rule);
    await judge(rude, 'quality/tone', 'rude');
    await judge(kind, 'quality/tone', 'kind');
    await looked(rule);
    expect(await waiting()).toEqual(['rude → answer to rude']);
  });

  it('is refused with a filter that is none, a file or evaluator that is not there', async () => {
    await expect(make({ filter: 'status:' })).rejects.toThrow(/filter: at character/);
    await expect(make({ fileId: 'pr_nobody' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(make({ correction: 'nobody/here' })).rejects.toMatchObject({ code: 'not_found' });
    const elsewhere = systemScope('ws_elsewhere', 'test');
    const rule = await make();
    await expect(rules.update(elsewhere, dataset.file.id, rule.row.id, { name: 'mine' })).rejects.toBeInstanceOf(AppError);
    expect(await rules.list(scope, dataset.file.id)).toHaveLength(1);
  });

  it('misses what came while it was off', async () => {
    const rule = await make();
    await rules.update(scope, dataset.file.id, rule.row.id, { state: 'inactive' });
    await log('missed');
    await rules.sweep(signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await rules.update(scope, dataset.file.id, rule.row.id, { state: 'active' });
    await looked(rule);
    expect(await waiting()).toEqual([]);
  });
});

describe('what waits', () => {
  it('becomes a version as it is or changed, or is dismissed, and is not proposed again', async () => {
    const rule = await make();
    for (const question of ['a', 'b', 'c']) await log(question);
    await looked(rule);
    const [a, b, c] = await idsWaiting();
    const decision = { dismiss: [b ?? '', 'case_nobody'], versionName: null, versionDescription: null };
    const accept = [
      { id: a ?? '', datapoint: null },
      { id: c ?? '', datapoint: caseOf('c', 'changed') },
    ];
    const done = await rules.decide(scope, dataset.file.id, { ...decision, accept });
    expect(done).toMatchObject({ createdVersion: true, added: 2, alreadyThere: 0, dismissed: 1, gone: 1 });
    expect(await newest()).toEqual(['there → yes', 'a → answer to a', 'c → changed']);
    expect(done.snapshot.version.description).toBe('2 cases added from logs, by rules');
    expect((await looked(rule)).counts).toMatchObject({ waiting: 0, added: 2, dismissed: 1 });
    const again = await rules.decide(scope, dataset.file.id, { ...decision, accept });
    expect(again).toMatchObject({ createdVersion: false, added: 0, gone: 4 });
  });

  it('is added by itself once enough wait, or the first waits a day', async () => {
    const rule = await make({ mode: 'add', batch: 2 });
    await log('a');
    await rules.sweep(signal);
    expect(await newest()).toEqual(['there → yes']);
    await log('b');
    await rules.sweep(signal);
    expect(await newest()).toEqual(['there → yes', 'a → answer to a', 'b → answer to b']);
    await log('c');
    await rules.sweep(signal);
    now = () => new Date(Date.now() + 25 * 3_600_000);
    const { counts } = await looked(rule);
    expect([counts.waiting, counts.added]).toEqual([0, 3]);
    expect(await newest()).toHaveLength(4);
  });

  it('goes with its rule, and with the workspace', async () => {
    const [one, other] = [await make(), await make({ name: 'other', filter: 'output:answer' })];
    await log('a');
    await looked(one);
    await looked(other);
    expect((await rules.list(scope, dataset.file.id)).map(({ counts }) => counts.waiting)).toEqual([1, 0]);
    await rules.delete(scope, dataset.file.id, one.row.id);
    expect(await waiting()).toEqual([]);
    await rules.deleteWorkspace(scope.workspaceId);
    expect(await rules.list(scope, dataset.file.id)).toEqual([]);
  });
});

it('tells before what a rule would have found', async () => {
  await log('a');
  await log('there', { output: 'yes' });
  await log('silent', { output: null });
  const which = {
    fileId: null,
    filter: null,
    rate: 1,
    target: 'output' as const,
    correction: null,
    targetKey: 'output',
    tags: [],
    split: null,
  };
  const told = await rules.preview(scope, dataset.file.id, which, signal);
  expect(told).toMatchObject({ logs: 3, lookedAt: 3, cases: 2, alreadyThere: 1, skipped: [{ reason: 'It has no output.', count: 1 }] });
  expect(told.examples.map(({ datapoint }) => datapoint.inputs)).toEqual([{ question: 'a' }]);
});

it('is carried with what waits and what was decided', async () => {
  const rule = await make({ filter: 'output:answer', tags: ['x'] });
  for (const question of ['a', 'b']) await log(question);
  await looked(rule);
  const [a] = await idsWaiting();
  await rules.decide(scope, dataset.file.id, { accept: [], dismiss: [a ?? ''], versionName: null, versionDescription: null });
  const [carried] = await rules.carry.rules(scope);
  expect(carried?.cases.map(({ state }) => state).toSorted()).toEqual(['dismissed', 'waiting']);
  await rules.deleteWorkspace(scope.workspaceId);
  if (carried === undefined) throw new Error('nothing was carried');
  expect(await rules.carry.take(scope, carried)).toBe(true);
  expect(await rules.carry.take(scope, carried)).toBe(false);
  expect(await rules.carry.rules(scope)).toEqual([carried]);
});
