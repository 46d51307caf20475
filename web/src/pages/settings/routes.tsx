import { useQuery } from '@tanstack/react-query';
import { Ellipsis, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, IconButton } from '../../kit/button.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { Menu, MenuItem, MenuLine } from '../../kit/menu.tsx';
import { useMay } from '../../parts/session.ts';
import { useAction } from '../../parts/use-action.ts';
import { Loaded, Panel, Row, Rows, Title } from './panel.tsx';
import { RouteDialog } from './route-dialog.tsx';

type Route = Answer<'routes.list'>['records'][number];

export function RouteSettings(): ReactNode {
  const admin = useMay('admin');
  const routes = useQuery(query('routes.list'));
  const [editing, setEditing] = useState<Route | 'new' | null>(null);
  const [deleting, setDeleting] = useState<Route | null>(null);
  const remove = useAction('The route was not deleted', ['routes.list']);
  const clear = useAction('The cache was not cleared');
  return (
    <Panel
      title="Routes"
      about="A route is a name that calls and prompts use in place of a model. It shares the calls among models by weight, and goes on to the next where one fails."
      action={
        admin && (
          <span className="flex gap-2">
            <Button busy={clear.busy} onClick={() => void clear.run(() => call('cache.clear', {}), 'Cached answers forgotten')}>
              Clear cache
            </Button>
            <Button look="primary" icon={Plus} onClick={() => setEditing('new')}>
              Add route
            </Button>
          </span>
        )
      }
    >
      <Loaded query={routes}>
        {({ records }) => (
          <Rows empty="No routes. With one named “main”, an application asks for the model “main”, and you decide here what that is.">
            {records.map((route) => (
              <Row key={route.name}>
                <Title sub={route.targets.map((target, index) => told(target, index, route.targets)).join(', ')}>
                  <code>{route.name}</code>
                </Title>
                {route.cache_ttl_seconds !== null && <Badge>cached {spanOf(route.cache_ttl_seconds)}</Badge>}
                <Badge tone="soft">
                  {route.targets.length} {route.targets.length === 1 ? 'target' : 'targets'}
                </Badge>
                {admin && (
                  <Menu trigger={<IconButton icon={Ellipsis} label={`More for ${route.name}`} />}>
                    <MenuItem onSelect={() => setEditing(route)}>Change</MenuItem>
                    <MenuLine />
                    <MenuItem danger onSelect={() => setDeleting(route)}>
                      Delete
                    </MenuItem>
                  </Menu>
                )}
              </Row>
            ))}
          </Rows>
        )}
      </Loaded>
      {editing !== null && <RouteDialog route={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
      <ConfirmDialog
        open={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete ${deleting?.name ?? 'the route'}?`}
        loss="Calls and prompts that name it will ask OpenAI for a model of this name, and fail."
        action="Delete route"
        onConfirm={() => remove.run(() => call('routes.delete', { params: { name: deleting?.name ?? '' } }), 'Route deleted')}
      />
    </Panel>
  );
}

function told(target: Route['targets'][number], index: number, all: Route['targets']): string {
  const total = all.reduce((sum, { weight }) => sum + weight, 0);
  const name = target.credential == null ? target.model : `${target.credential}/${target.model}`;
  if (target.weight > 0) return `${name} ${Math.round((target.weight / total) * 100)} %`;
  return index === 0 ? name : `then ${name}`;
}

function spanOf(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
