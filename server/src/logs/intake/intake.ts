import { ClickHouseError } from '@clickhouse/client';
import type { LogDatabase } from '../../storage/index.ts';
import { fromJudgmentLine, type JudgmentRow } from '../record/judgment.ts';
import { fromLine, timeText } from '../record/line.ts';
import { type LogRow } from '../record/row.ts';
import { Drain } from './drain.ts';
import type { Entry } from './journal.ts';
import { keyOf, Queue, type Line } from './queue.ts';

export interface IntakeOptions {
  directory: string;
  logDatabase: LogDatabase;
  maxBytes: number;
  now: () => number;
  /** Nobody but this process reads the store. */
  alone: boolean;
  /** Merges queued rows with what the store holds; see `Drain`. */
  settle: (entries: readonly QueuedRow[]) => Promise<{ entry: Entry; line: Buffer }[]>;
  /** Rows are on disk, or were refused half-way. */
  onPut?: (lines: readonly Line[]) => void;
  onStored?: (rows: number) => void;
  onError?: (error: unknown, what: string) => void;
  faults?: Faults;
}

export type QueuedRow = { entry: Entry; log: LogRow } | { entry: Entry; judgment: JudgmentRow };

/** Where tests break things. */
export interface Faults {
  beforeFlush?: () => Promise<void>;
  afterInsert?: () => Promise<void>;
  beforeInsert?: () => Promise<void>;
}

/** Waiting helps against these answers of ClickHouse: limits, replicas, disks. Any other is about the rows. */
const passing = new Set([
  '159',
  '202',
  '203',
  '209',
  '210',
  '225',
  '236',
  '241',
  '242',
  '243',
  '244',
  '245',
  '252',
  '285',
  '286',
  '305',
  '319',
  '394',
  '439',
  '999',
  '1002',
]);

/** While nobody asks for lists, rows go to the store in fewer batches: each costs the engine the same again, and calls beside it wait. */
const unwatchedMs = 3_000;

/** The queue and its drain: the way of every row into the store, and the rows on that way. */
export class Intake {
  readonly #queue: Queue;
  readonly #drain: Drain;
  dropped = 0;
  #now: () => number;
  readonly #onPut: (lines: readonly Line[]) => void;
  #stored = 0;

  constructor(options: IntakeOptions) {
    const { directory, logDatabase, maxBytes, now, faults = {} } = options;
    this.#now = now;
    this.#onPut = options.onPut ?? (() => undefined);
    this.#queue = new Queue({ directory, maxBytes, now, ...(faults.beforeFlush ? { beforeFlush: faults.beforeFlush } : {}) });
    this.#drain = new Drain({
      queue: this.#queue,
      now,
      ...(options.alone ? { unwatchedMs } : {}),
      insert: async (table, lines, token) => {
        await faults.beforeInsert?.();
        await logDatabase.insert(table, table === 'logs' ? this.#stamped(lines) : lines, token, { maxSeconds: 60 });
      },
      settle: (entries) => options.settle(entries.flatMap((entry) => this.#rowOf(entry))),
      isRefusal: (error) => error instanceof ClickHouseError && (!passing.has(error.code) || /too many partitions/i.test(error.message)),
      ...(options.onStored ? { onStored: options.onStored } : {}),
      ...(options.onError ? { onError: options.onError } : {}),
      ...(faults.afterInsert ? { afterInsert: faults.afterInsert } : {}),
    });
  }

  /** Rows with the moment at which they go to the store, later from batch to batch whatever the clock does. */
  #stamped(lines: readonly Buffer[]): Buffer[] {
    this.#stored = Math.max(this.#now() * 1000, this.#stored + 1);
    const end = Buffer.from(`,"stored_at":"${timeText(this.#stored)}"}`);
    return lines.map((line) => Buffer.concat([line.subarray(0, -1), end]));
  }

  #rowOf(entry: Entry): QueuedRow[] {
    const line = this.#queue.lineOf(entry);
    if (!line || entry.table === 'log_keys' || entry.table === 'exposures') return [];
    return entry.table === 'logs' ? [{ entry, log: fromLine(line) }] : [{ entry, judgment: fromJudgmentLine(line) }];
  }

  async put(lines: readonly Line[]): Promise<void> {
    try {
      await this.#queue.put(lines);
    } catch (error) {
      this.dropped += 1;
      throw error;
    } finally {
      this.#onPut(lines);
    }
  }

  /** Puts a tombstone, also in place of older lines of the row that are still here. */
  async bury(line: Line): Promise<void> {
    await this.#queue.put([line]);
    this.#onPut([line]);
    await this.#queue.coverOlder(line);
  }

  /** The newest row that is still on the way; `unsettled` when the store may hold an older part of it. */
  log(workspaceId: string, id: string): { row: LogRow; unsettled: boolean } | null {
    const found = this.#queue.newest(keyOf('logs', workspaceId, id));
    return found && { row: fromLine(found.line), unsettled: found.unsettled };
  }

  has(workspaceId: string, id: string): boolean {
    return this.#queue.newest(keyOf('logs', workspaceId, id)) !== null;
  }

  judgment(workspaceId: string, id: string): { row: JudgmentRow; unsettled: boolean } | null {
    const found = this.#queue.newest(keyOf('judgments', workspaceId, id));
    return found && { row: fromJudgmentLine(found.line), unsettled: found.unsettled };
  }

  get waiting(): number {
    return this.#queue.waiting;
  }

  /** Somebody looks at what is stored. @returns whether somebody did a moment ago, so that little gathered */
  asked(): boolean {
    return this.#drain.asked();
  }

  drained(timeoutMs: number): Promise<boolean> {
    return this.#drain.drained(timeoutMs);
  }

  backlog(): {
    waiting: number;
    bytes: number;
    oldestSeconds: number | null;
    dropped: number;
    error: string | null;
    refuses: string | null;
  } {
    const since = this.#queue.oldestSince;
    return {
      waiting: this.#queue.waiting,
      bytes: this.#queue.waitingBytes,
      oldestSeconds: since === null ? null : Math.max(0, (this.#now() - since) / 1000),
      dropped: this.dropped,
      error: this.#queue.error ?? this.#drain.error,
      refuses: this.#queue.error,
    };
  }

  async close(): Promise<void> {
    await this.#drain.close();
    await this.#queue.close();
  }
}
