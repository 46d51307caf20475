import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { auth } from '../../api/auth.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Notice } from '../../kit/notice.tsx';
import { Door } from './door.tsx';
import { OidcButton } from './oidc-button.tsx';
import { useSubmit } from './use-submit.ts';

const route = getRouteApi('/sign-in');

/** Only an address of ours may follow a sign-in. */
function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/';
}

export function SignInPage(): ReactNode {
  const search = route.useSearch();
  const next = safeNext(search.next);
  const instance = useQuery(query('instance.get'));
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [lost, setLost] = useState(false);
  const { busy, error, onSubmit } = useSubmit(async () => {
    await auth('/sign-in/email', { email, password });
    window.location.assign(next);
  });
  useEffect(() => {
    if (instance.data?.needs_owner === true) window.location.replace('/setup');
  }, [instance.data]);
  const methods = instance.data?.sign_in;
  return (
    <Door title="Sign in" foot={instance.data && `Whetstone ${instance.data.version} at ${instance.data.url}`}>
      {instance.error && (
        <Notice kind="error" title="The server does not answer" className="mb-4">
          {instance.error.message}
        </Notice>
      )}
      {search.error !== undefined && (
        <Notice kind="error" title="You are not signed in" className="mb-4">
          {search.error_description ?? `The identity provider answered “${search.error}”.`}
        </Notice>
      )}
      {methods?.oidc === true && <OidcButton callbackURL={next} primary={!methods.password} />}
      {methods?.password !== false && (
        <form onSubmit={onSubmit} className="flex flex-col gap-4">
          <Field label="E-mail">
            {(props) => (
              <Input
                {...props}
                required
                autoFocus
                type="email"
                name="email"
                autoComplete="username"
                value={email}
                onChange={(event) => setEmail(event.target.value)}
                className="h-9"
              />
            )}
          </Field>
          <Field label="Password">
            {(props) => (
              <Input
                {...props}
                required
                type="password"
                name="password"
                autoComplete="current-password"
                value={password}
                onChange={(event) => setPassword(event.target.value)}
                className="h-9"
              />
            )}
          </Field>
          {error !== null && (
            <Notice kind="error" title="You are not signed in">
              {error}
            </Notice>
          )}
          <Button type="submit" look="primary" size="lg" busy={busy}>
            Sign in
          </Button>
          <Button look="link" size="sm" onClick={() => setLost(!lost)} aria-expanded={lost} className="self-start px-0">
            Lost your password?
          </Button>
          {lost && (
            <Notice>
              Ask an admin of your workspace for a reset link (Settings, People). Whoever runs the server can make one too:
              <code className="mt-1.5 block rounded-sm bg-raised px-2 py-1 text-ink wrap-anywhere">
                npm run whetstone -- reset-link {email || 'you@example.com'}
              </code>
            </Notice>
          )}
        </form>
      )}
    </Door>
  );
}
