import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluatorSpec, ReviewQueueRequest, Scope } from '@whetstone/contract';
import { activeMean, judgePassRate } from '@whetstone/statistics';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../files/index.ts';
import { agreementOf, type ByItem } from './agreement.ts';
import { populationOf } from './store-judged.ts';
import type { ReviewTables } from './tables.ts';
import { type Helpers, openReviewHouse, type ReviewHouse } from './test/house.ts';

/** What is counted of what people said, against values of other people's implementations. */

const vectors = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../../../statistics/fixtures/vectors.json'), 'utf8')) as {
    methods: Record<string, { input: Record<string, never>; expected: Record<string, number> }[]>;
  }
).methods;
const vector = (method: string, index = 0) => vectors[method]?.[index] ?? { input: {}, expected: {} };

let house: ReviewHouse;
let reviews: ReviewHouse['reviews'];
let made: Helpers;
let workspaces = 0;
let ann: Scope;
let ben: Scope;
let editor: Scope;

beforeAll(async () => {
  house = await openReviewHouse();
  reviews = house.reviews;
});
afterAll(() => house?.close());
beforeEach(async () => {
  const workspaceId = `ws_measures_${++workspaces}`;
  made = house.in(workspaceId);
  ann = { ...house.person('ann'), workspaceId };
  ben = { ...house.person('ben'), workspaceId };
  editor = { ...house.person('edith', 'editor'), workspaceId };
  await house.files.prepareWorkspace(workspaceId);
});

const queueOf = (more: Partial<ReviewQueueRequest>) =>
  reviews.create(editor, {
    name: 'Queue',
    evaluators: [],
    source: { type: 'filter', live: false },
    assignees: [],
    overlap: 1,
    share: 1,
    blind: false,
    filter: {},
    ...more,
  });
const human = (spec: Partial<EvaluatorSpec> = {}) => made.evaluator('ask/good', spec);

describe('agreement', () => {
  const evaluator = (return_type: EvaluatorSpec['return_type']) =>
    ({ file: { id: 'ev', path: 'ask/it' }, version: { kernel: { spec: { return_type } } } }) as unknown as Snapshot<'evaluator'>;
  const said = (items: readonly (readonly (string | number | null)[])[]): ByItem =>
    new Map(
      items.map((ratings, item) => [
        `item ${item}`,
        new Map(ratings.flatMap((value, rater) => (value === null ? [] : [[`rater ${rater}`, value]]))),
      ]),
    );
  const of = (type: EvaluatorSpec['return_type'], items: readonly (readonly (string | number | null)[])[]) =>
    agreementOf(evaluator(type), said(items), (id) => id);

  test("of two people is Cohen's kappa", () => {
    const { input, expected } = vector('cohenKappa');
    const table = input['table'] as unknown as number[][];
    const items = table.flatMap((row, a) => row.flatMap((count, b) => Array.from({ length: count }, () => [`${a}`, `${b}`])));
    const result = of('select', items);
    expect(result.cohen?.estimate).toBeCloseTo(expected['kappa'] ?? 0, 9);
    expect(result.cohen?.lower).toBeCloseTo(expected['lower'] ?? 0, 9);
    expect(result.agreement).toMatchObject({ estimate: 0.7, n: 50 });
    expect(result.fleiss).toBeNull();
    expect(result.sentence).toMatch(/70 % of 50 logs/);
  });

  test("of many people is Fleiss' kappa", () => {
    const { input, expected } = vector('fleissKappa');
    const table = input['table'] as unknown as number[][];
    const result = of(
      'select',
      table.map((row) => row.flatMap((count, category) => Array.from({ length: count }, () => `${category}`))),
    );
    expect(result.fleiss?.estimate).toBeCloseTo(expected['kappa'] ?? 0, 9);
    expect(result.cohen).toBeNull();
  });

  test("with missing answers and on a scale is Krippendorff's alpha", () => {
    const { input, expected } = vector('krippendorffAlpha');
    const units = input['units'] as unknown as (number | null)[][];
    expect(of('number', units).alpha.estimate).toBeCloseTo(expected['interval'] ?? 0, 9);
    const words = units.map((ratings) => ratings.map((value) => (value === null ? null : `${value}`)));
    const result = of('select', words);
    expect(result.alpha.estimate).toBeCloseTo(expected['nominal'] ?? 0, 9);
    expect(result).toMatchObject({ items: 12, shared: 11 });
    expect(result.pairs).toHaveLength(6);
  });

  test('of one answer only is said in words, and of perfect agreement without a false interval', () => {
    const one = of(
      'boolean',
      Array.from({ length: 30 }, () => ['true', 'true']),
    );
    expect(one.alpha).toMatchObject({ estimate: null, reason: expect.stringContaining('Only one answer') });
    expect(one.sentence).toMatch(/with one answer only/);
    const same = of(
      'boolean',
      Array.from({ length: 30 }, (_, item) => [`${item % 2}`, `${item % 2}`]),
    );
    expect(same.alpha).toMatchObject({ estimate: 1, lower: null, upper: null });
    expect(same.agreement?.lower).toBeGreaterThan(0.85);
    expect(same.agreement?.lower).toBeLessThan(0.95);
    expect(of('boolean', [['true']]).sentence).toMatch(/needs two people/);
    expect(
      of('boolean', [
        ['true', null],
        [null, 'true'],
      ]).sentence,
    ).toMatch(/judged by two people yet/);
  });
});

