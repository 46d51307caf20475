import { type EvaluatorSpec, pairOptions, type PairVerdict } from '@whetstone/contract';
import { clopperPearson, pairedVerdictInterval } from '@whetstone/statistics';
import { expect, it } from 'vitest';
import type { ReportInput, ReportPairJudgment } from './input.ts';
import { reportMarkdown } from './markdown.ts';
import { buildPairs } from './pairs.ts';
import { buildReport } from './report.ts';

const comparing: EvaluatorSpec = {
  evaluator_type: 'llm',
  arguments_type: 'target_free',
  return_type: 'select',
  options: [...pairOptions],
  pairwise: true,
};
const passing: EvaluatorSpec = { evaluator_type: 'external', arguments_type: 'target_free', return_type: 'boolean' };

const input = (spec: EvaluatorSpec, cases: number, pairs: readonly ReportPairJudgment[], values: boolean[] = []): ReportInput => ({
  evaluation: { id: 'evr_1', name: 'one', fileId: null, status: 'completed' },
  cases: Array.from({ length: cases }, (_, i) => `dp_${i}`),
  groups: null,
  evaluators: [{ versionId: 'evv_1', fileId: 'ev_1', path: 'judges/which', name: 'which', spec }],
  pairs,
  runs: ['old', 'new', 'other'].map((label, at) => ({
    run_id: label,
    label,
    version: null,
    dataset: null,
    control: at === 0,
    status: 'completed',
    created_at: '2026-11-01T00:00:00.000Z',
    members: null,
    judgedBeforeSettings: false,
    logs: Array.from({ length: cases }, (_, i) => ({
      at: i,
      failed: false,
      costUsd: null,
      costEstimated: false,
      latencyMs: null,
      promptTokens: null,
      outputTokens: null,
      judgments: [values[i] === undefined ? null : { value: values[i], failed: false }],
    })),
  })),
});
const pairs = (verdicts: readonly (PairVerdict | null)[], more: Partial<ReportPairJudgment> = {}): ReportPairJudgment[] =>
  verdicts.map((value, at) => ({
    evaluator: 0,
    at,
    runId: 'new',
    baselineId: 'old',
    value,
    failed: value === null,
    orders: [value, value],
    ...more,
  }));
const times = (verdict: PairVerdict | null, count: number) => Array.from({ length: count }, () => verdict);

it('a pair of runs is compared by the exact test of cases won against cases lost', () => {
  const report = buildReport(input(comparing, 40, pairs([...times('better', 18), ...times('tie', 18), ...times('worse', 4)])));
  const [evaluator] = report.evaluators;
  const expected = pairedVerdictInterval({ bothPass: 0, onlyB: 18, onlyA: 4, neither: 18 }, 0.975);
  const comparison = evaluator?.comparisons.find(({ run_id }) => run_id === 'new');
  expect(comparison).toMatchObject({ verdict: 'better', became_better: 18, became_worse: 4, unchanged: 18, difference: 14 / 40 });
  expect(comparison?.lower).toBeCloseTo(expected.lower!, 10);
  expect(evaluator?.pairwise).toMatchObject([{ run_id: 'new', baseline_run_id: 'old', pairs: 40, wins: 18, ties: 18, losses: 4 }]);
  expect(evaluator?.pairwise?.[0]?.loss_rate).toMatchObject({ lower: clopperPearson(4, 40).lower, upper: clopperPearson(4, 40).upper });
  expect(evaluator?.scores[0]).toMatchObject({ estimate: null, reason_text: 'The others are compared with it.' });
  expect(evaluator?.scores[1]?.estimate).toBeCloseTo((18 + 9) / 40);
});

it('pairs that nobody compared are none, and a pair reads the same from both sides', () => {
  const given = input(comparing, 20, pairs([...times('better', 16), ...times('worse', 4)]));
  expect(buildPairs(given).pairs.map(({ run_id, baseline_run_id }) => [run_id, baseline_run_id])).toEqual([
    ['new', 'old'],
    ['old', 'new'],
  ]);
  const turned = buildReport({ ...given, asked: { baseline: 'new' } }).evaluators[0];
  expect(turned?.pairwise).toMatchObject([{ run_id: 'old', baseline_run_id: 'new', wins: 4, losses: 16 }]);
  expect(turned?.comparisons.find(({ run_id }) => run_id === 'old')).toMatchObject({ verdict: 'worse', difference: -12 / 20 });
});

it('repeats of a case are one case, known better; what failed is counted and is no tie', () => {
  const twice = [...pairs(times('better', 10)), ...pairs([...times('better', 5), ...times('tie', 4), null])];
  const pair = buildReport(input(comparing, 10, twice)).evaluators[0]?.pairwise?.[0];
  expect(pair).toMatchObject({ pairs: 19, wins: 15, ties: 4, failed: 1, win_rate: { units: 10 } });
});

it('position bias is told with its interval and its direction, also seen from the other run', () => {
  const biased = [
    ...pairs(times('tie', 3), { orders: ['better', 'worse'] }),
    ...pairs(times('tie', 1), { orders: ['worse', 'better'] }).map((pair) => ({ ...pair, at: 3 })),
    ...pairs(times('better', 6)).map((pair) => ({ ...pair, at: pair.at + 4 })),
  ];
  const given = input(comparing, 10, biased);
  for (const report of [buildReport(given), buildReport({ ...given, asked: { baseline: 'new' } })])
    expect(report.evaluators[0]?.pairwise?.[0]?.position).toMatchObject({
      pairs: 10,
      disagreed: 4,
      first_preferred: 3,
      second_preferred: 1,
      rate: { estimate: 0.4, lower: clopperPearson(4, 10).lower },
    });
  expect(reportMarkdown(buildReport(given))).toContain('in 4 of 10 pairs');
});

it('a hard rule holds a pass rate to its exact interval', () => {
  const values = Array.from({ length: 200 }, (_, i) => i < 150);
  const saved = { primary: null, margin: null, at: '2026-11-01T00:00:00.000Z', by: null };
  const rule = { evaluator_version_id: 'evv_1', at_least: 0.69 };
  const report = buildReport({ ...input(passing, 200, [], values), saved: { ...saved, hardRules: [rule] } });
  const exact = clopperPearson(150, 200);
  expect(report.evaluators[0]?.hard_rules[0]?.runs[0]).toMatchObject({ lower: exact.lower, upper: exact.upper });
  // Wilson's is narrower, so the two may differ about a rule.
  expect(report.evaluators[0]?.scores[0]?.lower).toBeGreaterThan(exact.lower!);
});
