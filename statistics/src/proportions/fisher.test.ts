import { expect, it } from 'vitest';
import { fisherOverRepresented } from './fisher.ts';

it.each([
  // The lady tasting tea: all four right 1 in 70, three or more right 17 in 70.
  [{ marked: 4, drawn: 4, restMarked: 0, rest: 4 }, 1 / 70],
  [{ marked: 3, drawn: 4, restMarked: 1, rest: 4 }, 17 / 70],
  [{ marked: 0, drawn: 4, restMarked: 4, rest: 4 }, 1],
  [{ marked: 0, drawn: 0, restMarked: 3, rest: 9 }, 1],
  // Σ C(18, k) · C(82, 10 − k) / C(100, 10) for k from 8, in whole numbers.
  [{ marked: 8, drawn: 10, restMarked: 10, rest: 90 }, 8.627_859_390_719_13e-6],
])('of %o', (given, p) => {
  expect(fisherOverRepresented(given)).toBeCloseTo(p, 12);
});
it('refuses more marks than units', () => {
  expect(() => fisherOverRepresented({ marked: 5, drawn: 4, restMarked: 0, rest: 4 })).toThrow(RangeError);
});
