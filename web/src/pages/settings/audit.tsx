import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
import { queryKey } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { Input } from '../../kit/field.tsx';
import { Ago } from '../../kit/time.tsx';
import { Loaded, Panel, Row, Rows } from './panel.tsx';

type Entry = Answer<'audit.list'>['records'][number];
const pageRows = 50;

export function AuditSettings(): ReactNode {
  const [action, setAction] = useState('');
  const entries = useInfiniteQuery({
    queryKey: queryKey('audit.list', { action }),
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      call('audit.list', { query: { page: pageParam, size: pageRows, action: action.trim() === '' ? undefined : action.trim() }, signal }),
    getNextPageParam: (last, all) => (last.records.length < pageRows ? undefined : all.length + 1),
  });
  return (
    <Panel title="Audit log" about="Every change of who may do what, of deployments and of credentials. It cannot be edited.">
      <Input
        aria-label="Action"
        value={action}
        onChange={(event) => setAction(event.target.value)}
        placeholder="Action, as in api_key.created"
        className="mb-3 max-w-sm"
      />
      <Loaded query={{ data: entries.data, error: entries.error }} rows={10}>
        {({ pages }) => (
          <Rows empty="No entry with this action.">
            {pages
              .flatMap((page) => page.records)
              .map((entry) => (
                <EntryRow key={entry.id} entry={entry} />
              ))}
          </Rows>
        )}
      </Loaded>
      {entries.hasNextPage && (
        <Button className="mt-3" busy={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
          Show older
        </Button>
      )}
    </Panel>
  );
}

function EntryRow({ entry }: { entry: Entry }): ReactNode {
  const data = Object.entries(entry.data);
  return (
    <Row className="min-h-9 gap-x-3 py-1.5">
      <span className="w-36 truncate">{entry.actor.name}</span>
      <code className="text-ink-2">{entry.action}</code>
      <span className="min-w-0 flex-1 basis-40 truncate">
        {entry.target?.name}
        {data.length > 0 && (
          <span className="text-meta text-ink-3">
            {' '}
            {data.map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')}
          </span>
        )}
      </span>
      {entry.ip !== null && <span className="num text-ink-3 max-lg:hidden">{entry.ip}</span>}
      <Ago at={entry.at} className="text-meta text-ink-3" />
    </Row>
  );
}
