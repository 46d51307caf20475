import { type Api, createApi } from './client/api.ts';
import { asError } from './client/errors.ts';
import { Transport } from './client/transport.ts';
import { PromptCache, type PromptOptions } from './prompts/cache.ts';
import { fileStore } from './prompts/file-store.ts';
import type { Prompt } from './prompts/rendered.ts';
import { newLogId } from './telemetry/ids.ts';
import { toJson } from './telemetry/json.ts';
import { observe, type ObserveOptions } from './telemetry/observe.ts';
import { LogQueue, type QueuedLog } from './telemetry/queue.ts';
import { type Span, Tracing } from './telemetry/trace.ts';
import { wrapAnthropic } from './wrap/anthropic.ts';
import { wrapOpenAI } from './wrap/openai.ts';
import type { Recording, WrapOptions } from './wrap/record-call.ts';

export interface WhetstoneOptions {
  /** Default: `WHETSTONE_API_KEY`. Without one nothing is logged, which is said once. */
  apiKey?: string | undefined;
  /** Where Whetstone is, without `/v5`. Default: `WHETSTONE_BASE_URL`, else `http://127.0.0.1:4400`. */
  baseUrl?: string | undefined;
  fetch?: typeof fetch;
  /** For an operation of `api`; 60 s. */
  timeoutMs?: number;
  /** Repetitions of an operation of `api`, where that is safe; 2. */
  maxRetries?: number;
  /** How long a log waits for company before it is sent; 1 s. */
  flushIntervalMs?: number;
  batchSize?: number;
  /** Logs that wait at most while the server is away; 10,000. */
  maxQueue?: number;
  /** Tries of a batch of logs before it is given up; 8, about a minute. */
  maxLogAttempts?: number;
  /** How long a prompt is fresh; 60 s. */
  promptFreshMs?: number;
  /** A directory that keeps prompts beyond the process, for a start while the server is away. */
  cacheDirectory?: string | undefined;
  /** Lets work go on after a serverless handler answered, such as `waitUntil` of `@vercel/functions`. */
  waitUntil?: (work: Promise<unknown>) => void;
  /** `false`: log nothing (tests); everything else works. */
  logging?: boolean;
  /** Told of logs that were lost and prompts that could not be renewed. Default: a warning on the console. */
  onError?: (error: Error) => void;
}

export interface Feedback {
  /** The evaluator: `feedback/vote`, for example. */
  path: string;
  judgment: boolean | number | string | string[];
  /** Why, in words. */
  reason?: string;
  /** Who judged: the end user's id. */
  user?: string;
  metadata?: Record<string, unknown>;
}

/** Whetstone from an application. Logging never throws into it and never holds it up. */
export class Whetstone {
  /** Every operation of the API, typed by the server's own table. These do throw: `WhetstoneError`. */
  readonly api: Api;
  readonly #queue: LogQueue;
  readonly #tracing = new Tracing();
  readonly #prompts: PromptCache;
  readonly #recording: Recording;

