import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SettingsChange } from './index.ts';
import { type Answer, first, once, openReportHouse, questions, type ReportHouse, type Said } from './test/house.ts';

let house: ReportHouse;
let scope: Scope;
beforeAll(async () => {
  house = await openReportHouse();
});
afterAll(() => house?.close());
beforeEach(async () => {
  scope = await house.workspace();
});

const exact = { 'judges/exact': {} };
const asked = (id: string, query = {}) => house.reports.report(scope, id, query);

describe('two versions over the same cases', () => {
  test('are told apart when enough cases flip one way, with the interval and the sentence', async () => {
    const laid = await house.lay(scope, {
      datapoints: questions(100),
      evaluators: exact,
      runs: [{ cases: once(first(100, 60)) }, { cases: once(first(100, 90)) }],
    });
    const report = await asked(laid.id);
    const [judge] = report.evaluators;
    expect(judge).toMatchObject({ path: 'judges/exact', kind: 'boolean', primary: true, range: [0, 1], higher_is_better: true });
    expect(judge?.scores.map(({ estimate, n, units, method }) => [estimate, n, units, method])).toEqual([
      [0.6, 100, 100, 'Wilson'],
      [0.9, 100, 100, 'Wilson'],
    ]);
    const [comparison] = judge?.comparisons ?? [];
    expect(comparison).toMatchObject({ run_id: laid.runs[1], baseline_run_id: laid.runs[0], verdict: 'better', exploratory: false });
    expect(comparison).toMatchObject({ became_better: 30, became_worse: 0, unchanged: 70, method: 'Tango', margin: 0.05 });
    expect(comparison?.difference).toBeCloseTo(0.3, 12);
    expect(report.verdict.word).toBe('better');
    expect(report.verdict.sentence).toMatch(/^By judges\/exact: v2 is better by \d+\.\d to \d+\.\d points\.$/);
    expect(report.settings).toMatchObject({ baseline_run_id: laid.runs[0], chosen: 'default', set_after_data: false });
    expect(report.status).toBe('completed');
  });
});

