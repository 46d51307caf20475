import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronDown, ChevronUp, FlaskConical, Maximize2, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { query } from '../../api/query.ts';
import { buttonClass, IconButton } from '../../kit/button.tsx';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { Notice } from '../../kit/notice.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Skeleton } from '../../kit/skeleton.tsx';
import { useStored } from '../../kit/stored.ts';
import { AddToDatasetButton } from '../dataset/add-to-dataset-button.tsx';
import { StatusIcon } from '../logs/columns.tsx';
import { fileOf } from '../logs/log-file.ts';
import { useLinks } from '../links.ts';
import { VersionMark } from '../version.tsx';
import { CopyMenu } from './copy-menu.tsx';
import { Facts, Figures } from './facts.tsx';
import { Judgments } from './judgments.tsx';
import { LogBody } from './log-body.tsx';
import { RawLog } from './raw-log.tsx';
import { Section } from './section.tsx';
import { Trace } from './trace.tsx';
import { useVote } from './use-vote.ts';

type View = 'read' | 'trace' | 'raw';

/** A log beside the list it was chosen from. */
export default function LogPeek({
  id,
  onClose,
  onOpen,
  onStep,
}: {
  id: string;
  onClose: () => void;
  onOpen: () => void;
  onStep: (by: number) => void;
}): ReactNode {
  const links = useLinks();
  const { data: log, error } = useQuery(query('logs.get', { params: { id } }));
  const [view, setView] = useState<View>('read');
  const [markdown, setMarkdown] = useStored('whetstone.markdown', false);
  const { vote } = useVote(log);
  useHotkeys({ 'g g': () => vote('good'), 'g b': () => vote('bad'), m: () => setMarkdown(!markdown) });
  const file = log && fileOf(log);
  return (
    <>
      <header className="flex h-11 shrink-0 items-center gap-1 border-b border-line pr-2 pl-4">
        {log && file ? (
          <>
            <StatusIcon status={log.status} />
            <span className="min-w-0 truncate font-medium">{file.name}</span>
            <VersionMark hash={file.hash} name={file.versionName} draft={file.draft} className="ml-1 text-ink-2" />
          </>
        ) : (
          <Skeleton className="w-40" />
        )}
        <span className="flex-1" />
        <IconButton icon={ChevronUp} label="Previous log" keys="k" onClick={() => onStep(-1)} />
        <IconButton icon={ChevronDown} label="Next log" keys="j" onClick={() => onStep(1)} />
        <IconButton icon={Maximize2} label="Open as a page" keys="enter" onClick={onOpen} />
        <IconButton icon={X} label="Close" keys="escape" onClick={onClose} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 pb-10">
        {error && (
          <Notice kind="error" title="The log could not be read" className="mt-4">
            {error.message}
          </Notice>
        )}
        {!log && !error && <PeekSkeleton />}
        {log && (
          <>
            <div className="flex flex-wrap items-center gap-2 py-3">
              <Segmented
                label="View"
                value={view}
                onChange={setView}
                options={[
                  { value: 'read', label: 'Read' },
                  { value: 'trace', label: 'Trace' },
                  { value: 'raw', label: 'Raw' },
                ]}
              />
              <span className="flex-1" />
              <AddToDatasetButton size="sm" logs={{ log_ids: [log.id] }} what="this log" />
              <CopyMenu log={log} compact />
              {log.type === 'prompt' && (
                <Link {...links.playground(log.id)} className={buttonClass({ size: 'sm', look: 'primary' })}>
                  <FlaskConical size={13} strokeWidth={1.5} aria-hidden /> Open in playground
                </Link>
              )}
            </div>
            <Figures log={log} />
            {view === 'read' && (
              <>
                <LogBody narrow log={log} markdown={markdown} onMarkdown={() => setMarkdown(!markdown)} />
                <Judgments log={log} />
                <Section title="About this log">
                  <Facts log={log} />
                </Section>
              </>
            )}
            {view === 'trace' && (
              <div className="pt-4">
                <Trace log={log} narrow />
              </div>
            )}
            {view === 'raw' && <RawLog log={log} />}
          </>
        )}
      </div>
    </>
  );
}

function PeekSkeleton(): ReactNode {
  return (
    <div role="status" aria-label="Loading the log" className="flex flex-col gap-4 py-4">
      <Skeleton className="h-7 w-48" />
      <Skeleton className="h-9 w-72" />
      {[90, 70, 80, 40].map((width) => (
        <div key={width} className="skeleton h-4" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
