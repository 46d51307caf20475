import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { Ago } from '../../kit/time.tsx';
import { useLinks } from '../../parts/links.ts';

const askMs = 1_500;

function textIn(object: Record<string, unknown>, key: string): string | null {
  const value = object[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Waits for a log that came after the page was opened, and turns green when it is there. */
export function FirstLog({ since }: { since: string }): ReactNode {
  const links = useLinks();
  const fresh = useQuery({
    ...query('connect.get', { query: { since } }),
    refetchInterval: ({ state }) => (state.data?.last_log ? false : askMs),
  });
  const earlier = useQuery(query('connect.get'));
  const log = fresh.data?.last_log ?? null;
  if (log !== null) {
    const id = textIn(log, 'id') ?? textIn(log, 'log_id');
    return (
      <div role="status" className="flex flex-wrap items-center gap-3 rounded-md bg-better-soft px-3 py-2.5">
        <CircleCheck size={18} strokeWidth={1.75} className="text-better" aria-hidden />
        <span className="font-medium">Connected. The first log is here.</span>
        {id !== null && (
          <Link {...links.log(id)} className="text-accent-ink hover:underline">
            Open it
          </Link>
        )}
      </div>
    );
  }
  const before = earlier.data?.last_log;
  return (
    <div role="status" className="flex flex-wrap items-center gap-3 rounded-md bg-sunken px-3 py-2.5">
      <LoaderCircle size={16} strokeWidth={1.75} className="animate-spin text-ink-3" aria-hidden />
      <span>Waiting for a call. This turns green by itself.</span>
      {before && textIn(before, 'created_at') !== null && (
        <span className="text-meta text-ink-3">
          The last one came <Ago at={textIn(before, 'created_at')} />.
        </span>
      )}
    </div>
  );
}
