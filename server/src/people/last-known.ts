import { AppError } from '@whetstone/contract';
import { StoreUnavailableError } from '../storage/index.ts';

export interface LastKnown<V> {
  /** @throws AppError `unavailable` when the store is away and nothing is known */
  get(key: string): Promise<V | null>;
  /** Forgets one key, or all: what is loading now is not kept either. */
  drop(key?: string): void;
}

export interface LastKnownOptions<V> {
  load: (key: string) => Promise<V | null>;
  /** Milliseconds. */
  now: () => number;
  /** What this is, for the message while the store is away. */
  what: string;
  /** How old an answer may be; default 1 s. */
  freshMs?: number;
  /** How long the last answer serves while the store is away; default 60 s. */
  keepMs?: number;
  /** How long a load may take before the last answer serves in its place; default 2 s. */
  patienceMs?: number;
  /** Of answers, and of absences apart, so that made-up keys drive no real one out. */
  max?: number;
}

interface Entry<V> {
  value: V | null;
  /** When the load began: the answer may be no newer. */
  at: number;
}

/**
 * Answers about who may do what: read from the store at most once a second a key, one load at a time,
 * ahead of time for keys in use. While the store is away the last answer serves.
 */
export function createLastKnown<V>(options: LastKnownOptions<V>): LastKnown<V> {
  const { load, now, freshMs = 1_000, keepMs = 60_000, patienceMs = 2_000, max = 10_000 } = options;
  const present = new Map<string, Entry<V>>();
  const absent = new Map<string, Entry<V>>();
  const loading = new Map<string, Promise<V | null>>();
  let generation = 0;
  let failedAt = Number.NEGATIVE_INFINITY;

  const keep = (key: string, entry: Entry<V>): void => {
    present.delete(key);
    absent.delete(key);
    const map = entry.value === null ? absent : present;
    map.set(key, entry);
    if (map.size > max) {
      const oldest = map.keys().next();
      if (!oldest.done) map.delete(oldest.value);
    }
  };

  const run = async (key: string): Promise<V | null> => {
    const started = { at: now(), generation };
    try {
      const value = await load(key);
      if (started.generation === generation) keep(key, { value, at: started.at });
      return value;
    } catch (error) {
      if (error instanceof StoreUnavailableError) failedAt = now();
      throw error;
    }
  };

  const loadOnce = (key: string): Promise<V | null> => {
    const running = loading.get(key);
    if (running !== undefined) return running;
    const promise = run(key).finally(() => {
      if (loading.get(key) === promise) loading.delete(key);
    });
    loading.set(key, promise);
    return promise;
  };

  return {
    async get(key) {
      const entry = present.get(key) ?? absent.get(key);
      const age = entry === undefined ? Number.POSITIVE_INFINITY : now() - entry.at;
      if (entry !== undefined && age < freshMs) {
        if (age > freshMs / 2) void loadOnce(key).catch(() => undefined);
        return entry.value;
      }
      const usable = entry !== undefined && age < keepMs ? entry : undefined;
      if (usable !== undefined && now() - failedAt < freshMs) return usable.value;
      try {
        const answer = loadOnce(key);
        return await (usable === undefined ? answer : withPatience(answer, usable, patienceMs));
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        if (usable !== undefined) return usable.value;
        throw new AppError('unavailable', `${options.what} cannot be checked now: the database is away. Try again in a moment.`, {
          cause: error,
          retryAfterSeconds: 1,
        });
      }
    },
    drop(key) {
      generation++;
      if (key === undefined) {
        present.clear();
        absent.clear();
        loading.clear();
        return;
      }
      present.delete(key);
      absent.delete(key);
      loading.delete(key);
    },
  };
}

async function withPatience<V>(answer: Promise<V | null>, last: Entry<V>, patienceMs: number): Promise<V | null> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<V | null>((resolve) => {
    timer = setTimeout(() => resolve(last.value), patienceMs);
    timer.unref();
  });
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, patience]);
  } finally {
    clearTimeout(timer);
  }
}
