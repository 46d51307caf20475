import { ChevronDown, ChevronUp, Trash2, Undo2, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../../kit/button.tsx';
import { Field } from '../../../kit/field.tsx';
import { useLinks } from '../../../parts/links.ts';
import { type Case, type CellColumn, cellText, columnKey } from '../../../parts/dataset/cells.ts';
import { Link } from '@tanstack/react-router';
import { partNames } from './column-head.tsx';
import { LongText } from './long-text.tsx';
import { MessageFields } from './message-fields.tsx';
import type { Table } from './use-table.ts';

/** One row, whole: long texts, conversations and their pictures. */
export function RowPanel({
  table,
  row,
  mayWrite,
  onStep,
  onClose,
}: {
  table: Table;
  row: number;
  mayWrite: boolean;
  onStep: (by: number) => void;
  onClose: () => void;
}): ReactNode {
  const links = useLinks();
  const one = table.one(row);
  const state = row < table.rowCount ? table.state(row) : 'same';
  const logId = one?.metadata['log_id'];
  return (
    <aside
      aria-label={`Row ${row + 1}`}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
      className="flex w-[min(44vw,560px)] shrink-0 flex-col border-l border-line bg-page max-md:fixed max-md:inset-0 max-md:z-30 max-md:w-full"
    >
      <header className="flex items-center gap-1 border-b border-line py-2 pr-2 pl-4">
        <h2 className="font-medium">Row {(row + 1).toLocaleString('en')}</h2>
        <span className="text-meta text-ink-3">{state === 'same' ? '' : state}</span>
        <span className="flex-1" />
        {mayWrite && (
          <IconButton
            icon={state === 'removed' ? Undo2 : Trash2}
            label={state === 'removed' ? 'Restore this row' : 'Remove this row'}
            onClick={() => table.toggleRemoved([row])}
          />
        )}
        <IconButton icon={ChevronUp} label="Row above" disabled={row === 0} onClick={() => onStep(-1)} />
        <IconButton icon={ChevronDown} label="Row below" disabled={row >= table.rowCount - 1} onClick={() => onStep(1)} />
        <IconButton icon={X} label="Close" keys="escape" onClick={onClose} />
      </header>
      {one !== null && (
        <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto p-4">
          {table.columns.map((column) =>
            column.part === 'messages' ? (
              <MessageFields
                key="messages"
                messages={one.messages}
                mayWrite={mayWrite}
                onChange={(messages) => table.setRow(row, { ...one, messages })}
              />
            ) : (
              <CellField
                key={columnKey(column)}
                one={one}
                column={column}
                mayWrite={mayWrite}
                onText={(text) => table.setCells([{ row, column, text }])}
              />
            ),
          )}
          {typeof logId === 'string' && (
            <p className="text-meta text-ink-3">
              From the log{' '}
              <Link {...links.log(logId)} className="num text-accent-ink hover:underline">
                {logId}
              </Link>
            </p>
          )}
        </div>
      )}
    </aside>
  );
}

function CellField({
  one,
  column,
  mayWrite,
  onText,
}: {
  one: Case;
  column: CellColumn;
  mayWrite: boolean;
  onText: (text: string) => Promise<boolean>;
}): ReactNode {
  const named = column.part === 'inputs' || column.part === 'target';
  return (
    <Field
      label={
        <span className="text-meta font-normal text-ink-3">
          {partNames[column.part]} {named && <code className="text-ink-2">{column.name}</code>}
        </span>
      }
      hint={column.part === 'tags' && mayWrite ? 'Words, with commas between them.' : undefined}
    >
      {(props) => <LongText {...props} text={cellText(one, column)} readOnly={!mayWrite} onText={onText} />}
    </Field>
  );
}
