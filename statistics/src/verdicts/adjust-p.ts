/**
 * Probabilities corrected for how many were asked, in the order given: S. Holm, "A simple sequentially rejective multiple test
 * procedure", Scandinavian Journal of Statistics 6 (1979) 65-70, for verdicts; Y. Benjamini and Y. Hochberg, "Controlling the false
 * discovery rate", Journal of the Royal Statistical Society B 57 (1995) 289-300, for exploring slices, which must be labelled so.
 *
 * @throws RangeError for what is no probability
 */
export function adjustP(p: readonly number[]): { holm: number[]; bh: number[] } {
  if (p.some((value) => !(value >= 0 && value <= 1))) throw new RangeError('There is a p that is no probability.');
  const m = p.length;
  const order = p.map((_, i) => i).sort((i, j) => p[i]! - p[j]!);
  const holm = Array.from(p, () => 1);
  const bh = Array.from(p, () => 1);
  let highest = 0;
  for (const [rank, i] of order.entries()) {
    highest = Math.max(highest, Math.min(1, (m - rank) * p[i]!));
    holm[i] = highest;
  }
  let lowest = 1;
  for (const [back, i] of order.toReversed().entries()) {
    lowest = Math.min(lowest, (m / (m - back)) * p[i]!);
    bh[i] = lowest;
  }
  return { holm, bh };
}

/** The level at which each of k intervals is shown so that all hold together with `level`: 1 − (1 − level)/k (Bonferroni). */
export function levelFor(k: number, level = 0.95): number {
  if (!(k >= 1)) throw new RangeError(`${k} comparisons are none.`);
  return 1 - (1 - level) / k;
}
