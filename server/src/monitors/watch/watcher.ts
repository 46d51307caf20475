import { AppError, systemScope, type Scope } from '@whetstone/contract';
import type { Arrival, Place } from '../../logs/index.ts';
import { alertsAbout, feedAlerts, type Observation } from '../alerts/feed.ts';
import type { Room } from '../context.ts';
import { changeMonitor, moveCursor } from '../store.ts';
import type { MonitorRow } from '../tables.ts';
import { evaluatorOf, logsOf } from './evaluator.ts';
import { judgeArrivals, type Outcome } from './judge.ts';

const pageOfCode = 500;
const pageOfModels = 96;
/** Rows of one batch of the store become readable one after the other when their logs are of several months. */
const overlapMs = 2_000;
/** Clocks of replicas differ, and a batch may take a minute to be stored. */
const longOverlapMs = 90_000;
const dayMs = 86_400_000;
const askSpentMs = 30_000;

/** Judges what came for one monitor. Keeps nothing that a restart would miss: the place is in PostgreSQL, judgments have their ids. */
export class Watcher {
  readonly #room: Room;
  /** What was handled, by id: the place looks back a little. */
  readonly #seen = new Map<string, number>();
  #spent: { day: number; usd: number; askedAt: number } | null = null;

  constructor(room: Room) {
    this.#room = room;
  }

  /** Until nothing waits. @param deep looks back further, for what other replicas stored late */
  async run(row: MonitorRow, { deep, signal }: { deep: boolean; signal: AbortSignal }): Promise<void> {
    const room = this.#room;
    const scope = systemScope(row.workspace_id, 'monitors');
    const now = room.clock().getTime();
    if (row.paused_until !== null && row.paused_until.getTime() > now) return;
    const began = row.paused_until ?? row.updated_at;
    const from = { at: row.cursor_at, id: row.cursor_id };
    let cursor: Place = { at: row.cursor_at ?? began.getTime() * 1000, id: row.cursor_id };
    if (row.paused_until !== null && cursor.at < began.getTime() * 1000) cursor = { at: began.getTime() * 1000, id: '' };
    const { evaluator, why } = await evaluatorOf(room, scope, row);
    if (evaluator === null) return this.#stand(row, why);
    const sampled = await logsOf(room, scope, row).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      return error.message;
    });
    if (typeof sampled === 'string') return this.#stand(row, `Its filter cannot be read any more: ${sampled}`);
    if (row.trouble !== null) await changeMonitor(room.db, row.id, { trouble: null });
    const size = evaluator.version.kernel.spec.evaluator_type === 'python' ? pageOfCode : pageOfModels;
    // A clock that was set back must not hide what came since.
    const back = Math.min(cursor.at, now * 1000) - (deep ? longOverlapMs : overlapMs) * 1000;
    // Never to before the monitor was there.
    let after: Place = { at: Math.max(back, row.created_at.getTime() * 1000), id: '' };
    if (row.cursor_at === null || row.paused_until !== null) after = cursor;
    for (;;) {
      signal.throwIfAborted();
      const page = await room.logs.monitored.arrivals(scope, sampled, after, size);
      const last = page.at(-1);
      if (last === undefined) break;
      const fresh = page.filter(({ id }) => !this.#seen.has(id));
      const before = cursor;
      after = { at: last.storedAt, id: last.id };
      if (isAfter(after, cursor)) cursor = after;
      if (fresh.length > 0 || cursor !== before) {
        room.meters.late(row.id, fresh[0]?.storedAt ?? null);
        const outcomes = await this.#judge(scope, row, fresh, evaluator, signal);
        const paused = this.#pauseOf(row);
        const observed = outcomes.filter((each) => each.fresh || isAfter({ at: each.arrival.storedAt, id: each.arrival.id }, before));
        const moved = await this.#commit(scope, row, evaluator.version.kernel.spec, { from, to: cursor, paused, observed });
        if (!moved) break;
        from.at = cursor.at;
        from.id = cursor.id;
        for (const arrival of fresh) this.#seen.set(arrival.id, arrival.storedAt);
        if (paused !== null) break;
      }
      if (page.length < size) break;
    }
    room.meters.late(row.id, null);
    for (const [id, storedAt] of this.#seen) {
      if (storedAt >= cursor.at - 2 * longOverlapMs * 1000) break;
      this.#seen.delete(id);
    }
  }

  async #judge(
    scope: Scope,
    row: MonitorRow,
    fresh: readonly Arrival[],
    evaluator: Parameters<typeof judgeArrivals>[3]['evaluator'],
    signal: AbortSignal,
  ): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    if (row.budget_usd !== null) await this.#knowSpent(scope, row);
    await judgeArrivals(this.#room, scope, fresh, {
      monitorId: row.id,
      evaluator,
      signal,
      mayGoOn: () => this.#pauseOf(row) === null,
      onOutcome: (outcome) => {
        outcomes.push(outcome);
        if (this.#spent !== null && outcome.fresh) this.#spent.usd += outcome.costUsd ?? 0;
      },
    });
    return outcomes;
  }

  /** What was spent today is asked now and then, for back-fills spend too; in between it is added up. */
  async #knowSpent(scope: Scope, row: MonitorRow): Promise<void> {
    const day = Math.floor(this.#room.clock().getTime() / dayMs);
    if (this.#spent?.day === day && performance.now() - this.#spent.askedAt < askSpentMs) return;
    const today = (await this.#room.logs.monitored.since(scope, [row.id], new Date(day * dayMs))).get(row.id);
    this.#spent = { day, usd: today?.costUsd ?? 0, askedAt: performance.now() };
  }

  /** Until when the budget is spent. */
  #pauseOf({ budget_usd: budget }: MonitorRow): Date | null {
    if (budget === null || this.#spent === null || this.#spent.usd < budget) return null;
    return new Date((this.#spent.day + 1) * dayMs);
  }

  async #commit(
    scope: Scope,
    row: MonitorRow,
    spec: Parameters<typeof feedAlerts>[4],
    step: { from: { at: number | null; id: string }; to: Place; paused: Date | null; observed: readonly Outcome[] },
  ): Promise<boolean> {
    const observations = step.observed.map(({ arrival, value, unit }): Observation => ({
      value,
      unit,
      at: arrival.storedAt / 1000,
      logId: arrival.id,
    }));
    const tell: (() => void)[] = [];
    const about = await alertsAbout(this.#room, scope, row);
    const moved = await this.#room.db.transaction().execute(async (tx) => {
      if (!(await moveCursor(tx, row.id, step.from, step.to, { paused_until: step.paused }))) return false;
      if (about !== null) tell.push(...(await feedAlerts(this.#room, tx, scope, about, spec, observations)));
      return true;
    });
    if (moved) for (const each of tell) each();
    return moved;
  }

  /** Stands still, and says why; what comes meanwhile is not judged. */
  async #stand(row: MonitorRow, why: string): Promise<void> {
    const at = this.#room.clock().getTime() * 1000;
    await changeMonitor(this.#room.db, row.id, { trouble: why, cursor_at: at, cursor_id: '' });
  }
}

function isAfter(one: Place, other: Place): boolean {
  return one.at > other.at || (one.at === other.at && one.id > other.id);
}
