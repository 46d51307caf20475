import { normalCdf } from '../numeric/normal.ts';
import { minimise } from '../numeric/roots.ts';

/**
 * Normal-mixture boundaries, which hold at all sample sizes at once: H. Robbins, "Statistical methods related to the law of the iterated
 * logarithm", Annals of Mathematical Statistics 41 (1970) 1397-1409; I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy and A. Ramdas,
 * "Time-uniform central limit theory and asymptotic confidence sequences", Annals of Statistics 52 (2024) 2613-2640.
 */

/** Standard errors either side at information r (in units of where the mixture is centred). */
export function mixtureMultiplier(r: number, alpha: number): number {
  return Math.sqrt(2 * (1 + 1 / r) * Math.log(Math.sqrt(1 + r) / alpha));
}

/** The same for a bound on one side only. */
export function mixtureMultiplierOneSided(r: number, alpha: number): number {
  return Math.sqrt(2 * (1 + 1 / r) * Math.log1p(Math.sqrt(1 + r) / (2 * alpha)));
}

/**
 * The r at which the boundary is tightest, so that n·kappa/nStar makes it tightest at nStar: two-sided kappa = −W₋₁(−alpha²/e) − 1,
 * 8.21198 at 0.05; one-sided by minimising, 6.99202.
 */
export function acsKappa(alpha: number): { kappa: number; kappaOneSided: number } {
  const best = minimise((logR) => mixtureMultiplierOneSided(Math.exp(logR), checkAlpha(alpha)), Math.log(0.01), Math.log(1000), 1e-7);
  return { kappa: kappaOf(alpha), kappaOneSided: Math.exp(best) };
}

/** The two-sided one alone, which is quick. */
export function kappaOf(alpha: number): number {
  // kappa = ln(1 + kappa) − 2 ln alpha, a contraction.
  let kappa = -2 * Math.log(checkAlpha(alpha)) + 2;
  for (let step = 0; step < 200; step += 1) {
    const next = Math.log1p(kappa) - 2 * Math.log(alpha);
    if (Math.abs(next - kappa) < 1e-14 * kappa) break;
    kappa = next;
  }
  return kappa;
}

function checkAlpha(alpha: number): number {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError(`An alpha of ${alpha} is not between 0 and 1.`);
  return alpha;
}

/** ln of the evidence that goes with the two-sided boundary, for an estimate `z` standard errors from what is denied. */
export function logMixtureEvidence(z: number, r: number): number {
  return (z * z * r) / (2 * (1 + r)) - 0.5 * Math.log1p(r);
}

/**
 * ln of the evidence that an estimate lies above what is denied, `z` standard errors away: the mixture is the upper half of the normal.
 * It reaches 1/alpha no later than `mixtureMultiplierOneSided` says.
 */
export function logMixtureEvidenceOneSided(z: number, r: number): number {
  const share = normalCdf(z * Math.sqrt(r / (1 + r)));
  return share === 0 ? -Infinity : Math.LN2 + Math.log(share) + logMixtureEvidence(z, r);
}
