import type { EvaluatorSpec } from '@whetstone/contract';
import { describe, expect, test } from 'vitest';
import type { RunJudgment, RunLog } from '../logs/index.ts';
import { evaluatorStats, judgedBy, statusOf, statusOfAll, type Judge } from './stats.ts';

const judge = (returnType: EvaluatorSpec['return_type'], more: Partial<EvaluatorSpec> = {}): Judge => ({
  versionId: 'evv_1',
  fileId: 'ev_1',
  spec: { evaluator_type: 'external', arguments_type: 'target_free', return_type: returnType, ...more } as EvaluatorSpec,
  orchestrated: false,
});
const logsOf = (count: number): RunLog[] =>
  Array.from({ length: count }, (_none, index) => ({
    id: `log_${index}`,
    runId: 'rn_1',
    at: new Date(0),
    versionId: 'flv_1',
    datapointId: `dp_${index}`,
    kind: 'flow',
    complete: true,
  }));
const judgment = (log: number, value: RunJudgment['value'], failed = false): RunJudgment => ({
  id: `log_j${log}`,
  logId: `log_${log}`,
  evaluatorId: 'ev_1',
  evaluatorVersionId: 'evv_1',
  value,
  failed,
});
const statsOf = (by: Judge, logs: number, judgments: RunJudgment[]) => evaluatorStats(by, logsOf(logs), judgedBy(by, [by], judgments));

describe('stats of an evaluator', () => {
  test('numbers: mean, sum, spread of the sample and percentiles, of values only', () => {
    const given = [4, 1, 3, 2].map((value, index) => judgment(index, value));
    const stats = statsOf(judge('number'), 7, [...given, judgment(4, null), judgment(5, null, true)]);
    expect(stats).toMatchObject({ total_logs: 7, num_judgments: 4, num_nulls: 1, num_errors: 1, mean: 2.5, sum: 10 });
    expect(stats).toMatchObject({ percentiles: { 0: 1, 25: 1.75, 50: 2.5, 75: 3.25, 100: 4 } });
    expect('std' in stats && stats.std).toBeCloseTo(1.2909944, 6);
  });

  test('nothing judged has no mean, and one value no spread', () => {
    expect(statsOf(judge('number'), 2, [])).toMatchObject({ num_judgments: 0, mean: null, sum: null, std: null, percentiles: {} });
    expect(statsOf(judge('number'), 1, [judgment(0, 7)])).toMatchObject({ mean: 7, std: null, percentiles: { 5: 7, 95: 7 } });
  });

  test('options that nobody chose count zero, several of one judgment count each', () => {
    const options = [{ name: 'a' }, { name: 'b' }, { name: '__proto__' }];
    const stats = statsOf(judge('multi_select', { options }), 2, [judgment(0, ['a', 'gone']), judgment(1, ['a', '__proto__'])]);
    const counts = 'num_judgments_per_option' in stats ? Object.entries(stats.num_judgments_per_option) : [];
    expect(counts).toEqual([
      ['a', 2],
      ['b', 0],
      ['__proto__', 1],
      ['gone', 1],
    ]);
    expect(stats).toMatchObject({ num_judgments: 2 });
  });

  test('of several judgments of a log the last counts', () => {
    expect(statsOf(judge('boolean'), 1, [judgment(0, true), judgment(0, false)])).toMatchObject({
      num_judgments: 1,
      num_true: 0,
      num_false: 1,
    });
  });

  test('text is only counted', () => {
    expect(statsOf(judge('text'), 1, [judgment(0, 'good')])).toEqual({
      evaluator_version_id: 'evv_1',
      total_logs: 1,
      num_judgments: 1,
      num_nulls: 0,
      num_errors: 0,
    });
  });
});

describe('status', () => {
  const judged = (by: Judge, judgments: RunJudgment[]) => [{ judge: by, judged: judgedBy(by, [by], judgments) }];

  test('a run without a dataset has no end of its own, one over no datapoints ends at once', () => {
    expect(statusOf(null, null, logsOf(3), [])).toBe('running');
    expect(statusOf(null, [], [], [])).toBe('completed');
    expect(statusOf('completed', null, [], [])).toBe('completed');
  });

  test('an abstention and an error are judgments made; repetitions have to be judged too', () => {
    const by = judge('boolean');
    const twice = [...logsOf(1), { ...(logsOf(1)[0] as RunLog), id: 'log_again' }];
    expect(statusOf(null, ['dp_0'], logsOf(1), judged(by, [judgment(0, null)]))).toBe('completed');
    expect(statusOf(null, ['dp_0'], logsOf(1), judged(by, [judgment(0, null, true)]))).toBe('completed');
    expect(statusOf(null, ['dp_0'], twice, judged(by, [judgment(0, true)]))).toBe('running');
  });

  test('the whole is over when no run is under way', () => {
    expect(statusOfAll([])).toBe('pending');
    expect(statusOfAll([{ status: 'cancelled' }, { status: 'completed' }])).toBe('completed');
    expect(statusOfAll([{ status: 'cancelled' }, { status: 'running' }])).toBe('running');
  });
});
