import { diffArrays } from 'diff';

/** How an edited text differs from what it was. Lengths are of UTF-16 code units. */
export interface EditDifference {
  /** Normalised edit distance, 0 (untouched) to 1: insertions, deletions and replacements of characters over the longer text. */
  amount: number;
  /** Share of the words of the first text that stand in the second, in order. */
  kept: number;
  /** The smallest unit that explains the edit. */
  kind: 'none' | 'characters' | 'words' | 'lines' | 'rewritten';
  inserted: number;
  deleted: number;
}

/** Cells of the table of distances that are worth computing: two texts of 12,000 characters, 20 ms. */
const mostCells = 150_000_000;
/** Edits past which texts are compared by larger units. */
const mostEdits = 1_500;
/** Words kept below which nothing of the first text explains the second. */
const rewrittenBelow = 0.2;
/** Of what is longer, the rest counts as replaced. */
const longest = 1_000_000;

/**
 * Measures of an edit, in time that is bounded whatever the texts: the distance is exact for texts of a few pages and an upper bound
 * beyond, where changed passages count in full. Assumes well-formed text.
 */
export function editMeasuresOf(before: string, after: string): EditDifference {
  if (before === after) return { amount: 0, kept: 1, kind: 'none', inserted: 0, deleted: 0 };
  const size = Math.max(before.length, after.length);
  if (size > longest) return wholly(before, after);
  const [a, b] = withoutCommonEnds(before, after);
  const { kept, inserted, deleted, passages } = wordsOf(before, after);
  const distance = a.length * b.length <= mostCells ? editDistance(a, b) : passages;
  const amount = Math.min(1, distance / size);
  return { amount, kept, kind: kindOf(before, after, kept), inserted, deleted };
}

function wholly(before: string, after: string): EditDifference {
  return { amount: 1, kept: 0, kind: 'rewritten', inserted: after.length, deleted: before.length };
}

/** The texts without what both begin and end with: an edit is mostly small and in one place. */
function withoutCommonEnds(a: string, b: string): [string, string] {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < shorter - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end += 1;
  return [a.slice(start, a.length - end), b.slice(start, b.length - end)];
}

/**
 * Levenshtein's distance, 32 rows of the table in one step. G. Myers, "A fast bit-vector algorithm for approximate string matching
 * based on dynamic programming", Journal of the ACM 46 (1999) 395-415, with the blocks of H. Hyyrö (2003).
 */
export function editDistance(a: string, b: string): number {
  if (a.length === 0 || b.length === 0) return a.length + b.length;
  const [pattern, text] = a.length <= b.length ? [a, b] : [b, a];
  const m = pattern.length;
  const blocks = Math.ceil(m / 32);
  const n = text.length;
  // Horizontal differences at the lower border of the block above, by column: the first block's are all +1.
  const plusIn = new Uint8Array(n).fill(1);
  const minusIn = new Uint8Array(n);
  let score = m;
  for (let block = 0; block < blocks; block += 1) {
    const from = block * 32;
    const rows = Math.min(32, m - from);
    const peq = new Map<number, number>();
    for (let i = 0; i < rows; i += 1) {
      const code = pattern.charCodeAt(from + i);
      peq.set(code, (peq.get(code) ?? 0) | (1 << i));
    }
    const last = 1 << (rows - 1);
    const isLast = block === blocks - 1;
    let pv = -1;
    let mv = 0;
    for (let j = 0; j < n; j += 1) {
      const eq0 = peq.get(text.charCodeAt(j)) ?? 0;
      const hinMinus = minusIn[j]!;
      const hinPlus = plusIn[j]!;
      const xv = eq0 | mv;
      const eq = eq0 | hinMinus;
      const xh = (((eq & pv) + pv) ^ pv) | eq;
      let ph = mv | ~(xh | pv);
      let mh = pv & xh;
      const outPlus = (ph & last) === 0 ? 0 : 1;
      const outMinus = (mh & last) === 0 ? 0 : 1;
      ph = (ph << 1) | hinPlus;
      mh = (mh << 1) | hinMinus;
      pv = mh | ~(xv | ph);
      mv = ph & xv;
      plusIn[j] = outPlus;
      minusIn[j] = outMinus;
      if (isLast) score += outPlus - outMinus;
    }
  }
  return score;
}

