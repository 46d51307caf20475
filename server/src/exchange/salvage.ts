import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { constants, createInflateRaw } from 'node:zlib';
import { highestRatio, suspiciousBytes, UnreadableError } from './unreadable.ts';

/** A file in an archive whose directory is lost. */
export interface Salvaged {
  name: Buffer;
  utf8: boolean;
  uncompressedSize: number;
  compressedSize: number;
  /** Null: nothing says it, because the archive ends before. */
  crc32: number | null;
  bytes(): AsyncGenerator<Buffer, void, undefined>;
}

const localHeader = 0x04034b50;
const directoryHeader = 0x02014b50;
const descriptorMark = 0x08074b50;
const headerBytes = 30;
const wide = 0xffffffff;

/**
 * What is in a ZIP file that is cut off: each file has a header before it too, which says less than the directory at the end. What
 * does not say how long it is is unpacked once to learn it.
 * @returns null for what does not begin like a ZIP file
 */
export async function salvage(path: string, mostFiles: number): Promise<Salvaged[] | null> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const found: Salvaged[] = [];
    for (let at = 0; ;) {
      const header = await read(file, at, headerBytes);
      if (header.length < 4 || header.readUInt32LE(0) !== localHeader) {
        const over = header.length >= 4 && header.readUInt32LE(0) === directoryHeader;
        return found.length > 0 || over ? found : null;
      }
      if (header.length < headerBytes) return found;
      const next = await readOne(file, path, { at, header, size });
      if (next === null || found.length >= mostFiles) return found;
      found.push(next.entry);
      at = next.end;
    }
  } finally {
    await file.close();
  }
}

interface Place {
  at: number;
  header: Buffer;
  /** Of the archive. */
  size: number;
}

async function readOne(file: FileHandle, path: string, { at, header, size }: Place): Promise<{ entry: Salvaged; end: number } | null> {
  const [flags, method] = [header.readUInt16LE(6), header.readUInt16LE(8)];
  const [nameLength, extraLength] = [header.readUInt16LE(26), header.readUInt16LE(28)];
  const more = await read(file, at + headerBytes, nameLength + extraLength);
  const start = at + headerBytes + nameLength + extraLength;
  // Encrypted, or packed in a way that nobody reads: where it ends is not known either.
  if (more.length < nameLength + extraLength || (flags & 1) === 1 || (method !== 0 && method !== 8)) return null;
  const name = more.subarray(0, nameLength);
  const sizes = sizesOf(header, more.subarray(nameLength));
  const later = (flags & 8) !== 0 && sizes.compressed === 0;
  if (later && method === 0) return null;
  const known = later ? await measured(path, start) : { ...sizes, whole: start + sizes.compressed <= size };
  const descriptor = later && known.whole ? await read(file, start + known.compressed, 24) : null;
  const marked = descriptor !== null && descriptor.length >= 16 && descriptor.readUInt32LE(0) === descriptorMark;
  const entry: Salvaged = {
    name,
    utf8: (flags & 0x800) !== 0,
    uncompressedSize: known.uncompressed,
    compressedSize: Math.min(known.compressed, size - start),
    crc32: !known.whole ? null : later ? (marked ? descriptor.readUInt32LE(4) : null) : header.readUInt32LE(14),
    bytes: () => bytesOf(path, { start, length: known.compressed, method, whole: known.whole }),
  };
  if (!known.whole) return { entry, end: size };
  const end = start + known.compressed;
  return { entry, end: later && marked ? end + descriptorLength(descriptor, known) : end };
}

/** With 8 bytes for each size where a file is large: the sizes that are right tell which. */
function descriptorLength(descriptor: Buffer, { compressed, uncompressed }: { compressed: number; uncompressed: number }): number {
  const short = descriptor.readUInt32LE(8) === compressed && descriptor.readUInt32LE(12) === uncompressed;
  const next = descriptor.length >= 20 ? descriptor.readUInt32LE(16) : localHeader;
  return short && (next === localHeader || next === directoryHeader) ? 16 : 24;
}

function sizesOf(header: Buffer, extra: Buffer): { compressed: number; uncompressed: number } {
  const [compressed, uncompressed] = [header.readUInt32LE(18), header.readUInt32LE(22)];
  if (compressed !== wide && uncompressed !== wide) return { compressed, uncompressed };
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1 || at + 20 > extra.length) continue;
    return { uncompressed: Number(extra.readBigUInt64LE(at + 4)), compressed: Number(extra.readBigUInt64LE(at + 12)) };
  }
  return { compressed, uncompressed };
}

/** Unpacks to learn where it ends. */
async function measured(path: string, start: number): Promise<{ compressed: number; uncompressed: number; whole: boolean }> {
  const inflate = createInflateRaw();
  let uncompressed = 0;
  inflate.on('data', (part: Buffer) => {
    uncompressed += part.length;
    // It would fill the time of the server: whoever lists it leaves it out by its size.
    if (uncompressed > suspiciousBytes && uncompressed > inflate.bytesWritten * highestRatio) inflate.destroy();
  });
  const source = createReadStream(path, { start });
  const whole = await new Promise<boolean>((resolve) => {
    inflate
      .once('end', () => resolve(true))
      .once('error', () => resolve(false))
      .once('close', () => resolve(false));
    source.once('error', () => resolve(false));
    source.pipe(inflate);
  });
  source.destroy();
  return { compressed: inflate.bytesWritten, uncompressed, whole };
}

async function* bytesOf(
  path: string,
  { start, length, method, whole }: { start: number; length: number; method: number; whole: boolean },
): AsyncGenerator<Buffer, void, undefined> {
  if (length > 0 || !whole) {
    const source = createReadStream(path, { start, ...(whole ? { end: start + length - 1 } : {}) });
    if (method === 0) yield* source as AsyncIterable<Buffer>;
    else {
      // So that an end in the middle gives what there is, and is told below.
      const inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
      source.once('error', (error) => inflate.destroy(error));
      yield* source.pipe(inflate) as AsyncIterable<Buffer>;
    }
  }
  if (!whole) throw new UnreadableError('it is cut off');
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
