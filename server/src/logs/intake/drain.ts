import { queuedTables, type Entry, type QueuedTable } from './journal.ts';
import type { Queue } from './queue.ts';

export interface DrainOptions {
  queue: Queue;
  /** Stores rows; the same token on the same table counts once. */
  insert: (table: QueuedTable, lines: readonly Buffer[], token: string) => Promise<void>;
  /** Merges rows that were queued without knowing the store; null for one that stays as it is. */
  settle: (entries: readonly Entry[]) => Promise<{ entry: Entry; line: Buffer }[]>;
  /** The store refused what was sent: sending it again in smaller parts may help, waiting does not. */
  isRefusal: (error: unknown) => boolean;
  now: () => number;
  /** How long rows gather before a batch goes, in ms. */
  gatherMs?: number;
  /** The same while nobody asks for lists; default `gatherMs`. For a queue whose only readers say so by `asked`. */
  unwatchedMs?: number;
  maxRows?: number;
  maxBytes?: number;
  /** Told after each stored batch. */
  onStored?: (rows: number) => void;
  onError?: (error: unknown, what: string) => void;
  /** A test ends the process here. */
  afterInsert?: () => Promise<void>;
}

const GATHER_MS = 500;
/** Lists that are asked for do not wait for this. Under load fewer, larger batches cost the engine half as much a row; rows still appear in lists within a second. */
const BUSY_GATHER_MS = 650;
const BUSY_ROWS = 300;
/** Without anybody who asks, no more than this gathers: a list that is asked for then must not wait long. */
const UNWATCHED_ROWS = 2_000;
/** How long a question counts as somebody watching. */
const WATCHED_MS = 10_000;
const MAX_ROWS = 5_000;
const MAX_BYTES = 8 << 20;
const LONGEST_BACKOFF_MS = 5_000;

interface Waiter {
  seq: number;
  resolve: (stored: boolean) => void;
}

/** Moves batches from the queue into the store, oldest first, each exactly once, for as long as it runs. */
export class Drain {
  error: string | null = null;
  #options: Required<Pick<DrainOptions, 'gatherMs' | 'unwatchedMs' | 'maxRows' | 'maxBytes'>> & DrainOptions;
  #waiters: Waiter[] = [];
  #running = true;
  #urgent = false;
  /** Nothing waits, so that the next row is news. */
  #empty = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => undefined;
  #stopWaiting: () => void = () => undefined;
  #loop: Promise<void>;

  constructor(options: DrainOptions) {
    this.#options = {
      ...options,
      gatherMs: options.gatherMs ?? GATHER_MS,
      unwatchedMs: options.unwatchedMs ?? options.gatherMs ?? GATHER_MS,
      maxRows: options.maxRows ?? MAX_ROWS,
      maxBytes: options.maxBytes ?? MAX_BYTES,
    };
    options.queue.onDurable(() => {
      const { waiting } = options.queue;
      if (waiting >= this.#options.maxRows || (waiting >= UNWATCHED_ROWS && !this.#watched)) this.#urgent = true;
      if (this.#urgent || this.#empty) this.#wake();
    });
    this.#loop = this.#run();
  }

  /** Somebody looks at what is stored: for a while rows come there sooner. @returns whether they did already */
  asked(): boolean {
    const watched = this.#watched;
    this.#askedAt = this.#options.now();
    if (!watched) this.#wake();
    return watched;
  }

  get #watched(): boolean {
    const ago = this.#options.now() - this.#askedAt;
    // A clock that was set back makes nobody watch for ever.
    return ago >= 0 && ago < WATCHED_MS;
  }

