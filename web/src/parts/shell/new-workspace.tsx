import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { useAction } from '../use-action.ts';

export default function NewWorkspace({ onClose }: { onClose: () => void }): ReactNode {
  const [name, setName] = useState('');
  const { busy, run } = useAction('The workspace was not made');
  return (
    <Dialog open onClose={onClose} title="New workspace" description="Its own files, logs, people and keys. You will own it.">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void run(async () => window.location.assign(`/w/${(await call('workspaces.create', { body: { name } })).slug}`));
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
