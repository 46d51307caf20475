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
        placeholder="Find an action: deployed, api_key.created"
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

/** `member.role_changed` is “member role changed”. */
function actionInWords(action: string): string {
  return action.replaceAll(/[._]/g, ' ').replace(/^api /, 'API ');
}

/** What is told beside who, what and to whom: no ids, nothing that is not set. */
function detailsOf(data: Entry['data']): string {
  return Object.entries(data)
    .filter(([key, value]) => value !== null && value !== '' && key !== 'action' && !/(?:Id|_id)s?$/.test(key))
    .map(([key, value]) => {
      if (key === 'message') return `“${String(value)}”`;
      return `${key.replaceAll(/[_]|(?=[A-Z])/g, ' ').toLowerCase()} ${typeof value === 'string' ? value : JSON.stringify(value)}`;
    })
    .join(', ');
}

function EntryRow({ entry }: { entry: Entry }): ReactNode {
  const details = detailsOf(entry.data);
  return (
    <Row className="min-h-9 gap-x-3 py-1.5">
      <span className="w-32 truncate max-sm:w-auto">{entry.actor.name}</span>
      <span className="w-40 truncate text-ink-2 max-sm:w-auto" title={entry.action}>
        {actionInWords(entry.action)}
      </span>
      <span className="min-w-0 flex-1 truncate max-sm:order-last max-sm:basis-full">
        {entry.target?.name}
        {details !== '' && (
          <span className="text-meta text-ink-3" title={JSON.stringify(entry.data)}>
            {' '}
            {details}
          </span>
        )}
      </span>
      {entry.ip !== null && <span className="num text-ink-3 max-lg:hidden">{entry.ip}</span>}
      <Ago at={entry.at} className="text-meta text-ink-3 max-sm:ml-auto" />
    </Row>
  );
}
