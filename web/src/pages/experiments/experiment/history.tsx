import type { ExperimentEvent } from '@whetstone/contract';
import type { ReactNode } from 'react';
import { cx } from '../../../kit/cx.ts';
import { Ago } from '../../../kit/time.tsx';
import { Section } from './section.tsx';

const loud: ReadonlySet<ExperimentEvent['type']> = new Set(['guard_stopped', 'alarm']);

/** What happened, newest first. */
export function History({ events }: { events: readonly ExperimentEvent[] }): ReactNode {
  if (events.length === 0) return null;
  return (
    <Section title="History">
      <ol className="border-t border-line">
        {events.map((event, at) => (
          <li key={at} className="flex flex-wrap items-baseline gap-x-3 border-b border-line py-1.5">
            <span className={cx('min-w-0 flex-1', loud.has(event.type) ? 'text-worse' : 'text-ink-2')}>
              {event.text.replaceAll('`', '')}
            </span>
            <span className="text-meta text-ink-3">{event.by?.full_name ?? (event.type === 'guard_stopped' ? 'by itself' : '')}</span>
            <Ago at={event.at} className="text-meta text-ink-3" />
          </li>
        ))}
      </ol>
    </Section>
  );
}
