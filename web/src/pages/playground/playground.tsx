import type { PromptLogResponse } from '@whetstone/contract';
import { contentHash, diffKernels } from '@whetstone/domain';
import { useNavigate } from '@tanstack/react-router';
import { RotateCcw, SquarePen } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { useHotkeys } from '../../kit/hotkeys.ts';
import { Segmented } from '../../kit/segmented.tsx';
import { Split } from '../../kit/split.tsx';
import { useStored } from '../../kit/stored.ts';
import { useWide } from '../../kit/use-wide.ts';
import { writeDraft } from '../../parts/drafts.ts';
import { useLinks } from '../../parts/links.ts';
import { NotKept } from '../../parts/prompt/not-kept.tsx';
import { useRun } from '../../parts/prompt/use-run.ts';
import { useMay, useSession } from '../../parts/session.ts';
import { type Crumb, PageBar } from '../../parts/shell/page-bar.tsx';
import { begin, type Edited, inputsToSend } from './request.ts';
import { RequestEditor } from './request-editor.tsx';
import { ResultPane } from './result-pane.tsx';

/** The call at the left to be changed, then and now at the right. What is changed outlives a reload. */
export default function Playground({ log, crumbs }: { log: PromptLogResponse; crumbs: Crumb[] }): ReactNode {
  const { workspace } = useSession();
  const navigate = useNavigate();
  const links = useLinks();
  const wide = useWide(1024);
  const mayWrite = useMay('write');
  const { request, edited: initial } = useMemo(() => begin(log), [log]);
  const [kept, setKept, safe] = useStored<Edited | null>(`whetstone.playground.${workspace.slug}.${log.id}`, null);
  const edited = kept ?? initial;
  const [samples, setSamples] = useState(1);
  const [pane, setPane] = useState<'request' | 'result'>('request');
  const { state, run, stop } = useRun();
  const hash = useMemo(() => contentHash('prompt', edited.kernel), [edited.kernel]);
  const changes = useMemo(() => diffKernels(request.kernel, edited.kernel).length, [request.kernel, edited.kernel]);

  const rerun = () => {
    void run({
      id: request.fileId,
      prompt: edited.kernel,
      inputs: inputsToSend(edited.inputs, request.inputs),
      messages: edited.messages,
      tool_choice: request.toolChoice,
      num_samples: samples,
      draft: true,
      counterfactual_of: log.id,
    });
    setPane('result');
  };
  const toEditor = () => {
    if (request.fileId === null) return;
    writeDraft(workspace.slug, request.fileId, { kernel: edited.kernel, base: request.versionId ?? '', at: new Date().toISOString() });
    void navigate(links.file(request.fileId));
  };
  useHotkeys({ 'mod+enter': () => !state.running && rerun(), escape: () => (state.running ? stop() : void navigate(links.log(log.id))) });

  const left = <RequestEditor log={log} request={request} edited={edited} hash={hash} changes={changes} onChange={setKept} />;
  const right = <ResultPane log={log} state={state} hash={hash} samples={samples} onSamples={setSamples} onRun={rerun} onStop={stop} />;
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageBar
        title="Playground"
        crumbs={crumbs}
        actions={
          <>
            {kept !== null && !safe && <NotKept />}
            {kept !== null && (
              <Button look="quiet" icon={RotateCcw} onClick={() => setKept(null)}>
                <span className="max-md:hidden">As it was</span>
              </Button>
            )}
            {mayWrite && changes > 0 && (
              <Button icon={SquarePen} onClick={toEditor}>
                <span className="max-md:hidden">Take the change</span> to the editor
              </Button>
            )}
          </>
        }
      />
      {wide ? (
        <Split name="playground" left={left} right={right} initial={660} min={400} />
      ) : (
        <>
          <div className="px-3 py-2">
            <Segmented
              label="Pane"
              value={pane}
              onChange={setPane}
              options={[
                { value: 'request', label: 'Request' },
                { value: 'result', label: 'Then and now' },
              ]}
              className="flex w-full *:flex-1"
            />
          </div>
          <div className="min-h-0 flex-1">{pane === 'request' ? left : right}</div>
        </>
      )}
    </div>
  );
}
