import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { auth, authGet } from '../../api/auth.ts';
import { Button } from '../../kit/button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { NewPassword } from './account-fields.tsx';
import { Door } from './door.tsx';
import { useSubmit } from './use-submit.ts';

const route = getRouteApi('/reset/$token');

export function ResetPage(): ReactNode {
  const { token } = route.useParams();
  const link = useQuery({
    queryKey: ['reset', token],
    retry: false,
    queryFn: () => authGet<{ email: string }>(`/reset/${encodeURIComponent(token)}`),
  });
  const [password, setPassword] = useState('');
  const { busy, error, onSubmit } = useSubmit(async () => {
    await auth('/reset', { token, password });
    window.location.assign('/');
  });
  if (link.error) {
    return (
      <Door title="This link does not work">
        <Notice kind="error">{link.error.message}</Notice>
        <p className="mt-4 text-ink-2">Reset links work once and expire. Ask an admin of your workspace for a new one.</p>
      </Door>
    );
  }
  return (
    <Door
      title="Set a new password"
      lead={link.data ? `For ${link.data.email}. Sessions that are open elsewhere end.` : 'Sessions that are open elsewhere end.'}
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <NewPassword label="New password" value={password} onChange={setPassword} />
        {error !== null && (
          <Notice kind="error" title="The password is unchanged">
            {error}
          </Notice>
        )}
        <Button type="submit" look="primary" size="lg" busy={busy}>
          Set password
        </Button>
      </form>
    </Door>
  );
}
