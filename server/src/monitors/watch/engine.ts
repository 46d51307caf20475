import { setTimeout as sleep } from 'node:timers/promises';
import { systemScope } from '@whetstone/contract';
import { Thresholds } from '../alerts/thresholds.ts';
import { Backfilling } from '../backfills/work.ts';
import { runningBackfills } from '../backfills/store.ts';
import { channel, type Room } from '../context.ts';
import { activeMonitors, leaveLeases, takeLease, workingWorkspaces } from '../store.ts';
import { Watcher } from './watcher.ts';

const roundMs = 1_000;
/** Where nobody told of a log: another replica wrote it, or a trace ended. */
const slowRoundMs = 5_000;
const deepRoundMs = 10_000;
const listMs = 30_000;
const leaseSeconds = 30;
const renewMs = 8_000;
/** From a log's acknowledgement until it can be read from the store, with room to spare. */
const storedWithinMs = 5_000;
const longestWaitMs = 60_000;

interface Workspace {
  id: string;
  /** A log came; it is looked for until then. */
  busyUntil: number;
  lookedAt: number;
  deepAt: number;
  leasedUntil: number;
  round: Promise<void> | null;
  watchers: Map<string, Watching>;
  backfills: Map<string, Promise<void>>;
}
interface Watching {
  watcher: Watcher;
  running: Promise<void> | null;
  failures: number;
  notBefore: number;
}

/**
 * Works on the monitors of all workspaces. One replica has the monitors of a workspace at a time; another takes over when it no longer
 * says so. Woken by the logs of this replica, and looks by itself for those of others.
 */
export class Engine {
  readonly #room: Room;
  readonly #worker: string;
  readonly #thresholds: Thresholds;
  readonly #workspaces = new Map<string, Workspace>();
  readonly #stop = new AbortController();
  #loop: Promise<void> | null = null;
  #listedAt = -Infinity;
  #unlisten: () => void = () => undefined;

  constructor(room: Room) {
    this.#room = room;
    this.#thresholds = new Thresholds(room);
    this.#worker = room.newId('worker_');
  }

  async start(): Promise<void> {
    this.#unlisten = await this.#room.storage.listen(channel, () => (this.#listedAt = -Infinity));
    this.#loop ??= this.#run();
  }

  /** A log of the workspace was acknowledged, or a trace ended. */
  wake(workspaceId: string): void {
    const workspace = this.#workspaces.get(workspaceId);
    if (workspace !== undefined) workspace.busyUntil = performance.now() + storedWithinMs;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#unlisten();
    await this.#loop;
    const all = [...this.#workspaces.values()];
    await Promise.all(all.map(({ round }) => round ?? Promise.resolve()));
    await Promise.all(all.flatMap(({ watchers }) => [...watchers.values()].map(({ running }) => running ?? Promise.resolve())));
    await Promise.all(all.flatMap(({ backfills }) => [...backfills.values()]));
    await leaveLeases(this.#room.db, this.#worker).catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await this.#list();
      } catch (error) {
        this.#room.log.warn({ err: error }, 'monitors could not be listed; they are again soon');
      }
      const now = performance.now();
      for (const workspace of this.#workspaces.values()) {
        const busy = now < workspace.busyUntil;
        if (workspace.round !== null || (!busy && now - workspace.lookedAt < slowRoundMs)) continue;
        workspace.lookedAt = now;
        workspace.round = this.#round(workspace)
          .catch((error: unknown) => {
            if (!signal.aborted)
              this.#room.log.warn({ err: error, workspaceId: workspace.id }, 'monitors stand still; they are tried again');
          })
          .finally(() => (workspace.round = null));
      }
      await sleep(roundMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #list(): Promise<void> {
    if (performance.now() - this.#listedAt < listMs) return;
    this.#listedAt = performance.now();
    const ids = new Set(await workingWorkspaces(this.#room.db));
    for (const id of ids) {
      const there = this.#workspaces.get(id);
      if (there !== undefined) there.lookedAt = -Infinity;
      else
        this.#workspaces.set(id, {
          id,
          busyUntil: 0,
          lookedAt: -Infinity,
          deepAt: -Infinity,
          leasedUntil: -Infinity,
          round: null,
          watchers: new Map(),
          backfills: new Map(),
        });
    }
    for (const [id, { round, watchers }] of this.#workspaces)
      if (!ids.has(id) && round === null && [...watchers.values()].every(({ running }) => running === null)) this.#workspaces.delete(id);
  }

  async #round(workspace: Workspace): Promise<void> {
    const { db, logs, log } = this.#room;
    const now = performance.now();
    if (now > workspace.leasedUntil - (leaseSeconds * 1000 - renewMs)) {
      if (!(await takeLease(db, workspace.id, this.#worker, leaseSeconds))) {
        workspace.watchers.clear();
        return;
      }
      workspace.leasedUntil = now + leaseSeconds * 1000;
    }
    const rows = await activeMonitors(db, workspace.id);
    const active = new Set(rows.map(({ id }) => id));
    for (const [id, { running }] of workspace.watchers) if (!active.has(id) && running === null) workspace.watchers.delete(id);
    const deep = this.#room.replicated && now - workspace.deepAt > deepRoundMs;
    if (deep) workspace.deepAt = now;
    const places = rows.map((row) => row.cursor_at ?? row.updated_at.getTime() * 1000);
    const scope = systemScope(workspace.id, 'monitors');
    const oldest = Math.min(...places, this.#room.clock().getTime() * 1000) - 90_000_000;
    const fileIds = [...new Set(rows.map((row) => row.file_id))];
    const news = rows.length === 0 ? new Map<string, number>() : await logs.monitored.news(scope, fileIds, oldest);
    for (const row of rows) {
      const last = news.get(row.file_id);
      if (last === undefined || (!deep && last < (row.cursor_at ?? 0))) continue;
      const watching = workspace.watchers.get(row.id) ?? { watcher: new Watcher(this.#room), running: null, failures: 0, notBefore: 0 };
      workspace.watchers.set(row.id, watching);
      if (watching.running !== null || performance.now() < watching.notBefore) continue;
      watching.running = watching.watcher
        .run(row, { deep, signal: this.#stop.signal })
        .then(() => {
          watching.failures = 0;
        })
        .catch((error: unknown) => {
          if (this.#stop.signal.aborted) return;
          watching.failures += 1;
          watching.notBefore = performance.now() + Math.min(longestWaitMs, roundMs * 2 ** watching.failures);
          log.warn({ err: error, monitorId: row.id }, 'a monitor stands still; it is tried again');
        })
        .finally(() => (watching.running = null));
    }
    await this.#thresholds.check(scope, rows);
    for (const row of await runningBackfills(db, workspace.id)) {
      if (workspace.backfills.has(row.id)) continue;
      const work = new Backfilling(this.#room, row.id, this.#stop.signal).run().finally(() => workspace.backfills.delete(row.id));
      workspace.backfills.set(row.id, work);
    }
  }
}
