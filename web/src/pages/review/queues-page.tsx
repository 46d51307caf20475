import type { ReviewQueue } from '@whetstone/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Columns2, EyeOff, Plus, Radio, Scale } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { Badge } from '../../kit/badge.tsx';
import { Button, buttonClass } from '../../kit/button.tsx';
import { formatCount } from '../../kit/format.ts';
import { Empty, Notice } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { Ago } from '../../kit/time.tsx';
import { useLinks } from '../../parts/links.ts';
import { useMay } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { timeLeft } from './draft.ts';

/** What waits for one's judgment, and what others work on. */
export function QueuesPage(): ReactNode {
  const links = useLinks();
  const mayWrite = useMay('write');
  const [closed, setClosed] = useState(false);
  const { data, error } = useQuery(query('reviews.list', { query: closed ? {} : { closed: false } }));
  const all = data?.records ?? [];
  const mine = all.filter((queue) => queue.mine.left > 0);
  const others = all.filter((queue) => queue.mine.left === 0);
  const create = (
    <Link {...links.newReview()} className={buttonClass({ look: 'primary' })}>
      <Plus size={15} strokeWidth={1.5} aria-hidden />
      New queue
    </Link>
  );
  return (
    <>
      <PageBar
        title="Review"
        crumbs={[{ label: 'Review' }]}
        actions={
          <>
            <Link {...links.judges()} className={buttonClass({ look: 'quiet' })}>
              <Scale size={15} strokeWidth={1.5} aria-hidden />
              <span className="max-md:hidden">Judges against people</span>
              <span className="md:hidden">Judges</span>
            </Link>
            {mayWrite && create}
          </>
        }
      />
      {error !== null && (
        <Notice kind="error" title="The queues could not be read" className="m-4">
          {error.message}
        </Notice>
      )}
      {data === undefined && error === null && <SkeletonRows count={6} height={56} />}
      {data !== undefined && all.length === 0 && (
        <Empty title="Let people judge what models wrote" action={mayWrite ? create : undefined}>
          A queue gives logs to people one at a time: from any filter, from a run of an evaluation, or two runs side by side. It shows how
          far people agree, and how far automatic judges agree with them.
          {!mayWrite && ' An editor of this workspace makes queues; what is asked of you appears here.'}
        </Empty>
      )}
      {all.length > 0 && (
        <div className="mx-auto w-full max-w-260 px-4 pt-5 pb-20 md:px-8">
          <QueueList title="Waiting for you" queues={mine} empty="Nothing waits for you." />
          {others.length > 0 && <QueueList title="Others" queues={others} />}
          <Button look="quiet" size="sm" onClick={() => setClosed(!closed)}>
            {closed ? 'Hide closed queues' : 'Show closed queues'}
          </Button>
        </div>
      )}
    </>
  );
}

function QueueList({ title, queues, empty }: { title: string; queues: readonly ReviewQueue[]; empty?: string }): ReactNode {
  return (
    <section className="mb-8">
      <h2 className="mb-2 text-read font-semibold">{title}</h2>
      {queues.length === 0 && <p className="border-y border-line py-3 text-ink-3">{empty}</p>}
      <ul className="border-t border-line empty:hidden">
        {queues.map((queue) => (
          <QueueRow key={queue.id} queue={queue} />
        ))}
      </ul>
    </section>
  );
}

function QueueRow({ queue }: { queue: ReviewQueue }): ReactNode {
  const links = useLinks();
  const { done, left, median_seconds } = queue.mine;
  const time = timeLeft(left, median_seconds);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line py-2.5">
      <div className="min-w-0 flex-1 basis-64 max-sm:basis-full">
        <Link {...links.reviewQueue(queue.id)} className="font-medium hover:underline">
          {queue.name}
        </Link>
        <div className="flex flex-wrap items-center gap-x-3 text-meta text-ink-3">
          <span className="truncate">
            {queue.mode === 'pairwise' ? 'which of two is better' : queue.evaluators.map(({ name }) => name).join(', ')}
          </span>
          <Ago at={queue.created_at} />
        </div>
      </div>
      <Marks queue={queue} />
      <span className="text-meta max-sm:flex-1 sm:w-44 text-ink-2 tabular-nums">
        {formatCount(queue.complete)} of {formatCount(queue.items)} complete
        {left > 0 && (
          <span className="block text-ink-3">
            {formatCount(left)} for you{time !== null && `, ${time}`}
          </span>
        )}
      </span>
      {left > 0 && (
        <Link {...links.reviewing(queue.id)} className={buttonClass({ look: 'primary' })}>
          {done > 0 ? 'Go on' : 'Review'}
        </Link>
      )}
    </li>
  );
}

export function Marks({ queue }: { queue: ReviewQueue }): ReactNode {
  return (
    <span className="flex flex-wrap items-center gap-1.5 empty:hidden max-sm:basis-full">
      {queue.closed && <Badge tone="soft">closed</Badge>}
      {queue.blind && (
        <Badge>
          <EyeOff size={12} aria-hidden /> blind
        </Badge>
      )}
      {queue.mode === 'pairwise' && (
        <Badge>
          <Columns2 size={12} aria-hidden /> pairs
        </Badge>
      )}
      {queue.source.type === 'filter' && 'live' in queue.source && queue.source.live && (
        <Badge>
          <Radio size={12} aria-hidden /> live
        </Badge>
      )}
      {queue.source.type === 'active' && <Badge tone="accent">chosen by a judge</Badge>}
      {queue.overlap > 1 && <Badge>{queue.overlap} people a log</Badge>}
    </span>
  );
}
