import { StoreUnavailableError } from '../storage/index.ts';

/** What several caches know of the store they ask. */
export interface StoreWatch {
  awayUntil: number;
}

export interface FreshCacheOptions {
  /** Milliseconds of a clock that never jumps. */
  monotonicMs: () => number;
  maxEntries?: number;
  watch?: StoreWatch;
}

/** Older than this, an entry is looked up again behind the caller's back. */
const refreshMs = 500;
/** Older than this, the caller waits for the look-up. */
const maxAgeMs = 1_000;
/** So old may an answer be while the store does not answer. */
const lastKnownMs = 60_000;
/** A store that takes longer counts as away where there is a last known answer. */
const patienceMs = 500;

interface Entry<T> {
  value: T;
  workspaceId: string;
  fileId: string;
  loadedAt: number;
  /** Something changed since: good only while the store is away. */
  suspect: boolean;
}
interface Pending<T> {
  workspaceId: string;
  /** When it is a renewal. */
  fileId: string | undefined;
  promise: Promise<T>;
  /** A change overtook it: what it brings may be older than the change, and is not kept. */
  overtaken: boolean;
}

/**
 * Answers at most a second old, from memory. Under steady calls an entry is renewed before its second is over, so that
 * no caller waits; one look-up at a time per key. While the store is away the last known answer serves for a minute.
 */
export class FreshCache<T extends { fileId: string }> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #pending = new Map<string, Pending<T>>();
  readonly #now: () => number;
  readonly #maxEntries: number;
  readonly #watch: StoreWatch;

  constructor(options: FreshCacheOptions) {
    this.#now = options.monotonicMs;
    this.#maxEntries = options.maxEntries ?? 5_000;
    this.#watch = options.watch ?? { awayUntil: Number.NEGATIVE_INFINITY };
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What is known and fresh, without waiting; starts its renewal when it is due. */
  peek(workspaceId: string, key: string, load: () => Promise<T>): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const now = this.#now();
    const age = now - entry.loadedAt;
    const usable = (age <= maxAgeMs && !entry.suspect) || (now < this.#watch.awayUntil && age <= lastKnownMs);
    if (!usable) return undefined;
    // A renewal that fails leaves the entry to age; whoever needs it then sees the failure.
    if (now >= this.#watch.awayUntil && (age > refreshMs || entry.suspect)) this.#load(workspaceId, key, load).catch(() => undefined);
    return entry.value;
  }

  /** @throws what `load` throws, unless the store is away and an answer under a minute old is known */
  async get(workspaceId: string, key: string, load: () => Promise<T>): Promise<T> {
    const known = this.peek(workspaceId, key, load);
    if (known !== undefined) return known;
    const pending = this.#load(workspaceId, key, load);
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#now() - entry.loadedAt > lastKnownMs) return pending;
    return this.#orLastKnown(pending, entry);
  }

  /** A file changed, or (null) anything in the workspace, or (both null) anything at all. */
  drop(workspaceId: string | null, fileId: string | null): void {
    for (const [key, entry] of this.#entries) {
      if (workspaceId !== null && entry.workspaceId !== workspaceId) continue;
      if (fileId === null) entry.suspect = true;
      else if (entry.fileId === fileId) this.#entries.delete(key);
    }
    for (const [key, pending] of this.#pending) {
      if (workspaceId !== null && pending.workspaceId !== workspaceId) continue;
      if (fileId !== null && pending.fileId !== undefined && pending.fileId !== fileId) continue;
      pending.overtaken = true;
      this.#pending.delete(key);
    }
  }

  async #orLastKnown(pending: Promise<T>, entry: Entry<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof tooLate>((resolve) => {
      timer = setTimeout(() => resolve(tooLate), patienceMs);
    });
    try {
      const first = await Promise.race([pending, late]);
      if (first !== tooLate) return first;
      pending.catch(() => undefined);
      this.#watch.awayUntil = this.#now() + maxAgeMs;
      return entry.value;
    } catch (error) {
      if (error instanceof StoreUnavailableError) return entry.value;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #load(workspaceId: string, key: string, load: () => Promise<T>): Promise<T> {
    const running = this.#pending.get(key);
    if (running !== undefined) return running.promise;
    const pending: Pending<T> = { workspaceId, fileId: this.#entries.get(key)?.fileId, overtaken: false, promise: load() };
    this.#pending.set(key, pending);
    pending.promise = this.#finish(key, pending, pending.promise);
    return pending.promise;
  }

  async #finish(key: string, pending: Pending<T>, loading: Promise<T>): Promise<T> {
    const startedAt = this.#now();
    try {
      const value = await loading;
      this.#watch.awayUntil = Number.NEGATIVE_INFINITY;
      if (!pending.overtaken) {
        this.#store(key, { value, workspaceId: pending.workspaceId, fileId: value.fileId, loadedAt: startedAt, suspect: false });
      }
      return value;
    } catch (error) {
      if (error instanceof StoreUnavailableError) this.#watch.awayUntil = this.#now() + maxAgeMs;
      else if (!pending.overtaken) this.#entries.delete(key);
      throw error;
    } finally {
      if (this.#pending.get(key) === pending) this.#pending.delete(key);
    }
  }

  #store(key: string, entry: Entry<T>): void {
    // Deleted first so that what is in use stays at the end, and the front is what nobody asked for lately.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) return;
      this.#entries.delete(oldest);
    }
  }
}

const tooLate = Symbol('too late');