describe('what a sample does not support is not claimed', () => {
  const two = async (a: readonly Said[], b: readonly Said[], settings = {}) => {
    const laid = await house.lay(scope, {
      datapoints: questions(a.length),
      evaluators: exact,
      runs: [{ cases: once(a) }, { cases: once(b) }],
    });
    const report = await asked(laid.id, settings);
    return { laid, report, comparison: report.evaluators[0]?.comparisons[0] };
  };
  test('four flips one way in fifty cases are 1 in 8 by chance: cannot tell, with what would tell', async () => {
    const { comparison, report } = await two(first(50, 40), first(50, 44));
    expect(comparison).toMatchObject({ verdict: 'cannot_tell', reason: null, became_better: 4 });
    expect(comparison?.more_cases).toBeGreaterThan(50);
    expect(comparison?.sentence).toMatch(
      /^Cannot tell with this many cases\. About [\d,]+ more cases would show a difference of 5\.0 points\.$/,
    );
    expect(report.verdict).toMatchObject({
      word: 'cannot_tell',
      sentence: expect.stringMatching(/^By judges\/exact: cannot tell/) as string,
    });
  });
  test('many that agree have no difference of the margin, few have', async () => {
    expect((await two(first(200, 150), first(200, 150), { margin: 0.05 })).comparison).toMatchObject({
      verdict: 'no_difference',
      sentence: 'No difference of 5.0 points or more between v1 and v2.',
      // The margin is the default one, so nothing was chosen for this view.
      exploratory: false,
    });
  });
  test('a margin that only this reader asks for makes it exploratory', async () => {
    const { report, comparison } = await two(first(200, 150), first(200, 150), { margin: 0.2 });
    expect(report.settings).toMatchObject({ chosen: 'asked', margin: 0.2 });
    expect(comparison).toMatchObject({ exploratory: true, exploratory_because: expect.stringContaining('this view') as string });
    expect(report.query).toMatchObject({ margin: 0.2, baseline: null });
  });
  test('what is missing leaves a verdict open when it could turn it, and is counted', async () => {
    const { comparison, report } = await two(
      first(100, 60),
      first(100, 70).map((value, i) => (i < 12 ? (i < 6 ? null : { error: 'the judge broke' }) : value)),
    );
    expect(comparison).toMatchObject({ verdict: 'cannot_tell', reason: 'missing_decides', not_compared: 12 });
    expect(comparison?.missing_as_worst).not.toBe('better');
    expect(comparison?.sentence).toContain('What is missing could turn the verdict.');
    expect(report.evaluators[0]?.scores[1]).toMatchObject({ n: 88, failed: 6, not_judged: 6, missing: 0 });
    expect(report.verdict.word).toBe('cannot_tell');
  });
  test('missing judgments that could not turn it leave it standing', async () => {
    const b: Said[] = first(100, 90);
    b[0] = null;
    expect((await two(first(100, 60), b)).comparison).toMatchObject({
      verdict: 'better',
      missing_as_worst: 'better',
      missing_as_best: 'better',
    });
  });
  test('wrong types and abstentions are no judgments', async () => {
    const b: Said[] = [...first(98, 90), 'yes', { abstained: true }];
    const { report } = await two(first(100, 60), b);
    expect(report.evaluators[0]?.scores[1]).toMatchObject({ n: 98, wrong_type: 1, abstained: 1, judged: 98 });
  });
  test('all equal has an interval, for equal in a sample is not equal', async () => {
    const { report, comparison } = await two(first(30, 30), first(30, 30));
    expect(report.evaluators[0]?.scores[0]).toMatchObject({ estimate: 1, upper: 1 });
    expect(report.evaluators[0]?.scores[0]?.lower).toBeLessThan(0.9);
    expect(comparison).toMatchObject({ difference: 0, verdict: 'cannot_tell' });
    expect(comparison?.lower).toBeLessThan(-0.05);
  });
  test('one case tells nothing', async () => {
    expect((await two([true], [false])).comparison).toMatchObject({ verdict: 'cannot_tell', units: 1 });
  });
  test('lower is better where the evaluator says that true is bad', async () => {
    const options = [
      { name: 'true', valence: 'negative' as const },
      { name: 'false', valence: 'positive' as const },
    ];
    const runs = [{ cases: once(first(100, 60)) }, { cases: once(first(100, 90)) }];
    const laid = await house.lay(scope, { datapoints: questions(100), evaluators: { toxic: { options } }, runs });
    const [judge] = (await asked(laid.id)).evaluators;
    expect(judge?.comparisons[0]).toMatchObject({ verdict: 'worse', became_worse: 30, became_better: 0 });
    expect(judge?.comparisons[0]?.difference).toBeCloseTo(0.3, 12);
  });
});

describe('what there is nothing of', () => {
  test('no run, no evaluator, no case, no judgment: each is said', async () => {
    const empty = await house.evaluations.create(scope, { name: 'empty', file: null, evaluators: [] });
    expect((await asked(empty.id)).verdict).toEqual({ word: 'nothing', sentence: 'No version was run yet.' });
    const unjudged = await house.lay(scope, { datapoints: questions(3), evaluators: exact, runs: [{ cases: once([null, null, null]) }] });
    const report = await asked(unjudged.id);
    expect(report.verdict).toEqual({ word: 'nothing', sentence: 'judges/exact has judged nothing yet.' });
    expect(report.evaluators[0]?.scores[0]).toMatchObject({ estimate: null, reason: 'no_data', not_judged: 3, n: 0 });
    expect(report.status).toBe('running');
  });
  test('one run has a score and nothing to compare with', async () => {
    const laid = await house.lay(scope, { datapoints: questions(40), evaluators: exact, runs: [{ cases: once(first(40, 30)) }] });
    const report = await asked(laid.id);
    expect(report.verdict.sentence).toMatch(/^v1 has 75\.0 % \(\d\d\.\d to \d\d\.\d\) by judges\/exact\. Add a run/);
    expect(report.evaluators[0]?.comparisons).toEqual([]);
  });
  test('another workspace has none of it', async () => {
    const laid = await house.lay(scope, { datapoints: questions(3), evaluators: exact, runs: [{ cases: once([true, true, true]) }] });
    const other = await house.workspace();
    await expect(house.reports.report(other, laid.id)).rejects.toMatchObject({ code: 'not_found' });
    await expect(house.reports.cases(other, laid.id, { sort: 'position', page: 1, size: 10 })).rejects.toMatchObject({ code: 'not_found' });
    await expect(house.reports.settings(other, laid.id, { margin: 0.1 })).rejects.toMatchObject({ code: 'not_found' });
  });
  test('a run or evaluator that the evaluation does not have is a 404 that names it', async () => {
    const laid = await house.lay(scope, { datapoints: questions(3), evaluators: exact, runs: [{ cases: once([true, true, true]) }] });
    await expect(asked(laid.id, { baseline: 'rn_none' })).rejects.toThrow('The evaluation has no run `rn_none`.');
    await expect(asked(laid.id, { primary: 'evv_none' })).rejects.toThrow('no evaluator version `evv_none`');
  });
});

