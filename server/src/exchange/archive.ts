import { StringDecoder } from 'node:string_decoder';
import { crc32 } from 'node:zlib';
import { AppError } from '@whetstone/contract';
import { getFileNameLowLevel, openPromise, validateFileName, type ZipFile } from 'yauzl';
import type { Problem } from './report.ts';
import { salvage } from './salvage.ts';
import { highestRatio, suspiciousBytes, UnreadableError } from './unreadable.ts';

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

const mostEntries = 2_000_000;
const mostLeftOut = 100;
const mostTextBytes = 64 << 20;
/** Of one line: a log with its trace. Strings of V8 end at 512 MB. */
const mostLineChars = 256 << 20;

/** A file in it, however it was found. */
interface Entry {
  compressedSize: number;
  uncompressedSize: number;
  /** Of what it becomes; null when nothing says it. */
  crc32: number | null;
  bytes(): AsyncIterable<Buffer>;
}
interface Found {
  entries: Map<string, Entry>;
  leftOut: Problem[];
  close(): void;
}

/** @throws AppError 422 for what is no ZIP file */
export async function openZip(path: string): Promise<Archive> {
  const found = await find(path);
  const { entries, leftOut } = found;
  const named = withoutRoot([...entries.keys()]);
  const entryOf = (inside: string): Entry => {
    const entry = entries.get(named.get(inside) ?? '');
    if (entry === undefined) throw new UnreadableError('it is missing');
    return entry;
  };
  /** The bytes, which the stream checks to be as many as were said, and this to be what was packed. */
  async function* bytesOf(inside: string): AsyncGenerator<Buffer, void, undefined> {
    const entry = entryOf(inside);
    let crc = 0;
    try {
      for await (const part of entry.bytes()) {
        crc = crc32(part, crc);
        yield part;
      }
    } catch (error) {
      throw new UnreadableError(messageOf(error));
    }
    if (entry.crc32 !== null && crc !== entry.crc32) throw new UnreadableError('it is damaged');
  }
  return {
    paths: [...named.keys()].toSorted(),
    leftOut,
    async text(inside) {
      if (entryOf(inside).uncompressedSize > mostTextBytes) throw new UnreadableError(`it is larger than ${mostTextBytes >> 20} MB`);
      const parts: Buffer[] = [];
      for await (const part of bytesOf(inside)) parts.push(part);
      return Buffer.concat(parts).toString('utf8');
    },
    lines: (inside) => linesOf(bytesOf(inside)),
    close: () => found.close(),
  };
}

/** By the directory at its end; where that is lost or wrong, by what stands before each file. */
async function find(path: string): Promise<Found> {
  try {
    return await listed(path);
  } catch (error) {
    const found = await salvaged(path).catch(() => null);
    if (found !== null) return found;
    throw new AppError('invalid_input', `This cannot be read as a ZIP file: ${messageOf(error)}.`);
  }
}

async function listed(path: string): Promise<Found> {
  const zip: ZipFile = await openPromise(path, { lazyEntries: true, autoClose: false, decodeStrings: false });
  const take = new Taking();
  try {
    for await (const entry of zip.eachEntry()) {
      const { compressedSize, uncompressedSize } = entry;
      const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
      // A link's content is where it leads, which is nowhere here.
      const isLink = ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000;
      async function* bytes(): AsyncGenerator<Buffer> {
        yield* (await zip.openReadStreamPromise(entry, {})) as AsyncIterable<Buffer>;
      }
      take.add(name, { compressedSize, uncompressedSize, crc32: entry.crc32, bytes }, isLink ? 'It is a link.' : null);
    }
  } catch (error) {
    zip.close();
    throw error;
  }
  return { ...take.found, close: () => zip.close() };
}

const cutOff =
  'It is cut off or damaged, so its list of contents is lost. What is whole in it was read; files that came after the cut are missing.';

async function salvaged(path: string): Promise<Found | null> {
  const found = await salvage(path, mostEntries);
  if (found === null || found.length === 0) return null;
  const take = new Taking();
  take.found.leftOut.push({ where: 'the ZIP file', what: 'archive', why: cutOff });
  for (const entry of found) take.add(entry.name.toString(entry.utf8 ? 'utf8' : 'latin1'), entry, null);
  return { ...take.found, close: () => undefined };
}

class Taking {
  readonly found = { entries: new Map<string, Entry>(), leftOut: [] as Problem[] };

  add(name: string, entry: Entry, unwanted: string | null): void {
    const { entries, leftOut } = this.found;
    if (name.endsWith('/')) return;
    const why = entries.has(name) ? 'It is there twice; the first one counts.' : (unwanted ?? whyLeftOut(name, entry));
    if (why === null) entries.set(name, entry);
    else if (leftOut.length < mostLeftOut) leftOut.push({ where: name, what: 'file', why });
    if (entries.size > mostEntries) throw new Error(`it has more than ${mostEntries} files`);
  }
}

function whyLeftOut(name: string, { compressedSize, uncompressedSize }: Entry): string | null {
  if (validateFileName(name) !== null || name.split('/').some((segment) => segment === '' || segment === '.'))
    return 'Its path leads out of the directory.';
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
