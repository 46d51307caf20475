import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../kit/button.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Popover } from '../../../kit/popover.tsx';
import { Segmented } from '../../../kit/segmented.tsx';
import { type CellColumn, columnKey } from '../../../parts/dataset/cells.ts';

type Kind = 'inputs' | 'target' | 'messages' | 'metadata';

/** A new column; it is saved with the first cell that is filled. */
export function AddColumn({
  icon,
  taken,
  onAdd,
}: {
  icon: LucideIcon;
  taken: readonly CellColumn[];
  onAdd: (column: CellColumn) => void;
}): ReactNode {
  const [open, setOpen] = useState(false);
  const [kind, setKind] = useState<Kind>('inputs');
  const [name, setName] = useState('');
  const named = kind === 'inputs' || kind === 'target';
  const column: CellColumn = { part: kind, name: named ? name.trim() : '' };
  const there = taken.some((one) => columnKey(one) === columnKey(column));
  const ready = !there && (!named || column.name !== '');
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      align="start"
      className="w-80"
      trigger={
        <Button size="sm" look="quiet" icon={icon}>
          Add a column
        </Button>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!ready) return;
          onAdd(column);
          setName('');
          setOpen(false);
        }}
      >
        <Segmented
          label="What the column holds"
          value={kind}
          onChange={setKind}
          options={[
            { value: 'inputs', label: 'Input' },
            { value: 'target', label: 'Target' },
            { value: 'messages', label: 'Messages' },
            { value: 'metadata', label: 'Metadata' },
          ]}
        />
        {named && (
          <Field
            label="Name"
            error={there ? 'There is such a column.' : null}
            hint={kind === 'inputs' ? 'The variable of the prompt that it fills.' : 'The key that evaluators read, such as output.'}
          >
            {(props) => <Input {...props} value={name} onChange={(event) => setName(event.target.value)} spellCheck={false} />}
          </Field>
        )}
        {!named && there && <p className="text-meta text-ink-3">There is such a column.</p>}
        <Button type="submit" look="primary" disabled={!ready} className="self-end">
          Add column
        </Button>
      </form>
    </Popover>
  );
}
