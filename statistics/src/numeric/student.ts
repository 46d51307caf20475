import { logBetaTails } from './beta.ts';
import { logGamma } from './gamma.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { simpson } from './roots.ts';

/** P(T > t) of Student's t for t ≥ 0; relative error under 1e-10. `df` need not be whole. */
function upperTail(t: number, df: number): number {
  const square = t * t;
  return Math.exp(logBetaTails(df / 2, 0.5, df / (df + square), square / (df + square)).below) / 2;
}

/** P(T ≤ t) of Student's t with `df` > 0 degrees of freedom. */
export function studentCdf(t: number, df: number): number {
  return t < 0 ? upperTail(-t, df) : 1 - upperTail(t, df);
}

/** The probability of a t at least as far from zero, either side. */
export function studentTwoSided(t: number, df: number): number {
  return 2 * upperTail(Math.abs(t), df);
}

/**
 * Student's quantile: Newton steps on the logarithm of the tail from the expansion in the normal quantile (Abramowitz and Stegun
 * 26.7.5), from the closed forms at one and two degrees of freedom; relative error under 1e-10.
 */
export function studentQuantile(p: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`Student's t with ${df} degrees of freedom is no distribution.`);
  if (p === 0.5) return 0;
  if (p < 0.5) return -quantileAbove(p, df);
  return quantileAbove(1 - p, df);
}

function quantileAbove(tail: number, df: number): number {
  if (tail === 0) return Infinity;
  if (df === 1) return 1 / Math.tan(Math.PI * tail);
  if (df === 2) return (1 - 2 * tail) / Math.sqrt(2 * tail * (1 - tail));
  const logScale = logGamma((df + 1) / 2) - logGamma(df / 2) - 0.5 * Math.log(df * Math.PI);
  let t = Math.max(1e-8, start(tail, df));
  for (let step = 0; step < 100; step += 1) {
    const above = upperTail(t, df);
    const density = Math.exp(logScale - ((df + 1) / 2) * Math.log1p((t * t) / df));
    // On ln tail against ln t the curve is nearly straight far out and convex, so that the steps do not leave the half line.
    const change = ((Math.log(above) - Math.log(tail)) * above) / (density * t);
    const next = t * Math.exp(Math.max(-2, Math.min(2, change)));
    if (Math.abs(next - t) <= 1e-14 * t) return next;
    t = next;
  }
  return t;
}

function start(tail: number, df: number): number {
  const z = -normalQuantile(tail);
  if (df < 3) return z * 2;
  const z3 = z ** 3;
  const g1 = (z3 + z) / 4;
  const g2 = (5 * z ** 5 + 16 * z3 + 3 * z) / 96;
  return z + g1 / df + g2 / (df * df);
}

/** The t of a two-sided interval: 2.776 for 0.95 and 4. */
export function tOf(level: number, df: number): number {
  return studentQuantile(1 - (1 - level) / 2, df);
}

/**
 * P(T > t) of the noncentral t: (Z + shift) / sqrt(V / df) with V chi-square. Integrated over sqrt(V / df) by Simpson's rule;
 * absolute error under 1e-8, which moves no sample size.
 */
export function noncentralTUpper(t: number, df: number, shift: number): number {
  const spread = 9 / Math.sqrt(2 * df);
  const logScale = Math.LN2 + (df / 2) * Math.log(df / 2) - logGamma(df / 2);
  const integrand = (s: number) => {
    if (s === 0) return df === 1 ? Math.exp(logScale) * normalCdf(shift) : 0;
    return Math.exp(logScale + (df - 1) * Math.log(s) - (df * s * s) / 2) * normalCdf(shift - t * s);
  };
  return simpson(integrand, Math.max(0, 1 - spread), 1 + spread, 600);
}
