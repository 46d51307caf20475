import { AppError, type Scope } from '@whetstone/contract';
import { logIdAt } from '@whetstone/domain';
import { StoreUnavailableError, type Blobs } from '../storage/index.ts';
import type { Intake } from './intake/intake.ts';
import type { LogFilter, LogPage, StoredJudgment, StoredLog } from './index.ts';
import type { JudgmentStore } from './judgments/store.ts';
import { Lookup } from './lookup.ts';
import { restoreBlobs } from './record/blobs.ts';
import { toStoredJudgment, type JudgmentRow } from './record/judgment.ts';
import { toStored, type LogRow, type Payload, type SummaryRow } from './record/row.ts';
import type { LogStore } from './store.ts';

export interface ReadsDeps {
  intake: Intake;
  store: LogStore;
  judgments: JudgmentStore;
  blobs: Blobs;
  now: () => number;
  /** Other replicas have queues of their own. */
  replicated: boolean;
}

/** Below this many waiting rows a list waits for them, so that who logs and lists at once sees the log. */
const smallBacklog = 2_000;
const listWaitMs = 400;
/** The first who asks after a while waits for what gathered meanwhile. */
const gathered = { backlog: 5_000, waitMs: 2_000 };
const adoptWaitMs = 30_000;
const mostAdopted = 10_000;
const replicaWaitMs = 1_000;
const recentMs = 5_000;

/** Questions about single rows and pages of them, with the undrained intake laid over what the store says. */
export class Reads {
  readonly #deps: ReadsDeps;
  readonly #logs: Lookup<LogRow>;
  readonly #judgments: Lookup<JudgmentRow>;

  constructor(deps: ReadsDeps) {
    this.#deps = deps;
    this.#logs = new Lookup((workspaceId, wanted) => deps.store.newest(workspaceId, wanted));
    this.#judgments = new Lookup((workspaceId, wanted) => deps.judgments.newest(workspaceId, wanted));
  }

