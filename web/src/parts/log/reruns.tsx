import type { LogResponse } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { Ago } from '../../kit/time.tsx';
import { useLinks } from '../links.ts';
import { fileOf, previewsOf } from '../logs/log-file.ts';
import { Stripe } from '../version.tsx';
import { Section } from './section.tsx';

/** The calls that reran this one with a change. */
export function Reruns({ log }: { log: LogResponse }): ReactNode {
  const links = useLinks();
  const reruns = useQuery(query('logs.list', { query: { counterfactual_of: log.id, size: 20, summary: true, count: false } }));
  if (!reruns.data || reruns.data.records.length === 0) return null;
  return (
    <Section title="Reruns of this" aside={reruns.data.records.length}>
      <ul>
        {reruns.data.records.map((one) => (
          <li key={one.id}>
            <Link {...links.log(one.id)} className="flex h-8 items-center gap-2 border-b border-line hover:bg-hover">
              <Stripe hash={fileOf(one).hash} />
              <span className="min-w-0 flex-1 truncate">{previewsOf(one).output || one.status}</span>
              <Ago at={one.created_at} className="text-meta text-ink-3" />
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
