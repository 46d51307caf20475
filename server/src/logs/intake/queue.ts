import { AppError } from '@whetstone/contract';
import { Journal, messageOf, type Entry, type QueuedTable } from './journal.ts';

export interface Line {
  table: QueuedTable;
  /** Names the row that this line is the newest version of; null for rows that nobody asks for by name. */
  key: string | null;
  /** The row as one line of JSON. */
  line: Buffer;
  /** The row was made without knowing what the store holds under its id; it is merged before it is stored. */
  unsettled?: boolean;
}

export interface QueueOptions {
  directory: string;
  /** Undrained bytes beyond which `put` refuses. */
  maxBytes: number;
  /** Undrained bytes kept in memory too. */
  memoryBytes?: number;
  now: () => number;
  /** A test fails the n-th flush here. */
  beforeFlush?: () => Promise<void>;
}

interface Waiting {
  entries: Entry[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

const MEMORY_BYTES = 16 << 20;
/** Not on disk yet, so in memory: what comes beyond it is refused. */
const UNFLUSHED_BYTES = 256 << 20;
/**
 * The durable queue in front of the store: a line a row, group commit. What is acknowledged is on disk,
 * and leaves only when the store has confirmed it.
 */
export class Queue {
  error: string | null = null;
  readonly #options: QueueOptions;
  readonly #journal: Journal;
  #newest = new Map<string, Entry>();
  #order: Entry[] = [];
  #head = 0;
  #seq = 0;
  #bytes = 0;
  #memory = 0;
  #unflushed = 0;
  #group: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #broken = false;
  #closing = false;
  #onDurable: () => void = () => undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#journal = new Journal(options.directory, options.now, keyOfLine);
    const { entries, lastSeq } = this.#journal.recovered();
    if (this.#journal.damaged > 0) this.error = `${this.#journal.damaged} waiting logs were damaged on the disk`;
    for (const entry of entries) this.#add(entry);
    this.#seq = lastSeq;
  }

  get id(): string {
    return this.#journal.id;
  }

  /** Resolves when all lines are on disk. Throws `unavailable` when they could not be put there; then none counts. */
  put(lines: readonly Line[]): Promise<void> {
    let size = 0;
    for (const { line } of lines) size += line.length;
    const behind = this.#unflushed + size > UNFLUSHED_BYTES && this.#unflushed > 0;
    if (this.#closing || this.#broken || behind || this.#bytes + size > this.#options.maxBytes) {
      const full = behind ? 'the disk is too slow' : 'too much is waiting for the log store';
      const broken = this.#broken ? `the disk failed (${this.error})` : full;
      const why = this.#closing ? 'the server is stopping' : broken;
      return Promise.reject(unavailable(why));
    }
    this.#unflushed += size;
    const since = this.#options.now();
    const entries = lines.map(({ table, key, line, unsettled = false }) => {
      const entry: Entry = { seq: ++this.#seq, table, key, bytes: line.length, since, line, durable: false, unsettled, place: null };
      this.#add(entry);
      return entry;
    });
    return new Promise((resolve, reject) => {
      this.#group.push({ entries, resolve, reject });
      // Others of this turn of the loop join the group.
      this.#flushing ??= this.#flushGroups();
    });
  }

  /** The newest line of a row, flushed or about to be; null when the store has it, or nobody. */
  newest(key: string): { line: Buffer; unsettled: boolean } | null {
    const entry = this.#newest.get(key);
    if (!entry) return null;
    const line = this.lineOf(entry);
    return line && { line, unsettled: entry.unsettled };
  }

  lineOf(entry: Entry): Buffer | null {
    return entry.line ?? this.#journal.read(entry);
  }

  /** The oldest durable entries, at most so many rows and bytes (one entry at least). */
  oldest(maxRows: number, maxBytes: number): Entry[] {
    const batch: Entry[] = [];
    let bytes = 0;
    for (let at = this.#head; at < this.#order.length && batch.length < maxRows; at++) {
      const entry = this.#order[at];
      if (!entry?.durable || (batch.length > 0 && bytes + entry.bytes > maxBytes)) break;
      batch.push(entry);
      bytes += entry.bytes;
    }
    return batch;
  }

  /** The entries up to a sequence number, for a batch whose bounds were decided before a restart. */
  upTo(seq: number): Entry[] {
    const batch: Entry[] = [];
    for (let at = this.#head; at < this.#order.length; at++) {
      const entry = this.#order[at];
      if (!entry || entry.seq > seq) break;
      batch.push(entry);
    }
    return batch;
  }

  /** See `Journal.batchEnd`. */
  get batchEnd(): number | null {
    return this.#journal.batchEnd;
  }

  beginBatch(lastSeq: number): Promise<void> {
    return this.#journal.beginBatch(lastSeq);
  }

  /** Replaces the line of an entry by what it became by a merge. */
  async settle(changes: readonly { entry: Entry; line: Buffer }[]): Promise<void> {
    await this.#journal.replace(changes);
    for (const { entry, line } of changes) {
      if (entry.line) entry.line = line;
      entry.unsettled = false;
    }
  }

  /** Replaces the waiting lines of a row by its newest, but for those that may be on their way to the store. */
  async coverOlder({ key, line }: Line): Promise<void> {
    const sent = this.batchEnd ?? 0;
    const older: { entry: Entry; line: Buffer }[] = [];
    for (let at = this.#head; at < this.#order.length; at++) {
      const entry = this.#order[at];
      if (entry && entry.key === key && entry.durable && entry.seq > sent) older.push({ entry, line });
    }
    if (older.length > 0) await this.settle(older);
    this.#journal.expire();
  }

  /** Forgets a batch that the store has confirmed. */
  async remove(batch: readonly Entry[]): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    await this.#journal.forget(last.seq, this.waiting - batch.length);
    for (const entry of batch) {
      this.#bytes -= entry.bytes;
      if (entry.line) this.#memory -= entry.bytes;
      if (entry.key !== null && this.#newest.get(entry.key) === entry) this.#newest.delete(entry.key);
    }
    this.#head += batch.length;
    if (this.#head > 50_000 || this.#head === this.#order.length) {
      this.#order.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** Lines that the store will never take, kept beside for a person to look at. */
  setAside(entry: Entry, reason: string): void {
    this.#journal.keepRefused(entry, reason);
  }

  get waiting(): number {
    return this.#order.length - this.#head;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  /** When the oldest entry came, by the queue's clock. */
  get oldestSince(): number | null {
    return this.#order[this.#head]?.since ?? null;
  }

  get lastSeq(): number {
    return this.#seq;
  }

  /** Number of the oldest entry that is still here; one more than the last when there is none. */
  get firstSeq(): number {
    return this.#order[this.#head]?.seq ?? this.#seq + 1;
  }

  onDurable(listener: () => void): void {
    this.#onDurable = listener;
  }

  /** Writes what is waiting and closes the file. */
  async close(): Promise<void> {
    this.#closing = true;
    while (this.#flushing) await this.#flushing;
    await this.#journal.close();
  }

  #add(entry: Entry): void {
    this.#order.push(entry);
    this.#bytes += entry.bytes;
    if (entry.line) this.#memory += entry.bytes;
    if (entry.key !== null) this.#newest.set(entry.key, entry);
  }

  async #flushGroups(): Promise<void> {
    await nextTurn();
    while (this.#group.length > 0) {
      const group = this.#group;
      this.#group = [];
      const size = sizeOf(group);
      try {
        await this.#flush(group);
        this.error = null;
        for (const waiting of group) waiting.resolve();
        this.#onDurable();
      } catch (error) {
        this.#giveUp(group, error);
      }
      this.#unflushed -= size;
    }
    this.#flushing = null;
  }

  async #flush(group: readonly Waiting[]): Promise<void> {
    if (this.#broken) throw new Error(this.error ?? 'the disk failed');
    await this.#options.beforeFlush?.();
    await this.#journal.write(group.flatMap(({ entries }) => entries));
    const full = this.#memory > (this.#options.memoryBytes ?? MEMORY_BYTES);
    for (const { entries } of group) {
      for (const entry of entries) {
        entry.durable = true;
        if (!full || !entry.line) continue;
        entry.line = null;
        this.#memory -= entry.bytes;
      }
    }
  }

  #giveUp(group: readonly Waiting[], error: unknown): void {
    const message = messageOf(error);
    this.error = message;
    // After a failed sync the kernel may forget what it did not write: only a restart reads the truth again.
    if (!this.#journal.isPassing(error)) this.#broken = true;
    const lost = new Set(group.flatMap(({ entries }) => entries));
    this.#order = this.#order.filter((entry, at) => at < this.#head || !lost.has(entry));
    for (const entry of lost) {
      this.#bytes -= entry.bytes;
      if (entry.line) this.#memory -= entry.bytes;
      if (entry.key !== null) this.#newest.delete(entry.key);
    }
    for (let at = this.#head; at < this.#order.length; at++) {
      const entry = this.#order[at];
      if (entry?.key && (this.#newest.get(entry.key)?.seq ?? 0) < entry.seq) this.#newest.set(entry.key, entry);
    }
    for (const { reject } of group) reject(unavailable(message, error));
  }
}

function sizeOf(group: readonly Waiting[]): number {
  return group.reduce((sum, { entries }) => sum + entries.reduce((bytes, entry) => bytes + entry.bytes, 0), 0);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Rows start with the workspace and the id, so that a queue can be indexed again without parsing it. */
const START = /^\{"workspace_id":("(?:[^"\\]|\\.)*"),"id":("(?:[^"\\]|\\.)*")/;

function keyOfLine(table: QueuedTable, line: Buffer): string | null {
  if (table === 'log_keys' || table === 'exposures') return null;
  let match = START.exec(line.toString('utf8', 0, 1_024));
  match ??= START.exec(line.toString('utf8'));
  return match ? keyOf(table, String(JSON.parse(match[1] ?? '""')), String(JSON.parse(match[2] ?? '""'))) : null;
}

export function keyOf(table: QueuedTable, workspaceId: string, id: string): string {
  return `${table === 'logs' ? 'l' : 'j'}${workspaceId}\n${id}`;
}

function unavailable(why: string, cause?: unknown): AppError {
  return new AppError('unavailable', `The log could not be written: ${why}. Try again shortly.`, { cause, retryAfterSeconds: 5 });
}
