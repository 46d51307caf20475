import { randomBytes } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { AppError } from '@whetstone/contract';
import { open, type Database, type RootDatabase } from 'lmdb';

/** Tables that rows are queued for, in the order in which a batch is stored. */
export const queuedTables = ['log_keys', 'logs', 'judgments'] as const;
export type QueuedTable = (typeof queuedTables)[number];

export interface Line {
  table: QueuedTable;
  /** Names the row that this line is the newest version of; null for rows that nobody asks for by name. */
  key: string | null;
  /** The row as one line of JSON. */
  line: Buffer;
  /** The row was made without knowing what the store holds under its id; it is merged before it is stored. */
  unsettled?: boolean;
}

export interface Entry {
  readonly seq: number;
  readonly table: QueuedTable;
  readonly key: string | null;
  readonly bytes: number;
  readonly since: number;
  /** Null when it was let go of to save memory; it is on disk then. */
  line: Buffer | null;
  durable: boolean;
  unsettled: boolean;
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

const MEMORY_BYTES = 64 << 20;
/** With less free than this a failed write is taken for a full disk. */
const fullBytes = 32 << 20;
const flushMs = 30_000;
const closeMs = 3_000;
/** Errors after which the same disk may well take the next write. */
const FULL = /ENOSPC|no space|MDB_MAP_FULL|MDB_TXN_FULL|EDQUOT|quota/i;

/**
 * The durable queue in front of the store: one LMDB file, a line a row, group commit. What is acknowledged is on disk,
 * and leaves only when the store has confirmed it.
 */
export class Queue {
  readonly id: string;
  error: string | null = null;
  #options: QueueOptions;
  #env: RootDatabase;
  #lines: Record<QueuedTable, Database<Buffer, number>>;
  #meta: Database<unknown, string>;
  #unsettled: Database<number, number>;
  #newest = new Map<string, Entry>();
  #order: Entry[] = [];
  #head = 0;
  #seq = 0;
  #bytes = 0;
  #memory = 0;
  #group: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #broken = false;
  #closing = false;
  #onDurable: () => void = () => undefined;

