import { setTimeout as sleep } from 'node:timers/promises';
import { systemScope, type Scope } from '@whetstone/contract';
import { channel, type Room } from '../context.ts';
import { findExperiment } from '../store.ts';
import type { ExperimentRow } from '../tables.ts';
import { look } from './look.ts';
import { settleTrack } from './settle.ts';
import { planUnits } from './plan.ts';
import { analysisOf, keepAnalysis, leaveLeases, takeLease, toWatch } from './store.ts';
import type { AnalysisState } from './result.ts';
import { watch } from './watched.ts';

const roundMs = 500;
const listMs = 5_000;
const leaseSeconds = 30;
const renewMs = 8_000;
/** With nothing due: who came meanwhile is due no earlier than a window from now, but for late rows. */
const idleMs = 10_000;
const busyMs = 2_000;
/** So many at once are a backlog, which is gone through without pauses. */
const backlog = 10_000;
/** From when a log is acknowledged until it can be read; other replicas have queues of their own. */
const graceMs = { alone: 500, replicated: 5_000 };
/** Windows that were open at the end are not waited for; what closed before is settled within. */
const endedForMs = 3_600_000;

interface Watching {
  notBefore: number;
  running: Promise<void> | null;
  failures: number;
}

/**
 * Settles the outcomes of all experiments and holds their guards to them. One replica has the experiments of a workspace at a time;
 * another takes over when it no longer says so.
 */
export class Engine {
  readonly #room: Room;
  readonly #worker: string;
  readonly #watching = new Map<string, Watching>();
  readonly #leased = new Map<string, number>();
  readonly #stop = new AbortController();
  #rows: ExperimentRow[] = [];
  #listedAt = -Infinity;
  #loop: Promise<void> | null = null;
  #unlisten: () => void = () => undefined;

  constructor(room: Room) {
    this.#room = room;
    this.#worker = room.newId('worker_');
  }

  async start(): Promise<void> {
    this.#unlisten = await this.#room.storage.listen(channel, () => (this.#listedAt = -Infinity));
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#unlisten();
    await this.#loop;
    await Promise.all([...this.#watching.values()].map(({ running }) => running ?? Promise.resolve()));
    await leaveLeases(this.#room.db, this.#worker).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#list();
      } catch (error) {
        this.#room.log.warn({ err: error }, 'experiments could not be listed; they are again soon');
      }
      for (const row of this.#rows) this.#look(row);
      await sleep(roundMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #list(): Promise<void> {
    if (performance.now() - this.#listedAt < listMs) return;
    this.#listedAt = performance.now();
    this.#rows = await toWatch(this.#room.db, new Date(this.#room.clock().getTime() - endedForMs));
    const ids = new Set(this.#rows.map(({ id }) => id));
    for (const [id, { running }] of this.#watching) if (!ids.has(id) && running === null) this.#watching.delete(id);
  }

  #look(row: ExperimentRow): void {
    const watching = this.#watching.get(row.id) ?? { notBefore: 0, running: null, failures: 0 };
    this.#watching.set(row.id, watching);
    if (watching.running !== null || performance.now() < watching.notBefore) return;
    const began = performance.now();
    watching.running = this.#round(row)
      .then((settled) => {
        watching.failures = 0;
        // A round never takes more than a twentieth of the time.
        const took = performance.now() - began;
        watching.notBefore = performance.now() + (settled >= backlog ? 0 : Math.max(settled > 0 ? busyMs : this.#idle(row), 20 * took));
      })
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        watching.failures += 1;
        watching.notBefore = performance.now() + Math.min(60_000, 1_000 * 2 ** watching.failures);
        this.#room.log.warn({ err: error, experimentId: row.id }, 'an experiment is not analysed; it is tried again');
      })
      .finally(() => (watching.running = null));
  }

  #idle({ window_hours }: ExperimentRow): number {
    return Math.min(idleMs, Math.max(busyMs, window_hours * 36_000));
  }

  async #round(row: ExperimentRow): Promise<number> {
    if (!(await this.#mayWork(row.workspace_id))) return 0;
    return analyse(this.#room, systemScope(row.workspace_id, 'experiments'), row, async () => {
      this.#stop.signal.throwIfAborted();
      return this.#mayWork(row.workspace_id);
    });
  }

  async #mayWork(workspaceId: string): Promise<boolean> {
    const until = this.#leased.get(workspaceId) ?? 0;
    if (performance.now() < until) return true;
    const taken = await takeLease(this.#room.db, workspaceId, this.#worker, leaseSeconds);
    if (taken) this.#leased.set(workspaceId, performance.now() + renewMs);
    return taken;
  }
}

/** One round of one experiment: settles what is due, and looks when something was; how many units were settled. */
export async function analyse(
  room: Room,
  scope: Scope,
  listed: Pick<ExperimentRow, 'id'>,
  goOn: () => Promise<boolean> = async () => true,
): Promise<number> {
  const row = await findExperiment(room.db, scope.workspaceId, listed.id);
  if (row === undefined) return 0;
  const known = await analysisOf(room.db, row.id);
  const state = known?.state as AnalysisState | undefined;
  if (state?.final === true) return 0;
  await room.logs.drained(busyMs);
  const grace = room.replicated ? graceMs.replicated : graceMs.alone;
  const now = new Date(room.clock().getTime() - grace);
  const ended = row.ended_at !== null && row.ended_at <= now;
  const before = row.ended_at === null || row.ended_at > now ? now : row.ended_at;
  const watched = await watch(room, scope, row);
  // Fixed before the first look, from what was before the start.
  if (state?.nStar === undefined)
    await keepAnalysis(room.db, row, {
      settledUntil: null,
      lookedAt: null,
      state: { ...state, ...(await planUnits(room, scope, watched)) },
    });
  let settled = 0;
  for (const track of watched.tracks) settled += await settleTrack(room, scope, watched, track, { before, goOn });
  if (!(await goOn())) return settled;
  if (settled > 0 || ended || wordsAreOld(known?.looked_at ?? null, room.clock()))
    await look(room, scope, row, { settledUntil: before, final: ended && settled < backlog });
  return settled;
}

/** Units at assignment, which the sample ratio counts, come without any being settled. */
function wordsAreOld(lookedAt: Date | null, now: Date): boolean {
  return lookedAt === null || now.getTime() - lookedAt.getTime() > 30_000;
}
