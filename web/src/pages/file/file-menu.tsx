import { useNavigate } from '@tanstack/react-router';
import { ChartNoAxesColumn, Copy, Ellipsis, Pencil, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { useCopy } from '../../kit/copy.tsx';
import { ConfirmDialog, Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Menu, MenuItem, MenuLine } from '../../kit/menu.tsx';
import { changedBy, pluralOf, type VersionedKind } from '../../parts/file-query.ts';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { useFileHere } from './file-context.ts';

/** What a file is to an evaluation that starts from it. */
const evaluates: Partial<Record<VersionedKind, 'file' | 'dataset' | 'evaluator'>> = {
  prompt: 'file',
  agent: 'file',
  tool: 'file',
  flow: 'file',
  dataset: 'dataset',
  evaluator: 'evaluator',
};

export function FileMenu(): ReactNode {
  const file = useFileHere();
  const mayWrite = useMay('write');
  const [, copy] = useCopy();
  const [open, setOpen] = useState<'move' | 'delete' | null>(null);
  const navigate = useNavigate();
  const links = useLinks();
  const { run } = useAction('The file was not deleted', changedBy(file.kind));
  const remove = async () => {
    const gone = await run(() => call(`${pluralOf(file.kind)}.delete`, { params: { id: file.id } }), `${file.path} deleted`);
    if (gone) await navigate(links.files);
  };
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label="More" />}>
        {mayWrite && evaluates[file.kind] !== undefined && (
          <MenuItem
            icon={ChartNoAxesColumn}
            onSelect={() => void navigate(links.newEvaluation({ [evaluates[file.kind] ?? 'file']: file.id }))}
          >
            {file.kind === 'dataset' ? 'Evaluate on these cases' : file.kind === 'evaluator' ? 'Evaluate with it' : 'Evaluate'}
          </MenuItem>
        )}
        <MenuItem icon={Copy} onSelect={() => copy(file.path)}>
          Copy path
        </MenuItem>
        <MenuItem icon={Copy} onSelect={() => copy(file.id)}>
          Copy id
        </MenuItem>
        {mayWrite && (
          <>
            <MenuLine />
            <MenuItem icon={Pencil} onSelect={() => setOpen('move')}>
              Rename or move
            </MenuItem>
            <MenuItem icon={Trash2} danger onSelect={() => setOpen('delete')}>
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
      {open === 'move' && <MoveDialog onClose={() => setOpen(null)} />}
      <ConfirmDialog
        open={open === 'delete'}
        onClose={() => setOpen(null)}
        title={`Delete ${file.path}?`}
        loss="All its versions, its deployments and every log that it made are gone for good. Applications that call it by this path will fail."
        action="Delete file"
        phrase={file.name}
        onConfirm={remove}
      />
    </>
  );
}

function MoveDialog({ onClose }: { onClose: () => void }): ReactNode {
  const file = useFileHere();
  const [path, setPath] = useState(file.path);
  const { busy, run } = useAction('The file was not moved', changedBy(file.kind));
  return (
    <Dialog
      open
      onClose={onClose}
      title="Rename or move"
      description="Applications that name the file by its path must be changed too; its id stays."
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run(
            () => call(`${pluralOf(file.kind)}.move`, { params: { id: file.id }, body: { path: path.trim() } }),
            `Moved to ${path.trim()}`,
          ).then((moved) => moved && onClose());
        }}
      >
        <Field label="Path">
          {(props) => (
            <Input
              {...props}
              value={path}
              onChange={(event) => setPath(event.target.value)}
              autoFocus
              spellCheck={false}
              className="font-mono"
            />
          )}
        </Field>
        <DialogActions>
          <Button type="submit" look="primary" busy={busy} disabled={path.trim() === '' || path.trim() === file.path}>
            Move to this path
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