describe('repeats and groups', () => {
  const repeated = (rates: readonly (readonly boolean[])[]): Answer[][] =>
    rates.map((repeats) => repeats.map((value) => ({ said: [value] })));
  test('the unit is the case: repeats of it are clustered, and cases that disagree with themselves are named', async () => {
    const stable = Array.from({ length: 30 }, (_, i) => [i < 20, i < 20, i < 20]);
    const flaky = stable.map((repeats, i) => (i < 2 ? [true, false, true] : repeats));
    const laid = await house.lay(scope, {
      datapoints: questions(30),
      evaluators: exact,
      runs: [{ cases: repeated(stable) }, { cases: repeated(flaky) }],
    });
    const report = await asked(laid.id);
    expect(report.runs[0]).toMatchObject({ logs: 90, cases: 30, repetitions: 3 });
    expect(report.evaluators[0]?.scores[0]).toMatchObject({ n: 90, units: 30, method: 'clustered Wilson (CR2)' });
    expect(report.evaluators[0]?.comparisons[0]).toMatchObject({ n: 180, units: 30, verdict: 'cannot_tell' });
    const flakyOnes = report.flaky.map(({ run_id, datapoint_id, n }) => [run_id, datapoint_id, n]);
    expect(flakyOnes).toHaveLength(2);
    expect(flakyOnes).toEqual(expect.arrayContaining(laid.datapoints.slice(0, 2).map((id) => [laid.runs[1], id, 3])));
    expect(report.flaky[0]?.pass_rate).toBeCloseTo(2 / 3, 12);
  });
  test('cases of one conversation are no independent cases', async () => {
    const datapoints = questions(60).map((each, i) => ({ ...each, metadata: { conversation_id: `c${i % 6}` } }));
    const laid = await house.lay(scope, {
      datapoints,
      evaluators: exact,
      runs: [{ cases: once(first(60, 30)) }, { cases: once(first(60, 50)) }],
    });
    const report = await asked(laid.id);
    expect(report.groups).toEqual({ by: 'conversation_id', count: 6 });
    expect(report.evaluators[0]?.scores[0]).toMatchObject({ n: 60, units: 6 });
    expect(report.evaluators[0]?.comparisons[0]).toMatchObject({ units: 6 });
    expect(report.warnings.join(' ')).toContain('conversation_id');
  });
});

