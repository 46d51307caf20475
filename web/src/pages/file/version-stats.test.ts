import { describe, expect, it } from 'vitest';
import { statsOf } from './version-stats.ts';

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
