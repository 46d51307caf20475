import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { auth } from '../../api/auth.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Notice } from '../../kit/notice.tsx';
import { useSubmit } from './use-submit.ts';

/** Goes to the identity provider; from there one comes back to `callbackURL`, or to the sign-in page with the reason. */
export function OidcButton({
  callbackURL,
  invitation,
  primary = false,
}: {
  callbackURL: string;
  invitation?: string;
  primary?: boolean;
}): ReactNode {
  const instance = useQuery(query('instance.get'));
  const { busy, error, onSubmit } = useSubmit(async () => {
    const { url } = await auth<{ url?: string }>('/sign-in/oidc', { callbackURL, ...(invitation === undefined ? {} : { invitation }) });
    if (url !== undefined) window.location.assign(url);
  });
  return (
    <form onSubmit={onSubmit} className="mb-5">
      <Button type="submit" size="lg" look={primary ? 'primary' : 'plain'} busy={busy} className="w-full">
        Continue with {instance.data?.sign_in.oidc_name ?? 'single sign-on'}
      </Button>
      {error !== null && (
        <Notice kind="error" className="mt-3">
          {error}
        </Notice>
      )}
    </form>
  );
}
