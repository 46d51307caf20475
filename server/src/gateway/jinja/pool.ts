import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AnyObject, Template } from '@whetstone/contract';
import type { Rendered } from '@whetstone/domain';

export type RenderJinja = <T extends Template>(
  template: T,
  inputs: AnyObject,
  results: ReadonlyMap<string, string>,
) => Promise<Rendered<T>>;

interface Job {
  template: Template;
  inputs: AnyObject;
  results: ReadonlyMap<string, string>;
  done(rendered: Rendered<Template>): void;
}

/** Of the thread's processor time. */
const defaultDeadlineMs = 100;
/** By the clock, a busy machine's threads get this much longer. */
const patience = 20;
const maxWaiting = 1000;

/**
 * T3: Jinja runs in threads of its own. A template that takes longer than 100 ms loses its thread, not our event loop.
 * Threads start with the first template and hold 64 MB each.
 */
export function createJinjaPool(options: { threads?: number; deadlineMs?: number } = {}): { render: RenderJinja; close(): Promise<void> } {
  const most = options.threads ?? Math.max(1, Math.min(4, availableParallelism() - 1));
  const deadlineMs = options.deadlineMs ?? defaultDeadlineMs;
  const threads = new Set<Thread>();
  const waiting: Job[] = [];
  let closed = false;

  const start = (): void => {
    const thread = new Thread(deadlineMs, {
      idle: () => {
        const job = closed ? undefined : waiting.shift();
        if (job !== undefined) thread.take(job);
      },
      lost: () => {
        threads.delete(thread);
        if (waiting.length > 0 && threads.size < most && !closed) start();
      },
    });
    threads.add(thread);
  };
  const render = (template: Template, inputs: AnyObject, results: ReadonlyMap<string, string>): Promise<Rendered<Template>> =>
    new Promise((resolve) => {
      if (waiting.length >= maxWaiting) {
        resolve(invalid('Too many Jinja templates are waiting to be rendered. Try again shortly.'));
        return;
      }
      const job: Job = { template, inputs, results, done: resolve };
      const idle = [...threads].find((thread) => thread.isIdle);
      if (idle !== undefined) {
        idle.take(job);
        return;
      }
      waiting.push(job);
      if (threads.size < most && !closed) start();
    });
  return {
    render: render as RenderJinja,
    close: async () => {
      closed = true;
      await Promise.all([...threads].map((thread) => thread.end('The server is stopping.')));
    },
  };
}

class Thread {
  readonly #worker: Worker;
  readonly #deadlineMs: number;
  readonly #events: { idle(): void; lost(): void };
  #ready = false;
  #job: Job | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(deadlineMs: number, events: { idle(): void; lost(): void }) {
    this.#deadlineMs = deadlineMs;
    this.#events = events;
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 64 } });
    this.#worker.unref();
    this.#worker.on('message', (message: 'ready' | Rendered<Template>) => {
      this.#ready = true;
      if (message !== 'ready') this.#settle(message);
      events.idle();
    });
    this.#worker.on('error', () => void this.end('The Jinja template needs too much memory or cannot be run.'));
    this.#worker.on('exit', () => void this.end('The Jinja template ended its thread.'));
  }

  get isIdle(): boolean {
    return this.#ready && this.#job === null;
  }

  take(job: Job): void {
    this.#job = job;
    this.#watch(job, Date.now(), this.#cpuMs());
    // A job keeps the process; an idle thread does not.
    this.#worker.ref();
    this.#worker.postMessage({ template: job.template, inputs: job.inputs, results: job.results });
  }

  #watch(job: Job, startedAt: number, cpuBefore: Promise<number>): void {
    this.#timer = setTimeout(() => {
      Promise.all([cpuBefore, this.#cpuMs()]).then(
        ([before, now]) => {
          if (this.#job !== job) return undefined;
          const isLate = now - before >= this.#deadlineMs * 0.9 || Date.now() - startedAt > this.#deadlineMs * patience;
          if (isLate) void this.end(`The Jinja template takes longer than ${this.#deadlineMs} ms. Does it loop too often?`);
          else this.#watch(job, startedAt, cpuBefore);
          return undefined;
        },
        () => void this.end('The Jinja template cannot be run.'),
      );
    }, this.#deadlineMs);
  }

  async #cpuMs(): Promise<number> {
    const { user, system } = await this.#worker.cpuUsage();
    return (user + system) / 1000;
  }

  #settle(rendered: Rendered<Template>): void {
    const job = this.#job;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#job = null;
    this.#worker.unref();
    job?.done(rendered);
  }

  async end(message: string): Promise<void> {
    this.#settle(invalid(message));
    this.#ready = false;
    this.#worker.removeAllListeners('exit');
    await this.#worker.terminate();
    this.#events.lost();
  }
}

function invalid(message: string): Rendered<Template> {
  return { ok: false, reason: 'invalid', missing: [], message };
}
