import { newLogId } from '../telemetry/ids.ts';
import { toJson } from '../telemetry/json.ts';
import { errorText, linkOf } from '../telemetry/observe.ts';
import type { QueuedLog } from '../telemetry/queue.ts';
import type { Tracing } from '../telemetry/trace.ts';
import { originOf } from '../prompts/rendered.ts';
import { watch } from './watch.ts';

export type Fields = Record<string, unknown>;

/** Text as it is, anything else as none. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** How a vendor's method speaks. A request or answer that it does not understand may throw: the call goes on unlogged. */
export interface Dialect {
  /** `messages` and `kernel` of the log; the kernel is the version when no prompt made the request. */
  request(body: Fields): { model: string; messages: unknown[]; kernel: Fields; toolChoice?: unknown };
  answer(value: Fields): Answer;
  /** Puts a stream's events together to what `answer` reads. */
  collect(): { add(event: Fields): void; whole(): Fields };
}

/** What an answer says, in the fields of a log. */
export interface Answer {
  output_message?: Fields;
  finish_reason?: string | null;
  prompt_tokens?: number;
  output_tokens?: number;
  reasoning_tokens?: number;
}

export interface WrapOptions {
  /** The prompt that calls are logged to, when no prompt of Whetstone made the request. Default: `VENDOR/MODEL`. */
  path?: string;
  user?: string;
  session?: string;
  environment?: string;
  metadata?: Record<string, unknown>;
}

export interface Recording {
  tracing: Tracing;
  enqueue: (log: QueuedLog) => void;
  /** Origin of the Whetstone that logs calls of its gateway itself. */
  gatewayOrigin: string | null;
}

type Create = (body: Fields, options?: { headers?: unknown }) => unknown;

/** `create` of a vendor's client, logged. */
export function recordedCreate(recording: Recording, vendor: string, dialect: Dialect, create: Create, options: WrapOptions): Create {
  return (body, ...rest) => {
    const started = new Date();
    const call = prepare(recording, vendor, dialect, body, options, started);
    const result = create(body, ...rest);
    if (call === null) return result;
    const collected = dialect.collect();
    let firstMs: number | null = null;
    return watch(result, {
      answered: (value) => call.end(dialect.answer(value as Fields), value, null),
      event: (event) => {
        firstMs ??= Date.now() - started.getTime();
        collected.add(event as Fields);
      },
      ended: (error) => {
        const whole = collected.whole();
        call.end(dialect.answer(whole), whole, error, firstMs);
      },
      failed: (error) => call.end({}, null, error),
    });
  };
}

interface Prepared {
  end(answer: Answer, response: unknown, error: unknown, firstMs?: number | null): void;
}

function prepare(
  recording: Recording,
  vendor: string,
  dialect: Dialect,
  body: Fields,
  options: WrapOptions,
  started: Date,
): Prepared | null {
  try {
    const request = dialect.request(body);
    const origin = originOf(body['messages']);
    const parent = recording.tracing.current();
    const target =
      origin === null ? { path: options.path ?? pathOf(vendor, request.model), prompt: request.kernel } : { id: origin.promptId };
    const metadata = { ...options.metadata };
    const log: Fields = {
      log_id: newLogId(started),
      ...target,
      messages: toJson(request.messages),
      inputs: origin === null ? undefined : toJson(origin.inputs),
      tool_choice: request.toolChoice,
      start_time: started.toISOString(),
      ...linkOf(
        {
          user: origin?.user ?? options.user,
          session: options.session,
          environment: options.environment ?? origin?.environment ?? undefined,
        },
        parent,
      ),
      source: `sdk:${vendor}`,
    };
    return {
      end(answer, response, error, firstMs) {
        if (firstMs != null) metadata['first_token_ms'] = firstMs;
        Object.assign(log, answer, {
          end_time: new Date().toISOString(),
          provider_latency: (Date.now() - started.getTime()) / 1000,
          provider_response: response === null ? undefined : toJson(response),
          error: error === null ? undefined : errorText(error),
          metadata: Object.keys(metadata).length === 0 ? undefined : toJson(metadata),
        });
        recording.enqueue({ type: 'prompt', ...(origin === null ? {} : { version_id: origin.versionId }), log });
      },
    };
  } catch {
    return null;
  }
}

/** A path that a file can have. */
function pathOf(vendor: string, model: string): string {
  const name = model.replaceAll(/[^\w.:@-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  return `${vendor}/${name === '' ? 'unknown' : name}`;
}

/**
 * Headers for a call of Whetstone's own gateway, which logs it: it becomes a child of the observed function around it.
 * Null when the client speaks to somebody else.
 */
export function gatewayHeaders({ tracing, gatewayOrigin }: Recording, baseUrl: unknown): (() => Record<string, string>) | null {
  if (gatewayOrigin === null || typeof baseUrl !== 'string' || !URL.canParse(baseUrl)) return null;
  if (new URL(baseUrl).origin !== gatewayOrigin) return null;
  return () => {
    const span = tracing.current();
    if (span === null) return {};
    return { 'x-whetstone-trace-parent': span.logId, ...(span.session === undefined ? {} : { 'x-whetstone-session': span.session }) };
  };
}

export function withHeaders(create: Create, headers: () => Record<string, string>): Create {
  return (body, options, ...rest: []) =>
    create(body, { ...options, headers: { ...headers(), ...(options?.headers as object | undefined) } }, ...rest);
}
