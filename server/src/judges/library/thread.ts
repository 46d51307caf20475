import { Worker } from 'node:worker_threads';
import type { AnyObject } from '@whetstone/contract';
import type { Outcome, Subject } from '@whetstone/evaluators';
import type { FromThread, Question, ToThread } from './protocol.ts';

export interface LibraryJob {
  name: string;
  options: AnyObject;
  subject: Subject;
  /** Answers what the evaluator asks of a model; absent: it has none. */
  ask?: (question: Extract<Question, { ask: unknown }>['ask']) => Promise<string>;
  embed?: (texts: string[]) => Promise<number[][]>;
  signal: AbortSignal;
}

interface Open {
  job: LibraryJob;
  done: (outcome: Outcome) => void;
}

const pingMs = 1_000;
const memoryMb = 512;

/**
 * The library judges in a thread of its own, which starts with the first judgment: a long text may keep it busy for a second,
 * and one that keeps it busy for longer than `deadlineMs` loses its thread, not our event loop. Judgments that share the
 * thread then fail with it.
 */
export class LibraryThread {
  readonly #deadlineMs: number;
  #worker: Worker | null = null;
  readonly #open = new Map<number, Open>();
  #ids = 0;
  #heardAt = 0;
  #pings: NodeJS.Timeout | null = null;

  constructor({ deadlineMs = 20_000 }: { deadlineMs?: number } = {}) {
    this.#deadlineMs = deadlineMs;
  }

  /** Never rejects but with the signal's reason. */
  async judge(job: LibraryJob): Promise<Outcome> {
    job.signal.throwIfAborted();
    const worker = this.#start();
    this.#ids += 1;
    const id = this.#ids;
    const stop = (): void => this.#send({ type: 'stop', id });
    job.signal.addEventListener('abort', stop, { once: true });
    const outcome = await new Promise<Outcome>((done) => {
      this.#open.set(id, { job, done });
      worker.ref();
      const { name, options, subject, ask, embed } = job;
      this.#send({ type: 'judge', id, name, options, subject, asks: ask !== undefined, embeds: embed !== undefined });
    });
    job.signal.removeEventListener('abort', stop);
    job.signal.throwIfAborted();
    return outcome;
  }

  async close(): Promise<void> {
    await this.#end('The server is stopping.');
  }

  #start(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
    this.#worker = worker;
    this.#heardAt = Date.now();
    worker.on('message', (message: FromThread) => this.#hear(message));
    worker.on('error', () => void this.#end('The evaluator needs too much memory.'));
    this.#pings = setInterval(() => this.#ping(), pingMs);
    this.#pings.unref();
    return worker;
  }

  #ping(): void {
    if (this.#open.size === 0) {
      this.#heardAt = Date.now();
      return;
    }
    if (Date.now() - this.#heardAt > this.#deadlineMs) void this.#end(`The evaluator takes longer than ${this.#deadlineMs / 1000} s.`);
    else this.#send({ type: 'ping' });
  }

  #hear(message: FromThread): void {
    this.#heardAt = Date.now();
    if (message.type === 'pong') return;
    const open = this.#open.get(message.id);
    if (open === undefined) return;
    if (message.type === 'question') {
      void this.#answer(open.job, message);
      return;
    }
    this.#open.delete(message.id);
    if (this.#open.size === 0) this.#worker?.unref();
    open.done(message.outcome);
  }

  async #answer({ ask, embed }: LibraryJob, { id, call, question }: Extract<FromThread, { type: 'question' }>): Promise<void> {
    try {
      const value = 'ask' in question ? await ask?.(question.ask) : await embed?.(question.embed);
      this.#send({ type: 'answer', id, call, ok: true, value });
    } catch (error) {
      this.#send({ type: 'answer', id, call, ok: false, message: error instanceof Error ? error.message : String(error) });
    }
  }

  #send(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  async #end(why: string): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    if (this.#pings !== null) clearInterval(this.#pings);
    const left = [...this.#open.values()];
    this.#open.clear();
    for (const { done } of left) done({ outcome: 'failed', value: null, error: why });
    worker?.removeAllListeners();
    await worker?.terminate();
  }
}
