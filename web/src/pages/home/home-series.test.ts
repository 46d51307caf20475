import { describe, expect, it } from 'vitest';
import { otherKey, stackTop, topGroups, typical } from './home-series.ts';

const group = (key: string, count: number[]) => ({
  key,
  count,
  errors: count.map(() => 0),
  cost_usd: count.map(() => 0),
  tokens: count,
  latency_p50_ms: count.map((n) => (n === 0 ? null : n * 100)),
  latency_p95_ms: count.map(() => null),
});
const series = {
  bucket_seconds: 86_400,
  start: '2026-11-01T00:00:00.000Z',
  end: '2026-11-03T00:00:00.000Z',
  groups: [group('a', [1, 1]), group('b', [9, 0]), group('c', [2, 3]), group('d', [0, 1])],
};

describe('the charts of the home page', () => {
  it('show the largest groups and join the rest without losing a call', () => {
    const top = topGroups(series, 3);
    expect(top.map((one) => one.key)).toEqual(['b', 'c', otherKey]);
    expect(top.at(-1)?.count).toEqual([1, 2]);
  });
  it('leave room for the tallest stack', () => {
    expect(
      stackTop([
        { key: 'a', label: '', values: [1, null, 4] },
        { key: 'b', label: '', values: [5, 2, 1] },
      ]),
    ).toBe(6);
  });
  it('weigh a typical latency by calls and skip days without any', () => {
    expect(typical(group('x', [1, 0, 3]))).toBeCloseTo((100 + 3 * 300) / 4);
    expect(typical(group('x', [0, 0]))).toBeNull();
  });
});
