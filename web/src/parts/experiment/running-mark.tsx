import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';

/** A dot beside a word while an experiment runs with the file. */
export function RunningMark({ fileId }: { fileId: string }): ReactNode {
  const running = useQuery(query('experiments.list', { query: { file_id: fileId, state: 'running' } }));
  const count = running.data?.records.length ?? 0;
  if (count === 0) return null;
  const said = count === 1 ? 'one is running' : `${count} are running`;
  return (
    <span className="ml-1.5 inline-flex size-1.5 rounded-full bg-accent" title={said}>
      <span className="sr-only">{said}</span>
    </span>
  );
}