describe('disagreements', () => {
  test('are listed, talked about and settled; the final word is what counts', async () => {
    const asked = await human();
    const judge = await made.evaluator('ask/judge', { evaluator_type: 'external' });
    const [logId = ''] = await made.logs(1);
    await made.judge(judge, logId, true);
    const queue = await queueOf({ evaluators: [{ id: asked.file.id }], overlap: 2, blind: true });
    const answer = (judgment: boolean, reason: string) => ({ answers: [{ evaluator_id: asked.file.id, judgment, reason }] });
    const [item] = await reviews.claim(ann, queue.id, { count: 1, held: [] });
    const id = item?.id ?? '';
    await reviews.answer(ann, queue.id, id, answer(true, 'fine'));
    expect((await reviews.disagreements(ann, queue.id, { page: 1, size: 20 })).total).toBe(0);
    await reviews.claim(ben, queue.id, { count: 1, held: [] });
    await reviews.answer(ben, queue.id, id, answer(false, 'too short'));
    const cid = { ...house.person('cid'), workspaceId: ann.workspaceId };
    expect((await reviews.disagreements(cid, queue.id, { page: 1, size: 20 })).total).toBe(0);
    await reviews.comment(ben, queue.id, id, 'Is that all?');
    const { records } = await reviews.disagreements(ann, queue.id, { page: 1, size: 20 });
    expect(records).toMatchObject([
      { item_id: id, output_preview: 'Answer 0', resolved: null, comments: [{ by: { name: 'ben' }, text: 'Is that all?' }] },
    ]);
    expect(records[0]?.answers.map(({ judge: { name }, answers }) => [name, answers[0]?.judgment, answers[0]?.reason])).toEqual([
      ['ann', true, 'fine'],
      ['ben', false, 'too short'],
    ]);
    const population = { humanId: asked.file.id, fileId: null, environment: null, from: null, to: null, runId: null };
    await made.settled();
    expect(await reviews.againstPeople(editor, judge.file.id, population)).toMatchObject({
      judged: 1,
      labelled: 0,
      dropped: [{ count: 1 }],
    });
    await reviews.resolve(ben, queue.id, id, [{ evaluator_id: asked.file.id, judgment: false }]);
    await made.settled();
    expect((await reviews.disagreements(ann, queue.id, { page: 1, size: 20 })).records[0]?.resolved).toMatchObject({ by: { name: 'ben' } });
    const after = await reviews.againstPeople(editor, judge.file.id, population);
    expect(after.confusion.find(({ count }) => count === 1)).toMatchObject({ judge: 'good', human: 'bad', log_ids: [logId] });
  });
});

