import type { ServerResponse } from 'node:http';
import { AppError, type AnyObject, type Scope } from '@whetstone/contract';
import type { FastifyReply } from 'fastify';
import { returnedHeaders } from '../deny-list.ts';
import type { Doors } from '../doors.ts';
import { notLogged } from '../prompt-call.ts';
import type { Asked, Listener } from '../room.ts';
import type { Attempt } from '../steps/call.ts';
import { nativeFor } from '../steps/native.ts';
import type { ChatChunk } from '../wire/chat.ts';
import { asObject, parseJson } from '../wire/read.ts';
import type { ErrorAnswer } from './errors.ts';

/** One answer in a door's shape, made of what comes in OpenAI's chat shape. */
export interface Voice {
  /** `bytes`: the door speaks the chat shape itself, so that the bytes of an answer are handed on as they come. */
  wants: Listener['wants'];
  /** Headers of every answer of this shape. */
  headers: Record<string, string>;
  /** A whole chat completion. */
  whole(completion: AnyObject): AnyObject;
  /** Events that a chunk gives, then those of the end. */
  chunk(chunk: ChatChunk): string;
  end(): string;
  /** What a passed-through stream is closed with whose provider left the last event out. */
  missingEnd: string;
  /** Events of a stream that broke. `passed`: it was the provider's own. */
  fail(error: AppError, attempt: Attempt | null, passed: boolean): string;
  error(error: AppError, attempt: Attempt | null): ErrorAnswer;
}
/** Begins to answer a call whose log has this id. `model`: the name that is answered with where the provider gives none. */
export type Begin = (logId: string, startedAt: Date, model: string) => Voice;

/** Runs a call and writes its answer in the door's shape. Throws only what was wrong before a provider was asked. */
export async function answer(
  doors: Doors,
  scope: Scope,
  asked: Asked,
  reply: FastifyReply,
  begin: Begin,
): Promise<{ attempt: Attempt; logId: string }> {
  const startedAt = doors.now();
  const ready = await doors.prepare(scope, asked);
  const logId = doors.newLogId(startedAt);
  const voice = begin(logId, startedAt, ready.targets[0].model);
  const out = reply.raw;
  reply.hijack();
  const gone = new AbortController();
  const onClose = (): void => {
    if (!out.writableFinished) gone.abort();
  };
  out.once('close', onClose);
  if (out.destroyed) gone.abort();
  const listener = new HttpListener(out, gone.signal, voice, logId);
  const { attempt, error, dropped } = await doors.perform(ready, { asked, listener, logId, index: 0, startedAt });
  out.off('close', onClose);
  if (out.destroyed) return { attempt, logId };
  const refusal = dropped && doors.failClosed ? notLogged() : null;
  const passed = attempt.type === 'answered' ? attempt.native === true : nativeFor(asked, attempt.target.provider) !== null;
  if (out.headersSent) {
    endStream(out, voice, { error: refusal ?? error, attempt, dropped, passed, refused: refusal !== null });
    return { attempt, logId };
  }
  const headers: Record<string, string> = {
    ...voice.headers,
    ...(attempt.type === 'broken' ? {} : returnedHeaders(attempt.headers)),
    'x-whetstone-log-id': logId,
  };
  if (dropped) headers['x-whetstone-log-dropped'] = '1';
  if (attempt.type === 'answered' && refusal === null) writeAnswer(out, headers, voice, attempt);
  else {
    const failed = voice.error(refusal ?? error ?? new AppError('internal', 'The call has no answer.'), refusal === null ? attempt : null);
    write(out, failed.status, { ...headers, ...failed.headers }, Buffer.from(failed.body));
  }
  return { attempt, logId };
}

type Answered = Extract<Attempt, { type: 'answered' }>;

/** What a provider gave is in the caller's shape as it is. */
function asItCame(voice: Voice, attempt: Answered): boolean {
  return attempt.native === true || voice.wants === 'bytes';
}

function writeAnswer(out: ServerResponse, headers: Record<string, string>, voice: Voice, attempt: Answered): void {
  if (attempt.body === null) {
    // A stream that said nothing before its end.
    out.writeHead(200, { ...headers, ...eventStream });
    out.end(lastOf(voice, attempt));
    return;
  }
  if (asItCame(voice, attempt)) {
    headers['content-type'] = attempt.headers['content-type'] ?? 'application/json';
    write(out, 200, headers, attempt.body);
    return;
  }
  const body = JSON.stringify(voice.whole(asObject(parseJson(attempt.body.toString('utf8'))) ?? {}));
  headers['content-type'] = 'application/json';
  write(out, 200, headers, Buffer.from(body));
}

function lastOf(voice: Voice, attempt: Answered): Buffer | string {
  return asItCame(voice, attempt) ? (attempt.tail ?? voice.missingEnd) : voice.end();
}

const oneWriteBytes = 64 * 1024;

export function write(out: ServerResponse, status: number, headers: Record<string, string>, body: Buffer): void {
  headers['content-length'] = String(body.length);
  out.writeHead(status, headers);
  // Latin-1 text is the same bytes, and goes out in one piece with the headers, which a buffer does not.
  if (body.length < oneWriteBytes) out.end(body.toString('latin1'), 'latin1');
  else out.end(body);
}

interface Ending {
  error: AppError | null;
  attempt: Attempt;
  dropped: boolean;
  passed: boolean;
  /** We give no answer that was not logged. */
  refused: boolean;
}

/** The log is durable by now. An error after the first byte is an event. */
function endStream(out: ServerResponse, voice: Voice, { error, attempt, dropped, passed, refused }: Ending): void {
  // No header can be added any more: a comment says it, which clients skip.
  if (dropped) out.write(': x-whetstone-log-dropped: 1\n\n');
  if (error === null) {
    out.end(attempt.type === 'answered' ? lastOf(voice, attempt) : voice.end());
    return;
  }
  // The provider's own words of its failure are with the caller already.
  const said = passed && attempt.type === 'broken' && attempt.kind === 'stream_error' && !refused;
  out.end(said ? '' : voice.fail(error, refused ? null : attempt, passed));
}

export const eventStream = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };

/** Gets the provider's bytes where it speaks the caller's shape, and else chunks to be put into that shape. */
class HttpListener implements Listener {
  readonly wants: Listener['wants'];
  readonly signal: AbortSignal;
  readonly #out: ServerResponse;
  readonly #voice: Voice;
  readonly #logId: string;

  constructor(out: ServerResponse, signal: AbortSignal, voice: Voice, logId: string) {
    this.#out = out;
    this.signal = signal;
    this.#voice = voice;
    this.#logId = logId;
    this.wants = voice.wants;
  }

  open(headers: Record<string, string>): void {
    if (this.#out.headersSent || this.#out.destroyed) return;
    this.#out.writeHead(200, { ...this.#voice.headers, ...headers, ...eventStream, 'x-whetstone-log-id': this.#logId });
  }
  bytes(bytes: Buffer): boolean {
    return this.#out.destroyed || this.#out.write(bytes);
  }
  chunk(chunk: ChatChunk): boolean {
    const text = this.#voice.chunk(chunk);
    return this.#out.destroyed || text === '' || this.#out.write(text);
  }
  drained(resume: () => void): void {
    this.#out.once('drain', resume);
  }
}
