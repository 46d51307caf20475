import type { PromptResponse } from '../client/operations.ts';

/** Where the last known versions outlive the process. Neither call throws: a cache that fails is an empty one. */
export interface PromptStore {
  read(key: string): Promise<PromptResponse | null>;
  write(key: string, version: PromptResponse): Promise<void>;
}

/** One JSON file a prompt in a directory, replaced whole so that a reader never sees half of one. */
export function fileStore(directory: string): PromptStore {
  const place = async (key: string) => {
    const { createHash } = await import('node:crypto');
    return `${directory}/${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`;
  };
  return {
    async read(key) {
      try {
        const { readFile } = await import('node:fs/promises');
        const entry = JSON.parse(await readFile(await place(key), 'utf8')) as { key: string; version: PromptResponse };
        return entry.key === key && typeof entry.version.version_id === 'string' ? entry.version : null;
      } catch {
        return null;
      }
    },
    async write(key, version) {
      try {
        const { mkdir, rename, writeFile } = await import('node:fs/promises');
        await mkdir(directory, { recursive: true });
        const file = await place(key);
        const part = `${file}.${crypto.randomUUID()}.part`;
        await writeFile(part, JSON.stringify({ key, version }), { mode: 0o600 });
        await rename(part, file);
      } catch {
        // A read-only file system: memory alone has to do.
      }
    },
  };
}
