import { systemScope, type Scope } from '@whetstone/contract';
import { isPairwise } from '@whetstone/domain';
import type { Snapshot } from '../../files/index.ts';
import type { Room } from '../context.ts';
import { runLogs } from '../store-runs.ts';
import { generate } from './generate.ts';
import { JudgeRun } from './judge-run.ts';
import { Ledger } from './ledger.ts';
import { judgePairs } from './pair-run.ts';
import { pairingsOf } from './pairings.ts';
import { Purse } from './purse.ts';
import { Stopped } from './stopped.ts';
import { openRunsAgainst } from './store-pairs.ts';
import { isOver, judgesOfRun, leaveRun, openRuns, openRunsOf, someAbandoned, stopRun, takeRun, type WorkedRun } from './store.ts';

const leaseSeconds = 10;
/** So a run that was cancelled on another replica ends within about as long. */
const heartbeatMs = 750;
const gatherMs = 200;
/** How often it is looked whether another replica died over its work. */
const sweepMs = 5_000;
const forBaselineMs = 5_000;
/** Another replica has the run, or a store was away. */
const againMs = 1_000;
const longestAgainMs = 60_000;
/** How long ago a run may have begun whose logs, made elsewhere, are looked through after a start. */
const lookBackMs = 14 * 86_400_000;
const mostAfterStart = 500;

interface Working {
  stop: AbortController;
  /** It was woken while it worked. */
  again: boolean;
  purse: Purse | null;
}

/**
 * Works on runs: makes the logs that are the server's to make and judges with the evaluators that are the server's to run.
 * A run is worked on by one replica at a time; what is left after a crash is taken up again, by this one or another.
 */
