import { describe, expect, it } from 'vitest';
import {
  choiceOf,
  formatDays,
  formatMetric,
  formatMetricDifference,
  formatWindow,
  metricChoices,
  metricName,
  metricProblem,
  unitOfMetric,
} from './metric.ts';

describe('metrics in words', () => {
  it('have formulas that can be read', () => {
    expect(metricChoices.map((one) => metricProblem(one.value))).toEqual(metricChoices.map(() => null));
    expect(metricProblem('vote:good -')).toMatch(/missing/);
  });

  it('are called by their own name, by the usual words, else by the formula', () => {
    const votes = { value: 'vote:good', per_unit: 'any', direction: 'up' } as const;
    expect(metricName(votes)).toBe('users who vote good');
    expect(metricName({ ...votes, name: 'happy users' })).toBe('happy users');
    expect(metricName({ ...votes, per_unit: 'sum' })).toBe('vote:good');
    expect(choiceOf(votes)?.id).toBe('votes');
    expect(choiceOf({ ...votes, direction: 'down' })).toBeUndefined();
  });

  it('are shown in their unit', () => {
    expect(metricChoices.map(unitOfMetric)).toEqual(['%', '%', '%', '%', '%', 'ms', 'USD']);
    expect(formatMetric('%', 0.314)).toBe('31\u202f%');
    expect(formatMetric('USD', 0.0042)).toBe('$0.0042');
    expect(formatMetric('', -1234.5)).toBe('−1,235');
    expect(formatMetricDifference('%', -0.031)).toBe('−3.1 points');
    expect(formatMetricDifference('%', 0)).toBe('0 points');
    expect(formatMetricDifference('ms', 120)).toBe('+120\u202fms');
  });

  it('tell times to come and windows as people do', () => {
    expect([0.01, 0.5, 1, 5.2].map(formatDays)).toEqual(['15 minutes', '12 hours', '1 day', '5.2 days']);
    expect([0.01, 0.5, 1, 24, 72].map(formatWindow)).toEqual(['36 seconds', '30 minutes', '1 hour', '24 hours', '3 days']);
  });
});
