import type { DatasetResponse } from '@whetstone/contract';
import { useVirtualizer } from '@tanstack/react-virtual';
import { Columns3, Plus, Trash2 } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Notice } from '../../../kit/notice.tsx';
import { AddColumn } from './add-column.tsx';
import { DataGrid, rowHeight } from './data-grid.tsx';
import type { DatasetTool } from './dataset-page.tsx';
import { addColumn, changeColumn } from './edits.ts';
import { NoDatapoints } from './no-datapoints.tsx';
import { RowPanel } from './row-panel.tsx';
import type { EditHistory } from './use-edits.ts';
import { type Cell, useGrid } from './use-grid.ts';
import { useTable } from './use-table.ts';

const overscan = 12;
const firstScreen = 40;

/** The table of a version, and one of its rows whole beside it. */
export function DatasetTable({
  file,
  history,
  mayWrite,
  onSave,
  onTool,
}: {
  file: DatasetResponse;
  history: EditHistory;
  mayWrite: boolean;
  onSave: () => void;
  onTool: (tool: DatasetTool) => void;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const [visible, setVisible] = useState({ first: 0, last: firstScreen });
  const [open, setOpen] = useState(false);
  const table = useTable(file, history, visible);
  const virtual = useVirtualizer<HTMLDivElement, Element>({
    count: table.rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan,
    // The head stays over the first row.
    scrollPaddingStart: 34,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? firstScreen];
  useEffect(() => setVisible((before) => (before.first === first && before.last === last ? before : { first, last })), [first, last]);
  const show = ({ row, col }: Cell): void => {
    virtual.scrollToIndex(row, { align: 'auto' });
    requestAnimationFrame(() => {
      const cell = document.getElementById(`cell-${row}-${col}`);
      cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      // Typing goes on in the table, unless somebody types elsewhere by now.
      if (scroller.current?.querySelector('textarea') === null && !document.activeElement?.closest('aside,[data-modal]'))
        scroller.current.focus({ preventScroll: true });
    });
  };
  const grid = useGrid({
    table,
    history,
    mayWrite,
    pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 600) / rowHeight) - 2),
    onOpen: () => setOpen(true),
    onSave,
    onMoved: show,
  });
  if (table.rowCount === 0 && history.edits.made.length === 0)
    return <NoDatapoints path={file.path} mayWrite={mayWrite} onTool={onTool} onStart={() => startTable()} />;
  function startTable(): void {
    history.change((edits) => addColumn(addColumn(edits, { part: 'inputs', name: 'question' }), { part: 'target', name: 'output' }));
    table.insert(null);
  }
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col">
        {table.rows.error !== null && (
          <Notice
            kind="error"
            title="Some datapoints could not be read"
            className="m-3"
            actions={
              <Button size="sm" onClick={table.rows.retry}>
                Try again
              </Button>
            }
          >
            {table.rows.error.message}
          </Notice>
        )}
        <DataGrid
          table={table}
          grid={grid}
          virtual={virtual}
          scroller={scroller}
          mayWrite={mayWrite}
          onColumn={({ column, to }) => history.change((edits) => changeColumn(edits, column, to))}
          onOpen={(row) => {
            grid.go({ row, col: grid.active.col });
            setOpen(true);
          }}
        />
        {mayWrite && (
          <div className="flex flex-wrap items-center gap-2 border-t border-line px-3 py-1.5 text-meta text-ink-3">
            <Button size="sm" look="quiet" icon={Plus} onClick={() => grid.go({ row: table.insert(null), col: 0 })}>
              Add a row
            </Button>
            <AddColumn icon={Columns3} taken={table.columns} onAdd={(column) => history.change((edits) => addColumn(edits, column))} />
            <IconButton
              icon={Trash2}
              label="Remove or restore the selected rows"
              keys="mod+backspace"
              onClick={() => {
                const [a, b] = [grid.active.row, grid.anchor.row].toSorted((x, y) => x - y) as [number, number];
                table.toggleRemoved(Array.from({ length: b - a + 1 }, (_, at) => a + at));
              }}
            />
            <span className="max-md:hidden">
              Enter edits, Space opens the row, ⌘/Ctrl+Enter adds one below. Paste a block from a spreadsheet anywhere.
            </span>
          </div>
        )}
      </div>
      {open && (
        <RowPanel
          key={grid.active.row}
          table={table}
          row={grid.active.row}
          mayWrite={mayWrite}
          onStep={(by) => grid.go({ row: grid.active.row + by, col: grid.active.col })}
          onClose={() => {
            setOpen(false);
            scroller.current?.focus();
          }}
        />
      )}
    </div>
  );
}
