import { gathered } from '../../../parts/gather.ts';

/** A file that a person chose, with its path in the folder that it came with. */
export interface PickedFile {
  path: string;
  file: File;
}

/** What the system or the editor leaves in folders. */
const litter = /(?:^|\/)(?:\.DS_Store|Thumbs\.db|__MACOSX\/.*|\.git\/.*|node_modules\/.*)$/;
/** What can be packed here: the browser keeps the packed file until it is sent. */
const mostBytes = 4 * 2 ** 30;

/** The files of a file chooser; of a folder when it asked for one. */
export function fromChooser(files: FileList): PickedFile[] {
  return tidy([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
}

/** The files that were dropped, with those in dropped folders. Must be called while the event is handled: later the drop is empty. */
export async function fromDrop(transfer: DataTransfer): Promise<PickedFile[]> {
  const dropped = [...transfer.items].map((item) => {
    const entry = item.webkitGetAsEntry();
    if (entry !== null) return filesBelow(entry);
    // What comes from another page than the file manager has no entry.
    const file = item.getAsFile();
    return Promise.resolve(file === null ? [] : [{ path: file.name, file }]);
  });
  return tidy((await Promise.all(dropped)).flat());
}

async function filesBelow(entry: FileSystemEntry): Promise<PickedFile[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((done, fail) => entry.file(done, fail));
    return [{ path: entry.fullPath.slice(1), file }];
  }
  if (!isDirectory(entry)) return [];
  const reader = entry.createReader();
  const found: PickedFile[] = [];
  for (;;) {
    // It gives a hundred at most, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return found;
    for (const one of some) found.push(...(await filesBelow(one)));
  }
}
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

function tidy(files: PickedFile[]): PickedFile[] {
  return files.filter(({ path }) => !litter.test(path));
}

/** What to call it: the file, or the folder that all have in common. */
export function nameOf(files: readonly PickedFile[]): string {
  const [first] = files;
  if (first === undefined) return 'nothing';
  if (files.length === 1) return first.path;
  const root = first.path.split('/')[0] ?? '';
  return files.every(({ path }) => path.startsWith(`${root}/`)) ? root : `${files.length} files`;
}

export function sizeOf(files: readonly PickedFile[]): number {
  return files.reduce((sum, { file }) => sum + file.size, 0);
}

/** Why this cannot be sent, in words that say what to do; null when it can. */
export function whyNot(files: readonly PickedFile[]): string | null {
  if (isZip(files) || sizeOf(files) <= mostBytes) return null;
  return 'This is more than a browser can pack. Pack the folder yourself (`zip -r export.zip FOLDER`) and choose the ZIP file, or import it from the command line.';
}

function isZip(files: readonly PickedFile[]): boolean {
  return files.length === 1 && /\.zip$/i.test(files[0]?.path ?? '');
}

/** A ZIP file as it is; everything else packed into one. */
export async function packed(files: readonly PickedFile[], onFile: (done: number) => void, signal: AbortSignal): Promise<Blob> {
  if (isZip(files) && files[0] !== undefined) return files[0].file;
  const { makeZip } = await import('client-zip');
  let done = 0;
  function* entries() {
    for (const { path, file } of files) {
      yield { name: path, input: file };
      onFile((done += 1));
    }
  }
  return gathered(makeZip(entries()), 'application/zip', { signal });
}
