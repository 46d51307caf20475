import { closeSync, constants, fdatasync, fsyncSync, ftruncateSync, openSync, readSync, unlink, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** What a record is: a line of a table, or how far the queue is. */
export const recordKinds = { logKeys: 1, logs: 2, judgments: 3, batch: 4, drained: 5, exposures: 6 } as const;

export interface LogRecord {
  kind: number;
  seq: number;
  flag: boolean;
  /** Null: the header is whole, the payload is not: the disk lost it. */
  payload: Buffer | null;
  /** Of the payload, in the file. */
  offset: number;
}

/** length u32, CRC-32 of the payload u32, seq u48, kind u8, flag u8, CRC-32 of these 16 bytes u32; little-endian. */
const headerBytes = 20;
const readBytes = 4 << 20;
/** Zeros that are written ahead of the records, at first and at most: what is synced at the same time waits for more of them. */
const firstAheadBytes = 256 << 10;
const mostAheadBytes = 1 << 20;
const zeros = Buffer.alloc(mostAheadBytes);
/** Makes each write sync what it wrote, in one step. Not every system has it, whatever the types say. */
const syncing = constants.O_DSYNC as number | undefined;

/** Bytes of a record with a payload of this length. */
export function recordSize(payloadBytes: number): number {
  return headerBytes + payloadBytes;
}

/** Writes a record at `at`; returns where its payload starts. */
export function putRecord(target: Buffer, at: number, record: { kind: number; seq: number; flag: boolean; payload: Buffer }): number {
  const { kind, seq, flag, payload } = record;
  target.writeUInt32LE(payload.length, at);
  target.writeUInt32LE(crc32(payload), at + 4);
  target.writeUIntLE(seq, at + 8, 6);
  target[at + 14] = kind;
  target[at + 15] = flag ? 1 : 0;
  target.writeUInt32LE(crc32(target.subarray(at, at + 16)), at + 16);
  payload.copy(target, at + headerBytes);
  return at + headerBytes;
}

/** A file of records that is only ever appended to, by one process, and deleted as a whole. */
export class Segment {
  readonly path: string;
  readonly #fd: number;
  /** Bytes that are known to be whole. */
  size: number;
  /** The highest line in it. */
  lastSeq = 0;
  readonly createdAt: number;
  /** The file has zeros up to here, on disk. */
  #ahead = 0;
  #aheadBytes = firstAheadBytes;
  #extending: Promise<void> | null = null;
  #over = false;

  private constructor(path: string, fd: number, size: number, createdAt: number) {
    this.path = path;
    this.#fd = fd;
    this.size = size;
    this.createdAt = createdAt;
  }

  /** Makes the file with its first records, on disk when this returns. */
  static create(path: string, start: Buffer, now: number): Segment {
    const { O_CREAT, O_EXCL, O_RDWR } = constants;
    const fd = openSync(path, O_CREAT | O_EXCL | O_RDWR | (syncing ?? 0), 0o600);
    writeSync(fd, start, 0, start.length, 0);
    fsyncSync(fd);
    syncDirectory(dirname(path));
    return new Segment(path, fd, start.length, now);
  }

  static open(path: string, size: number, now: number): Segment {
    return new Segment(path, openSync(path, constants.O_RDWR), size, now);
  }

  /** Appends and syncs. After an error the file is as it was. */
  async append(bytes: Buffer): Promise<void> {
    // Zeros that are on their way must not land on a record.
    if (this.#extending !== null && this.size + bytes.length > this.#ahead) await this.#extending;
    try {
      for (let done = 0; done < bytes.length;) done += await this.#writeAt(bytes.subarray(done), this.size + done);
      if (syncing === undefined) await this.#sync();
    } catch (error) {
      this.#cutBack();
      throw error;
    }
    this.size += bytes.length;
  }

  /**
   * Writes zeros ahead when few are left: a record that takes their place changes no file size, so that its sync
   * takes half as long and never waits for the file system's own journal. A reader stops at zeros. For a quiet queue;
   * a busy one shares its syncs and would write everything twice. It may fail: records are then appended as without it.
   */
  extend(): void {
    if (this.#extending !== null || this.#over || this.#ahead - this.size > this.#aheadBytes / 4) return;
    const from = Math.max(this.#ahead, this.size);
    this.#extending = this.#zeros(from, from + this.#aheadBytes).finally(() => (this.#extending = null));
    this.#aheadBytes = Math.min(2 * this.#aheadBytes, mostAheadBytes);
  }

  read(offset: number, length: number): Buffer<ArrayBuffer> {
    const bytes = Buffer.allocUnsafe(length);
    let done = 0;
    while (done < length) {
      const read = readSync(this.#fd, bytes, done, length - done, offset + done);
      if (read === 0) throw new Error(`${this.path} ends before byte ${offset + length}`);
      done += read;
    }
    return bytes;
  }

  /** Overwrites a payload with zeros. */
  wipe(offset: number, length: number): void {
    writeSync(this.#fd, Buffer.alloc(length), 0, length, offset);
    fsyncSync(this.#fd);
  }

  /** Whole records, in order, up to the first that is not: a write that was cut short ends the file. */
  *records(): Generator<LogRecord> {
    let window = Buffer.alloc(0);
    let start = 0;
    const at = (offset: number, length: number): Buffer | null => {
      if (offset + length > this.size) return null;
      if (offset < start || offset + length > start + window.length) {
        start = offset;
        window = this.read(offset, Math.min(Math.max(readBytes, length), this.size - offset));
      }
      return window.subarray(offset - start, offset - start + length);
    };
    for (let offset = 0; ;) {
      const header = at(offset, headerBytes);
      if (header === null || header.readUInt32LE(16) !== crc32(header.subarray(0, 16))) return;
      const [length, sum, seq] = [header.readUInt32LE(0), header.readUInt32LE(4), header.readUIntLE(8, 6)];
      const [kind = 0, flag] = header.subarray(14, 16);
      const payload = at(offset + headerBytes, length);
      if (payload === null) return;
      const whole = crc32(payload) === sum;
      // Lines never end in a zero: this one took the place of zeros and was cut short, or it was wiped.
      const unwritten = !whole && payload.at(-1) === 0;
      if (!unwritten) yield { kind, seq, flag: flag === 1, payload: whole ? payload : null, offset: offset + headerBytes };
      offset += headerBytes + length;
    }
  }

  async close(): Promise<void> {
    this.#over = true;
    await this.#extending;
    closeSync(this.#fd);
  }

  async remove(): Promise<void> {
    await this.close();
    // What stays when this fails is empty of what is needed, and goes after the next start.
    await new Promise<void>((resolve) => unlink(this.path, () => resolve()));
  }

  async #zeros(from: number, to: number): Promise<void> {
    try {
      for (let at = from; at < to;) at += await this.#writeAt(zeros.subarray(0, to - at), at);
      if (syncing === undefined) await this.#sync();
      this.#ahead = to;
    } catch {
      this.#aheadBytes = firstAheadBytes;
    }
  }

  #writeAt(bytes: Buffer, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      write(this.#fd, bytes, 0, bytes.length, position, (error, written) => {
        if (error) reject(error);
        else resolve(written);
      });
    });
  }

  #sync(): Promise<void> {
    return new Promise((resolve, reject) => fdatasync(this.#fd, (error) => (error ? reject(error) : resolve())));
  }

  #cutBack(): void {
    try {
      ftruncateSync(this.#fd, this.size);
      this.#ahead = 0;
    } catch {
      // The next write goes to the same place; a reader stops at what is not whole.
    }
  }
}

function syncDirectory(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
