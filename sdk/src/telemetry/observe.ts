import type { PromptKernel, ToolFunction } from '../client/operations.ts';
import { newLogId } from './ids.ts';
import { toJson, toJsonObject, toText } from './json.ts';
import type { QueuedLog } from './queue.ts';
import type { Span, Tracing } from './trace.ts';

export interface ObserveOptions<Args extends unknown[] = unknown[], Result = unknown> {
  /** The file that the runs belong to; made on first use. */
  path: string;
  /** What the function is: an application's own orchestration, a tool, or a call of a model. */
  type?: 'flow' | 'tool' | 'prompt';
  /** What to log of the arguments; default: a single object as it is, else by position. */
  inputs?: (...args: Args) => Record<string, unknown>;
  /** What to log of the result; default: text as it is, anything else as JSON. Of a stream, its items joined. */
  output?: (result: Result) => unknown;
  /** Names the version of a flow: whatever decides how it behaves. */
  attributes?: Record<string, unknown>;
  /** The version of a tool or prompt. */
  tool?: ToolFunction;
  prompt?: PromptKernel;
  user?: string;
  session?: string;
  environment?: string;
  metadata?: Record<string, unknown>;
}

export interface Observing {
  tracing: Tracing;
  enqueue: (log: QueuedLog) => void;
}

/** A function that does and returns what `fn` does, and leaves a log of every run; logs made inside are its children. */
export function observe<Args extends unknown[], Result>(
  { tracing, enqueue }: Observing,
  fn: (...args: Args) => Result,
  options: ObserveOptions<Args, Awaited<Result>>,
): (...args: Args) => Result {
  return function (this: unknown, ...args: Args): Result {
    const parent = tracing.current();
    const startedAt = new Date();
    const logId = newLogId(startedAt);
    const span: Span = {
      logId,
      rootId: parent?.rootId ?? logId,
      path: options.path,
      user: options.user ?? parent?.user,
      session: options.session ?? parent?.session,
      environment: options.environment ?? parent?.environment,
      metadata: { ...options.metadata },
    };
    // Before it runs: it may change what it was given.
    const inputs = guarded(() => (options.inputs === undefined ? inputsOf(args) : toJsonObject(options.inputs(...args), 'input')));
    tracing.begin(logId);
    let ended = false;
    const end = (outcome: { output: unknown } | { error: unknown }) => {
      if (ended) return;
      ended = true;
      guarded(() => {
        enqueue(logOf(options as ObserveOptions, span, parent, { startedAt, inputs, outcome }));
        return {};
      });
      tracing.end(logId);
    };
    return run({ tracing, span, end, options: options as ObserveOptions }, () => fn.apply(this, args));
  };
}

interface Run {
  tracing: Tracing;
  span: Span;
  end: (outcome: { output: unknown } | { error: unknown }) => void;
  options: ObserveOptions;
}

function run<Result>({ tracing, span, end, options }: Run, call: () => Result): Result {
  const output = (result: unknown) => {
    if (options.output !== undefined) return { output: attempt(() => options.output?.(result), null) };
    return { output: isAsyncIterable(result) ? '[stream]' : result };
  };
  let result: Result;
  try {
    result = tracing.inside(span, call);
  } catch (error) {
    end({ error });
    throw error;
  }
  if (isAsyncGenerator(result)) {
    const items: unknown[] = [];
    const joined = () => (items.every((item) => typeof item === 'string') ? items.join('') : items);
    return tracing.iterate(
      span,
      result,
      (item) => items.push(item),
      (error) => end(error === null ? output(joined()) : { error }),
    ) as Result;
  }
  if (isPromise(result)) {
    // The caller gets the promise that the function made, whatever class it is of.
    result.then(
      (value) => end(output(value)),
      (error: unknown) => end({ error }),
    );
    return result;
  }
  end(output(result));
  return result;
}

interface Ran {
  startedAt: Date;
  inputs: Record<string, unknown>;
  outcome: { output: unknown } | { error: unknown };
}

function logOf(options: ObserveOptions, span: Span, parent: Span | null, { startedAt, inputs, outcome }: Ran): QueuedLog {
  const type = options.type ?? 'flow';
  const log: Record<string, unknown> = {
    log_id: span.logId,
    path: options.path,
    inputs,
    start_time: startedAt.toISOString(),
    end_time: new Date().toISOString(),
    metadata: Object.keys(span.metadata).length === 0 ? undefined : toJsonObject(span.metadata, 'value'),
    ...linkOf(span, parent),
  };
  if ('error' in outcome) log['error'] = errorText(outcome.error);
  else log['output'] = toText(outcome.output);
  if (type === 'flow') {
    log['log_status'] = 'complete';
    log['flow'] = { attributes: toJson(options.attributes ?? {}) };
  }
  if (type === 'tool' && options.tool !== undefined) log['tool'] = { function: toJson(options.tool), tool_type: 'json_schema' };
  if (type === 'prompt' && options.prompt !== undefined) log['prompt'] = toJson(options.prompt);
  return { type, log };
}

/** What ties a log to its trace and to the people and place that its surroundings name. */
export function linkOf(span: Partial<Span>, parent: Span | null): Record<string, unknown> {
  return {
    trace_parent_id: parent?.logId,
    user: span.user ?? parent?.user,
    session: span.session ?? parent?.session,
    environment: span.environment ?? parent?.environment,
  };
}

export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : toText(error);
}

function inputsOf(args: unknown[]): Record<string, unknown> {
  if (args.length === 0) return {};
  return args.length === 1 ? toJsonObject(args[0], 'input') : { arguments: toJson(args) };
}

/** What the application gave us to call may throw; the application must not notice. */
function guarded(make: () => Record<string, unknown>): Record<string, unknown> {
  return attempt(make, { unreadable: true });
}

function attempt<T>(make: () => T, otherwise: T): T {
  try {
    return make();
  } catch {
    return otherwise;
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function isAsyncGenerator(value: unknown): value is AsyncGenerator {
  return isAsyncIterable(value) && typeof (value as { next?: unknown }).next === 'function';
}
