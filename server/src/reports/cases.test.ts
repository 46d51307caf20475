import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CasesQuery } from './index.ts';
import { type Laid, openReportHouse, type ReportHouse } from './test/house.ts';

let house: ReportHouse;
let scope: Scope;
let laid: Laid;

/**
 * 40 cases. The second version fails all ten about refunds that the first passed; it passes five others that the first failed. One case was
 * never answered, one call failed.
 */
beforeAll(async () => {
  house = await openReportHouse();
  scope = await house.workspace();
  const datapoints = Array.from({ length: 40 }, (_, i) => ({
    inputs: { question: i < 10 ? `Please refund my order ${i}` : `Where is parcel ${i}`, country: i % 2 === 0 ? 'DE' : 'FR' },
    tags: i < 10 ? ['billing'] : ['shipping'],
    target: { answer: `=SUM(${i})` },
  }));
  const passed = (version: number, i: number) => (i < 10 ? version === 0 : i < 15 ? version === 1 : true);
  const runs = [0, 1].map((version) => ({
    cases: datapoints.map((_, i) =>
      version === 1 && i === 39
        ? []
        : [
            {
              said: [i === 38 && version === 1 ? { error: 'no answer to judge' } : passed(version, i)],
              log: {
                output: version === 1 && i === 12 ? 'The Zebra crossed' : `answer, "${i}"\n`,
                latencyMs: 100 + i + 1000 * version,
                promptCost: 0.001 * (i + 1),
                outputCost: 0,
                ...(i === 38 && version === 1 ? { error: 'provider away', status: 'error' as const, output: null } : {}),
              },
            },
          ],
    ),
  }));
  laid = await house.lay(scope, { datapoints, evaluators: { exact: {} }, runs });
});
afterAll(() => house?.close());

const cases = (query: Partial<CasesQuery> = {}) => house.reports.cases(scope, laid.id, { sort: 'position', page: 1, size: 100, ...query });
const positions = async (query: Partial<CasesQuery>) => (await cases(query)).records.map(({ position }) => position);
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('cases', () => {
  test('show what was asked, answered and judged in every run', async () => {
    const { records, total, counts } = await cases({ size: 5 });
    expect(total).toBe(40);
    expect(records).toHaveLength(5);
    expect(counts).toEqual({ all: 40, better: 5, worse: 10, same: 23, unknown: 2, failed: 1, missing: 2 });
    expect(records[0]).toMatchObject({
      position: 0,
      difference: -1,
      change: 'worse',
      datapoint: { id: laid.datapoints[0], tags: ['billing'] },
    });
    const [log] = records[0]?.runs[1]?.logs ?? [];
    expect(log).toMatchObject({ output: 'answer, "0"\n', output_cut: false, latency_ms: 1100, cost_usd: 0.001, error: null });
    expect(log?.judgments).toMatchObject([{ value: false, outcome: 'bad', reason: 'because false', error: null }]);
  });
  test('by pages, without one twice', async () => {
    const pages = await Promise.all([1, 2, 3].map((page) => positions({ page, size: 15 })));
    expect(pages.flat()).toEqual(numbers(0, 40));
  });
  test.each<[string, Partial<CasesQuery>, number[]]>([
    ['flipped for the better', { flipped: 'better' }, numbers(10, 15)],
    ['flipped for the worse', { flipped: 'worse' }, numbers(0, 10)],
    ['flipped', { flipped: 'any' }, numbers(0, 15)],
    ['failed', { failed: true }, [38]],
    ['missing', { missing: true }, [38, 39]],
    ['that an answer mentions', { search: 'zebra' }, [12]],
    ['that the inputs mention', { search: 'REFUND MY order 7' }, [7]],
    ['with signs of SQL in what is searched', { search: "100%_'" }, []],
    ['of a tag', { slices: ['tag=billing'], flipped: 'any' }, numbers(0, 10)],
    ['of two slices at once', { slices: ['tag=shipping', 'input.country=DE'], flipped: 'better' }, [10, 12, 14]],
    ['of a topic', { slices: ['topic=refund'] }, numbers(0, 10)],
  ])('%s', async (_name, query, expected) => {
    expect(await positions(query)).toEqual(expected);
  });
  test('of a slice that is none: 422 that says how to write one', async () => {
    await expect(cases({ slices: ['billing'] })).rejects.toThrow('FIELD=VALUE');
  });
  test('by difference, cost and latency, the unknown last', async () => {
    expect((await positions({ sort: '-difference' })).slice(0, 5)).toEqual(numbers(10, 15));
    expect((await positions({ sort: 'difference' })).slice(0, 10)).toEqual(numbers(0, 10));
    expect((await positions({ sort: 'difference' })).slice(-2)).toEqual([38, 39]);
    expect((await positions({ sort: '-cost' }))[0]).toBe(38);
    expect((await positions({ sort: '-latency' }))[0]).toBe(38);
  });
  test('one by its datapoint', async () => {
    expect(await positions({ datapointIds: [laid.datapoints[7] ?? ''] })).toEqual([7]);
  });
});

