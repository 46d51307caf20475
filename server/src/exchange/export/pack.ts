import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';

/** In local fields, for a ZIP has no time zone: the same everywhere, so that the same files make the same bytes. */
const always = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true, mode: 0o100644 };

/** A ZIP file that is made while it is read. Whoever adds waits for the reader, so memory is bounded by one piece of text. */
export class Pack {
  readonly #zip = new ZipFile();
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    // Whoever reads is told when they read; until then nobody listens, and a fault must not end the process.
    this.stream.on('error', () => undefined);
    this.#zip.on('error', (error: Error) => this.fail(error));
  }

  get stream(): Readable {
    return this.#zip.outputStream as Readable;
  }

  /** @throws the signal's reason when the reader is gone */
  async add(path: string, content: string | AsyncIterable<string>): Promise<void> {
    this.#signal.throwIfAborted();
    const source = Readable.from(typeof content === 'string' ? [Buffer.from(content)] : content, { objectMode: false });
    const stop = (): void => void source.destroy(this.#signal.reason as Error);
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      this.#zip.addReadStream(source, path, always);
      await finished(source, { writable: false });
    } finally {
      this.#signal.removeEventListener('abort', stop);
    }
  }

  /** JSON that a person can read. */
  json(path: string, value: unknown): Promise<void> {
    return this.add(path, `${JSON.stringify(value, null, 2)}\n`);
  }

  end(): void {
    this.#zip.end();
  }

  /** Ends it without its directory, so that who reads it sees that it is cut off. */
  fail(error: Error): void {
    this.stream.destroy(error);
  }
}

/** An id as a name of a file: ours and the vendor's as they are, whatever else somebody chose without what a path could mean. */
export function pathName(id: string): string {
  return /^\w[\w.-]{0,199}$/.test(id) ? id : encodeURIComponent(id).replaceAll('.', '%2E').slice(0, 200);
}
