import { Check, ChevronsUpDown, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine } from '../../kit/menu.tsx';
import { useSession } from '../session.ts';
import { useAction } from '../use-action.ts';

/** Another workspace is another world: the page is loaded anew, so that nothing of the one is left in the other. */
function enter(slug: string): void {
  window.location.assign(`/w/${slug}`);
}

export function WorkspaceMenu(): ReactNode {
  const { me, workspace } = useSession();
  const [making, setMaking] = useState(false);
  return (
    <>
      <Menu
        align="start"
        className="w-56"
        trigger={
          <button
            type="button"
            className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md px-1.5 hover:bg-hover data-popup-open:bg-pressed"
          >
            <Mark size={20} />
            <span className="min-w-0 flex-1 truncate text-left font-semibold">{workspace.name}</span>
            <ChevronsUpDown size={12} strokeWidth={1.5} className="text-ink-3" aria-hidden />
          </button>
        }
      >
        <MenuLabel>Workspaces</MenuLabel>
        {me.workspaces.map((one) => (
          <MenuItem key={one.id} {...(one.slug === workspace.slug ? { icon: Check } : {})} onSelect={() => enter(one.slug)}>
            {one.name}
          </MenuItem>
        ))}
        <MenuLine />
        <MenuItem icon={Plus} onSelect={() => setMaking(true)}>
          New workspace
        </MenuItem>
      </Menu>
      <NewWorkspace open={making} onClose={() => setMaking(false)} />
    </>
  );
}

function NewWorkspace({ open, onClose }: { open: boolean; onClose: () => void }): ReactNode {
  const [name, setName] = useState('');
  const { busy, run } = useAction('The workspace was not made');
  return (
    <Dialog open={open} onClose={onClose} title="New workspace" description="Its own files, logs, people and keys. You will own it.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run(async () => enter((await call('workspaces.create', { body: { name } })).slug));
        }}
      >
        <Field label="Name">
          {(props) => <Input {...props} value={name} onChange={(event) => setName(event.target.value)} autoFocus maxLength={100} />}
        </Field>
        <DialogActions>
          <Button type="submit" look="primary" busy={busy} disabled={name.trim() === ''}>
            Make workspace
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
