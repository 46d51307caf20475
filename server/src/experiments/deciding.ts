import { armOf, type Deciding } from './assign.ts';
import { decidingExperiments, epochsOf } from './store.ts';
import type { Db } from './tables.ts';

const freshMs = 1_000;
/** From when on it is asked for again behind the caller. */
const renewMs = 500;
/** PostgreSQL that takes longer counts as away. */
const patienceMs = 2_000;
const maxWorkspaces = 10_000;

export type OfWorkspace = ReadonlyMap<string, Deciding>;
const none: OfWorkspace = new Map();

interface Entry {
  at: number;
  value: OfWorkspace;
  loading: Promise<OfWorkspace> | null;
  /** Somebody changed it: what is here serves only while nobody can tell what is true. */
  dropped: boolean;
  /** It could not be read the last time: nobody waits for the next. */
  failing: boolean;
}

export const placeKey = (fileId: string, environmentId: string): string => `${fileId} ${environmentId}`;

/**
 * Experiments that decide, by file and environment, for those who ask on every call: at hand without a promise when known.
 * Dropped by NOTIFY, a second old at most while PostgreSQL answers, and the last known (at worst none) while it does not.
 */
export class DecidingExperiments {
  readonly #db: Db;
  readonly #now: () => number;
  readonly #known = new Map<string, Entry>();

  /** @param now milliseconds that only grow */
  constructor(db: Db, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  of(workspaceId: string): OfWorkspace | Promise<OfWorkspace> {
    const entry = this.#known.get(workspaceId);
    if (entry === undefined) return this.#load(workspaceId, this.#keep(workspaceId));
    const age = this.#now() - entry.at;
    if (!entry.failing && (entry.dropped || age >= freshMs)) return this.#load(workspaceId, entry);
    if (age >= renewMs && entry.loading === null) void this.#load(workspaceId, entry);
    return entry.value;
  }

  drop(workspaceId?: string): void {
    for (const [id, entry] of this.#known) {
      if (workspaceId !== undefined && id !== workspaceId) continue;
      entry.dropped = true;
      // A question that is under way may have been answered before the change.
      entry.loading = null;
    }
  }

  #keep(workspaceId: string): Entry {
    const entry: Entry = { at: Number.NEGATIVE_INFINITY, value: none, loading: null, dropped: false, failing: false };
    this.#known.set(workspaceId, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxWorkspaces && oldest !== undefined) this.#known.delete(oldest);
    return entry;
  }

  #load(workspaceId: string, entry: Entry): Promise<OfWorkspace> {
    if (entry.loading !== null) return entry.loading;
    const asked = within(read(this.#db, workspaceId), patienceMs).then(
      (value) => {
        if (entry.loading === asked) Object.assign(entry, { value, at: this.#now(), loading: null, dropped: false, failing: false });
        return value;
      },
      () => {
        // The last known serves on, and is asked for again in a second.
        if (entry.loading === asked) Object.assign(entry, { at: this.#now(), loading: null, dropped: false, failing: true });
        return entry.value;
      },
    );
    entry.loading = asked;
    return asked;
  }
}

async function read(db: Db, workspaceId: string): Promise<OfWorkspace> {
  const rows = await decidingExperiments(db, workspaceId);
  if (rows.length === 0) return none;
  const epochs = await epochsOf(
    db,
    rows.map(({ id }) => id),
  );
  return new Map(
    rows.flatMap((row) => {
      const epoch = epochs.findLast(({ experiment_id: id }) => id === row.id);
      return epoch === undefined ? [] : [[placeKey(row.file_id, row.environment_id), armOf(row, epoch)]];
    }),
  );
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('PostgreSQL does not answer')), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
