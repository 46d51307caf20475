import { countNgrams, overlapOf, sumOf } from './tokens.ts';

/**
 * ROUGE-N and ROUGE-L: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries", as Google's rouge-score computes
 * them, without stemming. ROUGE-L takes each text as one sentence.
 */

export interface RougeScore {
  precision: number;
  recall: number;
  f1: number;
}

export function rougeN(output: readonly string[], reference: readonly string[], n: number): RougeScore {
  const found = countNgrams(output, n);
  const wanted = countNgrams(reference, n);
  return ofShares(overlapOf(found, wanted), sumOf(found), sumOf(wanted));
}

export function rougeL(output: readonly string[], reference: readonly string[]): RougeScore {
  return ofShares(longestCommon(output, reference), output.length, reference.length);
}

function ofShares(common: number, found: number, wanted: number): RougeScore {
  const precision = common / Math.max(1, found);
  const recall = common / Math.max(1, wanted);
  return { precision, recall, f1: common === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

/** Length of the longest common subsequence, in time a.length × b.length and one row of memory. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const numbers = new Map<string, number>();
  const numbered = (tokens: readonly string[]) =>
    Uint32Array.from(tokens, (token) => numbers.get(token) ?? (numbers.set(token, numbers.size), numbers.size - 1));
  const left = numbered(a);
  const right = numbered(b);
  const row = new Uint32Array(right.length + 1);
  for (const token of left) {
    let diagonal = 0;
    for (let j = 1; j <= right.length; j++) {
      const above = row[j] ?? 0;
      row[j] = right[j - 1] === token ? diagonal + 1 : Math.max(above, row[j - 1] ?? 0);
      diagonal = above;
    }
  }
  return row[right.length] ?? 0;
}
