import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Ellipsis } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { buttonClass, IconButton } from '../../kit/button.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { formatCount } from '../../kit/format.ts';
import { Menu, MenuItem, MenuLine } from '../../kit/menu.tsx';
import { Empty } from '../../kit/notice.tsx';
import { Progress } from '../../kit/progress.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { useLinks } from '../../parts/links.ts';
import { Section } from '../../parts/log/section.tsx';
import { useMay } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { useAction } from '../../parts/use-action.ts';
import { Agreement } from './agreement.tsx';
import { AssignDialog } from './assign-dialog.tsx';
import { Disagreements } from './disagreements.tsx';
import { timeLeft } from './draft.ts';
import { EstimateOfChosen } from './estimate.tsx';
import { Marks } from './queues-page.tsx';

const route = getRouteApi('/w/$slug/review/$queueId');

/** One queue: how far it is, how far people agree, and what to talk about. */
export function QueuePage(): ReactNode {
  const { queueId } = route.useParams();
  const links = useLinks();
  const navigate = useNavigate();
  const mayWrite = useMay('write');
  const mayJudge = useMay('judge');
  const [deleting, setDeleting] = useState(false);
  const [assigning, setAssigning] = useState(false);
  const { data: queue, error } = useQuery(query('reviews.get', { params: { id: queueId } }));
  const { run } = useAction('The queue was not changed', ['reviews.get', 'reviews.list']);
  const crumbs = [{ label: 'Review', link: links.review }, { label: queue?.name ?? 'Queue' }];
  if (error)
    return (
      <>
        <PageBar title="Review" crumbs={crumbs} />
        <Empty title="This queue cannot be shown">{error.message}</Empty>
      </>
    );
  const close = (closed: boolean) =>
    void run(() => call('reviews.update', { params: { id: queueId }, body: { closed } }), closed ? 'Queue closed' : 'Queue reopened');
  const remove = async () => {
    if (await run(() => call('reviews.delete', { params: { id: queueId } }), 'Queue deleted')) await navigate(links.review);
  };
  return (
    <>
      <PageBar
        title={queue?.name ?? 'Review'}
        crumbs={crumbs}
        actions={
          queue && (
            <>
              {mayWrite && (
                <Menu trigger={<IconButton icon={Ellipsis} label="More for this queue" />}>
                  <MenuItem onSelect={() => setAssigning(true)}>Change who reviews</MenuItem>
                  <MenuItem onSelect={() => close(!queue.closed)}>{queue.closed ? 'Reopen' : 'Close'}</MenuItem>
                  <MenuLine />
                  <MenuItem danger onSelect={() => setDeleting(true)}>
                    Delete
                  </MenuItem>
                </Menu>
              )}
              {queue.mine.left > 0 && (
                <Link {...links.reviewing(queue.id)} className={buttonClass({ look: 'primary' })}>
                  {queue.mine.done > 0 ? 'Go on reviewing' : 'Review'}
                </Link>
              )}
            </>
          )
        }
      />
      {!queue && <SkeletonRows count={8} height={48} />}
      {queue && (
        <div className="mx-auto w-full max-w-260 px-4 pt-5 pb-20 md:px-8">
          <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
            <div className="min-w-0 flex-1 basis-72">
              <Progress
                label="Complete"
                detail={`${formatCount(queue.complete)} of ${formatCount(queue.items)} logs have ${queue.overlap === 1 ? 'their judgment' : `${queue.overlap} judgments`}`}
                share={queue.items === 0 ? 0 : queue.complete / queue.items}
              />
              <p className="mt-2 text-ink-2">
                {queue.assignees.length === 0
                  ? 'Whoever may judge reviews here.'
                  : `Reviewed by ${queue.assignees.map((one) => one.full_name ?? one.email_address ?? one.id).join(', ')}.`}{' '}
                {queue.mine.left > 0 &&
                  `${formatCount(queue.mine.left)} left for you${timeLeft(queue.mine.left, queue.mine.median_seconds) === null ? '' : `, ${timeLeft(queue.mine.left, queue.mine.median_seconds)}`}.`}
              </p>
            </div>
            <Marks queue={queue} />
          </div>
          {queue.instructions !== null && (
            <Section title="Instructions">
              <p className="max-w-[76ch] whitespace-pre-wrap text-ink-2 wrap-anywhere">{queue.instructions}</p>
            </Section>
          )}
          {queue.source.type === 'active' && <EstimateOfChosen queueId={queue.id} />}
          <Agreement queue={queue} />
          {mayJudge && <Disagreements queue={queue} />}
        </div>
      )}
      {assigning && queue && <AssignDialog queue={queue} onClose={() => setAssigning(false)} />}
      <ConfirmDialog
        open={deleting}
        onClose={() => setDeleting(false)}
        title="Delete this queue?"
        loss="Its order, comments and agreement are gone. The judgments that were made in it stay with their logs."
        action="Delete queue"
        onConfirm={remove}
      />
    </>
  );
}
