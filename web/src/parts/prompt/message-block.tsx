import type { ChatMessage, ChatRole, ContentPart } from '@whetstone/contract';
import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react';
import { type DragEvent, type ClipboardEvent, type ReactNode, useState } from 'react';
import { messageOf } from '../../api/errors.ts';
import { IconButton } from '../../kit/button.tsx';
import { cx } from '../../kit/cx.ts';
import { Select } from '../../kit/select.tsx';
import { toastError } from '../../kit/toast.tsx';
import { TextEditor } from '../editor/text-editor.tsx';
import { ToolCallView } from '../log/message.tsx';
import { AddImage } from './add-image.tsx';
import { ImagePartEditor } from './image-part.tsx';
import { contentOfParts, editableParts, withImage } from './images.ts';
import { removeAt, replaceAt, roles } from './kernel.ts';
import { picturesIn, readImage } from './read-image.ts';

const roleNames: Record<ChatRole, string> = {
  system: 'System',
  developer: 'Developer',
  user: 'User',
  assistant: 'Assistant',
  tool: 'Tool',
};
const roleOptions = roles.map((value) => ({ value, label: roleNames[value] }));

export interface MessageBlockProps {
  message: ChatMessage;
  /** Counted from one. */
  number: number;
  language: 'template' | 'jinja';
  variables: readonly string[];
  onChange: (message: ChatMessage) => void;
  onRemove: () => void;
  onUp: (() => void) | null;
  onDown: (() => void) | null;
}

/** One message of a document: who speaks in the margin, what is said beside it. Takes pictures that are pasted or dropped. */
export function MessageBlock({ message, number, language, variables, onChange, onRemove, onUp, onDown }: MessageBlockProps): ReactNode {
  const [over, setOver] = useState(false);
  const add = async (files: File[]) => {
    try {
      const urls = await Promise.all(files.map(readImage));
      onChange(urls.reduce(withImage, message));
    } catch (error) {
      toastError('The image was not added', messageOf(error));
    }
  };
  const take = (event: DragEvent | ClipboardEvent, data: DataTransfer) => {
    const pictures = picturesIn(data);
    if (pictures.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    void add(pictures);
  };
  const parts = editableParts(message.content);
  const setParts = (next: readonly ContentPart[]) => onChange({ ...message, content: contentOfParts(next) });
  const label = `Message ${number}, ${message.role}`;
  return (
    <div
      onPasteCapture={(event) => take(event, event.clipboardData)}
      onDropCapture={(event) => {
        setOver(false);
        take(event, event.dataTransfer);
      }}
      onDragOverCapture={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      className={cx(
        'group/block grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 border-b border-line px-3 py-3 focus-within:bg-raised sm:grid-cols-[96px_minmax(0,1fr)_88px] lg:px-5',
        over && 'bg-accent-soft',
      )}
    >
      <Select
        bare
        label={`Role of message ${number}`}
        value={message.role}
        options={roleOptions}
        onChange={(role) => onChange({ ...message, role })}
        className="-ml-2 h-6 self-start justify-self-start text-meta sm:w-full"
      />
      <div className="flex min-w-0 flex-col gap-2 max-sm:order-last max-sm:col-span-2">
        {parts.map((part, at) =>
          part.type === 'text' ? (
            <TextEditor
              key={at}
              value={part.text}
              onChange={(text) => setParts(replaceAt(parts, at, { type: 'text', text }))}
              language={language}
              label={at === 0 ? label : `${label}, part ${at + 1}`}
              variables={variables}
              placeholder="Write the message. {{name}} makes a variable."
              className="text-read"
            />
          ) : (
            <ImagePartEditor
              key={at}
              part={part}
              label={`Image ${at + 1} of message ${number}`}
              onChange={(changed) => setParts(replaceAt(parts, at, changed))}
              onRemove={() => setParts(removeAt(parts, at))}
            />
          ),
        )}
        {message.tool_calls?.map((call) => (
          <ToolCallView key={call.id} name={call.function.name} text={call.function.arguments ?? ''} id={call.id} />
        ))}
        {over && <p className="text-meta text-accent-ink">Drop the image to add it to this message.</p>}
      </div>
      <div className="flex items-start justify-end gap-0.5 opacity-0 transition-opacity group-focus-within/block:opacity-100 group-hover/block:opacity-100 has-data-popup-open:opacity-100 pointer-coarse:opacity-100">
        <AddImage onFiles={(files) => void add(files)} onUrl={(url) => onChange(withImage(message, url))} />
        {onUp !== null && <IconButton icon={ArrowUp} label="Move up" onClick={onUp} className="size-6" />}
        {onUp === null && onDown !== null && <IconButton icon={ArrowDown} label="Move down" onClick={onDown} className="size-6" />}
        <IconButton icon={Trash2} label="Take this message out" onClick={onRemove} className="size-6" />
      </div>
    </div>
  );
}
