import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { signOut } from '../../api/auth.ts';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Notice } from '../../kit/notice.tsx';
import { Door } from './door.tsx';
import { useSubmit } from './use-submit.ts';

/** Signed in, and a member of nothing: removed from the last workspace, or it was deleted. */
export function NoWorkspacePage(): ReactNode {
  const [name, setName] = useState('');
  const mayMake = useQuery(query('me.get')).data?.may_make_workspaces ?? false;
  const { busy, error, onSubmit } = useSubmit(async () => {
    const { slug } = await call('workspaces.create', { body: { name } });
    window.location.assign(`/w/${slug}`);
  });
  return (
    <Door title="You are in no workspace" lead={`Ask a colleague for an invitation${mayMake ? ', or make a workspace of your own' : ''}.`}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {mayMake && (
          <>
            <Field label="Name of the workspace">
              {(props) => (
                <Input {...props} required maxLength={100} value={name} onChange={(event) => setName(event.target.value)} className="h-9" />
              )}
            </Field>
            {error !== null && <Notice kind="error">{error}</Notice>}
            <Button type="submit" look="primary" size="lg" busy={busy}>
              Make workspace
            </Button>
          </>
        )}
        <Button look="link" onClick={() => void signOut()} className="self-start px-0">
          Sign out
        </Button>
      </form>
    </Door>
  );
}
