import type { ChatMessage, Template } from '@whetstone/contract';
import { scanTemplate } from '@whetstone/domain';
import type { ReactNode } from 'react';
import { partsOf } from './log/content.ts';
import { LoggedImage } from './log/image.tsx';
import { ToolCallView } from './log/message.tsx';

/** A template to read: who speaks in the margin, variables as chips. */
export function TemplateView({ template }: { template: Template | null | undefined }): ReactNode {
  if (template == null || template.length === 0)
    return <p className="text-ink-3">No template: the messages of the call are sent as they are.</p>;
  if (typeof template === 'string') return <Words text={template} />;
  return (
    <div className="border-t border-line">
      {template.map((message, at) => (
        <TemplateMessage key={at} message={message} />
      ))}
    </div>
  );
}

function TemplateMessage({ message }: { message: ChatMessage }): ReactNode {
  return (
    <div className="grid gap-x-4 border-b border-line py-3 sm:grid-cols-[76px_minmax(0,1fr)]">
      <div className="pt-0.5 text-meta text-ink-3 first-letter:uppercase max-sm:mb-1">{message.role}</div>
      <div className="flex min-w-0 flex-col gap-2">
        {partsOf(message.content).map((part, at) =>
          part.type === 'text' ? <Words key={at} text={part.text} /> : <LoggedImage key={at} url={part.image_url.url} />,
        )}
        {message.tool_calls?.map((call) => (
          <ToolCallView key={call.id} name={call.function.name} text={call.function.arguments ?? ''} id={call.id} />
        ))}
      </div>
    </div>
  );
}

function Words({ text }: { text: string }): ReactNode {
  return (
    <div className="max-w-[76ch] text-read whitespace-pre-wrap wrap-anywhere">
      {scanTemplate(text).map((part, at) =>
        part.type === 'text' ? (
          part.text
        ) : (
          <span key={at} className={part.type === 'variable' ? 'tpl-variable' : 'cm-call'}>
            {text.slice(part.start, part.end)}
          </span>
        ),
      )}
    </div>
  );
}
