import { describe, expect, it } from 'vitest';
import { judgedOf, statsOf } from './version-stats.ts';

const group = {
  key: 'prv_1',
  count: [3, 0, 1],
  errors: [1, 0, 0],
  cost_usd: [0.2, 0, 0.1],
  latency_p50_ms: [100, null, 500],
  latency_p95_ms: [null, null, null],
  tokens: [0, 0, 0],
};

describe('what a version did', () => {
  it('weighs buckets by their calls', () => {
    const stats = statsOf(group);
    expect(stats.calls).toBe(4);
    expect(stats.latencyMs).toBe(200);
    expect(stats.errors).toMatchObject({ successes: 1, trials: 4 });
  });
  it('divides the cost by the calls that were answered', () => {
    expect(statsOf(group).costUsd).toBeCloseTo(0.1);
  });
  it('knows no price where none was counted', () => {
    expect(statsOf({ ...group, cost_usd: [0, 0, 0] }).costUsd).toBeNull();
  });
});

describe('how a version was judged', () => {
  const vote = {
    id: 'ev_1',
    path: 'feedback/vote',
    options: [
      { name: 'good', valence: 'positive' as const },
      { name: 'bad', valence: 'negative' as const },
      { name: 'seen', valence: 'neutral' as const },
    ],
  };
  const rare = { id: 'ev_2', path: 'checks/polite', options: [{ name: 'true', valence: 'positive' as const }] };
  const count = (version_id: string, value: string, count: number, evaluator_id = 'ev_1') => ({ version_id, evaluator_id, value, count });

  it('is the share of good among good and bad, by the evaluator that said most', () => {
    const counts = [
      count('a', 'good', 30),
      count('a', 'bad', 10),
      count('a', 'seen', 99),
      count('b', 'bad', 4),
      count('b', 'true', 5, 'ev_2'),
    ];
    const judged = judgedOf({ evaluators: [rare, vote], counts });
    expect(judged.get('a')).toMatchObject({ by: 'vote', good: { successes: 30, trials: 40, value: 0.75 } });
    expect(judged.get('b')).toMatchObject({ by: 'vote', good: { successes: 0, trials: 4 } });
  });
  it('is unknown, not zero, where nobody judged', () => {
    expect(judgedOf({ evaluators: [vote], counts: [] }).size).toBe(0);
    expect(judgedOf(undefined).size).toBe(0);
  });
});
