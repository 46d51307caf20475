import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { auth, authGet } from '../../api/auth.ts';
import { Button } from '../../kit/button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { Skeleton } from '../../kit/skeleton.tsx';
import { type Account, AccountFields } from './account-fields.tsx';
import { Door } from './door.tsx';
import { OidcButton } from './oidc-button.tsx';
import { useSubmit } from './use-submit.ts';

const route = getRouteApi('/invite/$token');

interface Invitation {
  workspace: string | { name: string };
  email: string | null;
  role: string;
  invited_by: string | null;
  sign_in: { password: boolean; oidc: boolean };
}

export function InvitationPage(): ReactNode {
  const { token } = route.useParams();
  const invitation = useQuery({
    queryKey: ['invitation', token],
    retry: false,
    queryFn: () => authGet<Invitation>(`/invitations/${encodeURIComponent(token)}`),
  });
  const session = useQuery({ queryKey: ['session'], retry: false, queryFn: () => authGet<Session>('/session') });
  if (invitation.error) {
    return (
      <Door title="This invitation does not work">
        <Notice kind="error">{invitation.error.message}</Notice>
        <p className="mt-4 text-ink-2">Invitations work once and expire. Ask whoever sent it for a new one.</p>
      </Door>
    );
  }
  if (invitation.data === undefined || session.isPending) {
    return (
      <Door title="Invitation">
        <Skeleton className="h-40" />
      </Door>
    );
  }
  return <Accept token={token} invitation={invitation.data} signedIn={session.data?.user?.email ?? null} />;
}

interface Session {
  user: { email: string } | null;
}

function Accept({ token, invitation, signedIn }: { token: string; invitation: Invitation; signedIn: string | null }): ReactNode {
  const [account, setAccount] = useState<Account>({ name: '', email: invitation.email ?? '', password: '' });
  const name = typeof invitation.workspace === 'string' ? invitation.workspace : invitation.workspace.name;
  const { busy, error, onSubmit } = useSubmit(async () => {
    const joined = await auth<{ workspace: { slug: string } }>(
      `/invitations/${encodeURIComponent(token)}`,
      signedIn === null ? { ...account } : {},
    );
    window.location.assign(`/w/${joined.workspace.slug}`);
  });
  return (
    <Door title={`Join ${name}`} lead={`${invitation.invited_by ?? 'A colleague'} invites you as ${invitation.role}.`}>
      {signedIn === null && invitation.sign_in.oidc && (
        <OidcButton callbackURL="/" invitation={token} primary={!invitation.sign_in.password} />
      )}
      {(signedIn !== null || invitation.sign_in.password) && (
        <form onSubmit={onSubmit} className="flex flex-col gap-4">
          {signedIn === null ? (
            <AccountFields value={account} onChange={setAccount} fixedEmail={invitation.email !== null} />
          ) : (
            <p>You are signed in as {signedIn}.</p>
          )}
          {error !== null && (
            <Notice kind="error" title="You have not joined">
              {error}
            </Notice>
          )}
          <Button type="submit" look="primary" size="lg" busy={busy}>
            Join {name}
          </Button>
        </form>
      )}
    </Door>
  );
}
