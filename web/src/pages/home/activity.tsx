import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { Ago } from '../../kit/time.tsx';
import { useLinks } from '../../parts/links.ts';
import { shortHash, Stripe } from '../../parts/version.tsx';
import type { Deployed } from './use-deployments.ts';

interface Event {
  key: string;
  at: string;
  hash: string | null;
  who: string;
  what: string;
  path: string;
  note: string | null;
  link: LinkProps;
}
const shown = 12;

/** What was saved and deployed lately, and by whom. */
export function Activity({ deployments }: { deployments: Deployed[] | null }): ReactNode {
  const files = useQuery(query('files.list_files', { query: { size: 20, sort_by: 'updated_at', order: 'desc' } }));
  const links = useLinks();
  if (deployments === null || files.isPending) return <SkeletonRows count={5} height={36} />;
  const saved = (files.data?.records ?? [])
    .filter((file) => file.created_by?.id !== 'system:setup')
    .map((file): Event => ({
      key: `saved ${file.version_id}`,
      at: file.version_created_at,
      hash: file.content_hash,
      who: file.committed_by?.full_name ?? file.created_by?.full_name ?? 'Someone',
      what: `saved ${file.version_name ?? shortHash(file.content_hash)} of`,
      path: file.path,
      note: file.version_description,
      link: links.versions(file.id),
    }));
  const deployed = deployments.map(({ deployment, file }): Event => ({
    key: deployment.id,
    at: deployment.created_at,
    hash: deployment.content_hash,
    who: deployment.created_by?.full_name ?? 'Someone',
    what:
      deployment.action === 'remove'
        ? `took out of ${deployment.environment.name}`
        : `${deployment.action === 'roll_back' ? 'rolled back' : 'deployed'} ${deployment.version_name ?? shortHash(deployment.content_hash ?? '')} to ${deployment.environment.name} in`,
    path: file.path,
    note: deployment.message,
    link: links.deployments(file.id),
  }));
  const events = [...saved, ...deployed].toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, shown);
  if (events.length === 0) return null;
  return (
    <section>
      <h2 className="mb-2 font-semibold">Recent activity</h2>
      <ul className="border-t border-line">
        {events.map((event) => (
          <li key={event.key}>
            <Link {...event.link} className="flex min-h-9 items-center gap-2.5 border-b border-line py-1 hover:bg-hover sm:px-2">
              <Stripe hash={event.hash} />
              <span title={event.note ?? event.path} className="min-w-0 flex-1 truncate text-ink-2">
                {event.who} {event.what} <span className="text-ink">{event.path}</span>
                {event.note !== null && <span className="text-ink-3"> · {event.note}</span>}
              </span>
              <Ago at={event.at} className="text-meta text-ink-3" />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
