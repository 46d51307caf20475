import { Link } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { CopyButton } from '../../kit/copy.tsx';
import { cx } from '../../kit/cx.ts';
import { formatCount, formatDuration, formatMoney } from '../../kit/format.ts';
import { AddToDatasetButton } from '../dataset/add-to-dataset-button.tsx';
import { useLinks } from '../links.ts';
import { LoggedImage } from '../log/image.tsx';
import { partsOf } from '../log/content.ts';
import { ToolCallView } from '../log/message.tsx';
import { Prose } from '../log/prose.tsx';
import type { RunSample } from './sample.ts';
import type { RunState } from './use-run.ts';

/** The answers of a run, as they come. */
export function RunOutput({ state, markdown }: { state: RunState; markdown: boolean }): ReactNode {
  return (
    <div aria-live="polite" aria-busy={state.running}>
      {state.error !== null && (
        <div role="alert" className="mb-3 flex gap-2 rounded-md bg-worse-soft px-3 py-2.5">
          <CircleAlert size={16} strokeWidth={1.5} className="mt-0.5 shrink-0 text-worse" aria-hidden />
          <div className="min-w-0 wrap-anywhere">
            <div className="font-medium">The run failed</div>
            <div className="text-ink-2">{state.error}</div>
          </div>
        </div>
      )}
      {state.error === null &&
        state.samples.map((sample) => (
          <Sample
            key={sample.index}
            sample={sample}
            many={state.samples.length > 1}
            startedAt={state.startedAt}
            running={state.running}
            markdown={markdown}
          />
        ))}
    </div>
  );
}

function Sample({
  sample,
  many,
  startedAt,
  running,
  markdown,
}: {
  sample: RunSample;
  many: boolean;
  startedAt: number | null;
  running: boolean;
  markdown: boolean;
}): ReactNode {
  const links = useLinks();
  const waiting = running && !sample.done;
  const images = partsOf(sample.message?.content).filter((part) => part.type === 'image_url');
  return (
    <article className={cx('group/sample', many && 'border-b border-line pb-3 not-first:pt-3 last:border-b-0')}>
      {many && <div className="mb-1 text-meta text-ink-3">Sample {sample.index + 1}</div>}
      {sample.reasoning !== '' && (
        <details className="mb-2 text-ink-2">
          <summary className="text-meta text-ink-3">Reasoning</summary>
          <Prose text={sample.reasoning} markdown={markdown} className="text-base" />
        </details>
      )}
      {sample.output === '' && waiting && (
        <div className="flex flex-col gap-2 py-1">
          <div className="skeleton h-3.5 w-11/12" />
          <div className="skeleton h-3.5 w-2/3" />
        </div>
      )}
      {sample.output !== '' && (
        <Prose
          text={sample.output}
          markdown={markdown && !waiting}
          className={cx(waiting && 'after:ml-0.5 after:inline-block after:h-4 after:w-0.5 after:translate-y-0.5 after:bg-accent')}
        />
      )}
      {images.map((part, at) => part.type === 'image_url' && <LoggedImage key={at} url={part.image_url.url} />)}
      {sample.message?.tool_calls?.map((call) => (
        <div key={call.id} className="mt-2">
          <ToolCallView name={call.function.name} text={call.function.arguments ?? ''} id={call.id} />
        </div>
      ))}
      {sample.error !== null && <p className="rounded-md bg-worse-soft px-3 py-2 text-ink wrap-anywhere">{sample.error}</p>}
      <footer className="mt-1.5 flex min-h-6 flex-wrap items-center gap-x-3 text-meta whitespace-nowrap text-ink-3">
        {waiting ? <Elapsed since={startedAt} /> : <span className="num">{formatDuration(sample.latencyMs)}</span>}
        {sample.outputTokens !== null && (
          <span className="num">
            {formatCount(sample.inputTokens ?? 0)} → {formatCount(sample.outputTokens)} tokens
          </span>
        )}
        {sample.costUsd !== null && <span className="num">{formatMoney(sample.costUsd)}</span>}
        {sample.finish !== null && sample.finish !== 'stop' && <span className="text-undecided">{sample.finish}</span>}
        <span className="ml-auto flex items-center gap-1">
          {sample.logId !== null && sample.done && (
            <Link {...links.log(sample.logId)} className="rounded-sm px-1 hover:bg-hover hover:text-ink">
              Open the log
            </Link>
          )}
          {sample.logId !== null && sample.done && sample.error === null && (
            <AddToDatasetButton iconOnly logs={{ log_ids: [sample.logId] }} what="this answer" />
          )}
          {sample.output !== '' && <CopyButton text={sample.output} label="Copy output" />}
        </span>
      </footer>
    </article>
  );
}

/** How long it has been going, once that is worth saying. */
function Elapsed({ since }: { since: number | null }): ReactNode {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 100);
    return () => window.clearInterval(timer);
  }, []);
  const ms = since === null ? 0 : now - since;
  return ms < 300 ? null : <span className="num">{(ms / 1000).toFixed(1)} s</span>;
}
