import { randomBytes } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError } from '@whetstone/contract';

/** What an export may have, packed. */
const mostBytes = 64 * 2 ** 30;
/** What is kept of all workspaces together; what is larger is sent again. */
const mostKeptBytes = 4 * 2 ** 30;
const keptMs = 30 * 60_000;
const folderName = 'import-';

interface Kept {
  workspaceId: string;
  upload: Upload;
  late: NodeJS.Timeout;
}
export interface Upload {
  path: string;
  bytes: number;
  remove(): Promise<void>;
}

/** Files that were sent to be imported. One that was only looked at may be kept for a while, so that it is not sent twice. */
export class ImportUploads {
  readonly #directory: string;
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;
  /** What an earlier process left goes before the first file comes. */
  #emptied: Promise<void> | null = null;

  constructor(dataDir: string) {
    this.#directory = join(dataDir, 'tmp');
  }

  async receive(body: Readable, signal: AbortSignal): Promise<Upload> {
    await (this.#emptied ??= this.#empty());
    const folder = await mkdtemp(join(this.#directory, folderName));
    const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
    try {
      const path = join(folder, 'import.zip');
      const file: WriteStream = createWriteStream(path, { mode: 0o600 });
      await pipeline(body, bounded(), file, { signal });
      return { path, bytes: file.bytesWritten, remove };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  /** One a workspace: an earlier one goes. @returns its name; null when there is no room for it */
  keep(workspaceId: string, upload: Upload): string | null {
    for (const [name, kept] of this.#kept) if (kept.workspaceId === workspaceId) void this.#forget(name)?.remove();
    if (this.#bytes + upload.bytes > mostKeptBytes) return null;
    const name = randomBytes(18).toString('base64url');
    const late = setTimeout(() => void this.#forget(name)?.remove(), keptMs).unref();
    this.#kept.set(name, { workspaceId, upload, late });
    this.#bytes += upload.bytes;
    return name;
  }

  /** It is the caller's from now on. @throws AppError 404 when it is not kept any more, or by another replica */
  take(workspaceId: string, name: string): Upload {
    const kept = this.#kept.get(name);
    const upload = kept?.workspaceId === workspaceId ? this.#forget(name) : null;
    if (upload === null) throw new AppError('not_found', 'What was sent is not kept any more. Send it again.', { data: { id: name } });
    return upload;
  }

  #forget(name: string): Upload | null {
    const kept = this.#kept.get(name);
    if (kept === undefined) return null;
    clearTimeout(kept.late);
    this.#kept.delete(name);
    this.#bytes -= kept.upload.bytes;
    return kept.upload;
  }

  async #empty(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const left = (await readdir(this.#directory)).filter((name) => name.startsWith(folderName));
    await Promise.all(left.map((name) => rm(join(this.#directory, name), { recursive: true, force: true })));
  }
}

function bounded(): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > mostBytes) done(new AppError('too_large', `The file has more than ${mostBytes / 2 ** 30} GB.`));
      else done(null, chunk);
    },
  });
}
