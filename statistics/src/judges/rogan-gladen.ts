import { zOf } from '../numeric/normal.ts';
import { type Estimate, estimateOf } from '../result.ts';

/** How often the judge says good, and how it did on cases whose label is known from elsewhere. */
export interface JudgedElsewhere {
  positive: number;
  n: number;
  truePositive: number;
  nPositive: number;
  trueNegative: number;
  nNegative: number;
}

export interface RoganGladen extends Estimate {
  /** Before it was cut to 0..1. */
  raw: number | null;
  /** By the delta method, for the raw estimate. */
  se: number | null;
  /** The judge tells good from bad at all: sensitivity + specificity above 1. */
  identified: boolean;
}

/**
 * The true share of good from a judge's share and its errors: W. J. Rogan and B. Gladen, "Estimating prevalence from the results of a
 * screening test", American Journal of Epidemiology 107 (1978) 71-76; interval of Z. Lang and J. Reiczigel, "Confidence limits for
 * prevalence of disease adjusted for estimated sensitivity and specificity", Preventive Veterinary Medicine 113 (2014) 13-22.
 *
 * Only when the labels come from elsewhere and the judge errs here as it did there. Labels of the same cases: `judgeStratified`.
 */
export function roganGladen({ positive, n, truePositive, nPositive, trueNegative, nNegative }: JudgedElsewhere, level = 0.95): RoganGladen {
  const rest = { level, n: n + nPositive + nNegative, method: 'Rogan-Gladen, Lang-Reiczigel' };
  const unknown = { ...rest, lower: 0, upper: 1, raw: null, se: null, identified: false };
  if (n === 0 || nPositive === 0 || nNegative === 0) return estimateOf({ ...unknown, reason: 'no_data' });
  const [p, sensitivity, specificity] = [positive / n, truePositive / nPositive, trueNegative / nNegative];
  const j = sensitivity + specificity - 1;
  if (j <= 1e-12) return estimateOf({ ...unknown, reason: 'not_identified' });
  const raw = (p + specificity - 1) / j;
  const variance =
    (p * (1 - p)) / n +
    (raw * raw * sensitivity * (1 - sensitivity)) / nPositive +
    ((1 - raw) ** 2 * specificity * (1 - specificity)) / nNegative;
  return estimateOf({
    ...rest,
    estimate: clip(raw),
    ...langReiczigel({ positive, n, truePositive, nPositive, trueNegative, nNegative }, zOf(level)),
    raw,
    se: Math.sqrt(variance) / j,
    identified: true,
  });
}

function langReiczigel({ positive, n, truePositive, nPositive, trueNegative, nNegative }: JudgedElsewhere, z: number) {
  const trials = n + z * z;
  const p = (positive + (z * z) / 2) / trials;
  const sensitivity = (truePositive + 1) / (nPositive + 2);
  const specificity = (trueNegative + 1) / (nNegative + 2);
  const j = sensitivity + specificity - 1;
  const prevalence = (p + specificity - 1) / j;
  const ofSensitivity = (sensitivity * (1 - sensitivity)) / (nPositive + 2);
  const ofSpecificity = (specificity * (1 - specificity)) / (nNegative + 2);
  const shift = 2 * z * z * (prevalence * ofSensitivity - (1 - prevalence) * ofSpecificity);
  const half = (z * Math.sqrt((p * (1 - p)) / trials + prevalence ** 2 * ofSensitivity + (1 - prevalence) ** 2 * ofSpecificity)) / j;
  return { lower: clip(prevalence + shift - half), upper: clip(prevalence + shift + half) };
}

const clip = (share: number): number => Math.min(1, Math.max(0, share));
