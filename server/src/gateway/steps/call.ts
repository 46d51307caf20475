import { returnedHeaders, withoutOwnHeaders } from '../deny-list.ts';
import { OutboundError, type OutboundErrorKind, type OutboundEvents, type OutboundHandle } from '../../outbound/index.ts';
import { type DecodeContext, type ErrorWords, StreamFailure } from '../providers/dialect.ts';
import { callSeveral, samplesToLoop } from './several.ts';
import type { Asked, Limits, Listener, Ready, Room, Target } from '../room.ts';
import { nativeFor } from './native.ts';
import { providerRequest } from './provider-request.ts';
import { createTee, type Tee } from './tee.ts';
import { Accumulator } from '../wire/accumulate.ts';
import type { Answer } from '../wire/chat.ts';
import { parseJson } from '../wire/read.ts';
import { SseError } from '../wire/sse.ts';

/** How one request to a provider ended. */
export type Attempt =
  /** `body` is the whole answer in OpenAI's shape, or the provider's where the caller speaks it; null for a stream, whose end mark is `tail`. */
  | {
      type: 'answered';
      target: Target;
      headers: Record<string, string>;
      answer: Answer;
      body: Buffer | null;
      tail: Buffer | null;
      /** In the shape of the caller's door, as the provider gave it. */
      native?: boolean;
      firstAt: number;
    }
  /** The provider said no, in its own words. */
  | { type: 'refused'; target: Target; headers: Record<string, string>; status: number; body: string; words: ErrorWords }
  /** It did not answer, or not as documented; `forwarded`: the caller has got a part. */
  | {
      type: 'broken';
      target: Target;
      kind: OutboundErrorKind | 'bad_answer' | 'truncated' | 'stream_error' | 'unsupported';
      message: string;
      words: ErrorWords | null;
      partial: Answer | null;
      forwarded: boolean;
      firstAt: number | null;
    };

export interface CallOptions {
  ready: Ready;
  asked: Asked;
  listener: Listener;
  /** Number of the sample, and the log's id for answers without one. */
  sample: number;
  logId: string;
  /** Added to the choices' indices, where samples are asked for one by one. */
  choiceOffset?: number;
  /** Told how to end it early. */
  running(handle: { abort(error: OutboundError): void }): void;
}

/** Step 4: one request to one provider, its answer handed on while it comes. Never throws. */
export function call(room: Room, target: Target, options: CallOptions): Promise<Attempt> {
  const samples = samplesToLoop(target, options.ready);
  return samples > 1 ? callSeveral(samples, options, (each) => callOnce(room, target, each)) : callOnce(room, target, options);
}

function callOnce(room: Room, target: Target, options: CallOptions): Promise<Attempt> {
  return new Promise((resolve) => {
    const exchange = new Exchange(room, target, options, resolve);
    exchange.start();
    options.running(exchange);
  });
}

class Exchange implements OutboundEvents {
  readonly #room: Room;
  readonly #target: Target;
  readonly #options: CallOptions;
  readonly #settle: (attempt: Attempt) => void;
  readonly #limits: Limits;
  #handle: OutboundHandle | null = null;
  #mode: 'head' | 'error' | 'whole' | 'stream' = 'head';
  #status = 0;
  #headers: Record<string, string> = {};
  #parts: Buffer[] = [];
  #size = 0;
  #tee: Tee | null = null;
  #firstAt: number | null = null;
  #over = false;
  #dropUsage = false;

  constructor(room: Room, target: Target, options: CallOptions, settle: (attempt: Attempt) => void) {
    this.#room = room;
    this.#target = target;
    this.#options = options;
    this.#settle = settle;
    this.#limits = room.limits;
  }

