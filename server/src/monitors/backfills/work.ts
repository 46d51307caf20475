import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, systemScope } from '@whetstone/contract';
import type { Room } from '../context.ts';
import { findMonitor } from '../store.ts';
import type { BackfillRow } from '../tables.ts';
import { evaluatorOf } from '../watch/evaluator.ts';
import { judgeArrivals, type Outcome } from '../watch/judge.ts';
import { changeBackfill, findBackfill } from './store.ts';
import { pastOf } from './backfills.ts';

const pageSize = 200;
const longestWaitMs = 30_000;

/** One back-fill, page by page by the time of the logs. What it judged is known by its ids, so a page may be done again. */
export class Backfilling {
  readonly #room: Room;
  readonly #id: string;
  readonly #stopping: AbortSignal;

  constructor(room: Room, id: string, stopping: AbortSignal) {
    this.#room = room;
    this.#id = id;
    this.#stopping = stopping;
  }

  async run(): Promise<void> {
    for (let failures = 0; !this.#stopping.aborted;) {
      try {
        if (!(await this.#page())) return;
        failures = 0;
      } catch (error) {
        if (this.#stopping.aborted) return;
        if (error instanceof AppError && error.status < 500) {
          await this.#end('failed', error.message);
          return;
        }
        failures += 1;
        this.#room.log.warn({ err: error, backfillId: this.#id }, 'a back-fill stands still; it is tried again');
        await sleep(Math.min(longestWaitMs, 500 * 2 ** failures), undefined, { signal: this.#stopping }).catch(() => undefined);
      }
    }
  }

  /** @returns whether there may be more */
  async #page(): Promise<boolean> {
    const room = this.#room;
    const row = await findBackfill(room.db, this.#id);
    if (row === undefined || row.state !== 'running') return false;
    const scope = systemScope(row.workspace_id, 'monitors');
    const monitor = await findMonitor(room.db, row.workspace_id, row.monitor_id);
    if (monitor === undefined) return false;
    const { evaluator, why } = await evaluatorOf(room, scope, monitor);
    if (evaluator === null) return this.#end('failed', why);
    const after = { at: row.cursor_at, id: row.cursor_id };
    const page = await room.logs.monitored.past(scope, await pastOf(room, scope, monitor, row), after, pageSize);
    const last = page.at(-1);
    if (last === undefined) return this.#end('done', null);
    const sums = { judged: row.judged, failed: row.failed, cost_usd: row.cost_usd };
    const dear = (): boolean => row.max_cost_usd !== null && sums.cost_usd >= row.max_cost_usd;
    const cancelled = new AbortController();
    const watch = setInterval(() => void this.#watch(cancelled), 1_000);
    try {
      await judgeArrivals(room, scope, page, {
        monitorId: monitor.id,
        evaluator,
        signal: AbortSignal.any([this.#stopping, cancelled.signal]),
        mayGoOn: () => !dear(),
        onOutcome: (outcome) => add(sums, outcome),
      });
    } catch (error) {
      if (cancelled.signal.aborted) return false;
      throw error;
    } finally {
      clearInterval(watch);
    }
    const spent = dear();
    const kept = await changeBackfill(room.db, this.#id, {
      ...sums,
      ...(spent ? {} : { looked_at: row.looked_at + page.length, cursor_at: last.at, cursor_id: last.id }),
    });
    if (kept && spent) return this.#end('failed', 'It reached its cost limit; what it judged stays.');
    return kept;
  }

  async #watch(cancelled: AbortController): Promise<void> {
    const row: BackfillRow | undefined = await findBackfill(this.#room.db, this.#id).catch(() => undefined);
    if (row !== undefined && row.state !== 'running') cancelled.abort();
  }

  async #end(state: 'done' | 'failed', reason: string | null): Promise<false> {
    await changeBackfill(this.#room.db, this.#id, { state, reason, ended_at: this.#room.clock() });
    return false;
  }
}

function add(sums: { judged: number; failed: number; cost_usd: number }, outcome: Outcome): void {
  if (!outcome.fresh) return;
  if (outcome.failed) sums.failed += 1;
  else if (outcome.value !== null) sums.judged += 1;
  sums.cost_usd += outcome.costUsd ?? 0;
}
