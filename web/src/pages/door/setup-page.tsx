import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { auth } from '../../api/auth.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Notice } from '../../kit/notice.tsx';
import { type Account, AccountFields } from './account-fields.tsx';
import { Door } from './door.tsx';
import { useSubmit } from './use-submit.ts';

/** The first visit: whoever comes first becomes the owner. */
export function SetupPage(): ReactNode {
  const [workspace, setWorkspace] = useState('');
  const [account, setAccount] = useState<Account>({ name: '', email: '', password: '' });
  const instance = useQuery({ ...query('instance.get'), staleTime: Infinity, refetchOnWindowFocus: false });
  useEffect(() => {
    if (instance.data?.needs_owner === false) window.location.replace('/sign-in');
  }, [instance.data]);
  const { busy, error, onSubmit } = useSubmit(async () => {
    const made = await auth<{ workspace: { slug: string } }>('/setup', { ...account, workspace });
    window.location.assign(`/w/${made.workspace.slug}`);
  });
  return (
    <Door
      title="Make the owner"
      lead="This Whetstone is new. The account you make now owns it; everyone else comes by invitation."
      foot="Everything stays on this server: accounts, prompts, logs. Nothing is sent anywhere but to the model providers you set up."
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <AccountFields value={account} onChange={setAccount} />
        <Field label="Name of the workspace" hint="Your team or product. More can be made later.">
          {(props) => (
            <Input
              {...props}
              required
              maxLength={100}
              value={workspace}
              onChange={(event) => setWorkspace(event.target.value)}
              className="h-9"
            />
          )}
        </Field>
        {error !== null && (
          <Notice kind="error" title="The owner was not made">
            {error}
          </Notice>
        )}
        <Button type="submit" look="primary" size="lg" busy={busy}>
          Make owner and sign in
        </Button>
      </form>
    </Door>
  );
}
