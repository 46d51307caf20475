import { chiSquareUpper, logGamma } from '../numeric/gamma.ts';
import { type Numbers, sumOf } from '../numeric/sums.ts';

export interface SampleRatio {
  /** ln of the evidence that units are not split as they should be. */
  logE: number;
  /** The evidence has reached 1000: false in at most 1 of 1000 experiments, however often one looks. */
  alarm: boolean;
  /** Chi-square for one look at the end; repeated at every look it cries wolf. Null without a unit. */
  chi2: number | null;
  pChi2: number | null;
  n: number;
  method: string;
}

/**
 * Sample-ratio mismatch, to be looked at as often as one likes: the Dirichlet-multinomial Bayes factor of M. Lindon and A. Malek,
 * "Anytime-valid inference for multinomial count data", NeurIPS 2022. Count units at assignment, bots left out before it.
 *
 * @param counts units per arm
 * @param probs the split that was meant; made to sum to 1
 * @throws RangeError for other lengths or a probability that is not above 0
 */
export function sampleRatio(counts: Numbers, probs: Numbers, concentration = 1000): SampleRatio {
  if (counts.length !== probs.length || counts.length < 2)
    throw new RangeError('A split has as many counts as probabilities, two or more.');
  const n = sumOf(counts);
  const whole = sumOf(probs);
  let logE = logGamma(concentration) - logGamma(concentration + n);
  let chi2 = 0;
  for (let i = 0; i < counts.length; i += 1) {
    const p = probs[i]! / whole;
    if (!(p > 0)) throw new RangeError(`Arm ${i} is meant to have ${probs[i]} of the traffic; it must be above 0.`);
    const prior = concentration * p;
    logE += logGamma(prior + counts[i]!) - logGamma(prior) - counts[i]! * Math.log(p);
    if (n > 0) chi2 += (counts[i]! - n * p) ** 2 / (n * p);
  }
  const known = n > 0;
  return {
    logE: known ? logE : 0,
    alarm: logE >= Math.log(1000),
    chi2: known ? chi2 : null,
    pChi2: known ? chiSquareUpper(chi2, counts.length - 1) : null,
    n,
    method: 'Dirichlet-multinomial e-value',
  };
}