describe('pairs', () => {
  test('stand one way round as often as the other, and give a win rate and two judgments each', async () => {
    const cases = Array.from({ length: 12 }, (_, index) => ({ inputs: { q: `Case ${index}` } }));
    const dataset = (await house.files.datasets.upsert(editor, { path: 'shop/cases', action: 'set', datapoints: cases })).snapshot;
    const version = (n: number) => house.files.upsert(editor, 'flow', { path: 'shop/flow', kernel: { attributes: { n } } });
    const [first, second] = [(await version(1)).snapshot, (await version(2)).snapshot];
    const evaluation = await house.evaluations.create(editor, { name: 'Pairs', file: { id: first.file.id }, evaluators: [] });
    const datapoints = await house.files.datasets.datapointIds(editor, dataset.version.id);
    const runOf = async (snapshot: Snapshot, word: string) => {
      const input = {
        dataset: { versionId: dataset.version.id },
        version: { versionId: snapshot.version.id },
        orchestrated: false,
        useExistingLogs: false,
      };
      const run = await house.evaluations.createRun(editor, evaluation.id, input);
      for (const datapointId of datapoints) {
        const place = { fileId: snapshot.file.id, versionId: snapshot.version.id, runId: run.id, datapointId };
        await house.logs.record(editor, { kind: 'flow', origin: 'api', output: word, logStatus: 'complete', ...place });
      }
      await made.settled();
      return run.id;
    };
    const runs: [string, string] = [await runOf(first, 'one'), await runOf(second, 'two')];
    const queue = await queueOf({ source: { type: 'pair', evaluation_id: evaluation.id, run_ids: runs } });
    expect(queue).toMatchObject({ mode: 'pairwise', items: 12, evaluators: [{ path: 'feedback/preference' }] });
    let left = 0;
    for (;;) {
      const [item] = await reviews.claim(ann, queue.id, { count: 1, held: [] });
      if (item === undefined) break;
      expect(item.subjects.map(({ output }) => `${output}`).toSorted()).toEqual(['one', 'two']);
      const firstIsLeft = item.subjects[0]?.output === 'one';
      if (firstIsLeft) left += 1;
      expect(await reviews.answer(ann, queue.id, item.id, { answers: [], choice: firstIsLeft ? 'left' : 'right' })).toHaveLength(2);
    }
    expect(left).toBe(6);
    await made.settled();
    const { win_rate: rate } = await reviews.agreement(ann, queue.id);
    expect(rate).toMatchObject({ wins: 12, losses: 0, ties: 0, left_chosen: 6, right_chosen: 6, rate: { estimate: 1 } });
    expect(rate?.rate.lower).toBeGreaterThan(0.7);
    expect(rate?.sentence).toMatch(/prefer the first run/);
    const { records } = await house.logs.judgments(
      ann,
      { evaluatorId: queue.evaluators[0]?.id ?? '' },
      { page: 1, size: 100, payload: true, count: false },
    );
    expect(records.map(({ value }) => String(value)).toSorted()).toEqual([
      ...Array.from({ length: 12 }, () => 'better'),
      ...Array.from({ length: 12 }, () => 'worse'),
    ]);
    expect(records[0]?.metadata).toMatchObject({
      pairwise: { against: expect.stringMatching(/^log_/), position: expect.stringMatching(/left|right/) },
    });
  });
});