  /** The newest row that a write merges into; `unsettled` when the store could not be asked. */
  async base(workspaceId: string, id: string): Promise<{ row: LogRow | null; unsettled: boolean }> {
    const queued = this.#deps.intake.log(workspaceId, id);
    if (queued) return queued;
    try {
      return { row: await this.#stored(workspaceId, id), unsettled: false };
    } catch (error) {
      if (error instanceof StoreUnavailableError) return { row: null, unsettled: true };
      throw error;
    }
  }

  /** Throws `unavailable` when the store has to be asked and does not answer. */
  async newestRow(workspaceId: string, id: string): Promise<LogRow | null> {
    const queued = this.#deps.intake.log(workspaceId, id);
    if (queued && !queued.unsettled) return queued.row;
    return queued?.row ?? (await answered(this.#stored(workspaceId, id)));
  }

  #stored(workspaceId: string, id: string): Promise<LogRow | null> {
    return this.#logs.row(workspaceId, id);
  }

  /** A row for what is copied from it; null when it is unknown, deleted or the store is away. */
  async parentOf(workspaceId: string, id: string): Promise<SummaryRow | null> {
    const { row } = await this.base(workspaceId, id);
    return row && row.deleted === 0 ? row : null;
  }

  /** The newest row of a log that is not deleted, whole; null as of `parentOf`. */
  async judgedLog(workspaceId: string, id: string): Promise<LogRow | null> {
    const { row } = await this.base(workspaceId, id);
    return row && row.deleted === 0 ? row : null;
  }

  /** What the log answered, cut out strings put back; null when it answered no text, or its text is not kept. */
  async answerOf(row: Payload): Promise<string | null> {
    return (await this.wholePayload(row)).output;
  }

  /** Rows that took a log for the root of their trace. */
  async namingTrace(workspaceId: string, id: string): Promise<SummaryRow[]> {
    await this.#deps.intake.drained(adoptWaitMs);
    return (await answered(this.#deps.store.ofTraces(workspaceId, [id], mostAdopted))).filter((row) => row.id !== id);
  }

  async newestJudgment(workspaceId: string, id: string): Promise<JudgmentRow | null> {
    return this.#deps.intake.judgment(workspaceId, id)?.row ?? (await answered(this.#judgments.row(workspaceId, id)));
  }

  /** As `base`, of a judgment. */
  async baseJudgment(workspaceId: string, id: string): Promise<{ row: JudgmentRow | null; unsettled: boolean }> {
    const queued = this.#deps.intake.judgment(workspaceId, id);
    if (queued) return queued;
    try {
      return { row: await this.#judgments.row(workspaceId, id), unsettled: false };
    } catch (error) {
      if (error instanceof StoreUnavailableError) return { row: null, unsettled: true };
      throw error;
    }
  }

  wholePayload(row: Payload): Promise<Payload> {
    return restoreBlobs(row, this.#deps.blobs);
  }

  async find({ workspaceId }: Scope, id: string): Promise<StoredLog | null> {
    let row = await this.newestRow(workspaceId, id);
    const at = logIdAt(id);
    if (!row && this.#deps.replicated && at !== null && Math.abs(this.#deps.now() - at / 1000) < recentMs) {
      const until = performance.now() + replicaWaitMs;
      while (!row && performance.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        row = await this.newestRow(workspaceId, id);
      }
    }
    if (!row || row.deleted === 1) return null;
    return toStored(row, await this.wholePayload(row));
  }

  async findJudgment({ workspaceId }: Scope, id: string): Promise<StoredJudgment | null> {
    const row = await this.newestJudgment(workspaceId, id);
    return row && row.deleted === 0 ? toStoredJudgment(row) : null;
  }

  async list({ workspaceId }: Scope, filter: LogFilter, page: LogPage): Promise<{ records: StoredLog[]; total: number }> {
    await this.settled();
    const before = page.before ? await this.#placeOf(workspaceId, page.before) : null;
    if (page.before && !before) return { records: [], total: page.count ? 0 : -1 };
    const [rows, total] = await answered(
      Promise.all([
        this.#deps.store.page(workspaceId, filter, page, before),
        page.count ? this.#deps.store.count(workspaceId, filter) : -1,
      ]),
    );
    return { records: await this.present(workspaceId, rows, page.payload), total };
  }

  async judgments(
    { workspaceId }: Scope,
    filter: LogFilter & { evaluatorId?: string | null },
    page: LogPage,
  ): Promise<{ records: StoredJudgment[]; total: number }> {
    await this.settled();
    const [rows, total] = await answered(
      Promise.all([
        this.#deps.judgments.page(workspaceId, filter, page),
        page.count ? this.#deps.judgments.count(workspaceId, filter) : -1,
      ]),
    );
    return { records: rows.map(toStoredJudgment), total };
  }

  /** Newest per (log, evaluator, source, judge), in the order in which they were said. */
  async judgmentsOf({ workspaceId }: Scope, logIds: readonly string[]): Promise<Map<string, StoredJudgment[]>> {
    await this.settled();
    const rows = await answered(this.#deps.judgments.ofLogs(workspaceId, logIds));
    const current = new Map<string, JudgmentRow>();
    for (const stored of rows) {
      const row = this.#deps.intake.judgment(workspaceId, stored.id)?.row ?? stored;
      if (row.deleted === 1) continue;
      const key = JSON.stringify([row.log_id, row.evaluator_id, row.source, row.judge]);
      current.delete(key);
      current.set(key, row);
    }
    const byLog = new Map<string, StoredJudgment[]>();
    for (const row of current.values()) {
      const list = byLog.get(row.log_id);
      if (list) list.push(toStoredJudgment(row));
      else byLog.set(row.log_id, [toStoredJudgment(row)]);
    }
    return byLog;
  }

  /** Rows as logs: what changed since in the intake shows, what was deleted there does not. */
  async present(workspaceId: string, rows: readonly SummaryRow[], payload: boolean): Promise<StoredLog[]> {
    const laid = rows.map((stored) => ({ stored, queued: this.#deps.intake.log(workspaceId, stored.id)?.row ?? null }));
    const alive = laid.filter(({ queued }) => queued?.deleted !== 1);
    if (!payload) return alive.map(({ stored, queued }) => toStored(queued ?? stored, null));
    const payloads = await answered(
      this.#deps.store.payloads(
        workspaceId,
        alive.flatMap(({ stored, queued }) => (queued ? [] : [stored])),
      ),
    );
    return Promise.all(
      alive.map(async ({ stored, queued }) => {
        const whole = queued ?? payloads.get(stored.id) ?? null;
        return toStored(queued ?? stored, whole && (await this.wholePayload(whole)));
      }),
    );
  }

  async #placeOf(workspaceId: string, id: string): Promise<{ at: number; id: string } | null> {
    const row = await this.newestRow(workspaceId, id);
    return row && { at: row.at, id };
  }

  /** Who asks again and again without waiting says so: what is on its way comes soon. */
  watched(): void {
    this.#deps.intake.asked();
  }

  /** Lets a small backlog pass, so that what was acknowledged is in lists. */
  async settled(): Promise<void> {
    const { intake } = this.#deps;
    const small = intake.asked() ? { backlog: smallBacklog, waitMs: listWaitMs } : gathered;
    if (intake.waiting > 0 && intake.waiting <= small.backlog) await intake.drained(small.waitMs);
  }
}

/** A store that is away is `unavailable` to whoever asks. */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new AppError('unavailable', 'The log store does not answer. Try again shortly.', { cause: error, retryAfterSeconds: 2 });
  }
}
