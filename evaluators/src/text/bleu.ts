import { countNgrams, splitSpaces } from './tokens.ts';
import type { Counts } from './tokens.ts';

/**
 * BLEU: Papineni et al. 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation", as sacreBLEU 2 computes it
 * (Post 2018, "A Call for Clarity in Reporting BLEU Scores"): 13a tokens, orders 1 to 4, brevity against the reference of the
 * nearest length. Smoothing: Chen and Cherry 2014, "A Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU".
 */

export const smoothings = ['exp', 'floor', 'add-k', 'none'] as const;
export type Smoothing = (typeof smoothings)[number];

const orders = 4;
/** sacreBLEU's defaults. */
const floorValue = 0.1;
const addedK = 1;

/** Counts by order, and lengths in tokens; they add up over a corpus. */
export interface BleuCounts {
  correct: number[];
  total: number[];
  outputLength: number;
  referenceLength: number;
}

/** mteval-v13a's tokens, as sacreBLEU has them. */
export function tokenize13a(text: string): string[] {
  const plain = text
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  const spaced = ` ${plain} `
    .replaceAll(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replaceAll(/([^0-9])([.,])/g, '$1 $2 ')
    .replaceAll(/([.,])([^0-9])/g, ' $1 $2')
    .replaceAll(/([0-9])(-)/g, '$1 $2 ');
  return splitSpaces(spaced);
}

export function countBleu(output: string, references: readonly string[]): BleuCounts {
  const tokens = tokenize13a(output);
  const lists = references.map(tokenize13a);
  const counts: BleuCounts = { correct: [], total: [], outputLength: tokens.length, referenceLength: nearestLength(tokens.length, lists) };
  for (let n = 1; n <= orders; n++) {
    const known = mostOf(lists.map((list) => countNgrams(list, n)));
    let correct = 0;
    for (const [gram, count] of countNgrams(tokens, n)) correct += Math.min(count, known.get(gram) ?? 0);
    counts.correct.push(correct);
    counts.total.push(Math.max(0, tokens.length - n + 1));
  }
  return counts;
}

/** For a corpus: the mean of sentence scores is not BLEU. */
export function addBleu(all: readonly BleuCounts[]): BleuCounts {
  const sum = (pick: (counts: BleuCounts) => number) => all.reduce((total, counts) => total + pick(counts), 0);
  const byOrder = (pick: (counts: BleuCounts) => number[]) =>
    Array.from({ length: orders }, (_, i) => sum((counts) => pick(counts)[i] ?? 0));
  return {
    correct: byOrder((counts) => counts.correct),
    total: byOrder((counts) => counts.total),
    outputLength: sum((counts) => counts.outputLength),
    referenceLength: sum((counts) => counts.referenceLength),
  };
}

/**
 * The score from 0 to 1 (sacreBLEU prints it times 100). `effectiveOrder` leaves out the orders that the output is too short for:
 * for sentences; a corpus goes without.
 */
export function scoreBleu(counts: BleuCounts, options: { smoothing: Smoothing; effectiveOrder: boolean }): number {
  if (!counts.correct.some((count) => count > 0)) return 0;
  const logs: number[] = [];
  let halvings = 1;
  for (let i = 0; i < orders; i++) {
    const added = options.smoothing === 'add-k' && i > 0 ? addedK : 0;
    const correct = (counts.correct[i] ?? 0) + added;
    const total = (counts.total[i] ?? 0) + added;
    if (total === 0) break;
    if (correct === 0 && options.smoothing === 'exp') halvings *= 2;
    const smoothed = options.smoothing === 'exp' ? 1 / halvings : options.smoothing === 'floor' ? floorValue : 0;
    logs.push(logOf((correct === 0 ? smoothed : correct) / total));
  }
  const counted = options.effectiveOrder ? logs.length : orders;
  // An order without any run of that length has no precision, which counts as nothing right.
  while (logs.length < counted) logs.push(logOf(0));
  return brevity(counts) * Math.exp(logs.reduce((sum, log) => sum + log, 0) / counted);
}

/** sacreBLEU's stand-in for the logarithm of zero. */
const logOf = (precision: number): number => (precision === 0 ? -9_999_999_999 : Math.log(precision));

function brevity({ outputLength, referenceLength }: BleuCounts): number {
  if (outputLength >= referenceLength) return 1;
  return outputLength === 0 ? 0 : Math.exp(1 - referenceLength / outputLength);
}

/** Each run as often as in the reference that has it most often. */
function mostOf(all: readonly Counts[]): Counts {
  const most: Counts = new Map();
  for (const counts of all) for (const [gram, count] of counts) most.set(gram, Math.max(count, most.get(gram) ?? 0));
  return most;
}

/** Of two equally near the shorter. */
function nearestLength(length: number, references: readonly string[][]): number {
  const lengths = references.map((tokens) => tokens.length).sort((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b);
  return lengths[0] ?? 0;
}
