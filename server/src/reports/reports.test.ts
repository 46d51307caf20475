import type { Scope } from '@whetstone/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { first, once, openReportHouse, questions, type ReportHouse } from './test/house.ts';

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
