import { type ReactNode } from 'react';
import { Button } from '../../../kit/button.tsx';
import { TextEditor } from '../../../parts/editor/text-editor.tsx';
import { hasImages, isCompletion, messagesOf, toggleCompletion } from '../../../parts/prompt/kernel.ts';
import { MessagesEditor } from '../../../parts/prompt/messages-editor.tsx';
import type { DraftState } from './use-draft.ts';

/** The template, as messages or as one text. */
export function Document({ draft, names }: { draft: DraftState; names: readonly string[] }): ReactNode {
  const { kernel, set } = draft;
  const messages = messagesOf(kernel);
  return (
    <div className="min-h-0 flex-1 overflow-y-auto pb-24">
      {messages === null ? (
        <div className="px-5 py-4">
          <TextEditor
            value={typeof kernel.template === 'string' ? kernel.template : ''}
            onChange={(template) => set({ ...kernel, template })}
            language={kernel.template_language === 'jinja' ? 'jinja' : 'template'}
            label="Text of the prompt"
            variables={names}
            placeholder="Write the prompt. {{name}} makes a variable."
            className="max-w-[80ch] text-read"
          />
        </div>
      ) : (
        <MessagesEditor
          messages={messages}
          onChange={(template) => set({ ...kernel, template })}
          language={kernel.template_language}
          variables={names}
        />
      )}
      <div className="flex items-center px-3 lg:px-5">
        {hasImages(kernel) ? (
          <p className="text-meta text-ink-3">With images it stays a chat: a completion is text alone.</p>
        ) : (
          <Button look="quiet" size="sm" onClick={() => set(toggleCompletion(kernel))} className="-ml-2 text-ink-3">
            {isCompletion(kernel) ? 'Make it a chat of messages' : 'Make it one text (completion)'}
          </Button>
        )}
      </div>
    </div>
  );
}