describe('several versions', () => {
  test('need more evidence than one: the primary by Holm, others are exploratory', async () => {
    const base = first(60, 40);
    const somewhat = [...base.slice(0, 52), true, true, true, true, true, true, false, false];
    const both = (values: readonly boolean[]): Answer[][] => values.map((value) => [{ said: [value, value ? 1 : 0] }]);
    const evaluators = { exact: {}, graded: { return_type: 'number' as const, number_limits: { min: 0, max: 1 } } };
    const runs = [base, somewhat, base, base, base].map((values) => ({ cases: both(values) }));
    const laid = await house.lay(scope, { datapoints: questions(60), evaluators, runs });
    const report = await asked(laid.id);
    const [primary, second] = report.evaluators;
    expect(primary?.comparisons.map(({ verdict, exploratory }) => [verdict, exploratory])).toEqual([
      ['cannot_tell', false],
      ['cannot_tell', false],
      ['cannot_tell', false],
      ['cannot_tell', false],
    ]);
    expect(primary?.comparisons[0]?.level).toBeCloseTo(1 - 0.05 / 4, 12);
    expect(primary?.comparisons[0]?.p_adjusted).toBeCloseTo(4 * (primary?.comparisons[0]?.p ?? 0), 12);
    expect(second?.comparisons.every(({ exploratory, p_adjusted }) => exploratory && p_adjusted === null)).toBe(true);
    const alone = await asked(laid.id, { runIds: [laid.runs[1]] });
    expect(alone.evaluators[0]?.comparisons).toMatchObject([{ verdict: 'better', level: 0.95 }]);
  });
  test('are compared pair by pair, each seen from both sides', async () => {
    const runs = [first(80, 40), first(80, 70), first(80, 10)].map((values, i) => ({
      cases: values.map((value) => [{ said: [value], log: { latencyMs: 100 * (i + 1), promptCost: 0.001 * (3 - i), outputCost: 0 } }]),
    }));
    const laid = await house.lay(scope, { datapoints: questions(80), evaluators: exact, runs });
    const { pairs, points } = await house.reports.pairs(scope, laid.id, {});
    expect(pairs).toHaveLength(6);
    const verdictOf = (run: number, against: number) =>
      pairs.find(({ run_id, baseline_run_id }) => run_id === laid.runs[run] && baseline_run_id === laid.runs[against]);
    expect(verdictOf(1, 0)).toMatchObject({ verdict: 'better' });
    expect(verdictOf(0, 1)).toMatchObject({ verdict: 'worse', difference: -(verdictOf(1, 0)?.difference ?? 0), became_worse: 30 });
    expect(verdictOf(0, 1)?.sentence).toMatch(/^v1 is worse by/);
    expect(verdictOf(2, 1)).toMatchObject({ verdict: 'worse' });
    const front = Object.fromEntries(points.map(({ label, front: on }) => [label, on]));
    expect(front).toEqual({ v1: { cost: false, latency: true }, v2: { cost: true, latency: true }, v3: { cost: true, latency: false } });
    expect(points[0]?.latency_ms).toMatchObject({ estimate: 100, n: 80 });
  });
});

describe('what decides', () => {
  const laidOut = () =>
    house.lay(scope, {
      datapoints: questions(20),
      evaluators: { exact: {}, graded: { return_type: 'number', number_limits: { min: 1, max: 5 } }, words: { return_type: 'text' } },
      runs: [20, 10].map((passing) => ({ cases: first(20, passing).map((value) => [{ said: [value, value ? 5 : 1, 'text'] }]) })),
    });
  test('is chosen before the data; after it, comparisons are exploratory', async () => {
    const laid = await laidOut();
    const settings = await house.reports.settings(scope, laid.id, { primary: laid.evaluators[1] ?? '', margin: 0.5 });
    expect(settings).toMatchObject({
      primary_evaluator_version_id: laid.evaluators[1],
      margin: 0.5,
      chosen: 'saved',
      set_after_data: true,
    });
    const report = await asked(laid.id);
    const judge = report.evaluators[1];
    expect(judge).toMatchObject({ primary: true, range: [1, 5], unit: 'number' });
    expect(judge?.comparisons[0]).toMatchObject({ verdict: 'worse', exploratory: true, margin: 0.5 });
    expect(report.warnings.join(' ')).toContain('when there were judgments already');
  });
  test('before the first judgment it is no afterthought', async () => {
    const laid = await house.lay(scope, { datapoints: questions(3), evaluators: exact, runs: [{ cases: once([null, null, null]) }] });
    const settings = await house.reports.settings(scope, laid.id, { margin: 0.1 });
    expect(settings).toMatchObject({ margin: 0.1, set_after_data: false, chosen: 'saved' });
    // Saying the same again chooses nothing new.
    expect((await house.reports.settings(scope, laid.id, { margin: 0.1 })).set_at).toBe(settings.set_at);
    expect(await house.reports.settings(scope, laid.id, { margin: null, primary: null })).toMatchObject({
      margin: 0.05,
      chosen: 'default',
    });
  });
  test('a hard rule is broken by the whole interval, and by the estimate alone it is open', async () => {
    const laid = await laidOut();
    const [evaluator_version_id = ''] = laid.evaluators;
    const hardRules = [0.8, 0.6].map((at_least) => ({ evaluator_version_id, at_least }));
    await house.reports.settings(scope, laid.id, { hardRules });
    const report = await asked(laid.id);
    expect(report.settings).toMatchObject({ set_after_data: false, chosen: 'default' });
    const [strict, lenient] = report.evaluators[0]?.hard_rules ?? [];
    expect(strict?.runs.map(({ outcome, estimate_breaks }) => [outcome, estimate_breaks])).toEqual([
      ['kept', false],
      ['broken', true],
    ]);
    expect(lenient?.runs[1]).toMatchObject({ outcome: 'cannot_tell', estimate_breaks: true });
    expect(strict?.runs[1]?.sentence).toMatch(/^Broken\. v2: 50\.0 % \(.+\), asked for at least 80\.0 %\.$/);
  });
  test.each<[string, (ids: string[]) => SettingsChange, string]>([
    ['an evaluator without a score', (ids) => ({ primary: ids[2] }), 'gives no score'],
    ['a stranger', () => ({ primary: 'evv_none' }), 'Add it first'],
    ['a margin beyond the range', (ids) => ({ primary: ids[0], margin: 5 }), 'more than'],
    ['a rule without a bound', (ids) => ({ hardRules: [{ evaluator_version_id: ids[0] ?? '' }] }), 'bounds nothing'],
    [
      'a rule that cannot be kept',
      (ids) => ({ hardRules: [{ evaluator_version_id: ids[0] ?? '', at_least: 0.9, at_most: 0.1 }] }),
      'never be kept',
    ],
    ['a rule in percent', (ids) => ({ hardRules: [{ evaluator_version_id: ids[0] ?? '', at_least: 80 }] }), 'between 0 and 1'],
  ])('refuses %s', async (_name, change, message) => {
    const laid = await house.lay(scope, {
      datapoints: questions(1),
      evaluators: { exact: {}, graded: { return_type: 'number' }, words: { return_type: 'text' } },
      runs: [],
    });
    await expect(house.reports.settings(scope, laid.id, change(laid.evaluators))).rejects.toThrow(message);
  });
});

