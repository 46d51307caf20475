import { countNgrams, overlapOf, splitSpaces, sumOf } from './tokens.ts';
import type { Counts } from './tokens.ts';

/**
 * chrF (Popović 2015, "chrF: character n-gram F-score for automatic MT evaluation") and chrF++ (Popović 2017, "chrF++: words
 * helping character n-grams"), as sacreBLEU 2 computes them: characters without spaces, orders 1 to 6, words 0 or 2, beta 2, means over the orders that
 * both texts are long enough for.
 */

const charOrders = 6;
/** `string.punctuation` of Python. */
const punctuation = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/** From 0 to 1 (sacreBLEU prints it times 100): the best over the references. */
export function scoreChrf(output: string, references: readonly string[], options: { wordOrders: 0 | 2; beta: number }): number {
  const grams = gramsOf(output, options.wordOrders);
  return Math.max(...references.map((reference) => fScore(grams, gramsOf(reference, options.wordOrders), options.beta)));
}

function gramsOf(text: string, wordOrders: number): Counts[] {
  const chars = Array.from(splitSpaces(text).join(''));
  const byChar = Array.from({ length: charOrders }, (_, i) => countNgrams(chars, i + 1));
  const words = wordOrders === 0 ? [] : splitSpaces(text).flatMap(withoutPunctuation);
  return [...byChar, ...Array.from({ length: wordOrders }, (_, i) => countNgrams(words, i + 1))];
}

/** One sign of punctuation is cut off, at the end before the beginning, as chrF++ has it. */
function withoutPunctuation(word: string): string[] {
  const signs = Array.from(word);
  if (signs.length === 1) return [word];
  if (punctuation.has(signs.at(-1) ?? '')) return [signs.slice(0, -1).join(''), signs.at(-1) ?? ''];
  if (punctuation.has(signs[0] ?? '')) return [signs[0] ?? '', signs.slice(1).join('')];
  return [word];
}

function fScore(output: readonly Counts[], reference: readonly Counts[], beta: number): number {
  let precision = 0;
  let recall = 0;
  let orders = 0;
  output.forEach((counts, i) => {
    const known = reference[i] ?? new Map();
    const total = sumOf(counts);
    const wanted = sumOf(known);
    if (total === 0 || wanted === 0) return;
    const found = overlapOf(counts, known);
    precision += found / total;
    recall += found / wanted;
    orders++;
  });
  if (precision + recall === 0) return 0;
  precision /= orders;
  recall /= orders;
  return ((1 + beta ** 2) * precision * recall) / (beta ** 2 * precision + recall);
}
