import type { LogResponse } from '@whetstone/contract';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { query } from '../../api/query.ts';
import { fileOf } from '../logs/log-file.ts';
import { useLinks } from '../links.ts';
import { type RetrievedDocument, documentsIn } from './content.ts';
import { Documents } from './documents.tsx';
import { Section } from './section.tsx';

/** A trace with more retrievals than this shows the first ones; the others are a press away in the tree. */
const mostRetrievals = 6;

/** What the tools of a trace retrieved, each list under the tool that gave it. A trace's list has no payloads, so they are read one by one. */
export function TraceDocuments({ logs }: { logs: readonly LogResponse[] }): ReactNode {
  const links = useLinks();
  const tools = logs.filter((log) => log.type === 'tool').slice(0, mostRetrievals);
  const answers = useQueries({ queries: tools.map((log) => ({ ...query('logs.get', { params: { id: log.id } }), staleTime: 60_000 })) });
  const found = answers.flatMap(({ data }): { log: LogResponse; documents: RetrievedDocument[] }[] => {
    const documents = data === undefined ? [] : documentsIn(data.output);
    return data === undefined || documents.length === 0 ? [] : [{ log: data, documents }];
  });
  return found.map(({ log, documents }) => (
    <Section
      key={log.id}
      title={
        <>
          Retrieved by{' '}
          <Link {...links.log(log.id)} className="hover:underline">
            {fileOf(log).name}
          </Link>
        </>
      }
      aside={documents.length}
    >
      <Documents documents={documents} />
    </Section>
  ));
}
