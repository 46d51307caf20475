/** What becomes of a call of a vendor's client, seen without a change to what the application gets. */
export interface Watcher {
  /** The parsed answer, when it is no stream. */
  answered(value: unknown): void;
  /** An event of a stream, as the application reads it. */
  event(event: unknown): void;
  /** The stream was read to its end, left early, or broke with an error. */
  ended(error: unknown): void;
  failed(error: unknown): void;
}

type Method = (...args: unknown[]) => unknown;
interface Lazy {
  parse?: Method;
  parseResponse?: Method;
}

/**
 * The clients of OpenAI and Anthropic give a promise that parses the answer only when it is asked for (`then`,
 * `withResponse`), and can hand out the raw response instead. It is watched where it parses, so that each way stays as
 * it is and a raw response stays unread. Any other promise is watched as such.
 */
export function watch<T>(promise: T, watcher: Watcher): T {
  const lazy = promise as Lazy;
  if (typeof lazy.parseResponse !== 'function' || typeof lazy.parse !== 'function') return watchPlain(promise, watcher);
  const parseResponse = lazy.parseResponse.bind(promise);
  lazy.parseResponse = async (...args) => {
    const value = await parseResponse(...args);
    quietly(() => see(value, watcher));
    return value;
  };
  const parse = lazy.parse.bind(promise);
  let told = false;
  lazy.parse = () => {
    const parsed = parse();
    if (!told && isPromise(parsed)) {
      told = true;
      parsed.then(undefined, (error: unknown) => quietly(() => watcher.failed(error)));
    }
    return parsed;
  };
  return promise;
}

function watchPlain<T>(promise: T, watcher: Watcher): T {
  if (isPromise(promise)) {
    promise.then(
      (value) => quietly(() => see(value, watcher)),
      (error: unknown) => quietly(() => watcher.failed(error)),
    );
  }
  return promise;
}

function see(value: unknown, watcher: Watcher): void {
  if (isStream(value)) tap(value, watcher);
  else watcher.answered(value);
}

interface StreamLike {
  iterator?: () => AsyncIterator<unknown>;
  [Symbol.asyncIterator](): AsyncIterator<unknown>;
}

/** All ways of reading the clients' streams (`for await`, `tee`, `toReadableStream`) go through their `iterator`. */
function tap(stream: StreamLike, watcher: Watcher): void {
  if (typeof stream.iterator === 'function') {
    const iterator = stream.iterator.bind(stream);
    stream.iterator = () => tapped(iterator(), watcher);
    return;
  }
  const iterate = stream[Symbol.asyncIterator].bind(stream);
  Object.defineProperty(stream, Symbol.asyncIterator, { value: () => tapped(iterate(), watcher), configurable: true });
}

function tapped(source: AsyncIterator<unknown>, watcher: Watcher): AsyncIterableIterator<unknown> {
  let over = false;
  const end = (error: unknown) => {
    if (over) return;
    over = true;
    quietly(() => watcher.ended(error));
  };
  const step = async (take: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    try {
      const result = await take();
      if (result.done === true) end(null);
      else quietly(() => watcher.event(result.value));
      return result;
    } catch (error) {
      end(error);
      throw error;
    }
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => step(() => source.next()),
    return: (value?: unknown) => step(async () => (await source.return?.(value)) ?? { done: true, value }),
    throw: (error?: unknown) =>
      step(async () => {
        if (source.throw === undefined) throw error;
        return source.throw(error);
      }),
  };
}

function quietly(tell: () => void): void {
  try {
    tell();
  } catch {
    // A log that cannot be made costs the log, not the call.
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function isStream(value: unknown): value is StreamLike {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
