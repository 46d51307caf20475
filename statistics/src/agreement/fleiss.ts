import { type Estimate, estimateOf } from '../result.ts';
import { agreementLimits, jackknifeSe } from './jackknife.ts';

export interface FleissKappa extends Estimate {
  /** Standard error by leaving out one item at a time. */
  se: number | null;
  agreement: number | null;
}

/**
 * Agreement of a fixed number of ratings an item, not always of the same people: J. L. Fleiss, "Measuring nominal scale
 * agreement among many raters", Psychological Bulletin 76 (1971) 378-382. Items with fewer ratings: `krippendorffAlpha`. One
 * category only: null.
 *
 * @param table per item how many raters chose each category
 * @throws RangeError when items differ in their number of ratings
 */
export function fleissKappa(table: readonly (readonly number[])[], level = 0.95): FleissKappa {
  const n = table.length;
  const rest = { level, n, method: "Fleiss' kappa (jackknife)" };
  const raters = (table[0] ?? []).reduce((sum, count) => sum + count, 0);
  if (table.some((row) => row.reduce((sum, count) => sum + count, 0) !== raters))
    throw new RangeError("Fleiss' kappa takes items with the same number of ratings.");
  if (n === 0 || raters < 2) return estimateOf({ ...rest, se: null, agreement: null, reason: 'no_data' });
  const agreement = observedAgreement(table, raters);
  const estimate = kappaOf(table, raters);
  if (estimate === null) return estimateOf({ ...rest, se: null, agreement, reason: 'one_category' });
  const se = jackknifeSe(table, (rows) => kappaOf(rows, raters));
  return estimateOf({
    ...rest,
    estimate,
    ...agreementLimits(estimate, se, level),
    se,
    agreement,
    reason: se === null ? 'too_few_units' : null,
  });
}

function observedAgreement(table: readonly (readonly number[])[], raters: number): number {
  const pairs = table.reduce((sum, row) => sum + row.reduce((inner, count) => inner + count * (count - 1), 0), 0);
  return pairs / (table.length * raters * (raters - 1));
}

function kappaOf(table: readonly (readonly number[])[], raters: number): number | null {
  const categories = table[0]?.length ?? 0;
  let expected = 0;
  for (let j = 0; j < categories; j += 1) {
    const share = table.reduce((sum, row) => sum + row[j]!, 0) / (table.length * raters);
    expected += share * share;
  }
  return 1 - expected < 1e-12 ? null : (observedAgreement(table, raters) - expected) / (1 - expected);
}