  start(): void {
    const { provider } = this.#target;
    const send = provider.simulated === true ? this.#room.demo : this.#room.outbound.send;
    try {
      const { request, dropUsage } = providerRequest(this.#target, this.#options, this.#limits, this.#room.clock());
      this.#dropUsage = dropUsage;
      const handle = send(request, this);
      this.#handle = handle;
      if (this.#over) handle.abort(new OutboundError('aborted', 'The call is over.'));
    } catch (error) {
      // The dialect cannot say what was asked.
      this.#broken('unsupported', error instanceof Error ? error.message : String(error));
    }
  }

  head(status: number, headers: Record<string, string>): void {
    this.#status = status;
    this.#headers = withoutOwnHeaders(headers);
    const type = headers['content-type'] ?? '';
    // A key sent along a redirect would reach whoever it names.
    if (status >= 300 && status < 400)
      this.#broken('redirects', `The provider redirects to another address (${status}). Put the final one into the base URL.`);
    else if (status < 200 || status > 299) this.#mode = 'error';
    else if (this.#options.asked.stream && type.startsWith(this.#target.provider.dialect.framing?.type ?? 'text/event-stream')) {
      this.#mode = 'stream';
      this.#tee = this.#createTee();
    } else if (type.includes('json')) this.#mode = 'whole';
    else
      this.#broken(
        'bad_answer',
        `The provider answered with \`${type.slice(0, 100) || 'no content type'}\` where ${this.#options.asked.stream ? 'an event stream' : 'JSON'} belongs.`,
      );
  }

  data(bytes: Buffer): void {
    if (this.#over) return;
    if (this.#tee !== null) this.#stream(this.#tee, bytes);
    else this.#collect(bytes);
  }

  #stream(tee: Tee, bytes: Buffer): void {
    this.#firstAt ??= this.#room.clock().getTime();
    try {
      if (tee.push(bytes)) return;
      this.#handle?.pause();
      this.#options.listener.drained(() => this.#handle?.resume());
    } catch (error) {
      this.#wrong(error);
    }
  }

  #collect(bytes: Buffer): void {
    this.#size += bytes.length;
    const most = this.#mode === 'error' ? this.#limits.maxErrorBytes : this.#limits.maxAnswerBytes;
    if (this.#size <= most) this.#parts.push(bytes);
    else if (this.#mode === 'error') this.end();
    else this.#broken('too_large', `The provider answered with more than ${most} bytes.`);
  }

  end(): void {
    if (this.#over) return;
    if (this.#mode === 'error') this.#refused();
    else if (this.#mode === 'whole') this.#whole();
    else if (this.#tee !== null) this.#streamEnd(this.#tee);
    else this.#broken('bad_answer', 'The provider ended its answer before it began.');
  }

  #streamEnd(tee: Tee): void {
    try {
      tee.end();
    } catch (error) {
      this.#wrong(error);
      return;
    }
    if (!tee.complete) {
      this.#broken('truncated', 'The stream of the provider ended in the middle of the answer.');
      return;
    }
    this.#finish({
      type: 'answered',
      target: this.#target,
      headers: this.#headers,
      answer: tee.answer(),
      body: null,
      tail: tee.tail(),
      native: nativeFor(this.#options.asked, this.#target.provider) !== null,
      firstAt: this.#firstAt ?? this.#room.clock().getTime(),
    });
  }

  #whole(): void {
    const bytes = this.#parts.length === 1 ? (this.#parts[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#parts, this.#size);
    const { dialect } = this.#target.provider;
    const native = nativeFor(this.#options.asked, this.#target.provider);
    const firstAt = this.#room.clock().getTime();
    try {
      const parsed = parseJson(bytes.toString('utf8'));
      if (parsed === undefined) throw new Error('The provider answered with JSON that cannot be read.');
      const decoded = native?.decode(parsed, this.#context()) ?? dialect.decode(this.#options.ready.kind, parsed, this.#context());
      const accumulator = new Accumulator();
      accumulator.add(decoded);
      const body = native !== null || dialect.id === 'openai' ? bytes : Buffer.from(JSON.stringify(decoded));
      this.#finish({
        type: 'answered',
        target: this.#target,
        headers: this.#headers,
        answer: accumulator.answer(),
        body,
        tail: null,
        native: native !== null,
        firstAt,
      });
    } catch (error) {
      this.#broken('bad_answer', error instanceof Error ? error.message : String(error));
    }
  }

  #refused(): void {
    const body = Buffer.concat(this.#parts).toString('utf8').slice(0, this.#limits.maxErrorBytes);
    const { provider } = this.#target;
    this.#finish({
      type: 'refused',
      target: this.#target,
      headers: this.#headers,
      status: this.#status,
      body,
      words: provider.dialect.readError(this.#status, body),
    });
  }

  error(error: Error): void {
    this.#broken(error instanceof OutboundError ? error.kind : 'reset', error.message);
  }

  abort(error: OutboundError): void {
    if (!this.#over) this.#broken(error.kind, error.message);
  }

  #wrong(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof StreamFailure) this.#broken('stream_error', message, error.words);
    else this.#broken(error instanceof SseError ? 'too_large' : 'bad_answer', message);
  }

  #broken(kind: Extract<Attempt, { type: 'broken' }>['kind'], message: string, words: ErrorWords | null = null): void {
    if (this.#over) return;
    const tee = this.#tee;
    // What came so far is read for the log; that it is broken is known already.
    if (tee !== null && kind !== 'truncated') quietly(() => tee.end());
    this.#finish({
      type: 'broken',
      target: this.#target,
      kind,
      message,
      words,
      partial: tee?.answer() ?? null,
      forwarded: tee?.forwarded ?? false,
      firstAt: this.#firstAt,
    });
  }

  #finish(attempt: Attempt): void {
    if (this.#over) return;
    this.#over = true;
    if (attempt.type !== 'answered') this.#handle?.abort(new OutboundError('aborted', 'The call is over.'));
    this.#settle(attempt);
  }

  #createTee(): Tee {
    const { listener } = this.#options;
    return createTee({
      dialect: this.#target.provider.dialect,
      native: nativeFor(this.#options.asked, this.#target.provider),
      context: this.#context(),
      listener,
      limits: this.#limits,
      open: () => listener.open(returnedHeaders(this.#headers)),
      dropUsage: this.#dropUsage,
      choiceOffset: this.#options.choiceOffset ?? 0,
    });
  }

  #context(): DecodeContext {
    return {
      model: this.#target.model,
      id: this.#options.logId,
      created: Math.floor(this.#room.clock().getTime() / 1000),
      request: this.#options.ready.body,
    };
  }
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // Said already.
  }
}