  /** Waits until everything acknowledged before this call is in the store; false when the time was over first. */
  drained(timeoutMs: number): Promise<boolean> {
    const seq = this.#options.queue.lastSeq;
    if (this.#options.queue.firstSeq > seq) return Promise.resolve(true);
    if (timeoutMs <= 0 || !this.#running) return Promise.resolve(false);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        seq,
        resolve: (stored) => {
          clearTimeout(late);
          resolve(stored);
        },
      };
      const late = setTimeout(() => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        resolve(false);
      }, timeoutMs);
      this.#waiters.push(waiter);
      this.#urgent = true;
      this.#wake();
    });
  }

  /** Lets a running batch end, then stops. */
  async close(): Promise<void> {
    this.#running = false;
    this.#wake();
    this.#stopWaiting();
    await this.#loop;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(false);
  }

  async #run(): Promise<void> {
    let failures = 0;
    // Rows of an earlier process first, in the batch in which they may have been sent already.
    let end = this.#options.queue.batchEnd;
    while (this.#running) {
      const batch = end === null ? await this.#gather() : this.#options.queue.upTo(end);
      if (batch.length === 0) {
        end = null;
        continue;
      }
      try {
        await this.#store(batch, end !== null);
        end = null;
        failures = 0;
        this.error = null;
      } catch (error) {
        // The same rows again: a batch that was sent once keeps its bounds.
        end = this.#options.queue.batchEnd;
        this.error = error instanceof Error ? error.message : String(error);
        if (failures === 0) this.#options.onError?.(error, 'the log store does not take rows');
        failures += 1;
        await this.#backOff(Math.min(LONGEST_BACKOFF_MS, 50 * 2 ** Math.min(failures, 10)));
      }
      this.#tell();
    }
  }

  /** Waits for rows, and then a little for more of them. */
  async #gather(): Promise<Entry[]> {
    const { queue, maxRows, maxBytes, now } = this.#options;
    while (this.#running) {
      const since = queue.oldest(1, 1)[0]?.since;
      const patienceMs = this.#patienceMs();
      const restMs = since === undefined ? Infinity : since + patienceMs - now();
      if (since !== undefined && (this.#urgent || restMs <= 0)) {
        this.#urgent = this.#waiters.length > 0;
        return queue.oldest(maxRows, maxBytes);
      }
      this.#empty = since === undefined;
      // A clock that was set back must not hold rows up.
      await this.#pause(this.#empty ? Infinity : Math.min(restMs, patienceMs));
    }
    return [];
  }

  #patienceMs(): number {
    const { queue, gatherMs, unwatchedMs } = this.#options;
    if (!this.#watched) return unwatchedMs;
    return queue.waiting > BUSY_ROWS ? Math.max(gatherMs, BUSY_GATHER_MS) : gatherMs;
  }

  async #store(batch: readonly Entry[], again: boolean): Promise<void> {
    const { queue } = this.#options;
    const last = batch.at(-1);
    if (!last) return;
    if (!again) {
      const open = batch.filter((entry) => entry.unsettled);
      if (open.length > 0) await queue.settle(await this.#options.settle(open));
      await queue.beginBatch(last.seq);
    }
    const token = `${queue.id}:${batch[0]?.seq}-${last.seq}`;
    for (const table of queuedTables) {
      const entries = batch.filter((entry) => entry.table === table);
      if (entries.length > 0) await this.#insert(table, entries, token);
    }
    await this.#options.afterInsert?.();
    await queue.remove(batch);
    this.#options.onStored?.(batch.length);
  }

  /** Halves what the store refuses until the one bad row is alone; that one is set aside, the others are stored. */
  async #insert(table: QueuedTable, entries: readonly Entry[], token: string): Promise<void> {
    const { queue, insert, isRefusal, onError } = this.#options;
    const lines: Buffer[] = [];
    for (const entry of entries) {
      const line = queue.lineOf(entry);
      if (line) lines.push(line);
    }
    try {
      await insert(table, lines, token);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const [first] = entries;
      if (entries.length === 1 && first) {
        queue.setAside(first, error instanceof Error ? error.message : String(error));
        onError?.(error, 'the log store refused a row; it is kept beside');
        return;
      }
      const middle = Math.ceil(entries.length / 2);
      await this.#insert(table, entries.slice(0, middle), `${token}a`);
      await this.#insert(table, entries.slice(middle), `${token}b`);
    }
  }

  #tell(): void {
    const first = this.#options.queue.firstSeq;
    const [done, rest] = [this.#waiters.filter(({ seq }) => seq < first), this.#waiters.filter(({ seq }) => seq >= first)];
    this.#waiters = rest;
    for (const waiter of done) waiter.resolve(true);
  }

  async #backOff(ms: number): Promise<void> {
    if (!this.#running) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends early when rows come. */
  async #pause(ms: number): Promise<void> {
    if (!this.#running) return;
    await new Promise<void>((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(resolve, Math.max(ms, 1)) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }
}
