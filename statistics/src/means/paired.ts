import { meanOf } from '../numeric/sums.ts';
import { droppedOf } from '../result.ts';
import { type MeanEstimate, tInterval } from './t.ts';

/** Per case the values of its repeats, in the same order of cases; `null` where a judgment is missing or failed. */
export type Repeats = readonly (readonly (number | null)[])[];

/** The mean of each case's repeats; null where none is there. */
export function caseMeans(cases: Repeats): (number | null)[] {
  return cases.map((repeats) => {
    const kept = there(repeats);
    return kept.length === 0 ? null : meanOf(kept);
  });
}

/** Per case B minus A, null where a side is missing. @throws RangeError when the lists differ in length */
export function caseDifferences(a: Repeats, b: Repeats): (number | null)[] {
  if (a.length !== b.length) throw new RangeError(`${a.length} and ${b.length} cases are not the same cases.`);
  const [meansA, meansB] = [caseMeans(a), caseMeans(b)];
  return meansA.map((mean, i) => (mean === null || meansB[i] === null ? null : meansB[i]! - mean));
}

/** Values that are there. */
export function there(values: readonly (number | null)[]): readonly number[] {
  return values.includes(null) ? values.filter((value) => value !== null) : (values as readonly number[]);
}

/**
 * The difference of two means over the same cases, B minus A: Student's interval over the differences of each case's means, which
 * holds for any and unequal numbers of repeats. More repeats never replace more cases. Cases that lack a side are dropped and counted.
 *
 * Assumes independent cases.
 */
export function pairedMeanDifference(a: Repeats, b: Repeats, level = 0.95): MeanEstimate {
  const differences = caseDifferences(a, b);
  const kept = there(differences);
  const dropped = droppedOf({ count: differences.length - kept.length, why: 'cases that lack a side' });
  return { ...tInterval(kept, level), method: 'paired t', dropped };
}
