import type { ChatMessage, ChatRole, PromptKernel } from '@whetstone/contract';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../kit/button.tsx';
import { moveBy, removeAt, replaceAt } from './kernel.ts';
import { MessageBlock } from './message-block.tsx';

export interface MessagesEditorProps {
  messages: readonly ChatMessage[];
  onChange: (messages: ChatMessage[]) => void;
  language?: PromptKernel['template_language'];
  variables: readonly string[];
  /** The role of a message that is added. */
  next?: ChatRole;
}

/** Messages as one document. */
export function MessagesEditor({ messages, onChange, language, variables, next }: MessagesEditorProps): ReactNode {
  const nextRole = next ?? (messages.at(-1)?.role === 'user' ? 'assistant' : 'user');
  return (
    <div>
      {messages.map((message, at) => (
        <MessageBlock
          key={at}
          message={message}
          number={at + 1}
          language={language === 'jinja' ? 'jinja' : 'template'}
          variables={variables}
          onChange={(changed) => onChange(replaceAt(messages, at, changed))}
          onRemove={() => onChange(removeAt(messages, at))}
          onUp={at === 0 ? null : () => onChange(moveBy(messages, at, -1))}
          onDown={at === messages.length - 1 ? null : () => onChange(moveBy(messages, at, 1))}
        />
      ))}
      <div className="px-3 py-2 lg:px-5">
        <Button
          look="quiet"
          size="sm"
          icon={Plus}
          onClick={() => onChange([...messages, { role: nextRole, content: '' }])}
          className="-ml-2"
        >
          Add message
        </Button>
      </div>
    </div>
  );
}
