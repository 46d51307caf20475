import type { ServerResponse } from 'node:http';
import { AppError, type Scope } from '@whetstone/contract';
import type { FastifyReply } from 'fastify';
import type { Attempt } from '../steps/call.ts';
import { returnedHeaders } from '../deny-list.ts';
import type { Doors } from '../doors.ts';
import { notLogged } from '../prompt-call.ts';
import type { Asked, Listener } from '../room.ts';
import { errorBody, openaiError } from './errors.ts';

/** Runs a call and writes its answer. Throws only what was wrong before a provider was asked. */
export async function answer(doors: Doors, scope: Scope, asked: Asked, reply: FastifyReply): Promise<void> {
  const startedAt = doors.now();
  const ready = await doors.prepare(scope, asked);
  const logId = doors.newLogId(startedAt);
  const out = reply.raw;
  reply.hijack();
  const gone = new AbortController();
  const onClose = (): void => {
    if (!out.writableFinished) gone.abort();
  };
  out.once('close', onClose);
  if (out.destroyed) gone.abort();
  const { attempt, error, dropped } = await doors.perform(ready, {
    asked,
    listener: new HttpListener(out, gone.signal, logId),
    logId,
    index: 0,
    startedAt,
  });
  out.off('close', onClose);
  if (out.destroyed) return;
  const refusal = dropped && doors.failClosed ? notLogged() : null;
  if (out.headersSent) {
    endStream(out, refusal ?? error, refusal === null ? attempt : null, dropped);
    return;
  }
  const headers: Record<string, string> = {
    ...(attempt.type === 'broken' ? {} : returnedHeaders(attempt.headers)),
    'x-whetstone-log-id': logId,
  };
  headers['x-request-id'] ??= logId;
  if (dropped) headers['x-whetstone-log-dropped'] = '1';
  if (attempt.type === 'answered' && refusal === null) {
    // A stream that said nothing at all still is a stream.
    if (attempt.body === null) {
      out.writeHead(200, { ...headers, ...eventStream });
      out.end(attempt.tail ?? '');
    } else write(out, 200, { ...headers, 'content-type': attempt.headers['content-type'] ?? 'application/json' }, attempt.body);
    return;
  }
  const failed = openaiError(refusal ?? error ?? new AppError('internal', 'The call has no answer.'), refusal === null ? attempt : null);
  write(out, failed.status, { ...headers, ...failed.headers }, Buffer.from(failed.body));
}

const oneWriteBytes = 64 * 1024;

export function write(out: ServerResponse, status: number, headers: Record<string, string>, body: Buffer): void {
  headers['content-length'] = String(body.length);
  out.writeHead(status, headers);
  // Latin-1 text is the same bytes, and goes out in one piece with the headers, which a buffer does not.
  if (body.length < oneWriteBytes) out.end(body.toString('latin1'), 'latin1');
  else out.end(body);
}

/** The log is durable by now. An error after the first byte is an event, as OpenAI has it; no end mark follows it. */
function endStream(out: ServerResponse, error: AppError | null, attempt: Attempt | null, dropped: boolean): void {
  // No header can be added any more: a comment says it, which clients skip.
  if (dropped) out.write(': x-whetstone-log-dropped: 1\n\n');
  if (error !== null) out.end(`data: ${errorBody(error, attempt)}\n\n`);
  else out.end((attempt?.type === 'answered' ? attempt.tail : null) ?? 'data: [DONE]\n\n');
}

const eventStream = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' };

class HttpListener implements Listener {
  readonly wants = 'bytes';
  readonly signal: AbortSignal;
  readonly #out: ServerResponse;
  readonly #logId: string;

  constructor(out: ServerResponse, signal: AbortSignal, logId: string) {
    this.#out = out;
    this.signal = signal;
    this.#logId = logId;
  }

  open(headers: Record<string, string>): void {
    if (this.#out.headersSent || this.#out.destroyed) return;
    this.#out.writeHead(200, { 'x-request-id': this.#logId, ...headers, ...eventStream, 'x-whetstone-log-id': this.#logId });
  }
  bytes(bytes: Buffer): boolean {
    return this.#out.destroyed || this.#out.write(bytes);
  }
  chunk(): boolean {
    return true;
  }
  drained(resume: () => void): void {
    this.#out.once('drain', resume);
  }
}
