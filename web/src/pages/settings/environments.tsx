import { useQuery } from '@tanstack/react-query';
import { Ellipsis, Lock, LockOpen, ShieldCheck } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { Input } from '../../kit/field.tsx';
import { Menu, MenuItem, MenuLine } from '../../kit/menu.tsx';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { GatesDialog } from './gates-dialog.tsx';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';

type Environment = Answer<'environments.list'>[number];

export function EnvironmentSettings(): ReactNode {
  const admin = useMay('admin');
  const environments = useQuery(query('environments.list'));
  const [name, setName] = useState('');
  const { busy, run } = useAction('The environment was not made', ['environments.list']);
  return (
    <Panel title="Environments" about="Where versions are deployed. A call that names none gets the version of the default one.">
      <Loaded query={environments}>
        {(list) => (
          <Rows>
            {list.map((one) => (
              <EnvironmentRow key={one.id} environment={one} admin={admin} />
            ))}
          </Rows>
        )}
      </Loaded>
      {admin && (
        <form
          className="mt-4 flex max-w-sm gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void run(() => call('environments.create', { body: { name: name.trim() } }), `${name.trim()} made`).then(
              (made) => made && setName(''),
            );
          }}
        >
          <Input
            aria-label="Name of a new environment"
            value={name}
            onChange={(event) => setName(event.target.value)}
            placeholder="preview"
            maxLength={100}
          />
          <Button type="submit" busy={busy} disabled={name.trim() === ''} className="h-8">
            Make environment
          </Button>
        </form>
      )}
    </Panel>
  );
}

function EnvironmentRow({ environment, admin }: { environment: Environment; admin: boolean }): ReactNode {
  const [deleting, setDeleting] = useState(false);
  const [gating, setGating] = useState(false);
  const gates = useQuery(query('gates.list', { params: { id: environment.id } })).data?.gates;
  const { run } = useAction('The environment was not changed', ['environments.list']);
  const params = { id: environment.id };
  const isDefault = environment.tag === 'default';
  return (
    <Row>
      <Title sub={`${environment.protected ? 'Only admins deploy here.' : 'Editors deploy here.'}${demandsOf(gates)}`}>
        {environment.name}
        {isDefault && <Badge>default</Badge>}
        {environment.protected && <Lock size={12} strokeWidth={1.75} className="text-ink-3" aria-label="protected" />}
      </Title>
      {admin && (
        <Menu trigger={<IconButton icon={Ellipsis} label={`More for ${environment.name}`} />}>
          <MenuItem
            icon={environment.protected ? LockOpen : Lock}
            onSelect={() => void run(() => call('environments.update', { params, body: { protected: !environment.protected } }))}
          >
            {environment.protected ? 'Let editors deploy' : 'Protect: only admins deploy'}
          </MenuItem>
          <MenuItem icon={ShieldCheck} onSelect={() => setGating(true)}>
            Gates: what evaluations must say
          </MenuItem>
          {!isDefault && (
            <>
              <MenuItem
                onSelect={() =>
                  void run(
                    () => call('environments.update', { params, body: { tag: 'default' } }),
                    `${environment.name} is the default now`,
                  )
                }
              >
                Make it the default
              </MenuItem>
              <MenuLine />
              <MenuItem danger onSelect={() => setDeleting(true)}>
                Delete
              </MenuItem>
            </>
          )}
        </Menu>
      )}
      {gating && gates !== undefined && (
        <GatesDialog id={environment.id} name={environment.name} gates={gates} onClose={() => setGating(false)} />
      )}
      <ConfirmDialog
        open={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${environment.name}?`}
        loss={`What is deployed in it is taken out, and calls that name “${environment.name}” fail. Versions and logs stay.`}
        action="Delete environment"
        phrase={environment.name}
        onConfirm={() => run(() => call('environments.delete', { params }), `${environment.name} deleted`)}
      />
    </Row>
  );
}

function demandsOf(gates: Answer<'gates.list'>['gates'] | undefined): string {
  if (gates === undefined || gates.length === 0) return '';
  const names = gates.map((gate) => `“${gate.evaluation_name ?? gate.evaluation}”`);
  return ` ${names.join(', ')} must pass.`;
}
