import { AsyncLocalStorage } from 'node:async_hooks';

/** What runs inside an observed function: the parent of every log made there. */
export interface Span {
  logId: string;
  /** The outermost log of the trace. */
  rootId: string;
  path: string;
  /** Told to all logs below, unless they say otherwise. */
  user?: string | undefined;
  session?: string | undefined;
  environment?: string | undefined;
  metadata: Record<string, unknown>;
}

export class Tracing {
  readonly #storage = new AsyncLocalStorage<Span>();
  /** Logs that are not written yet, each with what has to wait for it. */
  readonly #open = new Map<string, (() => void)[]>();

  current(): Span | null {
    return this.#storage.getStore() ?? null;
  }

  begin(logId: string): void {
    this.#open.set(logId, []);
  }

  end(logId: string): void {
    const waiting = this.#open.get(logId) ?? [];
    this.#open.delete(logId);
    for (const act of waiting) act();
  }

  /** Acts once the log is written: at once unless it is under way here. */
  after(logId: string, act: () => void): void {
    const waiting = this.#open.get(logId);
    if (waiting === undefined) act();
    else waiting.push(act);
  }

  inside<T>(span: Span, run: () => T): T {
    return this.#storage.run(span, run);
  }

  /** Iterates with the span as parent of whatever each step does, then calls `ended` once. */
  async *iterate<T>(span: Span, source: AsyncIterator<T>, each: (item: T) => void, ended: (error: unknown) => void): AsyncGenerator<T> {
    let error: unknown = null;
    let finished = false;
    try {
      for (;;) {
        const step = await this.#storage.run(span, () => source.next());
        if (step.done === true) {
          finished = true;
          return step.value;
        }
        each(step.value);
        yield step.value;
      }
    } catch (thrown) {
      error = thrown;
      finished = true;
      throw thrown;
    } finally {
      try {
        if (!finished) await source.return?.();
      } finally {
        ended(error);
      }
    }
  }
}
