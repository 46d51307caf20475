import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Ago } from '../../kit/time.tsx';
import { useAction } from '../../parts/use-action.ts';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';

export function Invitations(): ReactNode {
  const invitations = useQuery(query('invitations.list'));
  const { run } = useAction('The invitation was not revoked', ['invitations.list']);
  return (
    <Panel title="Open invitations">
      <Loaded query={invitations} rows={1}>
        {({ records }) => (
          <Rows empty="None.">
            {records.map((one) => (
              <Row key={one.id}>
                <Title
                  sub={
                    <>
                      invited by {one.invited_by.name ?? 'an admin'}, expires <Ago at={one.expires_at} />
                    </>
                  }
                >
                  {one.email ?? 'Anyone with the link'}
                </Title>
                <span className="text-ink-2">{one.role}</span>
                <Button
                  size="sm"
                  look="danger"
                  onClick={() => void run(() => call('invitations.revoke', { params: { id: one.id } }), 'Invitation revoked')}
                >
                  Revoke
                </Button>
              </Row>
            ))}
          </Rows>
        )}
      </Loaded>
    </Panel>
  );
}
