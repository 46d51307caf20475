import type { ChatMessage } from '@whetstone/contract';
import { Brain, Wrench } from 'lucide-react';
import type { ReactNode } from 'react';
import { CopyButton } from '../../kit/copy.tsx';
import { cx } from '../../kit/cx.ts';
import { partsOf, textOf } from './content.ts';
import { LoggedImage } from './image.tsx';
import { pretty } from './json.ts';
import { Prose } from './prose.tsx';

const roleNames: Record<ChatMessage['role'], string> = {
  system: 'System',
  developer: 'Developer',
  user: 'User',
  assistant: 'Assistant',
  tool: 'Tool',
};

/** A message as part of a conversation: who speaks in the margin, what is said beside it. */
export function Message({ message, markdown, mark = false }: { message: ChatMessage; markdown: boolean; mark?: boolean }): ReactNode {
  const text = textOf(message);
  return (
    <div
      className={cx(
        'group/message grid gap-x-4 border-b border-line py-3 last:border-b-0 sm:grid-cols-[76px_minmax(0,1fr)_24px]',
        mark && 'bg-accent-soft/50',
      )}
    >
      <div className="flex items-baseline gap-1.5 pt-0.5 text-meta text-ink-3 max-sm:mb-1">
        <span className={cx(message.role === 'assistant' && 'font-medium text-ink')}>{roleNames[message.role]}</span>
        {message.name && <span className="truncate">{message.name}</span>}
      </div>
      <div className="flex min-w-0 flex-col gap-2">
        {message.thinking?.map((thought, at) =>
          thought.type === 'thinking' ? (
            <details key={at} className="text-ink-2">
              <summary className="flex items-center gap-1.5 text-meta text-ink-3">
                <Brain size={13} aria-hidden /> Reasoning
              </summary>
              <Prose text={thought.thinking} markdown={markdown} className="mt-1 text-base" />
            </details>
          ) : (
            <span key={at} className="text-meta text-ink-3">
              Reasoning that the provider keeps hidden
            </span>
          ),
        )}
        {partsOf(message.content).map((part, at) =>
          part.type === 'text' ? (
            message.role === 'tool' ? (
              <ToolText key={at} text={part.text} />
            ) : (
              <Prose key={at} text={part.text} markdown={markdown} />
            )
          ) : (
            <LoggedImage key={at} url={part.image_url.url} />
          ),
        )}
        {message.tool_calls?.map((call) => (
          <ToolCallView key={call.id} name={call.function.name} text={call.function.arguments ?? ''} id={call.id} />
        ))}
      </div>
      <div className="max-sm:hidden">
        {text !== '' && (
          <CopyButton
            text={text}
            label="Copy message"
            className="opacity-0 group-focus-within/message:opacity-100 group-hover/message:opacity-100"
          />
        )}
      </div>
    </div>
  );
}

function ToolText({ text }: { text: string }): ReactNode {
  return (
    <pre className="max-h-72 overflow-auto rounded-md bg-sunken p-2.5 leading-5 whitespace-pre-wrap wrap-anywhere">{pretty(text)}</pre>
  );
}

export function ToolCallView({ name, text, id }: { name: string; text: string; id: string }): ReactNode {
  return (
    <div className="max-w-[76ch] overflow-hidden rounded-md border border-line">
      <div className="flex h-7 items-center gap-1.5 bg-sunken px-2.5 text-meta">
        <Wrench size={13} strokeWidth={1.5} className="text-ink-3" aria-hidden />
        <code className="font-medium">{name}</code>
        <span className="num ml-auto truncate text-ink-3">{id}</span>
      </div>
      <pre className="max-h-72 overflow-auto px-2.5 py-2 leading-5 whitespace-pre-wrap wrap-anywhere">{pretty(text)}</pre>
    </div>
  );
}
