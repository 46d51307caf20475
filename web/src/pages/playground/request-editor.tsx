import type { PromptLogResponse } from '@whetstone/contract';
import type { PlaygroundRequest } from '@whetstone/domain';
import { type ReactNode, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Dialog } from '../../kit/dialog.tsx';
import { Tip } from '../../kit/tip.tsx';
import { KernelDiff } from '../../parts/diff/kernel-diff.tsx';
import { TextEditor } from '../../parts/editor/text-editor.tsx';
import { fileOf } from '../../parts/logs/log-file.ts';
import { InputsPane } from '../../parts/prompt/inputs-pane.tsx';
import { messagesOf } from '../../parts/prompt/kernel.ts';
import { MessagesEditor } from '../../parts/prompt/messages-editor.tsx';
import { ModelBar } from '../../parts/prompt/model-bar.tsx';
import { shortHash, Stripe, VersionMark } from '../../parts/version.tsx';
import { type Edited, inputNames } from './request.ts';

export interface RequestEditorProps {
  log: PromptLogResponse;
  request: PlaygroundRequest;
  edited: Edited;
  hash: string;
  changes: number;
  onChange: (edited: Edited) => void;
}

/** The call as it was, every part of it open to change: version, inputs, and what was said after the template. */
export function RequestEditor({ log, request, edited, hash, changes, onChange }: RequestEditorProps): ReactNode {
  const [diffing, setDiffing] = useState(false);
  const file = fileOf(log);
  const names = inputNames(edited);
  const template = messagesOf(edited.kernel);
  const jinja = edited.kernel.template_language === 'jinja';
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="hairline-b flex h-10 shrink-0 items-center gap-2 px-3 lg:px-5">
        <span className="min-w-0 truncate font-medium">{file.path}</span>
        <VersionMark hash={file.hash} name={file.versionName} draft={file.draft} className="text-ink-2" />
        {changes > 0 && (
          <>
            <span className="text-ink-3">→</span>
            <Tip label="What you have now; its colour if it is saved">
              <span className="flex items-center gap-1.5">
                <Stripe hash={hash} />
                <span className="num text-ink-2">{shortHash(hash)}</span>
              </span>
            </Tip>
            <span className="flex-1" />
            <Button look="quiet" size="sm" onClick={() => setDiffing(true)}>
              {changes === 1 ? '1 change' : `${changes} changes`}
            </Button>
          </>
        )}
      </div>
      <ModelBar kernel={edited.kernel} onChange={(kernel) => onChange({ ...edited, kernel })} />
      <div className="min-h-0 flex-1 overflow-y-auto pb-20">
        {template === null ? (
          <div className="px-5 py-4">
            <TextEditor
              value={typeof edited.kernel.template === 'string' ? edited.kernel.template : ''}
              onChange={(text) => onChange({ ...edited, kernel: { ...edited.kernel, template: text } })}
              language={jinja ? 'jinja' : 'template'}
              label="Text of the prompt"
              variables={names}
              className="max-w-[80ch] text-read"
            />
          </div>
        ) : (
          template.length > 0 && (
            <MessagesEditor
              messages={template}
              onChange={(next) => onChange({ ...edited, kernel: { ...edited.kernel, template: next } })}
              language={edited.kernel.template_language}
              variables={names}
            />
          )
        )}
        {names.length > 0 && (
          <section className="border-t border-line px-3 py-4 lg:px-5">
            <h2 className="mb-2 font-semibold">Inputs</h2>
            <InputsPane names={names} values={edited.inputs} onChange={(inputs) => onChange({ ...edited, inputs })} />
          </section>
        )}
        <section className="border-t border-line pt-4">
          <h2 className="px-3 font-semibold lg:px-5">Messages after the template</h2>
          {edited.messages.length === 0 && <p className="px-3 pt-1 text-ink-3 lg:px-5">The call sent none.</p>}
          <MessagesEditor
            messages={edited.messages}
            onChange={(messages) => onChange({ ...edited, messages })}
            variables={[]}
            next="user"
          />
        </section>
      </div>
      <Dialog
        open={diffing}
        onClose={() => setDiffing(false)}
        title="What you changed"
        description="Against the version that made this log."
        width="max-w-4xl"
      >
        <KernelDiff before={request.kernel} after={edited.kernel} />
      </Dialog>
    </div>
  );
}
