import { expect, it } from 'vitest';
import { formatDifference, formatScore, formatSize, scaleOf } from './numbers.ts';

it('tells a pass rate in percent and its difference in points', () => {
  expect(formatScore('points', 0.5)).toBe('50\u202f%');
  expect(formatDifference('points', 0.031)).toBe('+3.1 points');
  expect(formatDifference('points', -0.01)).toBe('−1 point');
  expect(formatSize('points', 0)).toBe('0 points');
});

it('tells numbers with the digits that matter, and says nothing of what is unknown', () => {
  expect(formatScore('number', 4.56789)).toBe('4.57');
  expect(formatScore('number', 12_345.6)).toBe('12,346');
  expect(formatScore('number', null)).toBe('–');
  expect(formatDifference('ms', -120)).toBe('−120\u202fms');
  expect(formatDifference('number', 0)).toBe('0');
});

it('draws scores on the scale of their evaluator, or on one that holds all intervals', () => {
  expect(scaleOf([0, 1], [])).toEqual([0, 1]);
  const [low, high] = scaleOf(null, [{ estimate: 5, lower: 4, upper: 6 }]);
  expect([low < 4, high > 6]).toEqual([true, true]);
  expect(scaleOf(null, [{ estimate: 0.1, lower: 0, upper: 0.2 }])[0]).toBe(0);
});
