import { logGamma } from '../numeric/gamma.ts';

/** What was drawn: of `drawn` units `marked` have a mark, of the `rest` that were not drawn `restMarked` have it. */
export interface Drawn {
  marked: number;
  drawn: number;
  restMarked: number;
  rest: number;
}

/**
 * The probability that as many or more of the drawn units have the mark when drawing does not care for it: R. A. Fisher, "The design of
 * experiments" (1935), chapter 2, one-sided. Exact; conservative where few have the mark.
 *
 * @throws RangeError for counts that are not whole, or above what they are part of
 */
export function fisherOverRepresented({ marked, drawn, restMarked, rest }: Drawn): number {
  for (const [part, whole] of [
    [marked, drawn],
    [restMarked, rest],
  ] as const) {
    if (!(Number.isInteger(part) && Number.isInteger(whole) && part >= 0 && part <= whole))
      throw new RangeError(`${part} of ${whole} is no count.`);
  }
  const all = drawn + rest;
  const marks = marked + restMarked;
  const constant = logChoose(all, drawn);
  let sum = 0;
  for (let k = marked; k <= Math.min(drawn, marks); k += 1) {
    if (drawn - k > all - marks) continue;
    sum += Math.exp(logChoose(marks, k) + logChoose(all - marks, drawn - k) - constant);
  }
  return Math.min(1, sum);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
