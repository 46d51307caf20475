import type { PromptLogResponse } from '@whetstone/contract';
import { type ReactNode, useState } from 'react';
import { formatCount, formatDuration, formatMoney } from '../../kit/format.ts';
import { Segmented } from '../../kit/segmented.tsx';
import { useStored } from '../../kit/stored.ts';
import { TextDiff } from '../../parts/diff/text-diff.tsx';
import { answerOf, textOf } from '../../parts/log/content.ts';
import { ToolCallView } from '../../parts/log/message.tsx';
import { Prose } from '../../parts/log/prose.tsx';
import { fileOf } from '../../parts/logs/log-file.ts';
import { MarkdownToggle, RunButton, SamplesSelect } from '../../parts/prompt/run-controls.tsx';
import { RunOutput } from '../../parts/prompt/run-output.tsx';
import type { RunState } from '../../parts/prompt/use-run.ts';
import { VersionMark } from '../../parts/version.tsx';

/** What it answered then, and what it answers now: side by side, or as a difference. */
export function ResultPane({
  log,
  state,
  hash,
  samples,
  onSamples,
  onRun,
  onStop,
}: {
  log: PromptLogResponse;
  state: RunState;
  hash: string;
  samples: number;
  onSamples: (count: number) => void;
  onRun: () => void;
  onStop: () => void;
}): ReactNode {
  const [markdown, setMarkdown] = useStored('whetstone.markdown', false);
  const [view, setView] = useState<'sides' | 'diff'>('sides');
  const file = fileOf(log);
  const answers = answerOf(log);
  const then = answers.map(textOf).join('\n');
  const now = state.samples.find((sample) => sample.output !== '')?.output ?? '';
  const started = state.samples.length > 0 || state.error !== null;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="hairline-b flex min-h-10 shrink-0 flex-wrap items-center gap-1 px-3 py-1">
        <Segmented
          label="View"
          value={view}
          onChange={setView}
          options={[
            { value: 'sides', label: 'Side by side' },
            { value: 'diff', label: 'Difference' },
          ]}
        />
        <MarkdownToggle on={markdown} onChange={setMarkdown} />
        <span className="flex-1" />
        <SamplesSelect samples={samples} onSamples={onSamples} />
        <RunButton verb="Rerun" running={state.running} onRun={onRun} onStop={onStop} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4">
        {view === 'diff' && started && state.error === null ? (
          now === '' ? (
            <p className="text-ink-3">Waiting for the answer.</p>
          ) : (
            <TextDiff before={then} after={now} />
          )
        ) : (
          <div className="grid gap-x-6 gap-y-8 sm:grid-cols-2">
            <section aria-label="Then" className="min-w-0">
              <h2 className="mb-2 flex h-5 items-center gap-2 font-semibold">
                Then <VersionMark hash={file.hash} name={file.versionName} draft={file.draft} className="font-normal text-ink-2" />
              </h2>
              {log.error !== null && <p className="mb-2 rounded-md bg-worse-soft px-3 py-2 wrap-anywhere">{log.error}</p>}
              {then !== '' && <Prose text={then} markdown={markdown} />}
              {answers
                .flatMap((message) => message.tool_calls ?? [])
                .map((call) => (
                  <div key={call.id} className="mt-2">
                    <ToolCallView name={call.function.name} text={call.function.arguments ?? ''} id={call.id} />
                  </div>
                ))}
              <footer className="mt-1.5 flex min-h-6 flex-wrap items-center gap-x-3 text-meta whitespace-nowrap text-ink-3">
                <span className="num">{formatDuration(log.latency_ms)}</span>
                {log.output_tokens !== null && (
                  <span className="num">
                    {formatCount(log.prompt_tokens ?? 0)} → {formatCount(log.output_tokens)} tokens
                  </span>
                )}
                <span className="num">{formatMoney(log.cost_usd)}</span>
              </footer>
            </section>
            <section aria-label="Now" className="min-w-0">
              <h2 className="mb-2 flex h-5 items-center gap-2 font-semibold">
                Now{' '}
                <VersionMark
                  hash={hash}
                  name={hash === file.hash ? file.versionName : null}
                  draft={hash !== file.hash}
                  className="font-normal text-ink-2"
                />
              </h2>
              {started ? (
                <RunOutput state={state} markdown={markdown} />
              ) : (
                <p className="text-ink-3">
                  Change anything at the left and rerun. The new log is kept as a counterfactual, linked to this one; it counts in no chart.
                </p>
              )}
            </section>
          </div>
        )}
      </div>
    </div>
  );
}
