import { useQuery } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../../api/client.ts';
import { query } from '../../../api/query.ts';
import { Button, IconButton } from '../../../kit/button.tsx';
import { ConfirmDialog, Dialog, DialogActions } from '../../../kit/dialog.tsx';
import { Field, Input } from '../../../kit/field.tsx';
import { Section } from '../../../parts/log/section.tsx';
import { useMay } from '../../../parts/session.ts';
import { useAction } from '../../../parts/use-action.ts';

/** Secrets of a tool, of all its versions: names and the ends of their values. */
export function Variables({ toolId }: { toolId: string }): ReactNode {
  const mayWrite = useMay('write');
  const list = useQuery(query('tools.get_environment_variables', { params: { id: toolId } }));
  const [adding, setAdding] = useState(false);
  const [deleting, setDeleting] = useState<string | null>(null);
  const { run } = useAction('The variable was not deleted', ['tools.get_environment_variables']);
  return (
    <Section
      title="Environment variables"
      aside={
        mayWrite && (
          <Button size="sm" icon={Plus} onClick={() => setAdding(true)}>
            Set variable
          </Button>
        )
      }
    >
      {list.error !== null && <p className="text-worse">{list.error.message}</p>}
      {list.data?.length === 0 && (
        <p className="max-w-[72ch] text-ink-3">
          None. Secrets belong here rather than into the settings, which every version shows; the settings name them{' '}
          <code>{'{{env.NAME}}'}</code>.
        </p>
      )}
      <ul className="border-t border-line empty:hidden">
        {list.data?.map(({ name, value }) => (
          <li key={name} className="flex min-h-10 items-center gap-4 border-b border-line">
            <code className="min-w-0 flex-1 truncate text-accent-ink">{name}</code>
            <span className="num text-ink-3">{value}</span>
            {mayWrite && <IconButton icon={Trash2} label={`Delete ${name}`} onClick={() => setDeleting(name)} />}
          </li>
        ))}
      </ul>
      {adding && <VariableDialog toolId={toolId} onClose={() => setAdding(false)} />}
      <ConfirmDialog
        open={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete ${deleting ?? 'the variable'}?`}
        loss="Its value is gone for good, and versions of this tool that name it fail."
        action="Delete variable"
        onConfirm={() =>
          run(() => call('tools.delete_environment_variable', { params: { id: toolId, name: deleting ?? '' } }), 'Variable deleted')
        }
      />
    </Section>
  );
}

function VariableDialog({ toolId, onClose }: { toolId: string; onClose: () => void }): ReactNode {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const { busy, run } = useAction('The variable was not set', ['tools.get_environment_variables']);
  const save = async () => {
    const body = [{ name: name.trim(), value }];
    if (await run(() => call('tools.add_environment_variable', { params: { id: toolId }, body }), 'Variable set')) onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Set a variable"
      description="Encrypted, for all versions of this tool, and sent only to the addresses that they have now."
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label="Name" hint={`Used as {{env.${name.trim() || 'NAME'}}}. A name that is there gets the new value.`}>
          {(props) => (
            <Input
              {...props}
              required
              autoFocus
              value={name}
              onChange={(event) => setName(event.target.value)}
              maxLength={100}
              spellCheck={false}
              className="font-mono"
            />
          )}
        </Field>
        <Field label="Value">
          {(props) => (
            <Input
              {...props}
              required
              type="password"
              autoComplete="off"
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )}
        </Field>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy} disabled={name.trim() === '' || value === ''}>
            Set variable
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
