import { ImagePlus } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { Field, Input } from '../../kit/field.tsx';
import { Popover } from '../../kit/popover.tsx';
import { imageTypes } from './images.ts';

/** Puts a picture into a message: from a file, or by its address. Pasting and dropping work on the message itself. */
export function AddImage({ onFiles, onUrl }: { onFiles: (files: File[]) => void; onUrl: (url: string) => void }): ReactNode {
  const [open, setOpen] = useState(false);
  const [url, setUrl] = useState('');
  const picker = useRef<HTMLInputElement>(null);
  const valid = /^https?:\/\/\S+$/i.test(url.trim()) || url.includes('{{') || /^data:image\//i.test(url.trim());
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      align="end"
      className="w-[min(340px,calc(100vw-16px))]"
      trigger={<IconButton icon={ImagePlus} label="Add an image" className="size-6" />}
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!valid) return;
          onUrl(url.trim());
          setUrl('');
          setOpen(false);
        }}
      >
        <input
          ref={picker}
          type="file"
          accept={imageTypes.join(',')}
          multiple
          hidden
          aria-label="Image file"
          onChange={(event) => {
            onFiles([...(event.target.files ?? [])]);
            event.target.value = '';
            setOpen(false);
          }}
        />
        <Button onClick={() => picker.current?.click()}>Choose a file</Button>
        <Field label="Or its address" hint="A variable works too: {{picture}}. Pasting or dropping an image onto the message is quicker.">
          {(props) => (
            <Input {...props} value={url} onChange={(event) => setUrl(event.target.value)} placeholder="https://…" spellCheck={false} />
          )}
        </Field>
        <Button type="submit" look="primary" disabled={!valid} className="self-end">
          Add image
        </Button>
      </form>
    </Popover>
  );
}
