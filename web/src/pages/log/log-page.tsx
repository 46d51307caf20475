import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { FlaskConical, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { call } from '../../api/client.ts';
import { query } from '../../api/query.ts';
import { buttonClass, IconButton } from '../../kit/button.tsx';
import { CopyId } from '../../kit/copy.tsx';
import { ConfirmDialog } from '../../kit/dialog.tsx';
import { shortId } from '../../kit/format.ts';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { Empty } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { SkeletonRows } from '../../kit/skeleton.tsx';
import { useStored } from '../../kit/stored.ts';
import { AddToDatasetButton } from '../../parts/dataset/add-to-dataset-button.tsx';
import { useLinks } from '../../parts/links.ts';
import { CopyMenu } from '../../parts/log/copy-menu.tsx';
import { Facts, Figures } from '../../parts/log/facts.tsx';
import { Judgments } from '../../parts/log/judgments.tsx';
import { LogBody } from '../../parts/log/log-body.tsx';
import { RawLog } from '../../parts/log/raw-log.tsx';
import { Reruns } from '../../parts/log/reruns.tsx';
import { Section } from '../../parts/log/section.tsx';
import { Trace } from '../../parts/log/trace.tsx';
import { useVote } from '../../parts/log/use-vote.ts';
import { StatusIcon } from '../../parts/logs/columns.tsx';
import { fileOf } from '../../parts/logs/log-file.ts';
import { useMay } from '../../parts/session.ts';
import { PageBar } from '../../parts/shell/page-bar.tsx';
import { useAction } from '../../parts/use-action.ts';
import { VersionMark } from '../../parts/version.tsx';

const route = getRouteApi('/w/$slug/logs/$logId');
const views = [
  { value: 'read', label: 'Read' },
  { value: 'trace', label: 'Trace' },
  { value: 'raw', label: 'Raw' },
] as const;
type View = (typeof views)[number]['value'];

/** One log as a page: what happened at the left, what is known about it at the right. */
export function LogPage(): ReactNode {
  const { logId } = route.useParams();
  const search = route.useSearch();
  const navigate = useNavigate();
  const links = useLinks();
  const mayWrite = useMay('write');
  const { data: log, error } = useQuery(query('logs.get', { params: { id: logId } }));
  const [markdown, setMarkdown] = useStored('whetstone.markdown', false);
  const [deleting, setDeleting] = useState(false);
  const { run } = useAction('The log was not deleted', ['logs.list']);
  const { vote } = useVote(log);
  const view: View = views.find((one) => one.value === search.view)?.value ?? 'read';
  const setView = (next: View) => void navigate({ ...links.log(logId), search: next === 'read' ? {} : { view: next }, replace: true });
  useHotkeys({
    'g g': () => vote('good'),
    'g b': () => vote('bad'),
    m: () => setMarkdown(!markdown),
    e: () => void navigate(links.playground(logId)),
    escape: () => void navigate(links.logs()),
  });
  const crumbs = [{ label: 'Logs', link: links.logs() }, { label: <span className="num">{shortId(logId)}</span> }];
  if (error) {
    return (
      <>
        <PageBar title="Log" crumbs={crumbs} />
        <Empty
          title="This log cannot be shown"
          action={
            <Link {...links.logs()} className={buttonClass({ look: 'primary' })}>
              All logs
            </Link>
          }
        >
          {error.message}
        </Empty>
      </>
    );
  }
  const file = log && fileOf(log);
  const remove = async () => {
    if (await run(() => call('logs.delete', { query: { id: [logId] } }), 'Log deleted')) await navigate(links.logs());
  };
  return (
    <>
      <PageBar
        title={file ? `${file.name}, log ${shortId(logId)}` : 'Log'}
        crumbs={crumbs}
        actions={
          log && (
            <>
              {mayWrite && <IconButton icon={Trash2} label="Delete this log" onClick={() => setDeleting(true)} className="max-md:hidden" />}
              <span className="max-md:hidden">
                <AddToDatasetButton logs={{ log_ids: [logId] }} what="this log" />
              </span>
              <CopyMenu log={log} />
              {log.type === 'prompt' && (
                <Link {...links.playground(logId)} className={buttonClass({ look: 'primary' })}>
                  <FlaskConical size={15} strokeWidth={1.5} aria-hidden />
                  <span className="max-md:hidden">Open in playground</span>
                  <span className="md:hidden">Playground</span>
                </Link>
              )}
            </>
          )
        }
      />
      {!log && <SkeletonRows count={10} height={44} />}
      {log && file && (
        <div className="mx-auto grid w-full max-w-330 gap-x-12 px-4 pt-5 pb-20 md:px-8 lg:grid-cols-[minmax(0,1fr)_300px]">
          <div className="min-w-0">
            <header className="flex flex-wrap items-center gap-x-3 gap-y-2">
              <StatusIcon status={log.status} />
              <Link {...links.file(file.id)} className="text-title font-semibold hover:underline">
                {file.name}
              </Link>
              <VersionMark hash={file.hash} name={file.versionName} draft={file.draft} className="text-ink-2" />
              <CopyId id={log.id} className="max-md:hidden" />
            </header>
            <div className="mt-3 flex flex-wrap items-end justify-between gap-4">
              <Figures log={log} />
              <Segmented label="View" value={view} onChange={setView} options={views} />
            </div>
            {view === 'read' && <LogBody log={log} markdown={markdown} onMarkdown={() => setMarkdown(!markdown)} />}
            {view === 'trace' && (
              <div className="pt-5">
                <Trace log={log} />
              </div>
            )}
            {view === 'raw' && <RawLog log={log} />}
          </div>
          <aside className="min-w-0">
            <Judgments log={log} className="lg:pt-0" />
            <Section title="About">
              <Facts log={log} />
            </Section>
            <Reruns log={log} />
          </aside>
        </div>
      )}
      <ConfirmDialog
        open={deleting}
        onClose={() => setDeleting(false)}
        title="Delete this log?"
        loss="Its input, output and judgments are gone for good, here and in charts."
        action="Delete log"
        onConfirm={remove}
      />
    </>
  );
}
