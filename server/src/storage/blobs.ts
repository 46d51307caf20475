import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf, StoreUnavailableError } from './errors.ts';

export interface BlobRef {
  /** 64 lower-case hex digits. */
  sha256: string;
  /** Bytes. */
  size: number;
}

/** Bytes by the hash of their content; see `Storage.blobs`. */
export interface Blobs {
  put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobRef>;
  get(sha256: string): Promise<Buffer | undefined>;
  stream(sha256: string): Promise<{ size: number; content: Readable } | undefined>;
  has(sha256: string): Promise<boolean>;
  delete(sha256: string): Promise<boolean>;
  /** Names of all that were last put before the given moment. */
  olderThan(moment: Date): AsyncIterable<string>;
}

const NAME = /^[0-9a-f]{64}$/;

export class FileBlobs implements Blobs {
  readonly #directory: string;
  readonly #drafts: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#drafts = join(directory, 'drafts');
    mkdirSync(this.#drafts, { recursive: true, mode: 0o700 });
  }

  async put(content: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobRef> {
    const draft = join(this.#drafts, randomUUID());
    try {
      const handle = await open(draft, 'wx', 0o600);
      let ref: BlobRef;
      try {
        ref = await write(handle, content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#publish(draft, ref.sha256);
      return ref;
    } catch (error) {
      if (isErrno(error)) throw new StoreUnavailableError('blobs', messageOf(error), error);
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async get(sha256: string): Promise<Buffer | undefined> {
    try {
      return await readFile(this.#path(sha256));
    } catch (error) {
      return absent(error);
    }
  }

  async stream(sha256: string): Promise<{ size: number; content: Readable } | undefined> {
    const path = this.#path(sha256);
    try {
      const { size } = await stat(path);
      return { size, content: createReadStream(path) };
    } catch (error) {
      return absent(error);
    }
  }

  async has(sha256: string): Promise<boolean> {
    try {
      await stat(this.#path(sha256));
      return true;
    } catch (error) {
      return absent(error) ?? false;
    }
  }

  async delete(sha256: string): Promise<boolean> {
    const path = this.#path(sha256);
    try {
      await rm(path);
      await syncDirectory(dirname(path));
      return true;
    } catch (error) {
      return absent(error) ?? false;
    }
  }

  async *olderThan(moment: Date): AsyncGenerator<string, void, undefined> {
    for (const folder of await readdir(this.#directory)) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const name of await readdir(join(this.#directory, folder))) {
        if (!NAME.test(name)) continue;
        // Gone meanwhile: someone else took it away.
        const found = await stat(this.#path(name)).catch(absent);
        if (found !== undefined && found.mtime < moment) yield name;
      }
    }
  }

  /** The name is hex or refused, so no caller's text ever becomes a path. */
  #path(sha256: string): string {
    if (!NAME.test(sha256)) throw new TypeError('a blob is named by 64 lower-case hex digits');
    return join(this.#directory, sha256.slice(0, 2), sha256);
  }

  async #publish(draft: string, sha256: string): Promise<void> {
    const path = this.#path(sha256);
    const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rename(draft, path);
    await syncDirectory(dirname(path));
    if (made !== undefined) await syncDirectory(this.#directory);
  }
}

async function write(handle: FileHandle, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobRef> {
  const hash = createHash('sha256');
  let size = 0;
  const add = async (chunk: Uint8Array): Promise<void> => {
    hash.update(chunk);
    size += chunk.length;
    await handle.writeFile(chunk);
  };
  if (content instanceof Uint8Array) await add(content);
  else for await (const chunk of content) await add(chunk);
  return { sha256: hash.digest('hex'), size };
}

async function syncDirectory(path: string): Promise<void> {
  await using handle = await open(path, 'r');
  await handle.sync();
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error && 'syscall' in error;
}

function absent(error: unknown): undefined {
  if (isErrno(error) && error.code === 'ENOENT') return undefined;
  if (isErrno(error)) throw new StoreUnavailableError('blobs', messageOf(error), error);
  throw error;
}
