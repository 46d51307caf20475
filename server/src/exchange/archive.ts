import { StringDecoder } from 'node:string_decoder';
import { crc32 } from 'node:zlib';
import { AppError } from '@whetstone/contract';
import { type Entry, getFileNameLowLevel, openPromise, validateFileName, type ZipFile } from 'yauzl';
import type { Problem } from './report.ts';

/** What an importer reads: files by path, never written anywhere. */
export interface Archive {
  /** Paths, sorted. */
  readonly paths: readonly string[];
  /** What of it nobody reads, and why. */
  readonly leftOut: readonly Problem[];
  /** @throws UnreadableError when it is not there, too large or damaged */
  text(path: string): Promise<string>;
  /** Lines of a file that may be larger than memory; empty ones are left out. @throws UnreadableError */
  lines(path: string): AsyncGenerator<string, void, undefined>;
  close(): void;
}
export class UnreadableError extends Error {}

const mostEntries = 2_000_000;
const mostLeftOut = 100;
const mostTextBytes = 64 << 20;
/** Of one line: a log with its trace. Strings of V8 end at 512 MB. */
const mostLineChars = 256 << 20;

/** What JSON packs to, and then some: one that promises more of a large file is there to fill a disk or a memory. */
const highestRatio = 500;
const suspiciousBytes = 64 << 20;

/** @throws AppError 422 for what is no ZIP file, or is cut off */
export async function openZip(path: string): Promise<Archive> {
  let zip: ZipFile;
  const entries = new Map<string, Entry>();
  const leftOut: Problem[] = [];
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
    for await (const entry of zip.eachEntry()) {
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
      if (name.endsWith('/')) continue;
      const why = entries.has(name) ? 'It is there twice; the first one counts.' : whyLeftOut(name, entry);
      if (why === null) entries.set(name, entry);
      else if (leftOut.length < mostLeftOut) leftOut.push({ where: name, what: 'file', why });
      if (entries.size > mostEntries) throw new Error(`it has more than ${mostEntries} files`);
    }
  } catch (error) {
    throw new AppError('invalid_input', `This cannot be read as a ZIP file, or it is cut off: ${messageOf(error)}.`);
  }
  const named = withoutRoot([...entries.keys()]);
  const entryOf = (path: string): Entry => {
    const entry = entries.get(named.get(path) ?? '');
    if (entry === undefined) throw new UnreadableError('it is missing');
    return entry;
  };
  /** The bytes, which the stream checks to be as many as were said, and this to be what was packed. */
  async function* bytesOf(path: string): AsyncGenerator<Buffer, void, undefined> {
    const entry = entryOf(path);
    let crc = 0;
    try {
      for await (const part of (await zip.openReadStreamPromise(entry, {})) as AsyncIterable<Buffer>) {
        crc = crc32(part, crc);
        yield part;
      }
    } catch (error) {
      throw new UnreadableError(messageOf(error));
    }
    if (crc !== entry.crc32) throw new UnreadableError('it is damaged');
  }
  return {
    paths: [...named.keys()].toSorted(),
    leftOut,
    async text(path) {
      if (entryOf(path).uncompressedSize > mostTextBytes) throw new UnreadableError(`it is larger than ${mostTextBytes >> 20} MB`);
      const parts: Buffer[] = [];
      for await (const part of bytesOf(path)) parts.push(part);
      return Buffer.concat(parts).toString('utf8');
    },
    lines: (path) => linesOf(bytesOf(path)),
    close: () => zip.close(),
  };
}

function whyLeftOut(name: string, entry: Entry): string | null {
  // A link's content is where it leads, which is nowhere here.
  if (((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000) return 'It is a link.';
  if (validateFileName(name) !== null || name.split('/').some((segment) => segment === '' || segment === '.'))
    return 'Its path leads out of the directory.';
  const { compressedSize, uncompressedSize } = entry;
  if (uncompressedSize > suspiciousBytes && uncompressedSize > compressedSize * highestRatio)
    return `It says to become ${Math.round(uncompressedSize / 2 ** 20)} MB out of next to nothing.`;
  return null;
}

/** Empty ones are left out. @throws UnreadableError for one that is too long, before it is in memory */
async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  let open: string[] = [];
  let chars = 0;
  const take = (end: string): string => {
    const line = open.length === 0 ? end : [...open, end].join('');
    open = [];
    chars = 0;
    return line;
  };
  for await (const part of bytes) {
    const [first = '', ...rest] = decoder.write(part).split('\n');
    let last = first;
    for (const next of rest) {
      const line = take(last);
      if (line.trim() !== '') yield line;
      last = next;
    }
    open.push(last);
    chars += last.length;
    if (chars > mostLineChars) throw new UnreadableError(`a line is longer than ${mostLineChars >> 20} million characters`);
  }
  const line = take(decoder.end());
  if (line.trim() !== '') yield line;
}

/** Path inside the archive by path below what all have in common: who packs a directory packs its name too. */
function withoutRoot(paths: readonly string[]): Map<string, string> {
  const mark = /(?:^|\/)(?:files\/[^/]+\/file\.json|whetstone\/about\.json)$/;
  const roots = paths.filter((path) => mark.test(path)).map((path) => path.replace(/(?:files\/[^/]+\/file|whetstone\/about)\.json$/, ''));
  // The shortest: an export may lie in a folder of another.
  const root = roots.reduce((shortest, each) => (each.length < shortest.length ? each : shortest), roots[0] ?? '');
  return new Map(paths.flatMap((path) => (path.startsWith(root) ? [[path.slice(root.length), path]] : [])));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
