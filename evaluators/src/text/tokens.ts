/** Texts cut into what the published measures count. Strings of JavaScript are counted by code points, as Python does. */

/** Python's `str.split()`: its white space is not quite JavaScript's `\s`. */
export function splitSpaces(text: string): string[] {
  // eslint-disable-next-line no-control-regex
  return text.split(/[\t-\r\u001c- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/).filter((word) => word !== '');
}

/**
 * Words in small letters. For ASCII these are the tokens of Google's rouge-score; letters and digits of every script count,
 * and in scripts that put no spaces between words each sign is a word.
 */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(word) ?? [];
}
/** Signs of scripts without spaces one by one; else runs of letters, marks and digits. */
const unspaced = String.raw`\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}`;
const word = new RegExp(String.raw`[${unspaced}]|(?:(?![${unspaced}])[\p{L}\p{M}\p{N}])+`, 'gu');

export type Counts = Map<string, number>;

/** How often each run of `n` tokens comes. Tokens hold no space. */
export function countNgrams(tokens: readonly string[], n: number): Counts {
  const counts: Counts = new Map();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = n === 1 ? (tokens[i] ?? '') : tokens.slice(i, i + n).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

export function sumOf(counts: Counts): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** How many of the first are in the second, each at most as often as it is there. */
export function overlapOf(counts: Counts, reference: Counts): number {
  let overlap = 0;
  for (const [gram, count] of counts) overlap += Math.min(count, reference.get(gram) ?? 0);
  return overlap;
}