  constructor(options: QueueOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true, mode: 0o700 });
    // Its batches by turn of the loop leave a promise behind that nobody can catch when a commit fails.
    this.#env = open({ path: options.directory, maxDbs: 8, encoding: 'binary', noMemInit: true, eventTurnBatching: false });
    const table = (name: string) => this.#env.openDB<Buffer, number>({ name, encoding: 'binary' });
    this.#lines = { log_keys: table('log_keys'), logs: table('logs'), judgments: table('judgments') };
    this.#meta = this.#env.openDB<unknown, string>({ name: 'meta', encoding: 'json' });
    this.#unsettled = this.#env.openDB<number, number>({ name: 'unsettled', encoding: 'json' });
    const known = this.#meta.get('id');
    this.id = typeof known === 'string' ? known : randomBytes(9).toString('base64url');
    if (known === undefined) this.#meta.putSync('id', this.id);
    this.#recover();
  }

  /** Resolves when all lines are on disk. Throws `unavailable` when they could not be put there; then none counts. */
  put(lines: readonly Line[]): Promise<void> {
    let size = 0;
    for (const { line } of lines) size += line.length;
    if (this.#closing || this.#broken || this.#bytes + size > this.#options.maxBytes) {
      const broken = this.#broken ? `the disk failed (${this.error})` : 'too much is waiting for the log store';
      const why = this.#closing ? 'the server is stopping' : broken;
      return Promise.reject(unavailable(why));
    }
    const since = this.#options.now();
    const entries = lines.map(({ table, key, line, unsettled = false }) => {
      const entry: Entry = { seq: ++this.#seq, table, key, bytes: line.length, since, line, durable: false, unsettled };
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
    return entry.line ?? this.#lines[entry.table].get(entry.seq) ?? null;
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

  /** Last number of the batch that was about to be stored, so that it is sent again with the same rows. */
  get batchEnd(): number | null {
    const end = this.#meta.get('batch');
    return typeof end === 'number' ? end : null;
  }

  async beginBatch(lastSeq: number): Promise<void> {
    await this.#commit((add) => add(this.#meta.put('batch', lastSeq)));
  }

  /** Replaces the line of an entry by what it became by a merge. */
  async settle(changes: readonly { entry: Entry; line: Buffer }[]): Promise<void> {
    await this.#commit((add) => {
      for (const { entry, line } of changes) {
        add(this.#lines[entry.table].put(entry.seq, line));
        add(this.#unsettled.remove(entry.seq));
      }
    });
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
  }

  /** Forgets a batch that the store has confirmed. */
  async remove(batch: readonly Entry[]): Promise<void> {
    const last = batch.at(-1);
    if (!last) return;
    await this.#commit((add) => {
      for (const entry of batch) add(this.#lines[entry.table].remove(entry.seq));
      add(this.#meta.put('drained', last.seq));
      add(this.#meta.remove('batch'));
    });
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
  async setAside(entry: Entry, reason: string): Promise<void> {
    const line = this.lineOf(entry)?.toString('utf8') ?? '';
    await this.#commit((add) => add(this.#meta.put(`refused:${entry.seq}`, { table: entry.table, reason, line })));
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
    // LMDB ends the process when a write comes after its end.
    this.#closing = true;
    while (this.#flushing) await this.#flushing;
    // After a failed commit LMDB may wait for ever for the one that failed.
    await within(this.#env.close(), closeMs);
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
      try {
        await this.#flush(group);
        this.error = null;
        for (const waiting of group) waiting.resolve();
        this.#onDurable();
      } catch (error) {
        this.#giveUp(group, error);
      }
    }
    this.#flushing = null;
  }

  async #flush(group: readonly Waiting[]): Promise<void> {
    if (this.#broken) throw new Error(this.error ?? 'the disk failed');
    await this.#options.beforeFlush?.();
    await this.#commit((add) => {
      for (const { entries } of group) {
        for (const entry of entries) {
          add(this.#lines[entry.table].put(entry.seq, entry.line ?? Buffer.alloc(0)));
          if (entry.unsettled) add(this.#unsettled.put(entry.seq, 1));
        }
      }
    });
    if (!(await within(this.#env.flushed, flushMs))) throw new Error('the disk does not answer');
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

  /** One transaction. Throws what the disk said. */
  async #commit(write: (add: (promise: Promise<unknown>) => void) => void): Promise<void> {
    const parts = new Set<Promise<unknown>>();
    const whole = this.#env.batch(() => write((promise) => parts.add(promise)));
    try {
      await Promise.all([whole, ...parts]);
    } catch (error) {
      // The cause is a promise of its own; left alone it would end the process.
      if (error instanceof Error && 'commitError' in error) await error.commitError;
      throw error;
    }
  }

  #giveUp(group: readonly Waiting[], error: unknown): void {
    const message = messageOf(error);
    this.error = message;
    // After a failed sync the kernel may forget what it did not write: only a restart reads the truth again.
    if (!FULL.test(message) && !this.#isFull()) this.#broken = true;
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

  /** LMDB calls a write that was cut short by a full disk an input/output error. */
  #isFull(): boolean {
    try {
      const { bavail, bsize } = statfsSync(this.#options.directory);
      return bavail * bsize < fullBytes;
    } catch {
      return false;
    }
  }

  #recover(): void {
    const drained = this.#meta.get('drained');
    const found: Entry[] = [];
    for (const table of queuedTables) {
      for (const { key: seq, value } of this.#lines[table].getRange()) {
        const unsettled = this.#unsettled.doesExist(seq);
        const key = table === 'log_keys' ? null : keyOfLine(table, value);
        found.push({ seq, table, key, bytes: value.length, since: this.#options.now(), line: null, durable: true, unsettled });
      }
    }
    found.sort((a, b) => a.seq - b.seq);
    for (const entry of found) this.#add(entry);
    this.#seq = Math.max(typeof drained === 'number' ? drained : 0, found.at(-1)?.seq ?? 0, this.batchEnd ?? 0);
  }
}

/** Whether it resolved in time. */
async function within(promise: PromiseLike<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const done = await Promise.race([Promise.resolve(promise).then(() => true), late]);
  clearTimeout(timer);
  return done;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Rows start with the workspace and the id, so that a queue can be indexed again without parsing it. */
const START = /^\{"workspace_id":("(?:[^"\\]|\\.)*"),"id":("(?:[^"\\]|\\.)*")/;

function keyOfLine(table: QueuedTable, line: Buffer): string | null {
  let match = START.exec(line.toString('utf8', 0, 1_024));
  match ??= START.exec(line.toString('utf8'));
  return match ? keyOf(table, String(JSON.parse(match[1] ?? '""')), String(JSON.parse(match[2] ?? '""'))) : null;
}

export function keyOf(table: QueuedTable, workspaceId: string, id: string): string {
  return `${table === 'logs' ? 'l' : 'j'}${workspaceId}\n${id}`;
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error && 'commitError' in error ? error.commitError : error;
  return cause instanceof Error ? cause.message : error instanceof Error ? error.message : String(error);
}

function unavailable(why: string, cause?: unknown): AppError {
  return new AppError('unavailable', `The log could not be written: ${why}. Try again shortly.`, { cause, retryAfterSeconds: 5 });
}