test('options become numbers by their valence; neutral ones stay out and are counted', async () => {
  const options = [
    { name: 'good', valence: 'positive' as const },
    { name: 'bad', valence: 'negative' as const },
    { name: 'so-so', valence: 'neutral' as const },
  ];
  const a: Said[] = Array.from({ length: 50 }, (_, i) => (i < 20 ? 'good' : i < 40 ? 'bad' : 'so-so'));
  const b: Said[] = Array.from({ length: 50 }, (_, i) => (i < 38 ? 'good' : i < 40 ? 'bad' : 'good'));
  const runs = [{ cases: once(a) }, { cases: once(b) }];
  const laid = await house.lay(scope, { datapoints: questions(50), evaluators: { tone: { return_type: 'select', options } }, runs });
  const [judge] = (await asked(laid.id)).evaluators;
  expect(judge?.scored_by).toContain('neither stay out');
  expect(judge?.scores[0]).toMatchObject({ estimate: 0.5, n: 40, neutral: 10, judged: 50 });
  expect(judge?.scores[0]?.distribution).toMatchObject({
    type: 'options',
    options: [{ name: 'good', count: 20 }, { count: 20 }, { count: 10 }],
  });
  expect(judge?.comparisons[0]).toMatchObject({ verdict: 'better', units: 40, became_better: 18 });
  expect(judge?.comparisons[0]?.dropped).toContainEqual({ count: 10, why: 'cases judged neither good nor bad' });
});

test('a log judged twice counts once, by the last', async () => {
  const laid = await house.lay(scope, { datapoints: questions(2), evaluators: exact, runs: [{ cases: once([true, true]) }] });
  const { records } = await house.reports.cases(scope, laid.id, { sort: 'position', page: 1, size: 10 });
  const log = records[0]?.runs[0]?.logs[0];
  const evaluation = await house.evaluations.get(scope, laid.id);
  await house.logs.judge(scope, {
    evaluatorId: evaluation.evaluators[0]?.snapshot.file.id ?? '',
    evaluatorVersionId: laid.evaluators[0] ?? '',
    logId: log?.log_id ?? '',
    source: 'external',
    value: false,
    origin: 'api',
  });
  await house.logs.drained(60_000);
  const report = await asked(laid.id);
  expect(report.evaluators[0]?.scores[0]).toMatchObject({ estimate: 0.5, n: 2 });
  const again = await house.reports.cases(scope, laid.id, { sort: 'position', page: 1, size: 10 });
  expect(again.records[0]?.runs[0]?.logs[0]?.judgments).toMatchObject([{ value: false, outcome: 'bad' }]);
});
