import { meanOf, type Numbers } from '../numeric/sums.ts';
import { tOf } from '../numeric/student.ts';
import { satterthwaite } from '../means/welch.ts';
import { type Estimate, estimateOf } from '../result.ts';

/** Per unit of an arm: the outcome, and what was known of it strictly before assignment (`null` for new users). */
export interface Arm {
  y: Numbers;
  x: readonly (number | null)[];
}

export interface Cuped extends Estimate {
  se: number | null;
  /** Slope on what was known before. */
  theta: number;
  unadjusted: number | null;
  /** Variance against that of the plain difference: 0.3 is as good as 3.3 times the users. */
  varianceRatio: number | null;
}

/**
 * A difference of means with the variance that was foreseeable taken out, B minus A: A. Deng, Y. Xu, R. Kohavi and T. Walker,
 * "Improving the sensitivity of online controlled experiments by utilizing pre-experiment data", WSDM 2013. Slope pooled within
 * arms. Units of whom nothing was known get the mean of the others and a covariate of their own that says so.
 *
 * `x` must be from before assignment: what the arm can change biases the result. The interval is for one look (Welch); for every
 * look give estimate and se to `acsInformation`.
 * @throws RangeError when y and x differ in length
 */
export function cuped(a: Arm, b: Arm, level = 0.95): Cuped {
  const n = a.y.length + b.y.length;
  const rest = { level, n, method: 'CUPED' };
  if (a.y.length !== a.x.length || b.y.length !== b.x.length) throw new RangeError('Outcomes and covariates are not of the same units.');
  if (a.y.length < 2 || b.y.length < 2) {
    return estimateOf({ ...rest, se: null, theta: 0, unadjusted: null, varianceRatio: null, reason: n === 0 ? 'no_data' : 'one_unit' });
  }
  const known = [...a.x, ...b.x].filter((x) => x !== null);
  const fallback = known.length === 0 ? 0 : meanOf(known);
  const [armA, armB] = [centred(a, fallback), centred(b, fallback)];
  const [theta, eta] = slopes(armA, armB);
  const [restA, restB] = [residualVariance(armA, theta, eta), residualVariance(armB, theta, eta)];
  const plain = residualVariance(armA, 0, 0) / armA.n + residualVariance(armB, 0, 0) / armB.n;
  const variance = restA / armA.n + restB / armB.n;
  const unadjusted = armB.meanY - armA.meanY;
  const estimate = unadjusted - theta * (armB.meanX - armA.meanX) - eta * (armB.meanMissing - armA.meanMissing);
  const se = Math.sqrt(variance);
  const df = satterthwaite(restA / armA.n, armA.n, restB / armB.n, armB.n);
  const shared = { ...rest, estimate, se, theta, unadjusted, varianceRatio: plain === 0 ? null : variance / plain };
  if (df === null) return estimateOf({ ...shared, reason: 'no_spread' });
  const half = tOf(level, df) * se;
  return estimateOf({ ...shared, lower: estimate - half, upper: estimate + half });
}

interface CentredArm {
  n: number;
  meanY: number;
  meanX: number;
  meanMissing: number;
  y: number[];
  x: number[];
  missing: number[];
}

function centred({ y, x }: Arm, fallback: number): CentredArm {
  const filled = x.map((value) => value ?? fallback);
  const missing = x.map((value) => (value === null ? 1 : 0));
  const [meanY, meanX, meanMissing] = [meanOf(y), meanOf(filled), meanOf(missing)];
  return {
    n: y.length,
    meanY,
    meanX,
    meanMissing,
    y: Array.from(y, (value) => value - meanY),
    x: filled.map((value) => value - meanX),
    missing: missing.map((value) => value - meanMissing),
  };
}

/** Least squares within arms on x and on whether x is missing; 0 where a covariate does not vary. */
function slopes(...arms: CentredArm[]): [number, number] {
  let [xx, xm, mm, xy, my] = [0, 0, 0, 0, 0];
  for (const { y, x, missing } of arms) {
    for (let i = 0; i < y.length; i += 1) {
      xx += x[i]! * x[i]!;
      xm += x[i]! * missing[i]!;
      mm += missing[i]! * missing[i]!;
      xy += x[i]! * y[i]!;
      my += missing[i]! * y[i]!;
    }
  }
  const determinant = xx * mm - xm * xm;
  if (mm > 0 && determinant > 1e-12 * xx * mm) return [(xy * mm - my * xm) / determinant, (my * xx - xy * xm) / determinant];
  if (xx > 0) return [xy / xx, 0];
  return [0, mm > 0 ? my / mm : 0];
}

function residualVariance({ n, y, x, missing }: CentredArm, theta: number, eta: number): number {
  let squares = 0;
  for (let i = 0; i < n; i += 1) squares += (y[i]! - theta * x[i]! - eta * missing[i]!) ** 2;
  return squares / (n - 1);
}
