import { type KeyRole, keyRoles } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button } from '../../kit/button.tsx';
import { CopyButton } from '../../kit/copy.tsx';
import { ConfirmDialog, Dialog, DialogActions } from '../../kit/dialog.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Select } from '../../kit/select.tsx';
import { Ago } from '../../kit/time.tsx';
import { useAction } from '../../parts/use-action.ts';
import { OriginsDialog, OriginsField, originsOf } from './key-origins.tsx';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';
import { roleTeaches } from './roles.ts';

type Key = Answer<'api_keys.list'>['records'][number];

export function KeySettings(): ReactNode {
  const keys = useQuery(query('api_keys.list'));
  const members = useQuery(query('members.list'));
  const maker = (key: Key) => members.data?.records.find((one) => one.id === key.created_by)?.name ?? null;
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Key | null>(null);
  const [paging, setPaging] = useState<Key | null>(null);
  const { run } = useAction('The key was not revoked', ['api_keys.list']);
  return (
    <Panel
      title="API keys"
      about="Programs sign in with these. A key is shown once and stored as a hash."
      action={
        <Button look="primary" icon={Plus} onClick={() => setMaking(true)}>
          Make key
        </Button>
      }
    >
      <Loaded query={keys}>
        {({ records }) => (
          <Rows empty="No keys yet. An application needs one with the role “gateway”.">
            {records.map((key) => (
              <Row key={key.id}>
                <Title
                  sub={
                    <>
                      made <Ago at={key.created_at} />
                      {maker(key) !== null && ` by ${maker(key)}`}
                      {key.expires_at && (
                        <>
                          , expires <Ago at={key.expires_at} />
                        </>
                      )}
                      {key.role === 'feedback' && `, from ${key.origins.join(', ') || 'no page'}`}
                    </>
                  }
                >
                  {key.name} <code className="font-normal text-ink-3">{key.prefix}…</code>
                </Title>
                {key.environment && <Badge tone="soft">{key.environment}</Badge>}
                <Badge>{key.role}</Badge>
                <span className="w-28 text-meta text-ink-3">
                  used <Ago at={key.last_used_at} />
                </span>
                {key.role === 'feedback' && (
                  <Button size="sm" onClick={() => setPaging(key)}>
                    Pages
                  </Button>
                )}
                <Button size="sm" look="danger" onClick={() => setRevoking(key)}>
                  Revoke
                </Button>
              </Row>
            ))}
          </Rows>
        )}
      </Loaded>
      {paging !== null && <OriginsDialog of={paging} onClose={() => setPaging(null)} />}
      {making && <MakeKey onClose={() => setMaking(false)} />}
      <ConfirmDialog
        open={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`Revoke ${revoking?.name ?? 'the key'}?`}
        loss="Every program that uses it is refused at once. A revoked key does not come back."
        action="Revoke key"
        onConfirm={() => run(() => call('api_keys.revoke', { params: { id: revoking?.id ?? '' } }), 'Key revoked')}
      />
    </Panel>
  );
}

const lifetimes = [
  { value: 'never', label: 'Never', days: null },
  { value: '30', label: 'In 30 days', days: 30 },
  { value: '90', label: 'In 90 days', days: 90 },
  { value: '365', label: 'In a year', days: 365 },
] as const;

function MakeKey({ onClose }: { onClose: () => void }): ReactNode {
  const environments = useQuery(query('environments.list'));
  const [name, setName] = useState('');
  const [role, setRole] = useState<KeyRole>('gateway');
  const [environment, setEnvironment] = useState('');
  const [origins, setOrigins] = useState('');
  const [lifetime, setLifetime] = useState<(typeof lifetimes)[number]['value']>('never');
  const [made, setMade] = useState<string | null>(null);
  const { busy, run } = useAction('The key was not made', ['api_keys.list']);
  if (made !== null) {
    return (
      <Dialog open onClose={onClose} title="Your new key" description="Copy it now: it is shown only this once.">
        <div className="flex items-start gap-2 rounded-md bg-sunken py-2 pr-1.5 pl-3">
          <code className="min-w-0 flex-1 pt-0.5 wrap-anywhere">{made}</code>
          <CopyButton text={made} label="Copy key" />
        </div>
        <DialogActions>
          <Button look="primary" onClick={onClose}>
            I have copied it
          </Button>
        </DialogActions>
      </Dialog>
    );
  }
  const days = lifetimes.find((one) => one.value === lifetime)?.days ?? null;
  const make = () =>
    run(async () => {
      const key = await call('api_keys.create', {
        body: {
          name: name.trim(),
          role,
          environment: environment === '' ? null : environment,
          expires_at: days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString(),
          origins: role === 'feedback' ? originsOf(origins) : null,
        },
      });
      setMade(key.key ?? '');
    });
  return (
    <Dialog open onClose={onClose} title="Make a key">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <Field label="Name" hint="What will use it.">
          {(props) => (
            <Input
              {...props}
              autoFocus
              value={name}
              onChange={(event) => setName(event.target.value)}
              placeholder="helpdesk, production"
              maxLength={200}
            />
          )}
        </Field>
        <Field label="Role" hint={roleTeaches[role]}>
          {({ id }) => <Select id={id} value={role} options={keyRoles.map((value) => ({ value, label: value }))} onChange={setRole} />}
        </Field>
        {role === 'feedback' && <OriginsField value={origins} onChange={setOrigins} />}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Environment">
            {({ id }) => (
              <Select
                id={id}
                value={environment}
                options={[{ value: '', label: 'Any' }, ...(environments.data ?? []).map((one) => ({ value: one.name, label: one.name }))]}
                onChange={setEnvironment}
              />
            )}
          </Field>
          <Field label="Expires">{({ id }) => <Select id={id} value={lifetime} options={lifetimes} onChange={setLifetime} />}</Field>
        </div>
        <DialogActions className="mt-0">
          <Button type="submit" look="primary" busy={busy} disabled={name.trim() === ''}>
            Make key
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
