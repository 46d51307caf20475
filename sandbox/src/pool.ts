import type { Runner } from './runner.ts';

/** A runner for one job. */
export interface Lease {
  runner: Runner;
  /** It served another tenant before. */
  fresh: boolean;
}

export interface Pool {
  /** Waits for a free runner; tenants that wait take turns. Rejects when none starts, or with the signal's reason. */
  take(tenant: string, signal: AbortSignal | null): Promise<Lease>;
  /** When the runner is free again. */
  give(lease: Lease): void;
  close(): Promise<void>;
}

interface Waiting {
  signal: AbortSignal | null;
  resolve(lease: Lease): void;
  reject(error: unknown): void;
}

/**
 * Runners of one language. Nothing runs before the first job; then one more than is needed is kept ready, so that a runner that
 * ended is replaced without a wait; after `idleMs` without a job none is left.
 *
 * @param most jobs at a time
 */
export function createPool(deps: { start: () => Promise<Runner>; most: number; idleMs: number }): Pool {
  const { start, most, idleMs } = deps;
  const idle: Runner[] = [];
  const busy = new Set<Runner>();
  const servedLast = new WeakMap<Runner, string>();
  /** By tenant, in the order of their turns. */
  const queues = new Map<string, Waiting[]>();
  let starting = 0;
  let closed = false;
  let forgetting: NodeJS.Timeout | undefined;

  const alive = (): number => idle.length + busy.size + starting;

  function begin(): void {
    starting += 1;
    start().then(
      (runner) => {
        starting -= 1;
        if (closed) return runner.kill();
        idle.push(runner);
        serve();
        if (busy.size === 0) forgetLater();
      },
      (error: unknown) => {
        starting -= 1;
        // Whoever waits hears it at once; the next job tries again.
        if (alive() > 0) return;
        for (const waiting of [...queues.values()].flat()) waiting.reject(error);
        queues.clear();
      },
    );
  }

  function nextTurn(): { tenant: string; waiting: Waiting } | null {
    for (const [tenant, queue] of queues) {
      queues.delete(tenant);
      const waiting = queue.shift();
      if (queue.length > 0) queues.set(tenant, queue);
      if (waiting !== undefined && waiting.signal?.aborted !== true) return { tenant, waiting };
      waiting?.reject(waiting.signal?.reason);
    }
    return null;
  }

  /** One that served this tenant last, else one that served nobody, else any. */
  function pick(tenant: string): Runner | undefined {
    for (let i = idle.length - 1; i >= 0; i--) if (!(idle[i] as Runner).sound()) idle.splice(i, 1)[0]?.kill();
    const wanted = idle.find((runner) => servedLast.get(runner) === tenant) ?? idle.find((runner) => !servedLast.has(runner)) ?? idle[0];
    if (wanted !== undefined) idle.splice(idle.indexOf(wanted), 1);
    return wanted;
  }

  function serve(): void {
    while (queues.size > 0 && busy.size < most) {
      const turn = nextTurn();
      if (turn === null) break;
      const runner = pick(turn.tenant);
      if (runner === undefined) {
        queues.set(turn.tenant, [turn.waiting, ...(queues.get(turn.tenant) ?? [])]);
        break;
      }
      busy.add(runner);
      const before = servedLast.get(runner);
      servedLast.set(runner, turn.tenant);
      turn.waiting.resolve({ runner, fresh: before !== undefined && before !== turn.tenant });
    }
    const wanted = [...queues.values()].reduce((sum, queue) => sum + queue.length, 0);
    // A spare beside what works and what is waited for.
    const enough = busy.size + Math.min(wanted, most - busy.size) + 1;
    while (!closed && alive() < enough) begin();
  }

  function forgetLater(): void {
    clearTimeout(forgetting);
    forgetting = setTimeout(() => {
      if (busy.size > 0 || queues.size > 0) return;
      for (const runner of idle.splice(0)) runner.kill();
    }, idleMs);
    forgetting.unref();
  }

  return {
    take(tenant, signal) {
      if (closed) return Promise.reject(new Error('the sandbox is closed'));
      clearTimeout(forgetting);
      const { promise, resolve, reject } = Promise.withResolvers<Lease>();
      const queue = queues.get(tenant) ?? [];
      queue.push({ signal, resolve, reject });
      queues.set(tenant, queue);
      serve();
      return promise;
    },
    give({ runner }) {
      busy.delete(runner);
      if (closed || !runner.sound()) runner.kill();
      else idle.push(runner);
      serve();
      if (busy.size === 0) forgetLater();
    },
    async close() {
      closed = true;
      clearTimeout(forgetting);
      for (const waiting of [...queues.values()].flat()) waiting.reject(new Error('the sandbox is closed'));
      queues.clear();
      const all = [...idle.splice(0), ...busy];
      for (const runner of all) runner.kill();
      await Promise.all(all.map((runner) => runner.exited));
    },
  };
}
