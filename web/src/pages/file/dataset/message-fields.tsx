import type { ChatMessage } from '@whetstone/contract';
import { Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../../kit/button.tsx';
import { Select } from '../../../kit/select.tsx';
import { toastError } from '../../../kit/toast.tsx';
import { partsOf, textOf } from '../../../parts/log/content.ts';
import { LoggedImage } from '../../../parts/log/image.tsx';
import { AddImage } from '../../../parts/prompt/add-image.tsx';
import { readImage } from '../../../parts/prompt/read-image.ts';
import { LongText } from './long-text.tsx';

const roles: { value: ChatMessage['role']; label: string }[] = [
  { value: 'user', label: 'User' },
  { value: 'assistant', label: 'Assistant' },
  { value: 'system', label: 'System' },
  { value: 'developer', label: 'Developer' },
  { value: 'tool', label: 'Tool' },
];

/** A conversation that a case goes on from. */
export function MessageFields({
  messages,
  mayWrite,
  onChange,
}: {
  messages: ChatMessage[];
  mayWrite: boolean;
  onChange: (messages: ChatMessage[]) => void;
}): ReactNode {
  const put = (index: number, message: ChatMessage) => onChange(messages.map((one, at) => (at === index ? message : one)));
  return (
    <section aria-label="Messages" className="flex flex-col gap-2">
      <span className="text-meta text-ink-3">Messages</span>
      {messages.map((message, index) => (
        <OneMessage
          key={index}
          message={message}
          mayWrite={mayWrite}
          onChange={(next) => put(index, next)}
          onRemove={() => onChange(messages.filter((_, at) => at !== index))}
        />
      ))}
      {mayWrite && (
        <Button
          size="sm"
          icon={Plus}
          className="self-start"
          onClick={() => onChange([...messages, { role: messages.at(-1)?.role === 'user' ? 'assistant' : 'user', content: '' }])}
        >
          Add a message
        </Button>
      )}
    </section>
  );
}

function OneMessage({
  message,
  mayWrite,
  onChange,
  onRemove,
}: {
  message: ChatMessage;
  mayWrite: boolean;
  onChange: (message: ChatMessage) => void;
  onRemove: () => void;
}): ReactNode {
  const images = partsOf(message.content).filter((part) => part.type === 'image_url');
  const withImages = (text: string, urls: readonly string[]): ChatMessage => ({
    ...message,
    content:
      urls.length === 0
        ? text
        : [
            ...(text === '' ? [] : [{ type: 'text' as const, text }]),
            ...urls.map((url) => ({ type: 'image_url' as const, image_url: { url } })),
          ],
  });
  const urls = images.map(({ image_url: { url } }) => url);
  const add = async (files: readonly File[]): Promise<void> => {
    try {
      const read = [];
      for (const file of files) read.push(await readImage(file));
      onChange(withImages(textOf(message), [...urls, ...read]));
    } catch (error) {
      toastError('The picture was not added', error instanceof Error ? error.message : '');
    }
  };
  return (
    <div className="rounded-md border border-line">
      <div className="flex items-center gap-1 border-b border-line py-1 pr-1 pl-2">
        <Select
          bare
          label="Who says it"
          value={message.role}
          options={roles}
          disabled={!mayWrite}
          onChange={(role) => onChange({ ...message, role })}
          className="-ml-1"
        />
        <span className="flex-1" />
        {mayWrite && (
          <>
            <AddImage onFiles={(files) => void add(files)} onUrl={(url) => onChange(withImages(textOf(message), [...urls, url]))} />
            <IconButton icon={Trash2} label="Remove this message" className="size-6" onClick={onRemove} />
          </>
        )}
      </div>
      <LongText
        aria-label={`What the ${message.role} says`}
        text={textOf(message)}
        readOnly={!mayWrite}
        onText={(text) => onChange(withImages(text, urls))}
        className="bg-transparent shadow-none"
      />
      {images.map(({ image_url: { url } }, index) => (
        <div key={index} className="flex items-start gap-1 p-2">
          <LoggedImage url={url} alt="Image of the case" />
          {mayWrite && (
            <IconButton
              icon={Trash2}
              label="Remove this image"
              className="size-6"
              onClick={() =>
                onChange(
                  withImages(
                    textOf(message),
                    urls.filter((_, at) => at !== index),
                  ),
                )
              }
            />
          )}
        </div>
      ))}
      {message.tool_calls && message.tool_calls.length > 0 && (
        <pre className="overflow-x-auto px-2.5 pb-2 text-meta text-ink-2">
          {message.tool_calls.map((call) => `${call.function.name}(${call.function.arguments ?? ''})`).join('\n')}
        </pre>
      )}
    </div>
  );
}
