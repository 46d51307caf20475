import type { ChatMessage, ChatRole, PromptKernel } from '@whetstone/contract';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { Select } from '../../kit/select.tsx';
import { TextEditor } from '../editor/text-editor.tsx';
import { partsOf } from '../log/content.ts';
import { LoggedImage } from '../log/image.tsx';
import { ToolCallView } from '../log/message.tsx';
import { moveBy, removeAt, replaceAt, roles } from './kernel.ts';

const roleNames: Record<ChatRole, string> = {
  system: 'System',
  developer: 'Developer',
  user: 'User',
  assistant: 'Assistant',
  tool: 'Tool',
};
const roleOptions = roles.map((value) => ({ value, label: roleNames[value] }));

export interface MessagesEditorProps {
  messages: readonly ChatMessage[];
  onChange: (messages: ChatMessage[]) => void;
  language?: PromptKernel['template_language'];
  variables: readonly string[];
  /** The role of a message that is added. */
  next?: ChatRole;
  addLabel?: string;
}

/** Messages as one document: who speaks in the margin, what is said beside it. */
export function MessagesEditor({
  messages,
  onChange,
  language,
  variables,
  next,
  addLabel = 'Add message',
}: MessagesEditorProps): ReactNode {
  const nextRole = next ?? (messages.at(-1)?.role === 'user' ? 'assistant' : 'user');
  return (
    <div>
      {messages.map((message, at) => (
        <div
          key={at}
          className="group/block grid gap-x-3 border-b border-line py-3 focus-within:bg-raised sm:grid-cols-[96px_minmax(0,1fr)_64px] lg:px-5 px-3"
        >
          <Select
            bare
            label={`Role of message ${at + 1}`}
            value={message.role}
            options={roleOptions}
            onChange={(role) => onChange(replaceAt(messages, at, { ...message, role }))}
            className="-ml-2 h-6 self-start justify-self-start text-meta sm:w-full"
          />
          <MessageContent
            message={message}
            label={`Message ${at + 1}, ${message.role}`}
            language={language === 'jinja' ? 'jinja' : 'template'}
            variables={variables}
            onChange={(changed) => onChange(replaceAt(messages, at, changed))}
          />
          <div className="flex items-start justify-end opacity-0 transition-opacity group-focus-within/block:opacity-100 group-hover/block:opacity-100 max-sm:hidden">
            {at > 0 && <IconButton icon={ArrowUp} label="Move up" onClick={() => onChange(moveBy(messages, at, -1))} className="size-6" />}
            {at === 0 && messages.length > 1 && (
              <IconButton icon={ArrowDown} label="Move down" onClick={() => onChange(moveBy(messages, at, 1))} className="size-6" />
            )}
            <IconButton icon={Trash2} label="Take this message out" onClick={() => onChange(removeAt(messages, at))} className="size-6" />
          </div>
        </div>
      ))}
      <div className="px-3 py-2 lg:px-5">
        <Button
          look="quiet"
          size="sm"
          icon={Plus}
          onClick={() => onChange([...messages, { role: nextRole, content: '' }])}
          className="-ml-2"
        >
          {addLabel}
        </Button>
      </div>
    </div>
  );
}

function MessageContent({
  message,
  label,
  language,
  variables,
  onChange,
}: {
  message: ChatMessage;
  label: string;
  language: 'template' | 'jinja';
  variables: readonly string[];
  onChange: (message: ChatMessage) => void;
}): ReactNode {
  if (!Array.isArray(message.content)) {
    return (
      <div className="min-w-0">
        <TextEditor
          value={message.content ?? ''}
          onChange={(content) => onChange({ ...message, content })}
          language={language}
          label={label}
          variables={variables}
          placeholder="Write the message. {{name}} makes a variable."
          className="text-read"
        />
        <ToolCalls message={message} />
      </div>
    );
  }
  const parts = partsOf(message.content);
  return (
    <div className="flex min-w-0 flex-col gap-2">
      {parts.map((part, at) =>
        part.type === 'text' ? (
          <TextEditor
            key={at}
            value={part.text}
            onChange={(text) => onChange({ ...message, content: replaceAt(parts, at, { type: 'text', text }) })}
            language={language}
            label={`${label}, part ${at + 1}`}
            variables={variables}
            className="text-read"
          />
        ) : (
          <div key={at} className="flex items-start gap-1">
            <LoggedImage url={part.image_url.url} />
            <IconButton
              icon={Trash2}
              label="Take this image out"
              onClick={() => onChange({ ...message, content: removeAt(parts, at) })}
              className="size-6"
            />
          </div>
        ),
      )}
      <ToolCalls message={message} />
    </div>
  );
}

function ToolCalls({ message }: { message: ChatMessage }): ReactNode {
  return message.tool_calls?.map((call) => (
    <div key={call.id} className="mt-2">
      <ToolCallView name={call.function.name} text={call.function.arguments ?? ''} id={call.id} />
    </div>
  ));
}
