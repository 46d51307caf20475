import type { VirtualItem, Virtualizer } from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useRef } from 'react';
import { cx } from '../../../kit/cx.ts';
import { type CellColumn, cellShown, columnKey } from '../../../parts/dataset/cells.ts';
import { CellEditor } from './cell-editor.tsx';
import { ColumnHead } from './column-head.tsx';
import type { ColumnEdit } from './edits.ts';
import type { Grid } from './use-grid.ts';
import type { RowState, Table } from './use-table.ts';

export const rowHeight = 36;
const numberWidth = 64;
const widths: Record<CellColumn['part'], number> = { inputs: 280, messages: 340, target: 220, split: 110, tags: 170, metadata: 260 };

const marks: Record<RowState, string> = {
  same: '',
  added: 'bg-better-soft/50',
  changed: 'bg-undecided-soft/50',
  removed: 'bg-worse-soft/60 text-ink-2 line-through',
};

export interface DataGridProps {
  table: Table;
  grid: Grid;
  virtual: Virtualizer<HTMLDivElement, Element>;
  scroller: RefObject<HTMLDivElement | null>;
  mayWrite: boolean;
  onColumn: (change: ColumnEdit) => void;
  onOpen: (row: number) => void;
}

/** The datapoints as a spreadsheet. One cell is active; the keyboard belongs to the table. */
export function DataGrid({ table, grid, virtual, scroller, mayWrite, onColumn, onOpen }: DataGridProps): ReactNode {
  const { columns, rowCount } = table;
  const width = columns.reduce((sum, { part }) => sum + widths[part], numberWidth);
  const tracks = { gridTemplateColumns: `${numberWidth}px ${columns.map(({ part }) => `minmax(${widths[part]}px,1fr)`).join(' ')}` };
  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label="Datapoints"
      aria-rowcount={rowCount + 1}
      aria-colcount={columns.length + 1}
      aria-readonly={!mayWrite}
      aria-activedescendant={`cell-${grid.active.row}-${grid.active.col}`}
      onKeyDown={grid.onKeyDown}
      onCopy={grid.onCopy}
      onPaste={grid.onPaste}
      className="group/grid min-h-0 flex-1 overflow-auto outline-none"
    >
      <div style={{ minWidth: width }}>
        <div role="row" aria-rowindex={1} style={tracks} className="sticky top-0 z-20 grid h-8 border-b border-line-strong bg-page">
          <span
            role="columnheader"
            className="num sticky left-0 z-10 flex items-center justify-end border-r border-line bg-page pr-2 text-meta text-ink-3"
          >
            #
          </span>
          {columns.map((column) => (
            <ColumnHead key={columnKey(column)} column={column} mayWrite={mayWrite} onChange={onColumn} />
          ))}
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => (
            <Row key={item.key} item={item} tracks={tracks} table={table} grid={grid} onOpen={onOpen} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Row({
  item,
  tracks,
  table,
  grid,
  onOpen,
}: {
  item: VirtualItem;
  tracks: { gridTemplateColumns: string };
  table: Table;
  grid: Grid;
  onOpen: (row: number) => void;
}): ReactNode {
  const row = item.index;
  const one = table.one(row);
  const state = table.state(row);
  const place = table.place(row);
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      style={{ ...tracks, height: rowHeight, transform: `translateY(${item.start}px)` }}
      className={cx('absolute inset-x-0 top-0 grid border-b border-line', marks[state])}
    >
      <span role="rowheader" className="sticky left-0 z-10 flex border-r border-line bg-page">
        <button
          type="button"
          tabIndex={-1}
          onClick={() => onOpen(row)}
          aria-label={
            'added' in place
              ? `Open new row ${row + 1}`
              : `Open row ${(place.base + 1).toLocaleString('en')}${state === 'same' ? '' : `, ${state}`}`
          }
          className={cx('num flex-1 pr-2 text-right text-meta text-ink-2 hover:bg-hover hover:text-ink', marks[state])}
        >
          {'added' in place ? 'new' : (place.base + 1).toLocaleString('en')}
        </button>
      </span>
      {table.columns.map((column, col) => (
        <GridCell
          key={columnKey(column)}
          row={row}
          col={col}
          text={one === null ? null : cellShown(one, column)}
          code={column.part === 'metadata'}
          grid={grid}
        />
      ))}
    </div>
  );
}

/** So much of a text is in the table; all of it is in the editor. */
const shownChars = 300;

function GridCell({ row, col, text, code, grid }: { row: number; col: number; text: string | null; code: boolean; grid: Grid }): ReactNode {
  const cell = useRef<HTMLDivElement>(null);
  const active = grid.active.row === row && grid.active.col === col;
  const editing = grid.editing !== null && grid.editing.row === row && grid.editing.col === col;
  const several = grid.active.row !== grid.anchor.row || grid.active.col !== grid.anchor.col;
  return (
    <div
      ref={cell}
      id={`cell-${row}-${col}`}
      role="gridcell"
      aria-colindex={col + 2}
      aria-selected={grid.isSelected(row, col)}
      onMouseDown={(event) => {
        if (editing) return;
        if (event.shiftKey) event.preventDefault();
        grid.go({ row, col }, event.shiftKey);
      }}
      onDoubleClick={() => grid.edit({ row, col })}
      className={cx(
        'relative min-w-0 cursor-default px-2.5 leading-9 select-none',
        several && grid.isSelected(row, col) && 'bg-accent-soft/60',
        active && 'shadow-[inset_0_0_0_1px_var(--line-strong)] group-focus/grid:shadow-[inset_0_0_0_2px_var(--accent)]',
      )}
    >
      {text === null ? (
        <span className="skeleton mt-3 block h-3 w-2/3" />
      ) : (
        <span className={cx('block truncate', code && 'font-mono text-[12px]')}>{text.slice(0, shownChars).replaceAll(/\s+/g, ' ')}</span>
      )}
      {editing && grid.editing && <CellEditor text={grid.editing.text} grid={grid} />}
    </div>
  );
}
