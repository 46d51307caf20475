import { Pencil, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../kit/button.tsx';
import { Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Menu, MenuItem } from '../../../kit/menu.tsx';
import type { CellColumn } from '../../../parts/dataset/cells.ts';
import type { ColumnEdit } from './edits.ts';

export const partNames: Record<CellColumn['part'], string> = {
  inputs: 'Input',
  messages: 'Messages',
  target: 'Target',
  split: 'Split',
  tags: 'Tags',
  metadata: 'Metadata',
};

/** What a column is; inputs and keys of the target can be renamed and taken away. */
export function ColumnHead({
  column,
  mayWrite,
  onChange,
}: {
  column: CellColumn;
  mayWrite: boolean;
  onChange: (change: ColumnEdit) => void;
}): ReactNode {
  const [renaming, setRenaming] = useState<string | null>(null);
  const named = column.part === 'inputs' || column.part === 'target';
  const label = (
    <span className="min-w-0 truncate text-meta text-ink-3">
      {partNames[column.part]} {named && <code className="text-ink-2">{column.name}</code>}
    </span>
  );
  return (
    <div role="columnheader" className="flex min-w-0 items-center px-2.5">
      {mayWrite && named ? (
        <Menu
          align="start"
          trigger={
            <button type="button" className="-mx-1.5 flex min-w-0 rounded-md px-1.5 py-1 hover:bg-hover data-popup-open:bg-pressed">
              {label}
            </button>
          }
        >
          <MenuItem icon={Pencil} onSelect={() => setRenaming(column.name)}>
            Rename
          </MenuItem>
          <MenuItem icon={Trash2} danger onSelect={() => onChange({ column, to: null })}>
            Delete column
          </MenuItem>
        </Menu>
      ) : (
        label
      )}
      <Dialog
        open={renaming !== null}
        onClose={() => setRenaming(null)}
        title={`Rename the ${partNames[column.part].toLowerCase()} ${column.name}`}
        description="In every row of the version. Prompts that name it as a variable do not follow."
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const to = renaming?.trim() ?? '';
            if (to !== '' && to !== column.name) onChange({ column, to });
            setRenaming(null);
          }}
        >
          <Field label="Name">
            {(props) => (
              <Input {...props} value={renaming ?? ''} onChange={(event) => setRenaming(event.target.value)} spellCheck={false} />
            )}
          </Field>
          <DialogActions>
            <Button onClick={() => setRenaming(null)}>Cancel</Button>
            <Button type="submit" look="primary">
              Rename
            </Button>
          </DialogActions>
        </form>
      </Dialog>
    </div>
  );
}
