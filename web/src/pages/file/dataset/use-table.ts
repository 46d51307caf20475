import type { DatasetResponse } from '@whetstone/contract';
import { useEffect, useMemo, useRef, useState } from 'react';
import { type Case, caseOf, type CellColumn, columnKey, columnsOf, emptyCase, withCell } from '../../../parts/dataset/cells.ts';
import { toastError } from '../../../kit/toast.tsx';
import { addRows, changeAdded, changeRow, type Edits, type Place, placeOf, removeRows, restoreRows, withColumns } from './edits.ts';
import type { EditHistory } from './use-edits.ts';
import { type Rows, useRows } from './use-rows.ts';

export interface CellChange {
  row: number;
  column: CellColumn;
  text: string;
}
export type RowState = 'same' | 'added' | 'changed' | 'removed';

export interface Table {
  rowCount: number;
  columns: CellColumn[];
  rows: Rows;
  place: (row: number) => Place;
  /** Null while it has not been read. */
  one: (row: number) => Case | null;
  state: (row: number) => RowState;
  /** Changes cells at once; rows beyond the last one are added. Says why when a text cannot be in a cell. */
  setCells: (changes: readonly CellChange[]) => Promise<boolean>;
  setRow: (row: number, one: Case) => void;
  /** Added below the row, or at the end; the new row. */
  insert: (below: number | null, cases?: readonly Case[]) => number;
  /** Removes rows; those that are marked as removed come back. */
  toggleRemoved: (rows: readonly number[]) => void;
}

/** The rows and columns of a version with its unsaved changes. */
export function useTable(file: DatasetResponse, { edits, change }: EditHistory, visible: { first: number; last: number }): Table {
  const first = placeOf(edits, visible.first);
  const from = 'base' in first ? first.base : (edits.added[first.added]?.below ?? 0);
  const rows = useRows(file, from, from + (visible.last - visible.first));
  const count = file.datapoints_count;
  const columns = useColumns(rows, edits, from, Math.min(count, from + visible.last - visible.first + 1));
  const made = useRef(0);

  const place = (row: number): Place => placeOf(edits, row);
  const oneAt = (now: Edits, at: Place): Case | null => {
    if ('added' in at) return now.added[at.added]?.one ?? null;
    const datapoint = rows.at(at.base);
    return datapoint === undefined ? null : (now.changed.get(datapoint.id) ?? withColumns(caseOf(datapoint), now));
  };
  const put = (now: Edits, at: Place, one: Case): Edits => {
    if ('added' in at) return changeAdded(now, at.added, one);
    const datapoint = rows.at(at.base);
    return datapoint === undefined ? now : changeRow(now, datapoint.id, one);
  };
  const fresh = (cases: readonly Case[]) => cases.map((one) => ({ key: `new-${(made.current += 1)}`, one }));
  const rowCount = count + edits.added.length;

  const setCells = async (changes: readonly CellChange[]): Promise<boolean> => {
    const bases = changes.flatMap(({ row }) => {
      const at = row < rowCount ? place(row) : null;
      return at !== null && 'base' in at ? [at.base] : [];
    });
    if (bases.length > 0) await rows.load(Math.min(...bases), Math.max(...bases));
    let after = edits;
    const beyond = Math.max(0, ...changes.map(({ row }) => row - rowCount + 1));
    if (beyond > 0) after = addRows(after, count - 1, null, fresh(Array.from({ length: beyond }, () => emptyCase)));
    for (const { row, column, text } of changes) {
      const at = placeOf(after, row);
      const one = oneAt(after, at);
      if (one === null) continue;
      const changed = withCell(one, column, text);
      if (typeof changed === 'string') {
        toastError('This cell cannot be that', changed);
        return false;
      }
      after = put(after, at, changed);
    }
    change(() => after);
    return true;
  };
  return {
    rowCount,
    columns,
    rows,
    place,
    one: (row) => oneAt(edits, place(row)),
    state: (row) => {
      const at = place(row);
      if ('added' in at) return 'added';
      const id = rows.at(at.base)?.id ?? '';
      return edits.removed.has(id) ? 'removed' : edits.changed.has(id) ? 'changed' : 'same';
    },
    setCells,
    setRow: (row, one) => change((now) => put(now, placeOf(now, row), one)),
    insert: (below, cases = [emptyCase]) => {
      const at = below === null || below >= rowCount ? null : place(below);
      if (at === null) {
        change((now) => addRows(now, count - 1, null, fresh(cases)));
        return rowCount;
      }
      const sibling = 'added' in at ? edits.added[at.added] : undefined;
      const index = 'added' in at ? (sibling?.below ?? count - 1) : at.base;
      const after = 'added' in at ? (sibling?.after ?? null) : (rows.at(at.base)?.id ?? null);
      change((now) => addRows(now, index, after, fresh(cases)));
      return index + 1 + edits.added.filter((row) => row.below <= index).length;
    },
    toggleRemoved: (some) => {
      const places = some.map(place);
      const ids = places.flatMap((at) => ('base' in at ? (rows.at(at.base)?.id ?? []) : []));
      const added = places.flatMap((at) => ('added' in at ? [at.added] : []));
      const allGone = added.length === 0 && ids.every((id) => edits.removed.has(id));
      change((now) => (allGone ? restoreRows(now, ids) : removeRows(now, ids, added)));
    },
  };
}

/** Columns of all that was read so far, so that none goes away when its rows leave the view. */
function useColumns(rows: Rows, edits: Edits, from: number, to: number): CellColumn[] {
  const [known, setKnown] = useState<CellColumn[]>([]);
  const seen: Case[] = [];
  for (let index = from; index < to; index++) {
    const datapoint = rows.at(index);
    if (datapoint !== undefined) seen.push(caseOf(datapoint));
  }
  const found = columnsOf(seen, known);
  const signature = found.map(columnKey).join('\t');
  useEffect(() => {
    setKnown((before) => (before.map(columnKey).join('\t') === signature ? before : found));
    // The signature says whether the list differs.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [signature]);
  return useMemo(() => {
    const renamed = edits.columns.reduce<CellColumn[]>(
      (before, { column, to: name }) =>
        before.flatMap((one) => (columnKey(one) !== columnKey(column) ? [one] : name === null ? [] : [{ ...one, name }])),
      found,
    );
    const edited = [...edits.changed.values(), ...edits.added.map(({ one }) => one)];
    return columnsOf(edited, [...renamed, ...edits.made]).toSorted((a, b) => rank(a, renamed) - rank(b, renamed));
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [signature, edits]);
}

/** Known columns stay where they are; new ones follow within their part. */
function rank(column: CellColumn, known: readonly CellColumn[]): number {
  const parts = ['inputs', 'messages', 'target', 'split', 'tags', 'metadata'];
  const index = known.findIndex((one) => columnKey(one) === columnKey(column));
  return parts.indexOf(column.part) * 10_000 + (index < 0 ? 5_000 : index);
}