const wordPattern = /\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu;

interface Words {
  kept: number;
  inserted: number;
  deleted: number;
  /** Characters of changed passages: at least the distance. */
  passages: number;
}

function wordsOf(before: string, after: string): Words {
  const [a, b] = [before.match(wordPattern) ?? [], after.match(wordPattern) ?? []];
  const parts = diffArrays(a, b, { maxEditLength: mostEdits }) ?? diffArrays(lines(before), lines(after), { maxEditLength: mostEdits });
  const isWord = (piece: string) => piece.trim() !== '';
  const count = (pieces: readonly string[]) =>
    pieces.reduce((sum, piece) => sum + (piece.match(wordPattern) ?? []).filter(isWord).length, 0);
  const words = a.filter(isWord).length;
  if (parts === undefined) {
    const [first, second] = withoutCommonEnds(before, after);
    const kept = words === 0 ? 0 : 1 - Math.min(1, count([first]) / words);
    return { kept, inserted: second.length, deleted: first.length, passages: Math.max(first.length, second.length) };
  }
  const all = { keptWords: 0, inserted: 0, deleted: 0, passages: 0 };
  let open = { inserted: 0, deleted: 0 };
  const close = () => {
    all.passages += Math.max(open.inserted, open.deleted);
    open = { inserted: 0, deleted: 0 };
  };
  for (const part of parts) {
    const length = part.value.reduce((sum, piece) => sum + piece.length, 0);
    if (part.added) {
      all.inserted += length;
      open.inserted += length;
    } else if (part.removed) {
      all.deleted += length;
      open.deleted += length;
    } else {
      close();
      all.keptWords += count(part.value);
    }
  }
  close();
  return { kept: words === 0 ? 0 : all.keptWords / words, inserted: all.inserted, deleted: all.deleted, passages: all.passages };
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/**
 * `lines`: only whole lines came or went. `characters`: every changed word has a like one in its place (typing errors, case,
 * punctuation). `words`: anything else of which enough was kept; `rewritten` below that.
 */
function kindOf(before: string, after: string, kept: number): EditDifference['kind'] {
  const [a, b] = [lines(before), lines(after)];
  if (before !== '' && after !== '' && a.length + b.length > 2 && onlyWhole(a.map(bare), b.map(bare))) return 'lines';
  if (onlyCharacters(before, after)) return 'characters';
  return kept < rewrittenBelow ? 'rewritten' : 'words';
}

const bare = (line: string): string => line.replace(/\r?\n$/, '');

/** Lines were only added, or only removed, or moved: no line was changed within. */
function onlyWhole(a: readonly string[], b: readonly string[]): boolean {
  const parts = diffArrays([...a], [...b], { maxEditLength: mostEdits });
  if (parts === undefined || !parts.some((part) => !part.added && !part.removed)) return false;
  return parts.every((part, i) => {
    const next = parts[i + 1];
    return !((part.removed && next?.added) || (part.added && next?.removed));
  });
}

const mostLikeWords = 200;

function onlyCharacters(before: string, after: string): boolean {
  const word = /\S+/g;
  const parts = diffArrays(before.match(word) ?? [], after.match(word) ?? [], { maxEditLength: 2 * mostLikeWords });
  if (parts === undefined) return false;
  for (let i = 0; i < parts.length; i += 1) {
    const part = parts[i]!;
    if (!part.added && !part.removed) continue;
    const other = parts[i + 1];
    const pair = other !== undefined && part.removed !== other.removed && (other.added || other.removed);
    const first = (part.removed ? part.value : other?.removed ? other.value : []).join(' ');
    const second = (part.added ? part.value : other?.added ? other.value : []).join(' ');
    if (!pair || !alike(first, second)) return false;
    i += 1;
  }
  return true;
}

/** Two passages of words of which at most two fifths of the characters differ. */
function alike(a: string, b: string): boolean {
  const size = Math.max(a.length, b.length);
  if (size > 2_000) return false;
  const distance = editDistance(a.toLowerCase(), b.toLowerCase());
  return distance <= Math.max(1, 0.4 * size) || a.replace(/\P{L}/gu, '') === b.replace(/\P{L}/gu, '');
}
