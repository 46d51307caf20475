import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, type Scope, systemScope } from '@whetstone/contract';
import type { JudgedLog, RecordedLog, Said, SaidChange } from '../logs/index.ts';
import { judgeOfLog, type GiveParts } from './give.ts';
import {
  awaited,
  type ClaimedRow,
  claimDue,
  countWaiting,
  type Db,
  forgetRecent,
  hurry,
  keepWaiting,
  nextDue,
  removeOlder,
  removeWaiting,
  type WaitingRow,
} from './store.ts';

const firstTryMs = 1_000;
const atOnce = 500;
/** Feedback for a log that never comes is forgotten after this. */
const keptMs = 30 * 86_400_000;
const mostWaiting = 200_000;
const countedFor = 5_000;
/** Another replica's rows are looked for this often; one's own are known. */
const pollMs = { alone: 60_000, replicated: 2_000 };
const housekeepingMs = 600_000;
/** A replica whose queue is as old as this is a day of trouble anyway. */
const recentMs = 86_400_000;

interface Parts extends Omit<GiveParts, 'wait'> {
  db: Db;
}

/** Feedback whose log is not here: kept, looked for less and less often, at once when the log comes. */
export class Waiting {
  readonly #parts: Parts;
  /** Logs that are waited for. What is not in it is found by looking, later. */
  readonly #awaited = new Set<string>();
  readonly #come = new Map<string, { workspaceId: string; byReference: boolean; log: string; id: string }>();
  readonly #counts = new Map<string, { at: number; n: number }>();
  #running = false;
  #loop: Promise<void> = Promise.resolve();
  #wake = new AbortController();
  #keptHouseAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async keep(workspaceId: string, given: readonly WaitingRow[]): Promise<void> {
    const rows = joined(given);
    const { db, clock } = this.#parts;
    const now = clock();
    await this.#requireRoom(workspaceId, rows.length, now);
    await keepWaiting(db, rows, now, new Date(now.getTime() + firstTryMs));
    for (const row of rows) this.#await(keyOf(workspaceId, row.by_reference, row.log));
    this.#stir();
  }

  recorded({ workspaceId }: Scope, { id, referenceId }: RecordedLog): void {
    if (this.#awaited.size === 0) return;
    for (const [byReference, log] of [
      [false, id],
      [true, referenceId],
    ] as const) {
      if (log === null || !this.#awaited.delete(keyOf(workspaceId, byReference, log))) continue;
      this.#come.set(keyOf(workspaceId, byReference, log), { workspaceId, byReference, log, id });
      this.#stir();
    }
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#running = false;
    this.#stir();
    await this.#loop;
  }

  async #requireRoom(workspaceId: string, more: number, now: Date): Promise<void> {
    const known = this.#counts.get(workspaceId);
    const fresh = known !== undefined && now.getTime() - known.at < countedFor;
    const count = fresh ? known : { at: now.getTime(), n: await countWaiting(this.#parts.db, workspaceId, mostWaiting) };
    count.n += more;
    this.#counts.set(workspaceId, count);
    if (count.n > mostWaiting)
      throw new AppError(
        'rate_limited',
        `More than ${mostWaiting} judgments wait for logs that are not here. Check the ids that you send: \`log_id\` is the one that the call answered.`,
        { retryAfterSeconds: 60 },
      );
  }

  #await(key: string): void {
    if (this.#awaited.size < mostWaiting) this.#awaited.add(key);
  }

  #stir(): void {
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { db, log } = this.#parts;
    let failures = 0;
    let loaded = false;
    while (this.#running) {
      this.#wake = new AbortController();
      try {
        if (!loaded) for (const row of await awaited(db, mostWaiting)) this.#await(keyOf(row.workspace_id, row.by_reference, row.log));
        loaded = true;
        await this.#keepHouse();
        const some = await this.#joinDue();
        failures = 0;
        if (some === atOnce || this.#come.size > 0) continue;
        await this.#pause(await this.#restMs());
      } catch (error) {
        if (failures === 0) log.warn({ err: error }, 'feedback that waits could not be joined to its logs; it is tried again');
        failures += 1;
        await this.#pause(Math.min(30_000, 500 * 2 ** Math.min(failures, 6)));
      }
    }
  }

  async #restMs(): Promise<number> {
    const { db, clock, replicated } = this.#parts;
    const due = await nextDue(db);
    const most = replicated ? pollMs.replicated : pollMs.alone;
    return due === null ? most : Math.min(most, Math.max(50, due.getTime() - clock().getTime()));
  }

  async #pause(ms: number): Promise<void> {
    if (!this.#running) return;
    await sleep(ms, undefined, { signal: this.#wake.signal, ref: false }).catch(() => undefined);
  }

  async #keepHouse(): Promise<void> {
    const { db, clock, log } = this.#parts;
    const now = clock().getTime();
    if (now - this.#keptHouseAt < housekeepingMs) return;
    this.#keptHouseAt = now;
    const gone = await removeOlder(db, new Date(now - keptMs));
    if (gone > 0) log.info({ judgments: gone }, 'feedback was forgotten whose log did not come in 30 days');
    await forgetRecent(db, new Date(now - recentMs));
  }

  /** @returns how many rows were looked at */
  async #joinDue(): Promise<number> {
    const { db, clock } = this.#parts;
    const come = new Map(this.#come);
    if (come.size > 0) await hurry(db, [...come.values()], clock());
    const rows = await claimDue(db, clock(), atOnce);
    for (const [workspaceId, own] of Map.groupBy(rows, (row) => row.workspace_id))
      await this.#join(systemScope(workspaceId, 'feedback'), own, come);
    if (rows.length < atOnce) for (const key of come.keys()) this.#come.delete(key);
    return rows.length;
  }

  async #join(scope: Scope, rows: readonly ClaimedRow[], come: ReadonlyMap<string, { id: string }>): Promise<void> {
    const { logs, agree, db } = this.#parts;
    const idOf = (row: ClaimedRow) => (row.by_reference ? come.get(keyOf(row.workspace_id, true, row.log))?.id : row.log);
    const references = [...new Set(rows.flatMap((row) => (idOf(row) === undefined ? [row.log] : [])))];
    const [byId, byReference] = await Promise.all([
      logs.feedback.logs(scope, [...new Set(rows.flatMap((row) => idOf(row) ?? []))]),
      logs.feedback.byReference(scope, references),
    ]);
    const found = rows.flatMap((row) => {
      const id = idOf(row);
      const log = id === undefined ? byReference.get(row.log) : byId.get(id);
      return log === undefined ? [] : [{ row, log }];
    });
    const said = found.filter(({ log }) => log.deleted === 0).flatMap(({ row, log }) => saidOf(row, log));
    if (said.length > 0) await logs.feedback.say(scope, said, agree);
    await removeWaiting(
      db,
      found.map(({ row }) => row),
    );
    for (const { row } of found) this.#awaited.delete(keyOf(row.workspace_id, row.by_reference, row.log));
  }
}

function keyOf(workspaceId: string, byReference: boolean, log: string): string {
  return `${workspaceId}\n${byReference ? 'r' : 'l'}\n${log}`;
}

/** One row for what one says of a log: the last word, options together. */
function joined(rows: readonly WaitingRow[]): WaitingRow[] {
  const by = new Map<string, WaitingRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.by_reference, row.log, row.evaluator_id, row.source, row.judge]);
    const before = by.get(key);
    const options = row.options === null ? null : { ...before?.options, ...row.options };
    by.set(key, { ...row, options });
  }
  return [...by.values()];
}

function saidOf({ judgment, options, ...row }: ClaimedRow, log: JudgedLog): Said[] {
  const { evaluatorVersionId, reason, metadata, correction, text, createdAt, keyId } = judgment;
  const change = changeOf(judgment, options);
  if (change === null) return [];
  return [
    {
      log,
      evaluatorId: row.evaluator_id,
      evaluatorVersionId,
      source: row.source === 'human' ? 'human' : 'user',
      judge: row.judge || judgeOfLog(log),
      change,
      reason,
      metadata,
      correction,
      text,
      createdAt: createdAt === null ? null : new Date(createdAt),
      keyId,
      receivedAt: row.received_at,
    },
  ];
}

function changeOf({ remove, value }: ClaimedRow['judgment'], options: Record<string, boolean> | null): SaidChange | null {
  if (options !== null) {
    const named = (holds: boolean) =>
      Object.keys(options)
        .filter((name) => options[name] === holds)
        .toSorted();
    return { type: 'options', add: named(true), drop: named(false) };
  }
  if (remove) return { type: 'remove', value };
  return value === null ? null : { type: 'set', value };
}
