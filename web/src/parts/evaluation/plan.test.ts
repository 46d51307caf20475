import { expect, it } from 'vitest';
import { casesFor, casesForScore, tellable } from './plan.ts';

it('plans for the difference worth having: a smaller one needs more cases', () => {
  // Connor (1987) with a fifth of the cases flipping: (1.96·√0.2 + 0.8416·√(0.2 − 0.05²))² / 0.05².
  expect(casesFor(0.05)).toBe(626);
  expect(casesFor(0.1)).toBeLessThan(casesFor(0.05));
});

it('says what so many cases can show, and turns the plan around', () => {
  const shown = tellable(200);
  expect(shown).not.toBeNull();
  expect(casesFor(shown ?? 1)).toBeLessThanOrEqual(200);
  expect(casesFor((shown ?? 1) * 0.98)).toBeGreaterThan(200);
});

it('promises nothing for a handful of cases', () => {
  expect(tellable(2)).toBeNull();
});

it('takes a score by its scale', () => {
  expect(casesForScore(0.5, 10)).toBe(199);
});
