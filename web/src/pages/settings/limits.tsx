import { useQuery } from '@tanstack/react-query';
import { Ellipsis, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { Menu, MenuItem, MenuLine } from '../../kit/menu.tsx';
import { useAction } from '../../parts/use-action.ts';
import { LimitDialog } from './limit-dialog.tsx';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';

type Limit = Answer<'limits.list'>['records'][number];
type Key = Answer<'api_keys.list'>['records'][number];

export function LimitSettings(): ReactNode {
  const limits = useQuery(query('limits.list'));
  const keys = useQuery(query('api_keys.list'));
  const [editing, setEditing] = useState<Limit | 'new' | null>(null);
  const { run } = useAction('The limit was not lifted', ['limits.list']);
  const records = keys.data?.records ?? [];
  return (
    <Panel
      title="Limits"
      about="How much an API key or an end user may use. A call beyond it is refused with 429 and told when to come back. An end user is whom a call names as “user”."
      action={
        <Button look="primary" icon={Plus} onClick={() => setEditing('new')}>
          Add limit
        </Button>
      }
    >
      <Loaded query={limits}>
        {(given) => (
          <Rows empty="No limits: every key may use what its provider allows.">
            {given.records.map((limit) => (
              <Row key={`${limit.subject} ${limit.id}`}>
                <Title sub={amountsOf(limit).join(', ')}>{nameOf(limit, records)}</Title>
                {limit.used != null && (limit.usd_per_day != null || limit.usd_per_month != null) && <Used limit={limit} />}
                <Badge>{limit.subject === 'key' ? 'API key' : 'end user'}</Badge>
                <Menu trigger={<IconButton icon={Ellipsis} label={`More for ${nameOf(limit, records)}`} />}>
                  <MenuItem onSelect={() => setEditing(limit)}>Change</MenuItem>
                  <MenuLine />
                  <MenuItem
                    danger
                    onSelect={() =>
                      void run(() => call('limits.delete', { query: { subject: limit.subject, id: limit.id } }), 'Limit lifted')
                    }
                  >
                    Lift
                  </MenuItem>
                </Menu>
              </Row>
            ))}
          </Rows>
        )}
      </Loaded>
      {editing !== null && <LimitDialog limit={editing === 'new' ? null : editing} keys={records} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

function Used({ limit }: { limit: Limit }): ReactNode {
  const usd = (value: number) => `$${value.toFixed(value < 1 ? 4 : 2)}`;
  return (
    <span className="num text-meta text-ink-3">
      {limit.usd_per_day != null && `${usd(limit.used?.usd_today ?? 0)} today`}
      {limit.usd_per_day != null && limit.usd_per_month != null && ', '}
      {limit.usd_per_month != null && `${usd(limit.used?.usd_this_month ?? 0)} this month`}
    </span>
  );
}

function nameOf(limit: Limit, keys: readonly Key[]): string {
  if (limit.subject === 'user') return limit.id === '*' ? 'Every end user' : limit.id;
  return keys.find((key) => key.id === limit.id)?.name ?? `${limit.id} (revoked)`;
}

function amountsOf(limit: Limit): string[] {
  const told: [number | null | undefined, (value: number) => string][] = [
    [limit.requests_per_minute, (value) => `${value.toLocaleString('en')} requests/min`],
    [limit.tokens_per_minute, (value) => `${value.toLocaleString('en')} tokens/min`],
    [limit.usd_per_day, (value) => `$${value}/day`],
    [limit.usd_per_month, (value) => `$${value}/month`],
  ];
  return told.flatMap(([value, say]) => (value == null ? [] : [say(value)]));
}