describe('a judge against people', () => {
  const population = (asked: Snapshot<'evaluator'>, more: object = {}) => ({
    humanId: asked.file.id,
    fileId: null,
    environment: null,
    from: null,
    to: null,
    runId: null,
    ...more,
  });

  test('of scores is prediction-powered inference', async () => {
    const { input, expected } = vector('ppiMean');
    const [labels, on, off] = ['labels', 'judgeOnLabelled', 'judgeOnUnlabelled'].map((name) => input[name] as unknown as number[]);
    const asked = await human();
    const judge = await made.evaluator('ask/score', {
      evaluator_type: 'external',
      return_type: 'number',
      number_limits: { min: 0, max: 1 },
    });
    const all = [...(on ?? []), ...(off ?? [])];
    const ids = await made.logs(all.length);
    for (const [index, id] of ids.entries()) {
      await made.judge(judge, id, all[index] ?? 0);
      const label = labels?.[index];
      if (label !== undefined) await made.judge(asked, id, label === 1, { source: 'human', judge: 'usr_ann' });
    }
    await made.settled();
    const result = await reviews.againstPeople(editor, judge.file.id, population(asked, { fileId: made.prompt.file.id }));
    expect(result).toMatchObject({ measure: 'score', judged: 42, labelled: 12, sensitivity: null });
    for (const key of ['estimate', 'lower', 'upper'] as const) expect(result.corrected[key]).toBeCloseTo(expected[key] ?? 0, 9);
    expect(result.people.estimate).toBeCloseTo(1 / 3, 9);
  });

  test('of good and bad is stratified, by version, and leaves out what is no sample', async () => {
    const asked = await human();
    const judge = await made.evaluator('ask/judge', { evaluator_type: 'external' });
    const later = await made.evaluator('ask/judge', { evaluator_type: 'external', attributes: { v: 2 } });
    const ids = await made.logs(100);
    for (const [index, id] of ids.entries()) {
      await made.judge(judge, id, index % 4 !== 0);
      if (index < 40) await made.judge(asked, id, index % 4 !== 0 && index % 10 !== 1, { source: 'human', judge: 'usr_ann' });
      if (index >= 90) await made.judge(asked, id, true, { source: 'user', judge: 'someone' });
      if (index < 60) await made.judge(later, id, index % 4 !== 0 && index % 10 !== 1);
    }
    await made.settled();
    const result = await reviews.againstPeople(editor, judge.file.id, population(asked));
    // The newest judgment of a log is what the judge says of it.
    expect(result).toMatchObject({
      measure: 'pass',
      judged: 100,
      labelled: 40,
      dropped: [{ count: 10, why: expect.stringContaining('end users') }],
    });
    expect(result.sensitivity).toMatchObject({ estimate: 1, n: 26 });
    expect(result.specificity).toMatchObject({ estimate: 1, n: 14 });
    const good = ids.filter((_, index) => (index < 60 ? index % 4 !== 0 && index % 10 !== 1 : index % 4 !== 0)).length;
    const expected = judgePassRate({
      labelledJudgeGood: 26,
      humanGoodGivenJudgeGood: 26,
      labelledJudgeBad: 14,
      humanGoodGivenJudgeBad: 0,
      judgeGoodAll: good,
      allCases: 100,
    });
    expect(result.corrected).toMatchObject({ estimate: expected.estimate, lower: expected.lower, upper: expected.upper });
    expect(result.width_ratio).toBeLessThan(0.9);
    expect(result.versions.map(({ judged, labelled, specificity }) => [judged, labelled, specificity?.estimate])).toEqual([
      [100, 40, 10 / 14],
      [60, 40, 1],
    ]);
    expect(result.versions[1]?.change?.specificity.estimate).toBeCloseTo(4 / 14, 9);
    const none = await reviews.againstPeople(editor, judge.file.id, population(asked, { to: new Date(0) }));
    expect(none).toMatchObject({ judged: 0, sentence: expect.stringContaining('nothing here yet') });
    await expect(reviews.againstPeople(editor, asked.file.id, population(asked))).rejects.toThrow(/answered by people/);
    await expect(reviews.againstPeople(editor, judge.file.id, population(asked, { runId: 'rn_none' }))).rejects.toThrow(/rn_none/);
  });

  test('chooses what to label next; chosen labels count by weight in their own queue and nowhere else', async () => {
    const asked = await human();
    const judge = await made.evaluator('ask/sure', {
      evaluator_type: 'external',
      return_type: 'number',
      number_limits: { min: 0, max: 1 },
    });
    const ids = await made.logs(200);
    const score = (index: number) => [0.03, 0.5, 0.97][index % 3] ?? 0;
    for (const [index, id] of ids.entries()) await made.judge(judge, id, score(index));
    await made.settled();
    const options = { name: null, budget: 60, randomShare: 0.3, assignees: [], overlap: 1, blind: true };
    const queue = await reviews.labelNext(editor, judge.file.id, population(asked), options);
    expect(queue.items).toBeGreaterThan(35);
    expect(queue.items).toBeLessThan(85);
    const stored = await populationOf(house.storage.database<ReviewTables>(), queue.id);
    expect(stored?.probabilities.reduce((sum, each) => sum + each, 0)).toBeCloseTo(60, 6);
    const chanceOf = (value: number) => stored?.probabilities[stored.judged.indexOf(value)] ?? 0;
    expect(chanceOf(0.5)).toBeGreaterThan(1.8 * chanceOf(0.03));
    expect(chanceOf(0.03)).toBeGreaterThan((0.3 * 60) / 200);
    const said = new Map<string, number>();
    for (;;) {
      const [item] = await reviews.claim(ann, queue.id, { count: 1, held: [] });
      if (item === undefined) break;
      const index = Number(item.subjects[0]?.inputs?.['n']);
      const good = score(index) > 0.9 || (score(index) === 0.5 && index % 2 === 0);
      said.set(ids[index] ?? '', good ? 1 : 0);
      await reviews.answer(ann, queue.id, item.id, { answers: [{ evaluator_id: asked.file.id, judgment: good }] });
    }
    const result = await reviews.estimate(editor, queue.id);
    const expected = activeMean({
      judge: stored?.judged ?? [],
      labelProbability: stored?.probabilities ?? [],
      label: (stored?.log_ids ?? []).map((id) => said.get(id) ?? null),
    });
    expect(result).toMatchObject({ population: 200, chosen: queue.items, labelled: queue.items, random_share: 0.3 });
    expect(result.estimate.estimate).toBeCloseTo(expected.estimate ?? 0, 9);
    expect(result.saving).toBeCloseTo(expected.saving ?? 0, 9);
    expect(result.saving).toBeGreaterThan(1.1);
    await made.settled();
    const judgments = await house.logs.judgmentsOf(editor, [...said.keys()].slice(0, 1));
    expect([...judgments.values()].flat().find(({ source }) => source === 'human')?.metadata).toMatchObject({
      review: { probability: expect.any(Number) },
    });
    const against = await reviews.againstPeople(editor, judge.file.id, population(asked));
    expect(against).toMatchObject({ labelled: 0, queues: [{ id: queue.id }] });
    expect(against.dropped).toMatchObject([{ count: queue.items, why: expect.stringContaining('chosen') }]);
  });
});
