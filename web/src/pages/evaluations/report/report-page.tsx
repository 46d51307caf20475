import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useMemo, useRef } from 'react';
import { ApiError } from '../../../api/errors.ts';
import { query } from '../../../api/query.ts';
import { Button, buttonClass } from '../../../kit/button.tsx';
import { Empty, Notice } from '../../../kit/notice.tsx';
import { SkeletonRows } from '../../../kit/skeleton.tsx';
import { useWide } from '../../../kit/use-wide.ts';
import { useLinks } from '../../../parts/links.ts';
import { PageBar } from '../../../parts/shell/page-bar.tsx';
import { Cases } from './cases/cases.tsx';
import { ReportActions } from './report-actions.tsx';
import { chosenOf, ReportContext, type ReportHere, tidied, useReportHere } from './report-context.ts';
import { Runs } from './runs.tsx';
import { Scores } from './scores.tsx';
import { Slices } from './slices.tsx';
import { TradeOffs } from './trade-offs.tsx';
import { useReport } from './use-report.ts';
import { UnderWay, VerdictHead } from './verdict-head.tsx';

const CasePeek = lazy(() => import('./cases/case-peek.tsx'));
const route = getRouteApi('/w/$slug/evaluations/$evaluationId');

/** What an evaluation found: the verdict, the numbers it rests on, and the evidence down to the single case. */
export function ReportPage(): ReactNode {
  const { evaluationId: id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const links = useLinks();
  const evaluation = useQuery({ ...query('evaluations.get', { params: { id } }), retry: false });
  const { report, runs, live, refresh } = useReport(id, search.baseline);
  const { data } = report;
  const here = useMemo<ReportHere | null>(
    () =>
      data === undefined
        ? null
        : {
            id,
            report: data,
            progress: new Map((runs.data?.runs ?? []).map((one) => [one.id, one])),
            live,
            ...chosenOf(data, search),
            search,
            onSearch: (change, push = false) =>
              void navigate({ search: (now) => tidied({ ...now, ...change }), replace: !push, resetScroll: false }),
            refresh,
          },
    [data, id, runs.data, live, search, navigate, refresh],
  );
  const name = evaluation.data?.name ?? data?.name ?? 'Evaluation';
  const failure = evaluation.error ?? report.error;
  return (
    <ReportContext value={here}>
      <div className="flex h-full min-h-0 flex-col">
        <PageBar
          title={name}
          crumbs={[{ label: 'Evaluations', link: links.evaluations() }, { label: name }]}
          actions={evaluation.data && here && <ReportActions evaluation={evaluation.data} />}
        />
        {failure && here === null && <Unread error={failure} onAgain={() => void report.refetch()} />}
        {!failure && here === null && (
          <div className="mx-auto w-full max-w-320 px-4 md:px-6">
            <div className="flex min-h-33 flex-col justify-center pt-6 pb-5">
              {live && <UnderWay id={id} runs={runs.data?.runs ?? []} refresh={refresh} />}
            </div>
            <SkeletonRows count={8} height={48} />
          </div>
        )}
        {here && <Report fileId={evaluation.data?.file_id ?? null} />}
      </div>
    </ReportContext>
  );
}

function Report({ fileId }: { fileId: string | null }): ReactNode {
  const { report, search } = useReportHere();
  const scroller = useRef<HTMLDivElement>(null);
  const wide = useWide(1024);
  const open = search.case !== undefined;
  return (
    <div className="flex min-h-0 flex-1">
      <div ref={scroller} className="relative min-w-0 flex-1 overflow-y-auto overscroll-contain">
        <div className="@container/page mx-auto w-full max-w-320 px-4 pb-16 md:px-6">
          <VerdictHead />
          {report.runs.length === 0 ? (
            <p className="py-6 text-ink-3">No run yet. Add a version above, or create a run by the API.</p>
          ) : (
            <>
              <Runs fileId={fileId} />
              <Scores />
              <TradeOffs />
              <Slices />
              <Cases scroller={scroller} narrow={open && wide} />
            </>
          )}
        </div>
      </div>
      {open && (
        <Suspense>
          <CasePeek key={search.case} id={search.case ?? ''} beside={wide} />
        </Suspense>
      )}
    </div>
  );
}

function Unread({ error, onAgain }: { error: Error; onAgain: () => void }): ReactNode {
  const links = useLinks();
  if (error instanceof ApiError && error.status === 404)
    return (
      <Empty
        title="This evaluation does not exist"
        action={
          <Link {...links.evaluations()} className={buttonClass({ look: 'primary' })}>
            All evaluations
          </Link>
        }
      >
        It was deleted, or the link is from another workspace.
      </Empty>
    );
  return (
    <Notice
      kind="error"
      title="The report could not be read"
      className="m-4"
      actions={
        <Button size="sm" onClick={onAgain}>
          Try again
        </Button>
      }
    >
      {error.message}
    </Notice>
  );
}
