import { type MemberRole, memberRoles } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Ellipsis, UserPlus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { Menu, MenuItem, MenuLine } from '../../kit/menu.tsx';
import { Select } from '../../kit/select.tsx';
import { Ago } from '../../kit/time.tsx';
import { useMay, useSession } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { Invitations } from './invitations.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { LinkDialog } from './link-dialog.tsx';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';
import { roleTeaches } from './roles.ts';

type Member = Answer<'members.list'>['records'][number];

export function PeopleSettings(): ReactNode {
  const admin = useMay('admin');
  const members = useQuery(query('members.list'));
  const [inviting, setInviting] = useState(false);
  return (
    <>
      <Panel
        title="People"
        about="Who is in this workspace, and what each may do."
        action={
          admin && (
            <Button look="primary" icon={UserPlus} onClick={() => setInviting(true)}>
              Invite
            </Button>
          )
        }
      >
        <Loaded query={members}>
          {({ records }) => (
            <Rows>
              {records.map((member) => (
                <MemberRow key={member.id} member={member} />
              ))}
            </Rows>
          )}
        </Loaded>
      </Panel>
      {admin && <Invitations />}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  );
}

function MemberRow({ member }: { member: Member }): ReactNode {
  const { user } = useSession();
  const admin = useMay('admin');
  const { run } = useAction('The role was not changed', ['members.list']);
  const changeable = admin && member.role !== 'owner' && member.id !== user.id;
  return (
    <Row>
      <Title sub={member.email}>
        {member.name}
        {member.id === user.id && <Badge>you</Badge>}
        {member.suspended && <Badge tone="undecided">suspended</Badge>}
      </Title>
      <span className="text-meta text-ink-3">
        seen <Ago at={member.last_seen_at} />
      </span>
      {changeable ? (
        <Select<MemberRole>
          bare
          label={`Role of ${member.name}`}
          value={member.role}
          options={memberRoles.filter((role) => role !== 'owner').map((role) => ({ value: role, label: role }))}
          onChange={(role) =>
            void run(
              () => call('members.update', { params: { id: member.id }, body: { role } }),
              `${member.name} is now ${role}: ${roleTeaches[role]}`,
            )
          }
          className="w-26"
        />
      ) : (
        <span className="w-26 text-ink-2 sm:px-2">{member.role}</span>
      )}
      <span className="ml-auto flex w-7 justify-end">{admin && member.id !== user.id && <MemberMenu member={member} />}</span>
    </Row>
  );
}

function MemberMenu({ member }: { member: Member }): ReactNode {
  const owner = useMay('owner');
  const [asking, setAsking] = useState<'remove' | 'transfer' | null>(null);
  const [link, setLink] = useState<{ url: string; expires_at: string } | null>(null);
  const { run } = useAction('That did not work', ['members.list', 'me.get']);
  const params = { id: member.id };
  return (
    <>
      <Menu trigger={<IconButton icon={Ellipsis} label={`More for ${member.name}`} />}>
        <MenuItem onSelect={() => void run(async () => setLink(await call('members.reset_link', { params })))}>
          Make a password reset link
        </MenuItem>
        {member.role !== 'owner' && (
          <>
            <MenuItem
              onSelect={() =>
                void run(
                  () => call('members.update', { params, body: { suspended: !member.suspended } }),
                  member.suspended ? `${member.name} is back` : `${member.name} is suspended`,
                )
              }
            >
              {member.suspended ? 'Reinstate' : 'Suspend'}
            </MenuItem>
            {owner && <MenuItem onSelect={() => setAsking('transfer')}>Make owner</MenuItem>}
            <MenuLine />
            <MenuItem danger onSelect={() => setAsking('remove')}>
              Remove
            </MenuItem>
          </>
        )}
      </Menu>
      <ConfirmDialog
        open={asking === 'remove'}
        onClose={() => setAsking(null)}
        title={`Remove ${member.name}?`}
        loss={`${member.email} loses this workspace at once, on every device. What they wrote stays.`}
        action={`Remove ${member.name}`}
        onConfirm={() => run(() => call('members.remove', { params }), `${member.name} removed`)}
      />
      <ConfirmDialog
        open={asking === 'transfer'}
        onClose={() => setAsking(null)}
        title={`Make ${member.name} the owner?`}
        loss="You become an admin. Only the new owner can pass ownership on again or delete the workspace."
        action="Pass ownership on"
        phrase={member.email}
        onConfirm={() => run(() => call('workspace.transfer', { body: { user_id: member.id } }), `${member.name} is the owner now`)}
      />
      {link && (
        <LinkDialog
          title={`Reset link for ${member.name}`}
          about="Whoever opens it sets a new password for this account. Send it by a way you trust; it works once."
          url={link.url}
          expiresAt={link.expires_at}
          onClose={() => setLink(null)}
        />
      )}
    </>
  );
}
