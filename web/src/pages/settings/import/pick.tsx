import { FileArchive, FolderOpen } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { messageOf } from '../../../api/errors.ts';
import { Button } from '../../../kit/button.tsx';
import { cx } from '../../../kit/cx.ts';
import { toastError } from '../../../kit/toast.tsx';
import { fromChooser, fromDrop, type PickedFile } from './picked.ts';

/** Takes files by drop or by a chooser. A folder comes as the files below it. */
export function Pick({ onPick }: { onPick: (files: PickedFile[]) => void }): ReactNode {
  const [over, setOver] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // React knows no attribute of this name.
    if (folder.current !== null) folder.current.webkitdirectory = true;
    // What misses the field would otherwise be opened in place of the page.
    const hold = (event: DragEvent) => event.preventDefault();
    window.addEventListener('dragover', hold);
    window.addEventListener('drop', hold);
    return () => {
      window.removeEventListener('dragover', hold);
      window.removeEventListener('drop', hold);
    };
  }, []);
  const take = (files: PickedFile[]) => {
    if (files.length > 0) onPick(files);
    else toastError('There was no file in that', 'Choose the folder that the export wrote, or its ZIP file.');
  };
  const chosen = (input: HTMLInputElement) => {
    if (input.files !== null) take(fromChooser(input.files));
    input.value = '';
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        fromDrop(event.dataTransfer).then(take, (error: unknown) => toastError('What was dropped could not be read', messageOf(error)));
      }}
      className={cx(
        'flex min-h-40 flex-col items-center justify-center gap-3 rounded-lg border border-dashed px-4 py-6 text-center transition-colors',
        over ? 'border-accent bg-accent-soft' : 'border-line-strong bg-sunken',
      )}
    >
      <p className="text-ink-2">
        <span className="pointer-coarse:hidden">Drop a folder or a ZIP file here, or choose one. </span>
        It is checked first; nothing changes until you say so.
      </p>
      <div className="flex flex-wrap justify-center gap-2">
        <Button look="primary" icon={FileArchive} onClick={() => file.current?.click()}>
          Choose file
        </Button>
        <Button icon={FolderOpen} onClick={() => folder.current?.click()} className="pointer-coarse:hidden">
          Choose folder
        </Button>
      </div>
      <input ref={file} type="file" multiple hidden aria-label="File to import" onChange={({ target }) => chosen(target)} />
      <input ref={folder} type="file" hidden aria-label="Folder to import" onChange={({ target }) => chosen(target)} />
    </div>
  );
}
