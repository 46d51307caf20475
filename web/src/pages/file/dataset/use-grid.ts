import { type ClipboardEvent, type KeyboardEvent, useState } from 'react';
import { cellText } from '../../../parts/dataset/cells.ts';
import { readTsv, writeTsv } from './tsv.ts';
import type { EditHistory } from './use-edits.ts';
import type { CellChange, Table } from './use-table.ts';

export interface Cell {
  row: number;
  col: number;
}
export interface Editing extends Cell {
  text: string;
}
export interface Grid {
  active: Cell;
  /** The other corner of the selection. */
  anchor: Cell;
  editing: Editing | null;
  isSelected: (row: number, col: number) => boolean;
  go: (to: Cell, extend?: boolean) => void;
  edit: (at: Cell, text?: string) => void;
  setText: (text: string) => void;
  /** Takes the text over and goes on by so much. */
  commit: (by: Cell) => void;
  cancel: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onCopy: (event: ClipboardEvent) => void;
  onPaste: (event: ClipboardEvent) => void;
}

interface Options {
  table: Table;
  history: EditHistory;
  mayWrite: boolean;
  /** Rows of a screen. */
  pageRows: number;
  onOpen: () => void;
  onSave: () => void;
  /** Brings a cell into view and the keyboard back to the grid. */
  onMoved: (to: Cell) => void;
}

const moves: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The keyboard of a spreadsheet. */
export function useGrid({ table, history, mayWrite, pageRows, onOpen, onSave, onMoved }: Options): Grid {
  const [active, setActive] = useState<Cell>({ row: 0, col: 0 });
  const [anchor, setAnchor] = useState<Cell>(active);
  const [editing, setEditing] = useState<Editing | null>(null);
  const lastRow = Math.max(0, table.rowCount - 1);
  const lastCol = Math.max(0, table.columns.length - 1);
  const rows = [Math.min(active.row, anchor.row), Math.min(lastRow, Math.max(active.row, anchor.row))] as const;
  const cols = [Math.min(active.col, anchor.col), Math.min(lastCol, Math.max(active.col, anchor.col))] as const;

  const go = (to: Cell, extend = false): void => {
    const next = { row: Math.min(lastRow, Math.max(0, to.row)), col: Math.min(lastCol, Math.max(0, to.col)) };
    setActive(next);
    if (!extend) setAnchor(next);
    onMoved(next);
  };
  const textAt = ({ row, col }: Cell): string => {
    const one = table.one(row);
    const column = table.columns[col];
    return one === null || column === undefined ? '' : cellText(one, column);
  };
  const edit = (at: Cell, text?: string): void => {
    const column = table.columns[at.col];
    if (!mayWrite || column === undefined || table.one(at.row) === null) return;
    go(at);
    // A conversation has roles and pictures: it is edited beside the table.
    if (column.part === 'messages') onOpen();
    else setEditing({ ...at, text: text ?? textAt(at) });
  };
  const commit = (by: Cell): void => {
    if (editing === null) return;
    const column = table.columns[editing.col];
    const { row, text } = editing;
    setEditing(null);
    if (column !== undefined && text !== textAt(editing)) void table.setCells([{ row, column, text }]);
    const next = editing.col + by.col;
    if (next > lastCol) go({ row: row + 1, col: 0 });
    else go({ row: row + by.row, col: next });
  };
  const clear = (): void => {
    const changes: CellChange[] = [];
    for (let row = rows[0]; row <= rows[1]; row++)
      for (let col = cols[0]; col <= cols[1]; col++) {
        const column = table.columns[col];
        if (column !== undefined && textAt({ row, col }) !== '') changes.push({ row, column, text: '' });
      }
    if (changes.length > 0) void table.setCells(changes);
  };

  const ofWriter = (event: KeyboardEvent, mod: boolean): boolean => {
    const { key } = event;
    if (mod && key.toLowerCase() === 'z') return (event.shiftKey ? history.redo() : history.undo(), true);
    if (mod && key.toLowerCase() === 'y') return (history.redo(), true);
    if (mod && key.toLowerCase() === 's') return (onSave(), true);
    if (mod && (key === 'Backspace' || key === 'Delete')) {
      table.toggleRemoved(Array.from({ length: rows[1] - rows[0] + 1 }, (_, at) => rows[0] + at));
      return true;
    }
    if (mod && key === 'Enter') {
      const row = table.insert(active.row);
      setActive({ row, col: 0 });
      setAnchor({ row, col: 0 });
      onMoved({ row, col: 0 });
      return true;
    }
    if (mod || event.altKey) return false;
    if (key === 'Enter' || key === 'F2') return (edit(active), true);
    if (key === 'Backspace' || key === 'Delete') return (clear(), true);
    if (key.length === 1 && key !== ' ') return (edit(active, key), true);
    return false;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (editing !== null || event.target !== event.currentTarget) return;
    const mod = event.metaKey || event.ctrlKey;
    const move = moves[event.key];
    let done = true;
    if (move !== undefined) {
      const [down, right] = mod ? [move[0] * table.rowCount, move[1] * table.columns.length] : move;
      go({ row: active.row + down, col: active.col + right }, event.shiftKey);
    } else if (event.key === 'Tab' && !mod) {
      // At the ends Tab leaves the table, as it leaves every other part of the page.
      const col = active.col + (event.shiftKey ? -1 : 1);
      if (col < 0 || col > lastCol) done = false;
      else go({ row: active.row, col });
    } else if (event.key === 'PageDown' || event.key === 'PageUp')
      go({ row: active.row + (event.key === 'PageDown' ? pageRows : -pageRows), col: active.col }, event.shiftKey);
    else if (event.key === 'Home') go({ row: mod ? 0 : active.row, col: 0 }, event.shiftKey);
    else if (event.key === 'End') go({ row: mod ? lastRow : active.row, col: lastCol }, event.shiftKey);
    else if (event.key === ' ' || (event.key === 'Enter' && !mayWrite)) onOpen();
    else done = mayWrite && ofWriter(event, mod);
    if (done) event.preventDefault();
  };
  const onCopy = (event: ClipboardEvent): void => {
    if (editing !== null || event.target !== event.currentTarget) return;
    const block = [];
    for (let row = rows[0]; row <= rows[1]; row++)
      block.push(Array.from({ length: cols[1] - cols[0] + 1 }, (_, at) => textAt({ row, col: cols[0] + at })));
    event.clipboardData.setData('text/plain', writeTsv(block));
    event.preventDefault();
  };
  const onPaste = (event: ClipboardEvent): void => {
    if (editing !== null || !mayWrite || event.target !== event.currentTarget) return;
    event.preventDefault();
    const block = readTsv(event.clipboardData.getData('text/plain'));
    const changes = block.flatMap((line, down) =>
      line.flatMap((text, right): CellChange[] => {
        const column = table.columns[cols[0] + right];
        return column === undefined ? [] : [{ row: rows[0] + down, column, text }];
      }),
    );
    if (changes.length > 0) void table.setCells(changes);
  };
  return {
    active,
    anchor,
    editing,
    isSelected: (row, col) => row >= rows[0] && row <= rows[1] && col >= cols[0] && col <= cols[1],
    go,
    edit,
    setText: (text) => setEditing((now) => now && { ...now, text }),
    commit,
    cancel: () => {
      setEditing(null);
      onMoved(active);
    },
    onKeyDown,
    onCopy,
    onPaste,
  };
}
