import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleDashed } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { Button } from '../../kit/button.tsx';
import { formatCount, formatShare } from '../../kit/format.ts';
import { Notice } from '../../kit/notice.tsx';
import { Skeleton } from '../../kit/skeleton.tsx';
import { Ago } from '../../kit/time.tsx';
import { HowToSend } from './how-to-send.tsx';
import type { Sent } from './snippets.ts';

type Arrivals = Answer<'feedback.arrivals'>;
type Arrived = Arrivals['kinds'][number];

const about: Record<Arrived['kind'], { title: string; says: string }> = {
  votes: { title: 'Votes', says: 'What users say when asked: thumbs, ratings.' },
  actions: { title: 'Actions', says: 'What users do: accept, copy, share, try again.' },
  corrections: { title: 'Corrections', says: 'What users make of the answer; how much they edit.' },
  other: { title: 'Everything else', says: 'Comments and issues.' },
};

/** Which kinds of feedback arrive, and ten lines for what is missing. */
export function ArrivalsPart({ fileId }: { fileId: string | null }): ReactNode {
  const { data, error } = useQuery({
    ...query('feedback.arrivals', { query: fileId === null ? {} : { file_id: fileId } }),
    refetchInterval: 5_000,
  });
  const [open, setOpen] = useState<Sent | null>(null);
  if (error)
    return (
      <Notice kind="error" title="What arrives could not be read">
        {error.message}
      </Notice>
    );
  if (!data) return <Skeleton className="h-40 w-full" />;
  return (
    <>
      <ul className="border-t border-line">
        {data.kinds.map((arrived) => (
          <Row
            key={arrived.kind}
            arrived={arrived}
            open={open === arrived.kind}
            onOpen={() => arrived.kind !== 'other' && setOpen(open === arrived.kind ? null : arrived.kind)}
          >
            {arrived.kind !== 'other' && open === arrived.kind && <HowToSend sent={arrived.kind} fileId={fileId} />}
          </Row>
        ))}
      </ul>
      <Missing arrivals={data} />
    </>
  );
}

function Row({ arrived, open, onOpen, children }: { arrived: Arrived; open: boolean; onOpen: () => void; children: ReactNode }): ReactNode {
  const { title, says } = about[arrived.kind];
  const arrives = arrived.week > 0;
  return (
    <li className="border-b border-line" aria-label={title}>
      <div className="flex min-h-12 flex-wrap items-center gap-x-4 gap-y-1 py-2">
        <span className="flex min-w-0 flex-1 basis-64 items-center gap-2.5">
          {arrives ? (
            <CircleCheck size={16} strokeWidth={1.5} className="shrink-0 text-better" role="img" aria-label="Arrives" />
          ) : (
            <CircleDashed size={16} strokeWidth={1.5} className="shrink-0 text-ink-3" role="img" aria-label="Does not arrive" />
          )}
          <span className="min-w-0">
            <span className="block font-medium">{title}</span>
            <span className="block text-meta text-ink-3">{says}</span>
          </span>
        </span>
        <span className="flex flex-wrap items-baseline gap-x-5 text-meta max-sm:pl-6.5">
          <span className="text-ink-3 sm:w-34">
            {arrived.last_at === null ? (
              'never arrived'
            ) : (
              <>
                last <Ago at={arrived.last_at} />
              </>
            )}
          </span>
          <span className="sm:w-20 sm:text-right">
            <span className="num">{formatCount(arrived.day)}</span> <span className="text-ink-3">today</span>
          </span>
          <span className="sm:w-24 sm:text-right">
            <span className="num">{formatCount(arrived.week)}</span> <span className="text-ink-3">in a week</span>
          </span>
        </span>
        <span className="max-sm:pl-4 sm:w-24">
          {arrived.kind !== 'other' && (
            <Button size="sm" look={arrives ? 'quiet' : 'plain'} aria-expanded={open} onClick={onOpen} className="pointer-coarse:h-9">
              {open ? 'Close' : arrives ? 'How to send' : 'Send them'}
            </Button>
          )}
        </span>
      </div>
      {children}
    </li>
  );
}

/** What keeps feedback from being of use, in words. */
function Missing({ arrivals: { logs, with_user: withUser, waiting } }: { arrivals: Arrivals }): ReactNode {
  const noUser = logs > 0 && withUser < 0.5 * logs;
  return (
    <>
      {noUser && (
        <Notice
          kind="warning"
          className="mt-4"
          title={withUser === 0 ? 'No log says who the user was' : `Only ${formatShare(withUser / logs)} of logs say who the user was`}
        >
          Send the user’s id as <code>user</code> with every call. Without it, votes of different users count as one person’s, and an
          experiment cannot give a user the same version every time.
        </Notice>
      )}
      {waiting > 0 && (
        <Notice
          className="mt-4"
          title={`${formatCount(waiting)} ${waiting === 1 ? 'piece' : 'pieces'} of feedback for logs that are not here`}
        >
          They join their log when it comes. If it does not, compare the ids: <code>log_id</code> is what the header{' '}
          <code>x-whetstone-log-id</code> of an answer says, <code>reference_id</code> what your application sent with the call.
        </Notice>
      )}
    </>
  );
}
