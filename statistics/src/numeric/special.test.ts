import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { betaCdf, betaDensity, betaQuantile, binomialCdf, logBetaTails, logBinomialDensity } from './beta.ts';
import { gammaUpper, logBeta, logGamma } from './gamma.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { bisect, minimise, simpson } from './roots.ts';
import { noncentralTUpper, studentCdf, studentQuantile } from './student.ts';

type Rows = number[][];
const file = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/special.json'), 'utf8')) as Record<string, Rows> & {
  scipy: Record<string, Rows>;
};

/** Relative where the value is far from zero, absolute near it. */
function near(got: number, expected: number, tolerance: number): void {
  expect(Math.abs(got - expected), `${got} for ${expected}`).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected)));
}
function relative(got: number, expected: number, tolerance: number): void {
  expect(Math.abs(got / expected - 1), `${got} for ${expected}`).toBeLessThanOrEqual(tolerance);
}

describe('special functions, against mpmath at 50 digits', () => {
  it.each(file['logGamma']!)('logGamma(%f)', (x, value) => near(logGamma(x), value, 1e-13));
  it.each(file['logBeta']!)('logBeta(%f, %f)', (a, b, value) => near(logBeta(a, b), value, 1e-12));
  it.each(file['gammaUpper']!)('gammaUpper(%f, %f)', (a, x, value) => near(gammaUpper(a, x), value, 1e-12));
  it.each(file['normalCdf']!)('normalCdf(%f)', (z, value) => relative(normalCdf(z), value, 1e-12));
  it.each(file['normalQuantile']!)('normalQuantile(%f)', (p, value) => near(normalQuantile(p), value, 1e-14));
  it.each([...file['logBetaTails']!, ...file.scipy['logBetaTails']!])('tails of Beta(%f, %f) at %f', (a, b, x, below, above) => {
    const tails = logBetaTails(a, b, x);
    near(tails.below, below, 1e-11);
    near(tails.above, above, 1e-11);
  });
  it.each([...file['studentQuantile']!, ...file.scipy['studentQuantile']!])('studentQuantile(%f, %f)', (p, df, value) =>
    relative(studentQuantile(p, df), value, 1e-10),
  );
  it.each(file['betaQuantile']!)('betaQuantile(%f, %f, %f)', (a, b, p, value) => relative(betaQuantile(a, b, p), value, 1e-10));
  it.each(file['noncentralTUpper']!)('noncentralTUpper(%f, %f, %f)', (t, df, shift, value) =>
    near(noncentralTUpper(t, df, shift), value, 1e-7),
  );
});

describe('special functions, by what must hold', () => {
  it('adds the binomial up to 1, and to its distribution', () => {
    let sum = 0;
    for (let x = 0; x <= 40; x += 1) {
      sum += Math.exp(logBinomialDensity(x, 40, 0.17));
      expect(binomialCdf(x, 40, 0.17)).toBeCloseTo(sum, 12);
    }
    expect(sum).toBeCloseTo(1, 12);
  });
  it('takes the ends of probability', () => {
    expect(logBinomialDensity(0, 5, 0)).toBe(0);
    expect(logBinomialDensity(2, 5, 0)).toBe(-Infinity);
    expect(logBinomialDensity(5, 5, 1)).toBe(0);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    expect(betaQuantile(2, 3, 0)).toBe(0);
    expect(betaCdf(2, 3, 1)).toBe(1);
    expect(studentCdf(-3, 7)).toBeCloseTo(1 - studentCdf(3, 7), 14);
  });
  it('refuses what is outside', () => {
    expect(() => logGamma(0)).toThrow(RangeError);
    expect(() => normalQuantile(1.2)).toThrow(RangeError);
    expect(() => studentQuantile(0.9, 0)).toThrow(RangeError);
  });
  it('integrates a density to 1, finds roots and valleys', () => {
    expect(simpson((x) => betaDensity(3, 4, x), 0, 1, 200)).toBeCloseTo(1, 8);
    expect(bisect((x) => x ** 3 - 2, 0, 2)).toBeCloseTo(Math.cbrt(2), 12);
    expect(bisect((x) => x + 1, 0, 2)).toBe(0);
    expect(minimise((x) => (x - 0.3) ** 2, -1, 4)).toBeCloseTo(0.3, 6);
  });
});
