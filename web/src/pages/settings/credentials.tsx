import { useQuery } from '@tanstack/react-query';
import { Ellipsis, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { Menu, MenuItem, MenuLine } from '../../kit/menu.tsx';
import { Ago } from '../../kit/time.tsx';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { CredentialDialog, isService } from './credential-dialog.tsx';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';

type Credential = Answer<'credentials.list'>['records'][number];
const sources = { workspace: null, operator: 'from the server', 'built-in': 'simulated' } as const;

export function CredentialSettings(): ReactNode {
  const admin = useMay('admin');
  const credentials = useQuery(query('credentials.list'));
  const [editing, setEditing] = useState<Credential | 'new' | null>(null);
  return (
    <Panel
      title="Model credentials"
      about="Keys of the providers whose models your prompts call, and of the services that your tools ask. They are encrypted, bound to the address they were given for, and never sent back."
      action={
        admin && (
          <Button look="primary" icon={Plus} onClick={() => setEditing('new')}>
            Add credential
          </Button>
        )
      }
    >
      <Loaded query={credentials}>
        {({ records }) => (
          <Rows empty="None. Until there is one, only the simulated models answer.">
            {records.map((one) => (
              <CredentialRow key={one.id} credential={one} admin={admin} onEdit={() => setEditing(one)} />
            ))}
          </Rows>
        )}
      </Loaded>
      {editing !== null && <CredentialDialog credential={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

function CredentialRow({ credential, admin, onEdit }: { credential: Credential; admin: boolean; onEdit: () => void }): ReactNode {
  const [result, setResult] = useState<Answer<'credentials.test'> | null>(null);
  const [deleting, setDeleting] = useState(false);
  const test = useAction('The credential was not tested');
  const remove = useAction('The credential was not deleted', ['credentials.list', 'models.list']);
  const params = { id: credential.id };
  const source = sources[credential.source];
  return (
    <Row>
      <Title sub={credential.base_url ?? [credential.provider, ...Object.values(credential.settings ?? {})].join(' · ')}>
        {credential.name}
        {credential.hint !== '' && <code className="font-normal text-ink-3">…{credential.hint}</code>}
        {source !== null && <Badge>{source}</Badge>}
      </Title>
      <span className="text-meta text-ink-3">
        used <Ago at={credential.last_used_at} />
      </span>
      {result !== null && (
        <Badge tone={result.ok ? 'better' : 'worse'}>{result.ok ? `works, ${result.models.length} models` : 'refused'}</Badge>
      )}
      {admin && (
        <>
          {isService(credential.provider) ? (
            <Badge>for tools</Badge>
          ) : (
            <Button
              size="sm"
              busy={test.busy}
              onClick={() => void test.run(async () => setResult(await call('credentials.test', { params })))}
            >
              Test
            </Button>
          )}
          <span className="flex w-7">
            {credential.source === 'workspace' && (
              <Menu trigger={<IconButton icon={Ellipsis} label={`More for ${credential.name}`} />}>
                <MenuItem onSelect={onEdit}>Change</MenuItem>
                <MenuLine />
                <MenuItem danger onSelect={() => setDeleting(true)}>
                  Delete
                </MenuItem>
              </Menu>
            )}
          </span>
        </>
      )}
      {result !== null && !result.ok && <p className="w-full text-meta text-worse wrap-anywhere">{result.message}</p>}
      <ConfirmDialog
        open={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${credential.name}?`}
        loss="Prompts and tools that use it fail until there is another. The key itself stays valid at the provider: revoke it there too."
        action="Delete credential"
        onConfirm={() => remove.run(() => call('credentials.delete', { params }), 'Credential deleted')}
      />
    </Row>
  );
}
