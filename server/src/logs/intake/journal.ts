import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { putRecord, recordKinds, recordSize, Segment } from './segment.ts';

/** Tables that rows are queued for, in the order in which a batch is stored. */
export const queuedTables = ['log_keys', 'logs', 'judgments', 'exposures'] as const;
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
  /** Where it was written. */
  place: Place | null;
}
interface Place {
  segment: Segment;
  offset: number;
  length: number;
}

interface Waiting {
  size: number;
  /** Fills its part of the group. */
  fill(target: Buffer, at: number, segment: Segment): void;
  resolve(): void;
  reject(error: unknown): void;
}

/** A segment that has as much gets no more. */
const segmentBytes = 64 << 20;
/** A segment of which nothing is needed goes when it has as much, or is as old: what was deleted must not linger. */
const idleBytes = 16 << 20;
const idleMs = 10 * 60_000;
/** A group of less comes from a queue that is not busy. */
const quietBytes = 32 << 10;
/** With less free than this a failed write is taken for a full disk. */
const fullBytes = 32 << 20;
const flushMs = 30_000;
/** Errors after which the same disk may well take the next write. */
const full = /ENOSPC|no space|EDQUOT|quota/i;
const kindOf: Record<QueuedTable, number> = {
  log_keys: recordKinds.logKeys,
  logs: recordKinds.logs,
  judgments: recordKinds.judgments,
  exposures: recordKinds.exposures,
};
const tableOf = new Map(queuedTables.map((table) => [kindOf[table], table]));
const nothing = Buffer.alloc(0);

/**
 * The queue on disk: segments of records that are only appended to. Writes that come while one is under way share the
 * next. A write that resolved is on disk. A process never appends to the segments of an earlier one, so that a record
 * that a crash cut short stays the last of its file.
 */
export class Journal {
  /** Of this directory for as long as it lives, so that tokens of another one are different. */
  readonly id: string;
  readonly #directory: string;
  readonly #now: () => number;
  #segments: Segment[] = [];
  #current: Segment;
  #number = 0;
  #drained = 0;
  #batchEnd: number | null = null;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  /** Something that was deleted is in the current segment. */
  #stale = false;
  #closed = false;
  readonly #removals = new Set<Promise<void>>();
  readonly #recovered: Entry[];
  /** Lines that the disk lost. */
  damaged = 0;

