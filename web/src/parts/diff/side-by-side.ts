import { lineDiff, type TextChange, wordDiff } from '@whetstone/domain';

/** One row of two texts side by side: null where the other side has a line and this one has none. */
export interface DiffRow {
  before: TextChange[] | null;
  after: TextChange[] | null;
  same: boolean;
}

/** Lines of two texts beside each other; a changed line shows the words that changed. */
export function sideBySide(before: string, after: string): DiffRow[] {
  const rows: DiffRow[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at += 1) rows.push(changedRow(removed[at], added[at]));
    removed = [];
    added = [];
  };
  for (const change of lineDiff(before, after)) {
    const lines = linesOf(change.text);
    if (change.kind === 'removed') removed.push(...lines);
    else if (change.kind === 'added') added.push(...lines);
    else {
      flush();
      for (const line of lines) rows.push({ before: [{ kind: 'same', text: line }], after: [{ kind: 'same', text: line }], same: true });
    }
  }
  flush();
  return rows;
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function changedRow(before: string | undefined, after: string | undefined): DiffRow {
  if (before === undefined || after === undefined) {
    return {
      before: before === undefined ? null : [{ kind: 'removed', text: before }],
      after: after === undefined ? null : [{ kind: 'added', text: after }],
      same: false,
    };
  }
  const words = wordDiff(before, after);
  return { before: words.filter((word) => word.kind !== 'added'), after: words.filter((word) => word.kind !== 'removed'), same: false };
}

/** Long stretches without a change, cut down to a few lines around what changed. */
export function foldSame(rows: readonly DiffRow[], context = 3): (DiffRow | { folded: number })[] {
  const near = rows.map((_, at) => rows.slice(Math.max(0, at - context), at + context + 1).some((row) => !row.same));
  const out: (DiffRow | { folded: number })[] = [];
  rows.forEach((row, at) => {
    const last = out.at(-1);
    if (near[at]) out.push(row);
    else if (last !== undefined && 'folded' in last) last.folded += 1;
    else out.push({ folded: 1 });
  });
  return out;
}
