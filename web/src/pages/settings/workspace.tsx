import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { CopyId } from '../../kit/copy.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { useMay, useSession } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { Loaded, Panel } from './panel.tsx';

export function WorkspaceSettings(): ReactNode {
  const settings = useQuery(query('workspace.get'));
  const owner = useMay('owner');
  return (
    <>
      <Panel title="Workspace" about="A world of its own: files, logs, people and keys.">
        <Loaded query={settings}>{(data) => <NameForm name={data.name} slug={data.slug} id={data.id} />}</Loaded>
      </Panel>
      {owner && <DeleteWorkspace />}
    </>
  );
}

function NameForm({ name, slug, id }: { name: string; slug: string; id: string }): ReactNode {
  const admin = useMay('admin');
  const [text, setText] = useState(name);
  const { busy, run } = useAction('The name was not changed', ['workspace.get', 'me.get']);
  return (
    <form
      className="flex max-w-md flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => call('workspace.update', { body: { name: text.trim() } }), 'Name changed');
      }}
    >
      <Field label="Name">
        {(props) => <Input {...props} value={text} onChange={(event) => setText(event.target.value)} disabled={!admin} maxLength={100} />}
      </Field>
      <p className="text-ink-2">
        Address <CopyId id={slug} shown={`/w/${slug}`} /> Id <CopyId id={id} />
      </p>
      {admin && (
        <Button type="submit" look="primary" busy={busy} disabled={text.trim() === '' || text.trim() === name} className="self-start">
          Change name
        </Button>
      )}
    </form>
  );
}

function DeleteWorkspace(): ReactNode {
  const { workspace } = useSession();
  const [asking, setAsking] = useState(false);
  const { run } = useAction('The workspace was not deleted');
  const remove = async () => {
    if (await run(() => call('workspace.delete', { query: { confirm: workspace.slug } }))) window.location.assign('/');
  };
  return (
    <Panel
      title="Delete the workspace"
      about="Everything in it goes: files, versions, logs, keys. There is no way back but a backup."
      action={
        <Button look="danger" onClick={() => setAsking(true)}>
          Delete workspace
        </Button>
      }
    >
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Delete ${workspace.name}?`}
        loss="Every prompt, version, log, judgment, key and credential of this workspace is gone for good. Applications that use its keys stop working at once."
        action="Delete workspace"
        phrase={workspace.slug}
        onConfirm={remove}
      />
    </Panel>
  );
}