  constructor(directory: string, now: () => number, keyOf: (table: QueuedTable, line: Buffer) => string | null) {
    this.#directory = directory;
    this.#now = now;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.id = idOf(directory);
    this.#recovered = this.#recover(keyOf);
    this.#current = this.#next();
    if (this.#recovered.length === 0) {
      for (const old of this.#segments.splice(0)) this.#remove(old);
    }
  }

  /** Everything that waits, oldest first, and the last number that was ever given. */
  recovered(): { entries: Entry[]; lastSeq: number } {
    return { entries: this.#recovered, lastSeq: Math.max(this.#drained, this.#batchEnd ?? 0, this.#recovered.at(-1)?.seq ?? 0) };
  }

  #recover(keyOf: (table: QueuedTable, line: Buffer) => string | null): Entry[] {
    const entries = new Map<number, Entry>();
    const lost = new Set<number>();
    const since = this.#now();
    for (const name of readdirSync(this.#directory).toSorted()) {
      if (!name.endsWith('.log')) continue;
      this.#number = Number(name.slice(0, -4));
      const path = join(this.#directory, name);
      const segment = Segment.open(path, statSync(path).size, since);
      this.#segments.push(segment);
      for (const { kind, seq, flag, payload, offset } of segment.records()) {
        const table = tableOf.get(kind);
        if (kind === recordKinds.batch) this.#batchEnd = seq;
        if (kind === recordKinds.drained) {
          this.#drained = Math.max(this.#drained, seq);
          this.#batchEnd = null;
        }
        if (table === undefined) continue;
        segment.lastSeq = Math.max(segment.lastSeq, seq);
        if (payload === null) lost.add(seq);
        else {
          const place = { segment, offset, length: payload.length };
          // A line that comes again replaces the one of its number.
          const key = keyOf(table, payload);
          entries.set(seq, { seq, table, key, bytes: payload.length, since, line: null, durable: true, unsettled: flag, place });
        }
      }
    }
    for (const seq of lost) if (seq > this.#drained && !entries.has(seq)) this.damaged += 1;
    return [...entries.values()].filter(({ seq }) => seq > this.#drained).toSorted((a, b) => a.seq - b.seq);
  }

  /** Appends lines. Throws what the disk said; then none of them counts. */
  write(entries: readonly Entry[]): Promise<void> {
    return this.#lines(entries.map((entry) => ({ entry, line: entry.line ?? nothing, unsettled: entry.unsettled })));
  }

  async #lines(lines: readonly { entry: Entry; line: Buffer; unsettled: boolean }[]): Promise<void> {
    let size = 0;
    for (const { line } of lines) size += recordSize(line.length);
    await this.#append(size, (target, from, segment) => {
      let at = from;
      for (const { entry, line, unsettled } of lines) {
        const { seq, table } = entry;
        const offset = segment.size + putRecord(target, at, { kind: kindOf[table], seq, flag: unsettled, payload: line });
        entry.place = { segment, offset, length: line.length };
        segment.lastSeq = Math.max(segment.lastSeq, seq);
        at += recordSize(line.length);
      }
    });
  }

  read({ place }: Entry): Buffer | null {
    return place === null ? null : place.segment.read(place.offset, place.length);
  }

  /** Replaces lines that are settled by this; what they were is wiped. */
  async replace(changes: readonly { entry: Entry; line: Buffer }[]): Promise<void> {
    const before = changes.map(({ entry }) => entry.place);
    await this.#lines(changes.map(({ entry, line }) => ({ entry, line, unsettled: false })));
    for (const place of before) place?.segment.wipe(place.offset, place.length);
  }

  /** What is deleted now may be in segments of which nothing is needed: they go at the next chance. */
  expire(): void {
    this.#stale = true;
  }

  /** Last number of the batch that was about to be stored, so that it is sent again with the same rows. */
  get batchEnd(): number | null {
    return this.#batchEnd;
  }

  async beginBatch(lastSeq: number): Promise<void> {
    await this.#mark(recordKinds.batch, lastSeq);
    this.#batchEnd = lastSeq;
  }

  /** Forgets all lines up to a number; their segments go when nothing in them is needed. */
  async forget(lastSeq: number, waiting: number): Promise<void> {
    await this.#mark(recordKinds.drained, lastSeq);
    this.#drained = lastSeq;
    this.#batchEnd = null;
    const age = this.#now() - this.#current.createdAt;
    if (waiting === 0 && (this.#stale || this.#current.size > idleBytes || age > idleMs) && this.#flushing === null) {
      this.#segments.push(this.#current);
      this.#current = this.#next();
      this.#stale = false;
    }
    const over = this.#segments.filter((segment) => segment.lastSeq <= this.#drained);
    this.#segments = this.#segments.filter((segment) => segment.lastSeq > this.#drained);
    for (const segment of over) this.#remove(segment);
  }

  /** Kept beside, one line of JSON each, for a person to look at. */
  keepRefused(entry: Entry, reason: string): void {
    const line = (entry.line ?? this.read(entry))?.toString('utf8') ?? '';
    appendFileSync(join(this.#directory, 'refused.jsonl'), `${JSON.stringify({ table: entry.table, reason, line })}\n`, {
      flush: true,
      mode: 0o600,
    });
  }

  /** Whether the next write may succeed. */
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
    while (this.#flushing) await this.#flushing;
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#removals, ...[...this.#segments, this.#current].map((segment) => segment.close())]);
  }

  #remove(segment: Segment): void {
    const removal = segment.remove().finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  #mark(kind: number, seq: number): Promise<void> {
    return this.#append(recordSize(0), (target, at) => void putRecord(target, at, { kind, seq, flag: false, payload: nothing }));
  }

  #append(size: number, fill: Waiting['fill']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ size, fill, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        await within(this.#writeGroup(group), flushMs);
        for (const waiting of group) waiting.resolve();
      } catch (error) {
        for (const waiting of group) waiting.reject(error);
      }
    }
    this.#flushing = null;
  }

  async #writeGroup(group: readonly Waiting[]): Promise<void> {
    if (this.#current.size > segmentBytes) {
      this.#segments.push(this.#current);
      this.#current = this.#next();
    }
    const segment = this.#current;
    let size = 0;
    for (const waiting of group) size += waiting.size;
    const bytes = Buffer.allocUnsafe(size);
    let at = 0;
    for (const waiting of group) {
      waiting.fill(bytes, at, segment);
      at += waiting.size;
    }
    await segment.append(bytes);
    if (size < quietBytes && this.#waiting.length === 0) segment.extend();
  }

  /** A new segment begins with how far the queue was drained, so that the older ones may go. */
  #next(): Segment {
    this.#number += 1;
    const marks: { kind: number; seq: number }[] = [{ kind: recordKinds.drained, seq: this.#drained }];
    if (this.#batchEnd !== null) marks.push({ kind: recordKinds.batch, seq: this.#batchEnd });
    const start = Buffer.alloc(marks.length * recordSize(0));
    for (const [i, mark] of marks.entries()) putRecord(start, i * recordSize(0), { ...mark, flag: false, payload: nothing });
    return Segment.create(join(this.#directory, `${String(this.#number).padStart(12, '0')}.log`), start, this.#now());
  }
}

function idOf(directory: string): string {
  const path = join(directory, 'id');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const id = randomBytes(9).toString('base64url');
  writeFileSync(path, `${id}\n`, { flush: true, mode: 0o600 });
  return id;
}

/** Throws when it takes longer. */
async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the disk does not answer')), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