export class Engine {
  readonly #room: Room;
  readonly #worker: string;
  readonly #working = new Map<string, Working>();
  readonly #tasks = new Set<Promise<void>>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #failures = new Map<string, number>();
  #sweep: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(room: Room) {
    this.#room = room;
    this.#worker = room.newId('worker_');
  }

  /** Takes up what an earlier process left, and from then on what another one leaves. */
  async start(): Promise<void> {
    await this.#takeUp();
    this.#sweep ??= setInterval(() => void this.#lookAround(), sweepMs);
  }

  async #takeUp(): Promise<void> {
    const since = new Date(this.#room.clock().getTime() - lookBackMs);
    for (const runId of await openRuns(this.#room.db, since, mostAfterStart)) this.wake(runId);
  }

  async #lookAround(): Promise<void> {
    try {
      if (!this.#stopped && (await someAbandoned(this.#room.db))) await this.#takeUp();
    } catch {
      // The store is away; the next look is soon.
    }
  }

  /** Logs came into the run; others will soon, and are looked for together. */
  wakeSoon(runId: string): void {
    const working = this.#working.get(runId);
    if (working !== undefined) working.again = true;
    else if (!this.#timers.has(runId)) this.#later(runId, gatherMs);
  }

  /** There may be something to do in the run. */
  wake(runId: string): void {
    if (this.#stopped) return;
    const working = this.#working.get(runId);
    if (working !== undefined) {
      working.again = true;
      return;
    }
    clearTimeout(this.#timers.get(runId));
    this.#timers.delete(runId);
    const its: Working = { stop: new AbortController(), again: false, purse: null };
    this.#working.set(runId, its);
    const task = this.#work(runId, its).finally(() => {
      this.#working.delete(runId);
      this.#tasks.delete(task);
      if (its.again) this.wakeSoon(runId);
    });
    this.#tasks.add(task);
  }

  async wakeAll(evaluationId: string): Promise<void> {
    for (const runId of await openRunsOf(this.#room.db, evaluationId)) this.wake(runId);
  }

  /** The run was ended: what is under way in it is aborted. */
  end(runId: string): void {
    this.#working.get(runId)?.stop.abort();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#sweep);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const { stop } of this.#working.values()) stop.abort();
    await Promise.all(this.#tasks);
  }

  async #work(runId: string, its: Working): Promise<void> {
    const { db, log } = this.#room;
    let beat: NodeJS.Timeout | undefined;
    try {
      const run = await takeRun(db, runId, this.#worker, leaseSeconds);
      if (run === null) {
        if (!(await isOver(db, runId))) this.#later(runId, againMs);
        return;
      }
      beat = setInterval(() => void this.#beat(runId, its), heartbeatMs);
      await this.#process(run, its);
      this.#failures.delete(runId);
    } catch (error) {
      if (its.stop.signal.aborted) return;
      if (error instanceof Stopped) {
        await stopRun(db, runId, error.because, error.message);
        return;
      }
      const failures = (this.#failures.get(runId) ?? 0) + 1;
      this.#failures.set(runId, failures);
      log.warn({ err: error, runId }, 'a run stands still; it is tried again');
      this.#later(runId, Math.min(longestAgainMs, againMs * 2 ** failures));
    } finally {
      clearInterval(beat);
      await leaveRun(db, runId, this.#worker).catch(() => undefined);
    }
  }

  /** Says that the run is worked on, and hears whether it was ended elsewhere. */
  async #beat(runId: string, its: Working): Promise<void> {
    try {
      const run = await takeRun(this.#room.db, runId, this.#worker, leaseSeconds);
      if (run === null) its.stop.abort();
      // It may have been raised.
      else if (its.purse !== null) its.purse.cap = run.maxCostUsd;
    } catch {
      // The store is away: the lease may run out, and whoever takes over finds what is left.
    }
  }

  #later(runId: string, ms: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timers.get(runId));
    this.#timers.set(
      runId,
      setTimeout(() => this.wake(runId), ms),
    );
  }

  async #process(run: WorkedRun, its: Working): Promise<void> {
    const room = this.#room;
    const scope = scopeOf(run);
    const { signal } = its.stop;
    const evaluators = (await this.#evaluators(scope, run.id)).filter(({ version }) => !isPairwise(version.kernel.spec));
    const purse = new Purse({ cap: run.maxCostUsd, spent: run.spentUsd, judged: evaluators.length > 0 });
    its.purse = purse;
    const ledger = new Ledger(room, run.id);
    try {
      const judging = new JudgeRun(room, scope, { evaluators, ledger, purse, signal });
      const made = await this.#generate(scope, run, { judging, ledger, purse, signal });
      await judging.settled();
      if (made instanceof Stopped) throw made;
      await ledger.settled();
      // All that it made itself is judged.
      if (!made || (await runLogs(room.db, [run.id])).length > 0) {
        const unjudged = await this.#unjudged(scope, run, evaluators);
        ledger.expect(unjudged.length);
        for (const logId of unjudged) judging.add(logId);
        await judging.settled();
      }
      await this.#compare(scope, run, its, { ledger, spent: purse.spent });
    } finally {
      await ledger.settled();
    }
  }

  /** Its logs with those of the baseline. Where it is the baseline itself, the others go on. */
  async #compare(scope: Scope, run: WorkedRun, its: Working, { ledger, spent }: { ledger: Ledger; spent: number }): Promise<void> {
    const room = this.#room;
    const pairings = await pairingsOf(room, scope, run.id);
    if (pairings.some(({ baselineId }) => baselineId === run.id))
      for (const runId of await openRunsAgainst(room.db, run.id)) this.wake(runId);
    const against = pairings.filter(({ baselineId }) => baselineId !== run.id);
    if (against.length === 0) return;
    const purse = new Purse({ cap: its.purse?.cap ?? run.maxCostUsd, spent, judged: false });
    its.purse = purse;
    const waits = await judgePairs(room, scope, against, { run, ledger, purse, signal: its.stop.signal });
    // The baseline wakes it when both are made here; it may be made elsewhere.
    if (waits) this.#later(run.id, forBaselineMs);
  }

  /** @returns whether all of its logs were made now, or why it stopped by itself: what was made until then is judged first */
  async #generate(
    scope: Scope,
    run: WorkedRun,
    { judging, ...its }: { judging: JudgeRun; ledger: Ledger; purse: Purse; signal: AbortSignal },
  ): Promise<Stopped | boolean> {
    if (!run.orchestrated || run.versionId === null) return false;
    const version = (await this.#room.files.versionsById(scope, [run.versionId])).get(run.versionId);
    if (version === undefined)
      return new Stopped('version_deleted', 'The version that the run was to call was deleted, so that nothing more can come of it.');
    try {
      return await generate(this.#room, scope, { run, version, onLog: (logId, fresh) => judging.add(logId, fresh), ...its });
    } catch (error) {
      if (error instanceof Stopped) return error;
      throw error;
    }
  }

  async #evaluators(scope: Scope, runId: string): Promise<Snapshot<'evaluator'>[]> {
    const versions = await this.#room.files.versionsById(scope, await judgesOfRun(this.#room.db, runId));
    return [...versions.values()].filter((each): each is Snapshot<'evaluator'> => each.kind === 'evaluator');
  }

  /** Logs that one of the evaluators has not judged: made elsewhere, or judged in part when a process ended. */
  async #unjudged(scope: Scope, run: WorkedRun, evaluators: readonly Snapshot<'evaluator'>[]): Promise<string[]> {
    const { logs, db } = this.#room;
    if (evaluators.length === 0) return [];
    const made = (await logs.runs.logs(scope, [run.id], await runLogs(db, [run.id]))).filter(({ complete }) => complete);
    const ids = made.map(({ id }) => id);
    const fileIds = [...new Set(evaluators.map(({ file }) => file.id))];
    const there = new Set(
      (await logs.runs.judgments(scope, ids, fileIds)).map(({ logId, evaluatorVersionId }) => `${logId} ${evaluatorVersionId}`),
    );
    return ids.filter((id) => evaluators.some(({ version }) => !there.has(`${id} ${version.id}`)));
  }
}

/** On behalf of the key that started it, whose limits its calls count to. Which versions it may call was asked then. */
function scopeOf({ workspaceId, startedBy }: WorkedRun): Scope {
  if (startedBy === null) return systemScope(workspaceId, 'evaluations');
  return { workspaceId, actor: { type: 'key', ...startedBy, environment: null } };
}
