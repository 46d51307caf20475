import type { MemberRole } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { Button } from '../../kit/button.tsx';
import { Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Select } from '../../kit/select.tsx';
import { useAction } from '../../parts/use-action.ts';
import { LinkDialog } from './link-dialog.tsx';
import { roleTeaches } from './roles.ts';

type Role = Exclude<MemberRole, 'owner'>;
const roles: Role[] = ['viewer', 'reviewer', 'editor', 'admin'];

export function InviteDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('editor');
  const [made, setMade] = useState<Answer<'invitations.create'> | null>(null);
  const { busy, run } = useAction('The invitation was not made', ['invitations.list']);
  if (made?.url)
    return (
      <LinkDialog
        title="Invitation"
        about="Send this link to the person. Whoever opens it joins; it works once."
        url={made.url}
        expiresAt={made.expires_at}
        onClose={onClose}
      />
    );
  return (
    <Dialog open onClose={onClose} title="Invite by link">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void run(async () =>
            setMade(await call('invitations.create', { body: { role, email: email.trim() === '' ? null : email.trim() } })),
          );
        }}
      >
        <Field label="Role" hint={roleTeaches[role]}>
          {({ id }) => <Select id={id} value={role} options={roles.map((value) => ({ value, label: value }))} onChange={setRole} />}
        </Field>
        <Field
          label="E-mail (optional)"
          hint="With an e-mail, only an account with that address can join. Mail is sent when the server can."
        >
          {(props) => (
            <Input
              {...props}
              type="email"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
              placeholder="colleague@example.com"
            />
          )}
        </Field>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy}>
            Make invitation link
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