describe('slices', () => {
  const slices = (query: Partial<Parameters<ReportHouse['reports']['slices']>[2]>) =>
    house.reports.slices(scope, laid.id, { by: 'tag', ...query });
  test('by tag: both scores, the difference, and what stands out', async () => {
    const answer = await slices({});
    expect(answer).toMatchObject({ by: 'tag', field: 'tag', exploratory: true, run_id: laid.runs[1], baseline_run_id: laid.runs[0] });
    expect(answer.slices.map(({ value, cases: n, became_worse }) => [value, n, became_worse])).toEqual([
      ['shipping', 30, 0],
      ['billing', 10, 10],
    ]);
    const billing = answer.slices[1];
    expect(billing).toMatchObject({
      difference: -1,
      verdict: 'worse',
      filter: 'tag=billing',
      run: { estimate: 0 },
      baseline: { estimate: 1 },
    });
    expect(billing?.p_adjusted).toBeGreaterThanOrEqual(billing?.p ?? 1);
  });
  test('what got worse has in common is found and said', async () => {
    const { common } = await slices({ by: 'input_length' });
    expect(common.worse.map(({ filter }) => filter)).toContain('tag=billing');
    expect(common.worse.map(({ filter }) => filter)).toContain('topic=refund');
    const trait = common.worse.find(({ filter }) => filter === 'tag=billing');
    expect(trait).toMatchObject({ changed: 10, changed_of: 10, others: 0, others_of: 28 });
    expect(trait?.sentence).toBe('100 % of the cases that got worse in v2 have tag “billing”, of the others 0 %.');
    expect(common.better.map(({ filter }) => filter)).not.toContain('tag=billing');
  });
  test('by an input, a length, a topic, an error', async () => {
    expect((await slices({ by: 'input' })).slices.map(({ value }) => value).toSorted()).toEqual(['DE', 'FR']);
    expect((await slices({ by: 'input' })).fields).toEqual(['country', 'question']);
    const lengths = (await slices({ by: 'output_length' })).slices;
    expect(lengths.reduce((sum, { cases: n }) => sum + n, 0)).toBeLessThanOrEqual(40);
    expect((await slices({ by: 'topic' })).slices.map(({ value }) => value)).toContain('refund');
    const errors = await slices({ by: 'error' });
    expect(errors).toMatchObject({ left_out: 1, slices: [{ value: 'answered', cases: 38 }] });
    expect(errors.note).toContain('made by what the run answered');
  });
});

describe('export', () => {
  const text = async (format: 'csv' | 'jsonl' | 'markdown' | 'junit') => {
    let all = '';
    for await (const piece of house.reports.export(scope, laid.id, { format }, new AbortController().signal)) all += piece;
    return all;
  };
  test('CSV has a row a log, and one where a log is missing; no cell is a formula', async () => {
    const csv = await text('csv');
    expect(csv.split('\r\n')[0]).toBe(
      'case,datapoint_id,inputs,messages,target,run,run_id,version,repetition,log_id,status,output,error,cost_usd,latency_ms,exact,exact reason,exact error',
    );
    expect(csv.split('\r\n')).toHaveLength(82);
    expect(csv).toContain('"answer, ""0""\n"');
    expect(csv).not.toMatch(/(^|,)[=+@]/m);
    expect(csv).toContain('no answer to judge');
  });
  test('JSONL has the report and every case', async () => {
    const lines = (await text('jsonl')).trimEnd().split('\n');
    expect(lines).toHaveLength(41);
    const [report, firstCase] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(report).toMatchObject({ type: 'report', evaluation_id: laid.id });
    expect(firstCase).toMatchObject({ type: 'case', position: 0, change: 'worse' });
  });
  test('Markdown says what the page says', async () => {
    const report = await house.reports.report(scope, laid.id);
    const markdown = await text('markdown');
    expect(markdown).toContain('# first');
    expect(markdown).toContain(report.verdict.sentence);
    expect(markdown).toContain('5 cases better, 10 worse, 23 alike, 2 not compared.');
  });
  test('JUnit tells bad from broken from missing', async () => {
    const xml = await text('junit');
    expect(xml.match(/<testcase /g)).toHaveLength(81);
    expect(xml.match(/<error /g)).toHaveLength(1);
    expect(xml.match(/<failure /g)).toHaveLength(15);
    expect(xml).toContain('<skipped message="There is no log."/>');
    expect(xml.match(/<testsuite /g)?.length).toBe(xml.match(/<\/testsuite>/g)?.length);
  });
  test('of another workspace is refused before anything is sent', async () => {
    const other = await house.workspace();
    const pieces = house.reports.export(other, laid.id, { format: 'csv' }, new AbortController().signal);
    await expect(pieces[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'not_found' });
  });
});
