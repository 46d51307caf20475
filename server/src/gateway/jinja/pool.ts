import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { AnyObject, Template } from '@whetstone/contract';
import type { Rendered } from '@whetstone/domain';

export type RenderJinja = <T extends Template>(template: T, inputs: AnyObject, results: ReadonlyMap<string, string>) => Promise<Rendered<T>>;

interface Job {
  template: Template;
  inputs: AnyObject;
  results: ReadonlyMap<string, string>;
  done(rendered: Rendered<Template>): void;
}
interface Thread {
  worker: Worker;
  online: boolean;
  job: Job | null;
  timer: NodeJS.Timeout | null;
}

const deadlineMs = 100;
const maxWaiting = 1000;

/**
 * T3: Jinja runs in threads of its own. A template that takes longer than 100 ms loses its thread, not our event loop.
 * Threads start with the first template and hold 64 MB at most.
 */
export function createJinjaPool(options: { threads?: number; deadlineMs?: number } = {}): { render: RenderJinja; close(): Promise<void> } {
  const most = options.threads ?? Math.max(1, Math.min(4, availableParallelism() - 1));
  const limitMs = options.deadlineMs ?? deadlineMs;
  const threads = new Set<Thread>();
  const waiting: Job[] = [];
  let closed = false;

  const start = (): void => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: 64 } });
    worker.unref();
    const thread: Thread = { worker, online: false, job: null, timer: null };
    threads.add(thread);
    worker.once('online', () => {
      thread.online = true;
      give(thread);
    });
    worker.on('message', (rendered: Rendered<Template>) => {
      const { job } = thread;
      settle(thread);
      job?.done(rendered);
      give(thread);
    });
    worker.on('error', () => lose(thread, 'The Jinja template needs too much memory or cannot be run.'));
  };
  const give = (thread: Thread): void => {
    const job = waiting.shift();
    if (job === undefined || closed) return;
    thread.job = job;
    thread.timer = setTimeout(() => lose(thread, `The Jinja template took longer than ${limitMs} ms. Does it loop too often?`), limitMs);
    thread.worker.postMessage({ template: job.template, inputs: job.inputs, results: job.results });
  };
  const settle = (thread: Thread): void => {
    if (thread.timer !== null) clearTimeout(thread.timer);
    thread.timer = null;
    thread.job = null;
  };
  const lose = (thread: Thread, message: string): void => {
    const { job } = thread;
    settle(thread);
    threads.delete(thread);
    thread.worker.terminate().catch(() => undefined);
    job?.done({ ok: false, reason: 'invalid', missing: [], message });
    if (waiting.length > 0 && threads.size < most && !closed) start();
  };
  const render = (template: Template, inputs: AnyObject, results: ReadonlyMap<string, string>): Promise<Rendered<Template>> =>
    new Promise((resolve) => {
      if (waiting.length >= maxWaiting) {
        resolve({ ok: false, reason: 'invalid', missing: [], message: 'Too many Jinja templates are waiting to be rendered. Try again shortly.' });
        return;
      }
      waiting.push({ template, inputs, results, done: resolve });
      const idle = [...threads].find((thread) => thread.online && thread.job === null);
      if (idle !== undefined) give(idle);
      else if (threads.size < most) start();
    });
  return {
    render: render as RenderJinja,
    close: async () => {
      closed = true;
      for (const thread of threads) settle(thread);
      await Promise.all([...threads].map((thread) => thread.worker.terminate()));
    },
  };
}
