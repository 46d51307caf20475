import { asError, errorOf, WhetstoneError } from './errors.ts';

export interface TransportOptions {
  /** Without `/v5`. */
  baseUrl: string;
  apiKey: string;
  fetch: typeof fetch;
  timeoutMs: number;
  maxRetries: number;
}

export interface SendOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  maxRetries?: number | undefined;
  headers?: Record<string, string> | undefined;
}

const firstWaitMs = 250;
const longestWaitMs = 8_000;

/** Milliseconds before try `attempt` (from 0): doubling, with as much chance as certainty so that callers spread. */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(longestWaitMs, firstWaitMs * 2 ** attempt);
  return full / 2 + (full / 2) * random();
}

/** Requests to one server with one key, repeated when that is safe and worth it. */
export class Transport {
  readonly options: TransportOptions;

  constructor(options: TransportOptions) {
    this.options = options;
  }

  /** The answer when it is a success. Throws `WhetstoneError`, or the reason of the signal. */
  async send(method: string, path: string, body: unknown, given: SendOptions = {}): Promise<Response> {
    const retries = given.maxRetries ?? this.options.maxRetries;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#once(method, path, body, given);
      } catch (error) {
        if (!(error instanceof WhetstoneError) || attempt >= retries || !worthRepeating(method, error)) throw error;
        await wait(error.retryAfterMs ?? backoffMs(attempt), given.signal);
      }
    }
  }

  async #once(method: string, path: string, body: unknown, given: SendOptions): Promise<Response> {
    const timeout = AbortSignal.timeout(given.timeoutMs ?? this.options.timeoutMs);
    const signal = given.signal === undefined ? timeout : AbortSignal.any([timeout, given.signal]);
    const init: RequestInit = {
      method,
      signal,
      headers: {
        accept: 'application/json',
        'x-api-key': this.options.apiKey,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...given.headers,
      },
    };
    if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
    let response: Response;
    try {
      response = await this.options.fetch(this.options.baseUrl + path, init);
    } catch (thrown) {
      if (given.signal?.aborted === true) throw given.signal.reason;
      const late = timeout.aborted ? `did not answer within ${given.timeoutMs ?? this.options.timeoutMs} ms` : 'cannot be reached';
      throw new WhetstoneError(0, `Whetstone at ${this.options.baseUrl} ${late}: ${causeOf(thrown)}`, { cause: thrown });
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

/** 429 and 503 were not begun; of the rest only what may be done twice is. */
function worthRepeating(method: string, { status }: WhetstoneError): boolean {
  if (status === 429 || status === 503) return true;
  const mayRepeat = method === 'GET' || method === 'PUT' || method === 'DELETE';
  return mayRepeat && (status === 0 || status === 408 || status >= 500);
}

function causeOf(thrown: unknown): string {
  const error = asError(thrown);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      done();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      fail(asError(signal?.reason));
    };
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
