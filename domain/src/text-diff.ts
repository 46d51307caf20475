import { diffLines, diffWordsWithSpace } from 'diff';

/** Differences of two texts in pieces: what is same or removed joins to the first text, same or added to the second. */
export interface TextChange {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Past so many edits a finer answer would take too long to find and to read; the rest shows as replaced. */
const maxEdits = 1000;

/** By lines, line ends included. */
export function lineDiff(before: string, after: string): TextChange[] {
  return changesOf(diffLines(before, after, { maxEditLength: maxEdits }), before, after);
}

/** By words and the spaces between them; for texts of a paragraph or a page. */
export function wordDiff(before: string, after: string): TextChange[] {
  return changesOf(diffWordsWithSpace(before, after, { maxEditLength: maxEdits }), before, after);
}

interface Part {
  value: string;
  added: boolean;
  removed: boolean;
}

function changesOf(parts: readonly Part[] | undefined, before: string, after: string): TextChange[] {
  if (parts === undefined) return replaced(before, after);
  return parts
    .filter((part) => part.value !== '')
    .map((part) => ({ kind: part.added ? 'added' : part.removed ? 'removed' : 'same', text: part.value }));
}

function replaced(before: string, after: string): TextChange[] {
  const changes: TextChange[] = [];
  if (before !== '') changes.push({ kind: 'removed', text: before });
  if (after !== '') changes.push({ kind: 'added', text: after });
  return changes;
}
