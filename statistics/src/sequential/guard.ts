import { logBetaTails } from '../numeric/beta.ts';
import { logBeta } from '../numeric/gamma.ts';

export interface Guard {
  /** ln of the evidence that B fails more often than is tolerated. */
  logE: number;
  /** The evidence has reached `threshold`: stop the arm. */
  breach: boolean;
  threshold: number;
  n: number;
  method: string;
}

/** The share of failures that fall on B when it fails `riskRatio` times as often as A and gets `shareB` of the traffic. */
export function toleratedShare(shareB: number, riskRatio = 1): number {
  return (shareB * riskRatio) / (shareB * riskRatio + 1 - shareB);
}

/**
 * Whether B does harm, from who failed alone: among units that failed, the share in B is at most theta0 unless B fails more
 * often. Evidence by a uniform prior above theta0 (A. Wald, "Sequential tests of statistical hypotheses", 1945; A. Ramdas, P.
 * Grünwald, V. Vovk and G. Shafer, "Game-theoretic statistics and safe anytime-valid inference", Statistical Science 38 (2023)
 * 576-601). Exact at every look.
 *
 * Assumes units fail independently and each counts once. @param threshold 20 for 5 %; 20·k keeps k guards at 5 % together
 */
export function guardConditional(failuresB: number, failuresA: number, theta0: number, threshold = 20): Guard {
  if (!(theta0 > 0 && theta0 < 1)) throw new RangeError(`A share of ${theta0} is not between 0 and 1.`);
  if (Math.min(failuresA, failuresB) < 0) throw new RangeError('A count of failures is below 0.');
  const [a, b] = [1 + failuresB, 1 + failuresA];
  const logLikelihood = failuresB * Math.log(theta0) + failuresA * Math.log1p(-theta0);
  const logE = logBeta(a, b) + logBetaTails(a, b, theta0).above - Math.log1p(-theta0) - logLikelihood;
  return { logE, breach: logE >= Math.log(threshold), threshold, n: failuresA + failuresB, method: 'conditional e-value' };
}
