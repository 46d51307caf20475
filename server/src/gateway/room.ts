import type { AnyObject, ChatMessage, PromptKernel, Scope } from '@whetstone/contract';
import type { Assigned, Experiments } from '../experiments/index.ts';
import type { Files, Snapshot } from '../files/index.ts';
import type { Logs, NewLog } from '../logs/index.ts';
import type { Outbound, OutboundEvents, OutboundHandle, OutboundRequest } from '../outbound/index.ts';
import type { People, UsableCredential } from '../people/index.ts';
import type { CacheStore } from './cache/store.ts';
import type { RateLimits } from './limits/rate-limits.ts';
import type { Routes } from './routes/routes.ts';
import type { Extras } from './steps/extras.ts';
import type { Chosen } from './steps/route.ts';
import type { HiddenPrompts } from './steps/hidden-prompts.ts';
import type { PriceBook } from './pricing/price-book.ts';
import type { CallKind, DecodeContext, ProviderRequest, StreamDecoder } from './providers/dialect.ts';
import type { Provider, Shape } from './providers/table.ts';
import type { RetryBudget } from './steps/fail-over.ts';
import type { RenderJinja } from './jinja/pool.ts';
import type { Answer, ChatChunk } from './wire/chat.ts';

/** What the steps of a call work with. */
export interface Room {
  files: Pick<Files, 'resolve' | 'find' | 'upsert' | 'upsertHidden' | 'versionsById' | 'environments'>;
  /** Null: there are none, as in a gateway of its own. */
  experiments: Pick<Experiments, 'assign'> | null;
  logs: Pick<Logs, 'newId' | 'record' | 'find' | 'list' | 'change'>;
  credentials: Pick<People['credentials'], 'resolve' | 'resolveById'>;
  outbound: Pick<Outbound, 'send' | 'fetch'>;
  demo: Send;
  hidden: HiddenPrompts;
  prices: PriceBook;
  routes: Routes;
  rates: RateLimits;
  cache: CacheStore;
  renderJinja: RenderJinja;
  budget: RetryBudget;
  limits: Limits;
  clock: () => Date;
  /** 0 to 1, for jitter. */
  random: () => number;
  counters: Counters;
  /** Calls whose logs are not written yet. */
  running: Set<Promise<unknown>>;
  /** A log could not be written: for the server's own log. */
  onDropped(error: unknown): void;
  /** Rather no answer than an answer without a log (WHETSTONE_FAIL_CLOSED). */
  failClosed: boolean;
  /** The demo provider does not wait. */
  instant: boolean;
}
export type Send = (request: OutboundRequest, events: OutboundEvents) => OutboundHandle;

/** Counted since the start, for /metrics. */
export interface Counters {
  calls: number;
  errors: number;
  cancelled: number;
  retries: number;
  /** Calls whose log could not be written. */
  dropped: number;
  /** Calls that a limit refused, and that the cache answered. */
  limited: number;
  cached: number;
}
export interface Limits {
  /** Until a provider begins to answer: a stream, and a whole answer. */
  streamHeadersTimeoutMs: number;
  headersTimeoutMs: number;
  /** Between two pieces of an answer. */
  idleTimeoutMs: number;
  /** One call with all its attempts. */
  totalTimeoutMs: number;
  maxAnswerBytes: number;
  maxStreamBytes: number;
  maxLineBytes: number;
  maxErrorBytes: number;
  /** Attempts after the first. */
  retries: number;
  /** First pause; doubles. */
  retryDelayMs: number;
  /** A provider that asks for a longer pause gets no retry. */
  maxRetryDelayMs: number;
}

/** Where a call goes. */
export interface Target {
  provider: Provider;
  /** Null for a caller's own key and for the demo provider. */
  credential: UsableCredential | null;
  secret: string;
  baseUrl: string;
  privateAllowed: boolean;
  model: string;
  /** Until it begins to answer, where its route says. */
  timeoutMs?: number;
  /** How a prompt would name it: the credential when the caller did, else the provider. */
  named: string;
}

/** What a door asks for. */
export interface Asked {
  kind: CallKind;
  /** A gateway's `model`, or a prompt as v5 and the playground name it. */
  names: { model: string } | { prompt: NamedPrompt };
  /** OpenAI's shape, cleared of what is never forwarded; for a prompt only what comes on top of the version. */
  body: AnyObject;
  /** The body as it came, when it may be forwarded as it is. */
  raw: Buffer | null;
  stream: boolean;
  messages: ChatMessage[];
  inputs: AnyObject;
  environment: string | null;
  /** `x-whetstone-file`. */
  file: string | null;
  /** Headers that may go to the provider. */
  headers: Record<string, string>;
  apiKeys: Record<string, string>;
  /** The call in the shape of its door, where that is not chat completions. */
  native?: NativeCall;
  /** `x-whetstone-cache`. */
  cache?: string | null;
  /** No waiting in the demo provider; the log tells the times it would have taken. */
  instant: boolean;
  log: Partial<NewLog> & Pick<NewLog, 'origin'>;
}
/**
 * A call in another shape than chat completions. Providers that speak it get it as it is, and their answers are handed
 * back so; `Asked.body` says the same in OpenAI's chat shape, for the log and for all others.
 */
export interface NativeCall {
  shape: Shape;
  /** To a provider of this shape. */
  request(ready: Ready, target: Target): Omit<ProviderRequest, 'body'> & { body: string | Buffer };
  /** The chat body for a provider of another. Throws what cannot be said there. */
  translate(body: AnyObject, provider: Provider): AnyObject;
  /** A whole answer of this shape in OpenAI's chat shape. */
  decode(body: unknown, context: DecodeContext): AnyObject;
  streaming(context: DecodeContext): StreamDecoder;
  /** Beginnings of the lines from which on a stream is held back until the log is written. */
  marks: readonly Buffer[];
  /** What was asked, for telling equal requests. */
  body: AnyObject;
  /** Whether the chat shape, in which answers are kept, can say all of it. */
  cacheable: boolean;
  /** The log with what this shape keeps beside. `answer`: the one that was passed through, null where it was translated. */
  logged(log: NewLog, ready: Ready, target: Target, answer: Answer | null): NewLog;
}
export interface NamedPrompt {
  snapshot: Snapshot<'prompt'>;
  environmentId: string | null;
}

/** After resolve: which version, and where it may run. */
export interface Found {
  /** Null: the parameters of the call itself, kept as a version of a hidden prompt. */
  prompt: NamedPrompt | null;
  kernel: PromptKernel | null;
  environmentId: string | null;
  kind: CallKind;
  /** Best first. Never empty. */
  targets: [Target, ...Target[]];
  /** The route that `targets` are of. */
  chosen?: Chosen;
  /** By an experiment. */
  assigned?: Assigned;
}
/** After render: what is sent, the same for every target but for the model's name. */
export interface Ready extends Found {
  scope: Scope;
  body: AnyObject;
  /** Sent instead of `body` where nothing needs to change. */
  raw: Buffer | null;
  /** As logged: the populated template followed by the caller's messages. */
  messages: ChatMessage[];
  extras?: Extras;
}

/** Who is waiting for the answer. Bytes are OpenAI's event stream, in whole lines. */
export interface Listener {
  signal: AbortSignal;
  wants: 'bytes' | 'chunks';
  /** Before the first piece of a stream. */
  open(headers: Record<string, string>): void;
  /** False: wait for `drained`. */
  bytes(bytes: Buffer): boolean;
  chunk(chunk: ChatChunk): boolean;
  drained(resume: () => void): void;
  /** The provider is done with the call, which went well; its log is not written yet. */
  answered?(): void;
}
