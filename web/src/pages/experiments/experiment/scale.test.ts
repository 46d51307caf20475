import { describe, expect, it } from 'vitest';
import { aroundZero, courseScale, roundWithin } from './scale.ts';

const look = (units: number, estimate: number, half: number) => ({ units, estimate, lower: estimate - half, upper: estimate + half });

describe('scales of differences', () => {
  it('have zero in their middle and hold every interval and the smallest difference', () => {
    expect(aroundZero([], null)).toEqual([-1, 1]);
    const [low, high] = aroundZero([{ estimate: 0.02, lower: -0.01, upper: 0.05 }], 0.1);
    expect(low).toBe(-high);
    expect(high).toBeGreaterThan(0.1);
    expect(aroundZero([{ estimate: -3, lower: -9, upper: 3 }], null)[0]).toBeLessThan(-9);
  });

  it('do not let the first looks, which know nothing, flatten the later ones', () => {
    const course = [look(100, 0.1, 5), look(1_000, 0.05, 0.1), look(4_000, 0.04, 0.03)];
    expect(courseScale(course, 0.05)[1]).toBeLessThan(1);
    expect(courseScale(course, 0.05)[1]).toBeGreaterThan(0.15);
  });

  it('are marked at a round number within', () => {
    expect([1, 0.25, 30, 0.003].map((high) => Number(roundWithin(high).toPrecision(3)))).toEqual([0.5, 0.2, 20, 0.002]);
  });
});
