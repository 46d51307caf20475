import { asError, WhetstoneError } from '../client/errors.ts';
import { backoffMs, type Transport } from '../client/transport.ts';
import { leaveLater } from './leave.ts';

/** One log or judgment on its way: an item of `POST /v5/logs/batch`. Its `log_id` makes sending it twice harmless. */
export interface QueuedLog {
  type: 'prompt' | 'tool' | 'flow' | 'agent' | 'evaluator';
  version_id?: string;
  environment?: string;
  log: Record<string, unknown>;
}

export interface QueueOptions {
  transport: Transport;
  /** How long a log waits for company. */
  flushIntervalMs: number;
  batchSize: number;
  maxItems: number;
  maxBytes: number;
  /** Tries of one batch before it is given up. */
  maxAttempts: number;
  /** Told of what was lost; must not throw. */
  onError: (error: Error) => void;
  /** A serverless platform's way of letting work go on after the answer. */
  waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

interface Item {
  text: string;
  attempts: number;
}
interface Answer {
  results: { id: string | null; error: { status: number; message: string } | null }[];
}

const maxBatchChars = 4_000_000;

/** Logs leave in batches, in order, one batch at a time; trouble is waited out and never reaches the caller. */
export class LogQueue {
  readonly #options: QueueOptions;
  #items: Item[] = [];
  #chars = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #sending: Promise<void> | null = null;
  #hurry: (() => void) | null = null;
  #closed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    leaveLater(this);
  }

  get size(): number {
    return this.#items.length;
  }

  /** How many logs were lost: refused, given up, or more than the queue holds. */
  get dropped(): number {
    return this.#dropped;
  }

  add(log: QueuedLog): void {
    try {
      if (this.#closed) return this.#lose(1, new Error('The client is closed; nothing more is logged.'));
      const item = { text: JSON.stringify(log), attempts: 0 };
      if (this.#items.length >= this.#options.maxItems || this.#chars + item.text.length > this.#options.maxBytes)
        return this.#lose(1, new Error(`The queue holds ${this.#items.length} logs that could not be sent; new ones are dropped.`));
      this.#items.push(item);
      this.#chars += item.text.length;
      if (this.#options.waitUntil !== undefined && this.#sending === null) this.#options.waitUntil(this.flush());
      else if (this.#items.length >= this.#options.batchSize) void this.#send();
      else this.#schedule();
    } catch (error) {
      this.#lose(1, asError(error));
    }
  }

  /** Sends what is there. Resolves true when all of it was sent, false when the time was over. Never rejects. */
  async flush(timeoutMs = 10_000): Promise<boolean> {
    const end = Date.now() + timeoutMs;
    while (this.#items.length > 0) {
      const left = end - Date.now();
      if (left <= 0) return false;
      this.#hurry?.();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((done) => (timer = setTimeout(done, left)));
      await Promise.race([this.#send(), late]);
      clearTimeout(timer);
    }
    return true;
  }

  async close(timeoutMs?: number): Promise<boolean> {
    const sent = await this.flush(timeoutMs);
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    return sent;
  }

  /** What is left when the process ends at once: the request that would send it. */
  remains(): { url: string; apiKey: string; body: string } | null {
    if (this.#items.length === 0) return null;
    const { baseUrl, apiKey } = this.#options.transport.options;
    return { url: `${baseUrl}/v5/logs/batch`, apiKey, body: bodyOf(this.#items.slice(0, 1000)) };
  }

  #schedule(): void {
    if (this.#timer !== null || this.#sending !== null) return;
    this.#timer = setTimeout(() => void this.#send(), this.#options.flushIntervalMs);
    this.#timer.unref?.();
  }

  #send(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#sending ??= this.#sendAll()
      .catch((error: unknown) => this.#lose(0, asError(error)))
      .finally(() => {
        this.#sending = null;
        if (this.#items.length > 0) this.#schedule();
      });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    let size = this.#options.batchSize;
    while (this.#items.length > 0) {
      const batch = this.#take(size);
      try {
        const { transport } = this.#options;
        const response = await transport.send('POST', '/v5/logs/batch', bodyOf(batch), { maxRetries: 0 });
        this.#settle(batch, (await response.json()) as Answer);
        size = this.#options.batchSize;
      } catch (thrown) {
        const error = asError(thrown);
        if (error instanceof WhetstoneError && error.status === 413 && batch.length > 1) {
          size = Math.ceil(batch.length / 2);
          continue;
        }
        const left = batch.filter((item) => this.#items.includes(item));
        if (!(await this.#waitOut(left, error))) this.#remove(left, error);
      }
    }
  }

  #take(size: number): Item[] {
    let chars = 0;
    const batch: Item[] = [];
    for (const item of this.#items) {
      if (batch.length >= size || (batch.length > 0 && chars + item.text.length > maxBatchChars)) break;
      batch.push(item);
      chars += item.text.length;
    }
    return batch;
  }

  /** Takes out what was stored or refused; throws when a busy server could not take the rest. */
  #settle(batch: Item[], { results }: Answer): void {
    const done = new Set<Item>();
    for (const [index, item] of batch.entries()) {
      const error = results[index]?.error ?? null;
      if (error !== null && passes(error.status)) continue;
      done.add(item);
      if (error !== null) this.#lose(1, new WhetstoneError(error.status, `A log was refused: ${error.message}`));
    }
    this.#drop(done);
    if (done.size < batch.length) throw new WhetstoneError(503, 'Whetstone could not take every log.');
  }

  /** Whether it is worth trying again; waits before it says so. */
  async #waitOut(left: Item[], error: Error): Promise<boolean> {
    const [first] = left;
    if (first === undefined) return true;
    if (!passes(error instanceof WhetstoneError ? error.status : 400)) return false;
    for (const item of left) item.attempts += 1;
    if (first.attempts >= this.#options.maxAttempts) return false;
    const asked = error instanceof WhetstoneError ? error.retryAfterMs : null;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, asked ?? backoffMs(first.attempts));
      timer.unref?.();
      this.#hurry = () => {
        clearTimeout(timer);
        // Hurried, but not in a tight loop.
        setTimeout(done, 50);
      };
    });
    this.#hurry = null;
    return true;
  }

  #remove(batch: Item[], error: Error): void {
    this.#drop(new Set(batch));
    this.#lose(batch.length, error);
  }

  #drop(done: ReadonlySet<Item>): void {
    this.#items = this.#items.filter((item) => !done.has(item));
    this.#chars = this.#items.reduce((sum, item) => sum + item.text.length, 0);
  }

  #lose(count: number, error: Error): void {
    this.#dropped += count;
    try {
      this.#options.onError(error);
    } catch {
      // The application's own handler failed: nobody is left to tell.
    }
  }
}

/** Trouble that is over some time: no connection, too much at once, a server that is restarting. */
function passes(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

function bodyOf(items: readonly Item[]): string {
  return `{"logs":[${items.map((item) => item.text).join(',')}]}`;
}
