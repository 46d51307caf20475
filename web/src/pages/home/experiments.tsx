import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { FlaskConical } from 'lucide-react';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { Ago } from '../../kit/time.tsx';
import { useLinks } from '../../parts/links.ts';

const runningMs = 30_000;

/** Experiments that run now, each with its answer so far. Nothing while none does. */
export function RunningExperiments(): ReactNode {
  const links = useLinks();
  const running = useQuery({ ...query('experiments.list', { query: { state: 'running' } }), refetchInterval: runningMs });
  const records = running.data?.records ?? [];
  if (records.length === 0) return null;
  return (
    <section aria-label="Running experiments">
      <h2 className="mb-2 font-semibold">Running experiments</h2>
      <ul className="border-t border-line">
        {records.map((one) => (
          <li key={one.id}>
            <Link
              {...links.experiment(one.id)}
              className="flex min-h-10 items-center gap-3 border-b border-line py-1.5 hover:bg-hover sm:px-2"
            >
              <FlaskConical size={16} strokeWidth={1.5} className="shrink-0 text-accent-ink" aria-hidden />
              <span className="flex min-w-0 flex-1 flex-wrap items-baseline gap-x-4">
                <span className="min-w-0 truncate">
                  {one.name}{' '}
                  <span className="text-meta text-ink-3">
                    {one.file.path} in {one.environment.name}
                  </span>
                </span>
                <span className="text-meta text-ink-2">{one.words ?? 'Nothing to compare yet.'}</span>
              </span>
              {one.started_at !== null && <Ago at={one.started_at} className="shrink-0 text-meta text-ink-3 max-sm:hidden" />}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
