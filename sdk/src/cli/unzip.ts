import { crc32, createInflateRaw } from 'node:zlib';

/**
 * Reads a ZIP file while it arrives. Packages that do look for the mark after an entry in its compressed bytes, where it may
 * stand by chance; here the inflating itself says where they end.
 */

export class BrokenZipError extends Error {}

export interface ZipEntry {
  path: string;
  /** To be read to its end before the next entry is asked for. @throws BrokenZipError when it is not what was packed */
  content: AsyncIterable<Buffer>;
}

const signatures = { entry: 0x04034b50, descriptor: 0x08074b50, directory: 0x02014b50, end: 0x06054b50, end64: 0x06064b50 };
const headBytes = 26;
const endBytes = 22;
const hasDescriptor = 8;
const methods = { stored: 0, deflated: 8 };
const longestOf32Bits = 0xffffffff;

/** @throws BrokenZipError for what is no ZIP file, or is cut off */
export async function* entriesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<ZipEntry, void, undefined> {
  const input = new Input(source);
  for (;;) {
    const signature = (await input.exactly(4)).readUInt32LE(0);
    if (signature === signatures.directory || signature === signatures.end || signature === signatures.end64) {
      // The directory repeats what was read; that it is there whole says that nothing is missing.
      await input.untilEnd(signature);
      return;
    }
    if (signature !== signatures.entry) throw new BrokenZipError('This is no ZIP file, or it is damaged.');
    const head = await input.exactly(headBytes);
    const path = (await input.exactly(head.readUInt16LE(22))).toString('utf8');
    await input.exactly(head.readUInt16LE(24));
    yield { path, content: contentOf(input, path, head) };
  }
}

async function* contentOf(input: Input, path: string, head: Buffer): AsyncGenerator<Buffer, void, undefined> {
  const flags = head.readUInt16LE(2);
  const method = head.readUInt16LE(4);
  const described = (flags & hasDescriptor) !== 0;
  if (method !== methods.deflated && (method !== methods.stored || described))
    throw new BrokenZipError(`\`${path}\` is packed in a way that cannot be read while it arrives.`);
  let crc = 0;
  let size = 0;
  const packed = { size: 0 };
  const parts = method === methods.deflated ? inflated(input, packed) : input.some(head.readUInt32LE(14));
  for await (const part of parts) {
    crc = crc32(part, crc);
    size += part.length;
    yield part;
  }
  const said = described
    ? await descriptor(input, Math.max(size, packed.size))
    : { crc: head.readUInt32LE(10), size: head.readUInt32LE(18) };
  if (said.crc !== crc || said.size !== size) throw new BrokenZipError(`\`${path}\` is damaged.`);
}

async function* inflated(input: Input, packed: { size: number }): AsyncGenerator<Buffer, void, undefined> {
  const inflate = createInflateRaw();
  let over = false;
  inflate.once('close', () => (over = true));
  const feed = async (): Promise<void> => {
    let given = 0;
    for (;;) {
      const chunk = await input.chunk();
      given += chunk.length;
      await new Promise<void>((resolve) => {
        const ended = (): void => resolve();
        inflate.once('end', ended).once('close', ended);
        inflate.write(chunk, () => {
          inflate.off('end', ended).off('close', ended);
          // What ends within the chunk says so right after it.
          setImmediate(resolve);
        });
      });
      if (inflate.readableEnded || over || inflate.bytesWritten < given) {
        packed.size = inflate.bytesWritten;
        input.giveBack(chunk.subarray(chunk.length - (given - inflate.bytesWritten)));
        return;
      }
    }
  };
  const fed = feed().catch((error: unknown) => void inflate.destroy(error instanceof Error ? error : new Error(String(error))));
  try {
    for await (const part of inflate as AsyncIterable<Buffer>) yield part;
  } catch (error) {
    if (error instanceof BrokenZipError) throw error;
    throw new BrokenZipError(`What is packed cannot be unpacked: ${error instanceof Error ? error.message : String(error)}.`);
  } finally {
    inflate.destroy();
  }
  await fed;
}

async function descriptor(input: Input, size: number): Promise<{ crc: number; size: number }> {
  if ((await input.exactly(4)).readUInt32LE(0) !== signatures.descriptor) throw new BrokenZipError('An entry has no end.');
  const crc = (await input.exactly(4)).readUInt32LE(0);
  const rest = await input.exactly(size > longestOf32Bits ? 16 : 8);
  return { crc, size: rest.length === 16 ? Number(rest.readBigUInt64LE(8)) : rest.readUInt32LE(4) };
}

/** Bytes as they arrive. */
class Input {
  readonly #source: AsyncIterator<Uint8Array>;
  #left: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** What is there, at least a byte. */
  async chunk(): Promise<Buffer> {
    if (this.#left.length > 0) {
      const chunk = this.#left;
      this.#left = Buffer.alloc(0);
      return chunk;
    }
    for (;;) {
      const { done, value } = await this.#source.next();
      if (done === true) throw new BrokenZipError('It is cut off: its end is missing.');
      if (value.length > 0) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
  }

  giveBack(rest: Buffer): void {
    this.#left = rest;
  }

  async exactly(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let missing = bytes;
    while (missing > 0) {
      const chunk = await this.chunk();
      parts.push(chunk.subarray(0, missing));
      if (chunk.length > missing) this.giveBack(chunk.subarray(missing));
      missing -= Math.min(missing, chunk.length);
    }
    return Buffer.concat(parts);
  }

  async *some(bytes: number): AsyncGenerator<Buffer, void, undefined> {
    for (let missing = bytes; missing > 0;) {
      const part = await this.exactly(Math.min(missing, 1 << 16));
      missing -= part.length;
      yield part;
    }
  }

  /** @throws BrokenZipError unless the last record is that of the end */
  async untilEnd(signature: number): Promise<void> {
    let tail = Buffer.alloc(4);
    tail.writeUInt32LE(signature);
    for (;;) {
      let chunk: Buffer;
      try {
        chunk = await this.chunk();
      } catch (error) {
        if (tail.length >= endBytes && tail.readUInt32LE(tail.length - endBytes) === signatures.end) return;
        throw error;
      }
      tail = Buffer.concat([tail, chunk]);
      tail = tail.subarray(Math.max(0, tail.length - endBytes));
    }
  }
}
