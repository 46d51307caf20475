import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense } from 'react';
import { query } from '../../api/query.ts';
import { buttonClass } from '../../kit/button.tsx';
import { shortId } from '../../kit/format.ts';
import { Empty } from '../../kit/notice.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { useLinks } from '../../parts/links.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';

const route = getRouteApi('/w/$slug/logs/$logId/playground');
const Playground = lazy(() => import('./playground.tsx'));

/** A logged call, to be changed and run again. */
export function PlaygroundPage(): ReactNode {
  const { logId } = route.useParams();
  const links = useLinks();
  const log = useQuery({ ...query('logs.get', { params: { id: logId } }), staleTime: Infinity });
  const crumbs = [
    { label: 'Logs', link: links.logs() },
    { label: <span className="num">{shortId(logId)}</span>, link: links.log(logId) },
    { label: 'Playground' },
  ];
  if (log.data && 'prompt' in log.data) {
    return (
      <Suspense fallback={<SkeletonRows count={10} />}>
        <Playground key={logId} log={log.data} crumbs={crumbs} />
      </Suspense>
    );
  }
  return (
    <>
      <PageBar title="Playground" crumbs={crumbs} />
      {log.isPending ? (
        <SkeletonRows count={10} height={44} />
      ) : (
        <Empty
          title={log.error ? 'This log cannot be opened' : 'Only a call of a model can be run again'}
          action={
            <Link {...links.log(logId)} className={buttonClass({ look: 'primary' })}>
              Look at the log
            </Link>
          }
        >
          {log.error?.message ?? 'This is the log of a tool or a flow. Open one of the prompt calls inside it.'}
        </Empty>
      )}
    </>
  );
}
