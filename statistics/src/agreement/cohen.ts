import { zOf } from '../numeric/normal.ts';
import { type Estimate, estimateOf } from '../result.ts';

export interface Kappa extends Estimate {
  se: number | null;
  /** Share of items on which both said the same: kappa is low for rare answers even when this is high (the prevalence paradox). */
  agreement: number | null;
}

export type KappaWeights = 'linear' | 'quadratic' | null;

/**
 * Agreement of two raters beyond chance: J. Cohen, "A coefficient of agreement for nominal scales", Educational and
 * Psychological Measurement 20 (1960) 37-46; standard error of J. L. Fleiss, J. Cohen and B. S. Everitt, "Large sample standard
 * errors of kappa and weighted kappa", Psychological Bulletin 72 (1969) 323-327. One category only: null. Under 50 items prefer
 * `bootstrap` over items.
 *
 * @param table counts, rows what the first rater said, columns the second, categories in order
 * @param weights for ordered categories: partial credit for answers that are near
 */
export function cohenKappa(table: readonly (readonly number[])[], weights: KappaWeights = null, level = 0.95): Kappa {
  const k = table.length;
  if (table.some((row) => row.length !== k)) throw new RangeError('A table of two raters has as many columns as rows.');
  const n = table.flat().reduce((sum, count) => sum + count, 0);
  const rest = { level, n, method: weights === null ? "Cohen's kappa" : `Cohen's kappa (${weights})` };
  if (n === 0) return estimateOf({ ...rest, se: null, agreement: null, reason: 'no_data' });
  const p = table.map((row) => row.map((count) => count / n));
  const rows = p.map((row) => row.reduce((sum, share) => sum + share, 0));
  const columns = p.map((_, j) => p.reduce((sum, row) => sum + row[j]!, 0));
  const weight = (i: number, j: number) => {
    if (weights === null || k === 1) return i === j ? 1 : 0;
    const apart = Math.abs(i - j) / (k - 1);
    return weights === 'linear' ? 1 - apart : 1 - apart * apart;
  };
  const over = (term: (i: number, j: number) => number) => {
    let sum = 0;
    for (let i = 0; i < k; i += 1) for (let j = 0; j < k; j += 1) sum += term(i, j);
    return sum;
  };
  const observed = over((i, j) => weight(i, j) * p[i]![j]!);
  const expected = over((i, j) => weight(i, j) * rows[i]! * columns[j]!);
  const agreement = p.reduce((sum, row, i) => sum + row[i]!, 0);
  if (1 - expected < 1e-12) return estimateOf({ ...rest, se: null, agreement, reason: 'one_category' });
  const kappa = (observed - expected) / (1 - expected);
  const meanRow = rows.map((_, i) => columns.reduce((sum, share, j) => sum + share * weight(i, j), 0));
  const meanColumn = columns.map((_, j) => rows.reduce((sum, share, i) => sum + share * weight(i, j), 0));
  const spread = over((i, j) => p[i]![j]! * (weight(i, j) - (meanRow[i]! + meanColumn[j]!) * (1 - kappa)) ** 2);
  const variance = (spread - (kappa - expected * (1 - kappa)) ** 2) / (n * (1 - expected) ** 2);
  const se = Math.sqrt(Math.max(0, variance));
  const half = zOf(level) * se;
  const warnings = n < 50 ? ['Fewer than 50 items: the interval is rough.'] : [];
  return estimateOf({ ...rest, estimate: kappa, lower: kappa - half, upper: Math.min(1, kappa + half), se, agreement, warnings });
}
