import { createInterface } from 'node:readline';
import { AppError } from '@whetstone/contract';
import { type Entry, openPromise, type ZipFile } from 'yauzl';

/** What an importer reads: files by path, never written anywhere. */
export interface Archive {
  /** Paths, sorted. */
  readonly paths: readonly string[];
  /** @throws UnreadableError when it is not there, too large or damaged */
  text(path: string): Promise<string>;
  /** Lines of a file that may be larger than memory; empty ones are left out. @throws UnreadableError */
  lines(path: string): AsyncGenerator<string, void, undefined>;
  close(): void;
}
export class UnreadableError extends Error {}

const mostEntries = 2_000_000;
const mostTextBytes = 64 << 20;
/** Of one line: a log with its trace. Strings of V8 end at 512 MB. */
const mostLineChars = 256 << 20;

/** @throws AppError 422 for what is no ZIP file */
export async function openZip(path: string): Promise<Archive> {
  let zip: ZipFile;
  const entries = new Map<string, Entry>();
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false });
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue;
      entries.set(entry.fileName, entry);
      if (entries.size > mostEntries) throw new Error(`it has more than ${mostEntries} files`);
    }
  } catch (error) {
    throw new AppError('invalid_input', `This cannot be read as a ZIP file: ${messageOf(error)}.`);
  }
  const named = withoutRoot([...entries.keys()]);
  const entryOf = (path: string): Entry => {
    const entry = entries.get(named.get(path) ?? '');
    if (entry === undefined) throw new UnreadableError('it is missing');
    return entry;
  };
  const streamOf = async (path: string) => {
    try {
      return await zip.openReadStreamPromise(entryOf(path), {});
    } catch (error) {
      throw new UnreadableError(messageOf(error));
    }
  };
  return {
    paths: [...named.keys()].toSorted(),
    async text(path) {
      if (entryOf(path).uncompressedSize > mostTextBytes) throw new UnreadableError(`it is larger than ${mostTextBytes >> 20} MB`);
      const parts: Buffer[] = [];
      let size = 0;
      try {
        for await (const part of (await streamOf(path)) as AsyncIterable<Buffer>) {
          size += part.length;
          if (size > mostTextBytes) throw new UnreadableError(`it is larger than ${mostTextBytes >> 20} MB`);
          parts.push(part);
        }
      } catch (error) {
        throw error instanceof UnreadableError ? error : new UnreadableError(messageOf(error));
      }
      return Buffer.concat(parts).toString('utf8');
    },
    async *lines(path) {
      const stream = await streamOf(path);
      let failure: Error | null = null;
      stream.once('error', (error: Error) => (failure = error));
      const reader = createInterface({ input: stream, crlfDelay: Infinity });
      for await (const line of reader) {
        if (line.length > mostLineChars) throw new UnreadableError(`a line is longer than ${mostLineChars >> 20} million characters`);
        if (line.trim() !== '') yield line;
      }
      if (failure !== null) throw new UnreadableError(messageOf(failure));
    },
    close: () => zip.close(),
  };
}

/** Path inside the archive by path below what all have in common: who packs a directory packs its name too. */
function withoutRoot(paths: readonly string[]): Map<string, string> {
  const marked = paths.find((path) => /(?:^|\/)files\/[^/]+\/file\.json$/.test(path));
  const root = marked?.replace(/files\/[^/]+\/file\.json$/, '') ?? '';
  return new Map(paths.flatMap((path) => (path.startsWith(root) ? [[path.slice(root.length), path]] : [])));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