  constructor(options: WhetstoneOptions = {}) {
    const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env ?? {};
    const apiKey = options.apiKey ?? environment['WHETSTONE_API_KEY'] ?? '';
    const baseUrl = (options.baseUrl ?? environment['WHETSTONE_BASE_URL'] ?? 'http://127.0.0.1:4400')
      .replace(/\/+$/, '')
      .replace(/\/v5$/, '');
    const onError = options.onError ?? warner();
    const transport = new Transport({
      baseUrl,
      apiKey,
      fetch: options.fetch ?? ((input, init) => fetch(input, init)),
      timeoutMs: options.timeoutMs ?? 60_000,
      maxRetries: options.maxRetries ?? 2,
    });
    this.api = createApi(transport);
    this.#queue = new LogQueue({
      transport,
      flushIntervalMs: options.flushIntervalMs ?? 1000,
      batchSize: options.batchSize ?? 100,
      maxItems: options.maxQueue ?? 10_000,
      maxBytes: 64_000_000,
      maxAttempts: options.maxLogAttempts ?? 8,
      onError,
      waitUntil: options.waitUntil,
    });
    const logging = options.logging !== false && apiKey !== '';
    if (apiKey === '' && options.logging !== false) onError(new Error('Whetstone has no API key (WHETSTONE_API_KEY): nothing is logged.'));
    this.#recording = {
      tracing: this.#tracing,
      enqueue: (log) => (logging ? this.#queue.add(log) : undefined),
      gatewayOrigin: URL.canParse(baseUrl) ? new URL(baseUrl).origin : null,
    };
    const store = options.cacheDirectory === undefined ? null : fileStore(options.cacheDirectory);
    this.#prompts = new PromptCache({ api: this.api, store, freshMs: options.promptFreshMs ?? 60_000, onError });
  }

  /** A function that does what `fn` does and leaves a log of each run; what is logged inside becomes its children. */
  observe<Args extends unknown[], Result>(
    fn: (...args: Args) => Result,
    options: ObserveOptions<Args, Awaited<Result>>,
  ): (...args: Args) => Result {
    return observe(this.#recording, fn, options);
  }

  /** Logs the calls of an `openai` client, without changing what it does. The client is changed and given back. */
  wrapOpenAI<T extends object>(client: T, options: WrapOptions = {}): T {
    return wrapOpenAI(this.#recording, client, options);
  }

  /** Logs the calls of an `@anthropic-ai/sdk` client, without changing what it does. The client is changed and given back. */
  wrapAnthropic<T extends object>(client: T, options: WrapOptions = {}): T {
    return wrapAnthropic(this.#recording, client, options);
  }

  /** A version of a prompt, from memory while fresh; while the server is away, the last one known. */
  prompt(path: string, options: PromptOptions = {}): Promise<Prompt> {
    return this.#prompts.get(path, options);
  }

  /** Queues a log as `POST /v5/TYPEs/log` takes it; inside an observed function it becomes its child. @returns its id */
  log(type: QueuedLog['type'], log: Record<string, unknown>, version: { versionId?: string; environment?: string } = {}): string {
    const id = typeof log['log_id'] === 'string' ? log['log_id'] : newLogId();
    const parent = this.#tracing.current();
    const queued: QueuedLog = {
      type,
      ...(version.versionId === undefined ? {} : { version_id: version.versionId }),
      ...(version.environment === undefined ? {} : { environment: version.environment }),
      log: {
        ...(parent === null || type === 'evaluator' ? {} : { trace_parent_id: parent.logId, user: parent.user, session: parent.session }),
        ...(toJson(log) as Record<string, unknown>),
        log_id: id,
      },
    };
    const judged = type === 'evaluator' ? log['parent_id'] : null;
    if (typeof judged === 'string') this.#tracing.after(judged, () => this.#recording.enqueue(queued));
    else this.#recording.enqueue(queued);
    return id;
  }

  /** What an end user says of a log. Queued; a log that is still on its way may be judged. @returns the judgment's id */
  feedback(logId: string, { path, judgment, reason, user, metadata }: Feedback): string {
    const created = new Date().toISOString();
    return this.log('evaluator', { path, parent_id: logId, judgment, output: reason, user, metadata, created_at: created });
  }

  /** The log of the observed function that runs, to hand to whoever judges it later. */
  currentSpan(): Readonly<Pick<Span, 'logId' | 'rootId' | 'path'>> | null {
    return this.#tracing.current();
  }

  /** Adds to the log of the observed function that runs. */
  annotate(facts: { user?: string; session?: string; metadata?: Record<string, unknown> }): void {
    const span = this.#tracing.current();
    if (span === null) return;
    if (facts.user !== undefined) span.user = facts.user;
    if (facts.session !== undefined) span.session = facts.session;
    Object.assign(span.metadata, facts.metadata);
  }

  /** Headers with which a call of the gateway by any client becomes a child of the observed function that runs. */
  traceHeaders(): Record<string, string> {
    const span = this.#tracing.current();
    return span === null ? {} : { 'x-whetstone-trace-parent': span.logId };
  }

  /** Sends what waits. True when all of it was sent within the time. Never rejects. */
  flush(timeoutMs?: number): Promise<boolean> {
    return this.#queue.flush(timeoutMs);
  }

  /** A serverless handler whose logs are sent: after the answer where the platform has `waitUntil`, else before it. */
  flushing<Args extends unknown[], Result>(
    handler: (...args: Args) => Result | Promise<Result>,
    timeoutMs = 2_000,
  ): (...args: Args) => Promise<Result> {
    return async (...args) => {
      try {
        return await handler(...args);
      } finally {
        const context = args.find(
          (arg): arg is Args[number] & { waitUntil(work: Promise<unknown>): void } =>
            typeof arg === 'object' && arg !== null && typeof (arg as { waitUntil?: unknown }).waitUntil === 'function',
        );
        if (context === undefined) await this.flush(timeoutMs);
        else context.waitUntil(this.flush());
      }
    };
  }

  /** Sends what waits and takes no more. */
  close(timeoutMs?: number): Promise<boolean> {
    return this.#queue.close(timeoutMs);
  }

  /** Logs that were lost since the start. */
  get lostLogs(): number {
    return this.#queue.dropped;
  }
}

/** Each message once a minute: a server that is away is not a line for each log. */
function warner(): (error: Error) => void {
  const told = new Map<string, number>();
  return (error) => {
    const now = Date.now();
    const message = asError(error).message;
    if (now - (told.get(message) ?? 0) < 60_000) return;
    if (told.size > 100) told.clear();
    told.set(message, now);
    console.warn(`whetstone: ${message}`);
  };
}
