export interface Touches {
  /** Notes a use now; returns at once. */
  touch(id: string): void;
  /** Writes what is noted and stops. */
  close(): Promise<void>;
}

export interface TouchesOptions {
  write(uses: ReadonlyMap<string, Date>): Promise<void>;
  now(): Date;
  log: { warn(data: object, message: string): void };
}

const WRITE_EVERY_MS = 60_000;
const COLLECT_MS = 250;
const REMEMBERED = 10_000;

/** Times of last use: written off the hot path, in batches, at most once a minute each. */
export function createTouches(options: TouchesOptions): Touches {
  const written = new Map<string, number>();
  let pending = new Map<string, Date>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const flush = (): Promise<void> => {
    timer = undefined;
    const uses = pending;
    pending = new Map();
    if (uses.size === 0) return writing;
    writing = writing
      .then(() => options.write(uses))
      .catch((error: unknown) => options.log.warn({ err: error }, 'a time of last use was not written'));
    return writing;
  };

  return {
    touch(id) {
      const now = options.now();
      const last = written.get(id);
      if (last !== undefined && now.getTime() - last < WRITE_EVERY_MS) return;
      if (written.size >= REMEMBERED) written.clear();
      written.set(id, now.getTime());
      pending.set(id, now);
      timer ??= setTimeout(() => void flush(), COLLECT_MS).unref();
    },
    async close() {
      clearTimeout(timer);
      await flush();
    },
  };
}
