import { randomBytes } from 'node:crypto';
import { mkdirSync, statfsSync } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';

/** Tables that rows are queued for, in the order in which a batch is stored. */
export const queuedTables = ['log_keys', 'logs', 'judgments'] as const;
export type QueuedTable = (typeof queuedTables)[number];

/** Where a line is, and what has to be known about it without reading it. */
export interface Entry {
  readonly seq: number;
  readonly table: QueuedTable;
  /** Names the row that this line is a version of; null for rows that nobody asks for by name. */
  readonly key: string | null;
  readonly bytes: number;
  /** When it came, by the queue's clock, in ms. */
  readonly since: number;
  /** Null when it was let go of to save memory; it is on disk then. */
  line: Buffer | null;
  durable: boolean;
  /** The row was made without knowing what the store holds under its id; it is merged before it is stored. */
  unsettled: boolean;
}

/** With less free than this a failed write is taken for a full disk. */
const fullBytes = 32 << 20;
const flushMs = 30_000;
const closeMs = 3_000;
/** Errors after which the same disk may well take the next write. */
const full = /ENOSPC|no space|MDB_MAP_FULL|MDB_TXN_FULL|EDQUOT|quota/i;

/** The LMDB file of the queue: lines by number and table, and how far they were moved. A write that resolved is on disk. */
export class Journal {
  /** Of this file for as long as it lives, so that tokens of another one are different. */
  readonly id: string;
  readonly #directory: string;
  readonly #env: RootDatabase;
  readonly #lines: Record<QueuedTable, Database<Buffer, number>>;
  readonly #meta: Database<unknown, string>;
  readonly #unsettled: Database<number, number>;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    // Its batches by turn of the loop leave a promise behind that nobody can catch when a commit fails.
    this.#env = open({ path: directory, maxDbs: 8, encoding: 'binary', noMemInit: true, eventTurnBatching: false });
    const table = (name: string) => this.#env.openDB<Buffer, number>({ name, encoding: 'binary' });
    this.#lines = { log_keys: table('log_keys'), logs: table('logs'), judgments: table('judgments') };
    this.#meta = this.#env.openDB<unknown, string>({ name: 'meta', encoding: 'json' });
    this.#unsettled = this.#env.openDB<number, number>({ name: 'unsettled', encoding: 'json' });
    const known = this.#meta.get('id');
    this.id = typeof known === 'string' ? known : randomBytes(9).toString('base64url');
    if (known === undefined) this.#meta.putSync('id', this.id);
  }

  /** Everything that waits, oldest first, and the last number that was ever given. */
  recover(keyOf: (table: QueuedTable, line: Buffer) => string | null, now: number): { entries: Entry[]; lastSeq: number } {
    const entries: Entry[] = [];
    for (const table of queuedTables) {
      for (const { key: seq, value } of this.#lines[table].getRange()) {
        const unsettled = this.#unsettled.doesExist(seq);
        entries.push({ seq, table, key: keyOf(table, value), bytes: value.length, since: now, line: null, durable: true, unsettled });
      }
    }
    entries.sort((a, b) => a.seq - b.seq);
    const drained = this.#meta.get('drained');
    const lastSeq = Math.max(typeof drained === 'number' ? drained : 0, entries.at(-1)?.seq ?? 0, this.batchEnd ?? 0);
    return { entries, lastSeq };
  }

  /** One transaction for all, flushed. */
  async write(entries: readonly Entry[]): Promise<void> {
    await this.#commit((add) => {
      for (const entry of entries) {
        add(this.#lines[entry.table].put(entry.seq, entry.line ?? Buffer.alloc(0)));
        if (entry.unsettled) add(this.#unsettled.put(entry.seq, 1));
      }
    });
    if (!(await within(this.#env.flushed, flushMs))) throw new Error('the disk does not answer');
  }

  read(entry: Entry): Buffer | null {
    return this.#lines[entry.table].get(entry.seq) ?? null;
  }

  /** Replaces lines that are settled by this. */
  async replace(changes: readonly { entry: Entry; line: Buffer }[]): Promise<void> {
    await this.#commit((add) => {
      for (const { entry, line } of changes) {
        add(this.#lines[entry.table].put(entry.seq, line));
        add(this.#unsettled.remove(entry.seq));
      }
    });
  }

  /** Last number of the batch that was about to be stored, so that it is sent again with the same rows. */
  get batchEnd(): number | null {
    const end = this.#meta.get('batch');
    return typeof end === 'number' ? end : null;
  }

  async beginBatch(lastSeq: number): Promise<void> {
    await this.#commit((add) => add(this.#meta.put('batch', lastSeq)));
  }

  async forget(batch: readonly Entry[], lastSeq: number): Promise<void> {
    await this.#commit((add) => {
      for (const entry of batch) add(this.#lines[entry.table].remove(entry.seq));
      add(this.#meta.put('drained', lastSeq));
      add(this.#meta.remove('batch'));
    });
  }

  async keepRefused(entry: Entry, reason: string): Promise<void> {
    const line = (entry.line ?? this.read(entry))?.toString('utf8') ?? '';
    await this.#commit((add) => add(this.#meta.put(`refused:${entry.seq}`, { table: entry.table, reason, line })));
  }

  /** Whether the next write may succeed. LMDB calls a write that was cut short by a full disk an input/output error. */
  isPassing(error: unknown): boolean {
    if (full.test(messageOf(error))) return true;
    try {
      const { bavail, bsize } = statfsSync(this.#directory);
      return bavail * bsize < fullBytes;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    // After a failed commit LMDB may wait for ever for the one that failed.
    await within(this.#env.close(), closeMs);
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

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
