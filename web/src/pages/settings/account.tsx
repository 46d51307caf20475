import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { auth } from '../../api/auth.ts';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Ago } from '../../kit/time.tsx';
import { useSession } from '../../parts/session.ts';
import { useTheme } from '../../parts/theme.ts';
import { useAction } from '../../parts/use-action.ts';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';

export function AccountSettings(): ReactNode {
  const { user } = useSession();
  const [theme, setTheme] = useTheme();
  return (
    <>
      <Panel title="My account" about={user.email}>
        <NameForm name={user.name} />
      </Panel>
      <Panel title="Theme" about="Of this browser.">
        <Segmented
          label="Theme"
          value={theme}
          onChange={setTheme}
          options={[
            { value: 'system', label: 'Like the system' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
      </Panel>
      <Panel title="Password" about="Changing it ends all other sessions.">
        <PasswordForm />
      </Panel>
      <Sessions />
    </>
  );
}

function NameForm({ name }: { name: string }): ReactNode {
  const [text, setText] = useState(name);
  const { busy, run } = useAction('Your name was not changed', ['me.get', 'members.list']);
  return (
    <form
      className="flex max-w-md gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => call('me.update', { body: { name: text.trim() } }), 'Name changed');
      }}
    >
      <Input aria-label="Your name" value={text} onChange={(event) => setText(event.target.value)} maxLength={200} autoComplete="name" />
      <Button type="submit" busy={busy} disabled={text.trim() === '' || text.trim() === name} className="h-8">
        Change name
      </Button>
    </form>
  );
}

function PasswordForm(): ReactNode {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const { busy, run } = useAction('The password is unchanged', ['me.sessions']);
  const change = async () => {
    if (await run(() => auth('/change-password', { current_password: current, password }), 'Password changed; other sessions have ended')) {
      setCurrent('');
      setPassword('');
    }
  };
  return (
    <form
      className="flex max-w-xs flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void change();
      }}
    >
      <Field label="Present password">
        {(props) => (
          <Input
            {...props}
            required
            type="password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        )}
      </Field>
      <Field label="New password" hint="At least 8 characters.">
        {(props) => (
          <Input
            {...props}
            required
            minLength={8}
            type="password"
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <Button type="submit" busy={busy} disabled={current === '' || password.length < 8} className="self-start">
        Change password
      </Button>
    </form>
  );
}

/** Browser and system, as far as the user agent says. */
function agentName(agent: string | null): string {
  if (agent === null) return 'Unknown program';
  const browser = ['Edg', 'Firefox', 'Chrome', 'Safari', 'curl'].find((name) => agent.includes(name)) ?? agent.slice(0, 40);
  const system = ['Windows', 'Android', 'iPhone', 'iPad', 'Mac OS', 'Linux'].find((name) => agent.includes(name));
  return `${browser === 'Edg' ? 'Edge' : browser}${system === undefined ? '' : ` on ${system}`}`;
}

function Sessions(): ReactNode {
  const sessions = useQuery(query('me.sessions'));
  const { run } = useAction('The session was not ended', ['me.sessions']);
  return (
    <Panel title="Sessions" about="Where you are signed in.">
      <Loaded query={sessions} rows={2}>
        {({ records }) => (
          <Rows>
            {records.map((session) => (
              <Row key={session.id}>
                <Title
                  sub={
                    <>
                      {session.ip ?? 'unknown address'}, since <Ago at={session.created_at} />
                    </>
                  }
                >
                  {agentName(session.user_agent)} {session.current && <Badge tone="better">this one</Badge>}
                </Title>
                <span className="text-meta text-ink-3">
                  seen <Ago at={session.last_seen_at} />
                </span>
                {!session.current && (
                  <Button
                    size="sm"
                    look="danger"
                    onClick={() => void run(() => call('me.end_session', { params: { id: session.id } }), 'Session ended')}
                  >
                    End
                  </Button>
                )}
              </Row>
            ))}
          </Rows>
        )}
      </Loaded>
    </Panel>
  );
}
