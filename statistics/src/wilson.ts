/** A proportion and the interval in which the true one lies with the stated confidence. All from 0 to 1. */
export interface Proportion {
  value: number;
  low: number;
  high: number;
  successes: number;
  trials: number;
}

/**
 * Wilson's score interval of a proportion: E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", Journal of the American Statistical Association 22 (1927) 209-212; recommended for small samples by
 * L. D. Brown, T. T. Cai and A. DasGupta, Statistical Science 16 (2001) 101-133.
 *
 * @param z standard normal quantile; 1.959964 gives 95 %.
 * @returns null without a trial: nothing is known, which is not the same as zero.
 * @throws RangeError when successes are not between 0 and trials.
 */
export function wilsonInterval(successes: number, trials: number, z = 1.959963984540054): Proportion | null {
  if (!(successes >= 0 && successes <= trials)) throw new RangeError(`${successes} of ${trials} is not a proportion.`);
  if (trials === 0) return null;
  const value = successes / trials;
  const z2 = z * z;
  const centre = (value + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (z / (1 + z2 / trials)) * Math.sqrt((value * (1 - value)) / trials + z2 / (4 * trials * trials));
  // At the ends the bound is the end itself; rounding must not leave it a hair inside or outside.
  return {
    value,
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
    successes,
    trials,
  };
}
