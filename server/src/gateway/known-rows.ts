const freshMs = 5_000;
/** PostgreSQL that takes longer counts as away; then it is asked again so soon. */
const patienceMs = 5_000;
const againMs = 1_000;
const maxWorkspaces = 10_000;

interface Entry<T> {
  at: number;
  value: T;
  loading: boolean;
}

/**
 * A workspace's settings for those who ask on every call: at hand without a promise once known, read again behind the
 * caller, and the last known (at worst none) while PostgreSQL is away. A change drops the entry by NOTIFY.
 */
export class KnownRows<T> {
  readonly #load: (workspaceId: string) => Promise<T>;
  readonly #none: T;
  readonly #now: () => number;
  readonly #known = new Map<string, Entry<T>>();
  readonly #first = new Map<string, Promise<T>>();
  /** Dropped, and the best there is until it is read again. */
  readonly #stale = new Map<string, T>();

  /** @param now milliseconds that only grow */
  constructor(load: (workspaceId: string) => Promise<T>, none: T, now: () => number) {
    this.#load = load;
    this.#none = none;
    this.#now = now;
  }

  get(workspaceId: string): T | Promise<T> {
    const entry = this.#known.get(workspaceId);
    if (entry === undefined) return this.#firstTime(workspaceId);
    if (this.#now() - entry.at >= freshMs && !entry.loading) void this.#renew(workspaceId, entry);
    return entry.value;
  }

  drop(workspaceId?: string): void {
    for (const [id, { value }] of workspaceId === undefined ? this.#known : this.#of(workspaceId)) {
      this.#stale.set(id, value);
      this.#known.delete(id);
    }
    this.#first.clear();
  }

  #of(workspaceId: string): [string, Entry<T>][] {
    const entry = this.#known.get(workspaceId);
    return entry === undefined ? [] : [[workspaceId, entry]];
  }

  #firstTime(workspaceId: string): Promise<T> {
    const running = this.#first.get(workspaceId);
    if (running !== undefined) return running;
    const failed = { at: againMs - freshMs, value: this.#stale.get(workspaceId) ?? this.#none };
    const loaded = this.#load(workspaceId).then(
      (value) => ({ at: 0, value }),
      () => failed,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof failed>((resolve) => {
      timer = setTimeout(() => resolve(failed), patienceMs);
    });
    const first = Promise.race([loaded, late]).then(({ at, value }) => {
      clearTimeout(timer);
      if (this.#first.get(workspaceId) === first) {
        this.#first.delete(workspaceId);
        this.#stale.delete(workspaceId);
        this.#keep(workspaceId, { at: this.#now() + at, value, loading: false });
      }
      return value;
    });
    this.#first.set(workspaceId, first);
    return first;
  }

  async #renew(workspaceId: string, entry: Entry<T>): Promise<void> {
    entry.loading = true;
    try {
      entry.value = await this.#load(workspaceId);
    } catch {
      // The last known serves on.
    } finally {
      entry.at = this.#now();
      entry.loading = false;
    }
  }

  #keep(workspaceId: string, entry: Entry<T>): void {
    this.#known.set(workspaceId, entry);
    if (this.#known.size <= maxWorkspaces) return;
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
