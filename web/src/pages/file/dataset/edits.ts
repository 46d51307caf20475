import type { DatasetEdit } from '@whetstone/contract';
import { type Case, type CellColumn, columnKey, datapointOf, isEmptyCase, withColumn } from '../../../parts/dataset/cells.ts';

/** Unsaved changes of a version, held as what differs: the version itself may be larger than a browser should hold. */

export interface Edits {
  removed: ReadonlySet<string>;
  changed: ReadonlyMap<string, Case>;
  /** In the order in which they stand. */
  added: readonly AddedRow[];
  /** Columns that a person made, empty yet. */
  made: readonly CellColumn[];
  /** Columns renamed, or removed (null), in the order in which it was done. */
  columns: readonly ColumnEdit[];
}
export interface AddedRow {
  key: string;
  /** Below the row of the base at this place; one less than their number: at the end. */
  below: number;
  /** Id of that row; null at the end. */
  after: string | null;
  one: Case;
}
export interface ColumnEdit {
  column: CellColumn;
  to: string | null;
}

export const noEdits: Edits = { removed: new Set(), changed: new Map(), added: [], made: [], columns: [] };

/** A row of the table: one of the base by its place, or an added one. */
export type Place = { base: number } | { added: number };

/** What stands in a row of the table. Added rows stand below the rows of the base that they were put below. */
export function placeOf({ added }: Edits, row: number): Place {
  let [low, high] = [0, added.length];
  // The first added row that stands at or below this one.
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((added[middle]?.below ?? 0) + 1 + middle < row) low = middle + 1;
    else high = middle;
  }
  const here = added[low];
  return here !== undefined && here.below + 1 + low === row ? { added: low } : { base: row - low };
}

/** The row in which a place stands. */
export function rowOf({ added }: Edits, place: Place): number {
  if ('added' in place) return (added[place.added]?.below ?? 0) + 1 + place.added;
  return place.base + added.filter(({ below }) => below < place.base).length;
}

/** What the base says, after columns were renamed and removed. */
export function withColumns(one: Case, { columns }: Pick<Edits, 'columns'>): Case {
  return columns.reduce((before, { column, to }) => withColumn(before, column, to), one);
}

export function changeRow(edits: Edits, id: string, one: Case): Edits {
  return { ...edits, changed: new Map(edits.changed).set(id, one) };
}
export function changeAdded(edits: Edits, index: number, one: Case): Edits {
  return { ...edits, added: edits.added.map((row, at) => (at === index ? { ...row, one } : row)) };
}

/** Rows below the given one of the base, after those that stand there. */
export function addRows(edits: Edits, below: number, after: string | null, rows: readonly { key: string; one: Case }[]): Edits {
  const index = edits.added.findIndex((row) => row.below > below);
  const at = index < 0 ? edits.added.length : index;
  return { ...edits, added: edits.added.toSpliced(at, 0, ...rows.map((row) => ({ ...row, below, after }))) };
}

/** Rows of the base are marked, so that they can be taken back; added ones go. */
export function removeRows(edits: Edits, ids: readonly string[], added: readonly number[]): Edits {
  const gone = new Set(added);
  return {
    ...edits,
    removed: new Set([...edits.removed, ...ids]),
    added: edits.added.filter((_, index) => !gone.has(index)),
  };
}
export function restoreRows(edits: Edits, ids: readonly string[]): Edits {
  const back = new Set(ids);
  return { ...edits, removed: new Set([...edits.removed].filter((id) => !back.has(id))) };
}

export function addColumn(edits: Edits, column: CellColumn): Edits {
  return { ...edits, made: [...edits.made, column] };
}

/** Renames or removes (null) a column everywhere: in the base when it is saved, in what was edited at once. */
export function changeColumn(edits: Edits, column: CellColumn, to: string | null): Edits {
  const key = columnKey(column);
  const made = edits.made.flatMap((one) => (columnKey(one) !== key ? [one] : to === null ? [] : [{ ...one, name: to }]));
  return {
    ...edits,
    made,
    changed: new Map([...edits.changed].map(([id, one]) => [id, withColumn(one, column, to)])),
    added: edits.added.map((row) => ({ ...row, one: withColumn(row.one, column, to) })),
    columns: [...edits.columns, { column, to }],
  };
}

export interface EditCounts {
  added: number;
  changed: number;
  removed: number;
  columns: number;
}
/** Empty added rows are not there; a removed row is not changed. */
export function countEdits({ removed, changed, added, columns }: Edits): EditCounts {
  return {
    added: added.filter(({ one }) => !isEmptyCase(one)).length,
    changed: [...changed.keys()].filter((id) => !removed.has(id)).length,
    removed: removed.size,
    columns: columns.length,
  };
}

export function hasEdits(edits: Edits): boolean {
  const { added, changed, removed, columns } = countEdits(edits);
  return added + changed + removed + columns > 0;
}

/** As the API takes them. */
export function deltaOf({ removed, changed, added, columns }: Edits): Pick<DatasetEdit, 'removed' | 'changed' | 'added' | 'columns'> {
  return {
    removed: [...removed],
    changed: [...changed].flatMap(([id, one]) => (removed.has(id) ? [] : [{ id, datapoint: datapointOf(one) }])),
    added: added.flatMap(({ after, one }) => (isEmptyCase(one) ? [] : [{ after, datapoint: datapointOf(one) }])),
    columns: columns.map(({ column, to }) => ({ part: column.part === 'target' ? 'target' : 'inputs', key: column.name, to })),
  };
}

/** "3 added, 1 changed, 2 removed" */
export function editWords({ added, changed, removed, columns }: EditCounts): string {
  const words = [
    [added, 'added'],
    [changed, 'changed'],
    [removed, 'removed'],
  ] as const;
  const rows = words.flatMap(([count, word]) => (count > 0 ? [`${count.toLocaleString('en')} ${word}`] : []));
  return [...rows, ...(columns > 0 ? [`${columns} column ${columns === 1 ? 'change' : 'changes'}`] : [])].join(', ');
}
