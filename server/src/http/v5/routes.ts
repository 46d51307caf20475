import { Readable } from 'node:stream';
import { AppError, type Endpoint, type EndpointName, endpoints, type Scope } from '@whetstone/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { canonicalJson } from '@whetstone/domain';
import type { z } from 'zod';
import { type Caller, callerOf, requirePermission } from '../authenticate.ts';
import { readJsonBodies } from '../body.ts';
import type { Attempt, KeptAnswer } from '../idempotency/idempotency.ts';
import { invalidInput, sendV5Error, toAppError } from '../errors.ts';
import type { HttpDeps } from '../index.ts';
import type { Call } from './call.ts';
import { createHandlers } from './handlers.ts';

/** Mounts the endpoint table. Every route declares its permission by being in the table; one without a handler stops the start. */
export function registerV5(server: FastifyInstance, deps: HttpDeps, ownOrigin: (origin: string) => boolean): void {
  readJsonBodies(server);
  // Whoever takes forms reads them as they arrive.
  const read = /^(?:multipart\/form-data|text\/csv|application\/(?:zip|x-ndjson|jsonl|octet-stream))/;
  server.addContentTypeParser(read, async (_request: FastifyRequest, payload: Readable) => payload);
  const handlers = createHandlers(deps);
  const stopping = new AbortController();
  server.addHook('preClose', async () => stopping.abort());
  server.decorateRequest('attempt', null);
  server.addHook('onSend', async (request, reply, payload) => {
    if (request.attempt !== null) await request.attempt.end(reply.statusCode, typeof payload === 'string' ? payload : null);
    return payload;
  });
  server.setErrorHandler((error, _request, reply) => sendV5Error(reply, toAppError(error, deps.log)));
  server.setNotFoundHandler((request, reply) =>
    sendV5Error(
      reply,
      new AppError(
        'not_found',
        `There is no \`${request.method} ${request.url.split('?')[0]}\`. The operations are listed at /docs and /openapi.json.`,
      ),
    ),
  );
  for (const [name, endpoint] of Object.entries(endpoints) as [EndpointName, Endpoint][]) {
    const handler = handlers[name];
    if (handler === undefined) throw new Error(`The endpoint ${name} has no handler.`);
    server.route({
      method: endpoint.method,
      url: endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'),
      handler: (request, reply) => answer(deps, endpoint, handler, { request, reply, stopping: stopping.signal }, ownOrigin),
    });
  }
}

type Run = (call: Call<EndpointName>) => Promise<unknown>;

async function answer(
  deps: HttpDeps,
  endpoint: Endpoint,
  run: Run,
  exchange: Pick<Call<EndpointName>, 'request' | 'reply' | 'stopping'>,
  ownOrigin: (origin: string) => boolean,
): Promise<unknown> {
  const { request, reply } = exchange;
  const caller: Caller =
    endpoint.permission === 'public' ? { scope: null, session: null } : await callerOf(deps.people, request, ownOrigin);
  const scope = requirePermission(caller, endpoint.permission);
  if (endpoint.raw !== true && request.body instanceof Readable)
    throw new AppError('unsupported_media_type', 'Send the body as JSON with `content-type: application/json`.');
  const input = {
    params: parse(endpoint.params, request.params, 'path'),
    query: parse(endpoint.query, request.query, 'query'),
    body: parse(endpoint.body, request.body, 'body'),
  };
  const key = request.headers['idempotency-key'];
  if (key !== undefined && endpoint.method === 'POST' && scope !== null) {
    const begun = await beginOnce(deps, { scope, key, request, body: input.body });
    if (begun.kept) return reply.code(begun.status).header('idempotent-replayed', 'true').type('application/json').send(begun.body);
    request.attempt = begun;
  }
  const gone = new AbortController();
  reply.raw.once('close', () => {
    // With a key the caller may come back for the answer, so the work goes on.
    if (!reply.raw.writableFinished && request.attempt === null) gone.abort(new AppError('cancelled', 'The caller went away.'));
  });
  const call = { ...input, scope, session: caller.session, ...exchange, signal: gone.signal };
  // What the audit log records of this request carries its address.
  const output = await deps.people.audit.withIp(request.ip, () => run(call as unknown as Call<EndpointName>));
  if (endpoint.stream === true) {
    // Whoever wrote past the hooks said nothing that could be kept.
    reply.raw.once('close', () => void request.attempt?.end(500, null));
    return reply;
  }
  const status = endpoint.status ?? (endpoint.output === null ? 204 : 200);
  return endpoint.output === null ? reply.code(status).send() : reply.code(status).send(output);
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The one attempt for its idempotency key, to be told what it was answered. */
    attempt: Attempt | null;
  }
}

function beginOnce(
  deps: HttpDeps,
  { scope, key, request, body }: { scope: Scope; key: string | string[]; request: FastifyRequest; body: unknown },
): Promise<KeptAnswer | Attempt> {
  const streams = typeof body === 'object' && body !== null && 'stream' in body && body.stream === true;
  if (streams || request.body instanceof Readable)
    throw new AppError('bad_request', 'An Idempotency-Key goes neither with `stream: true` nor with a form: streams are not kept.');
  return deps.idempotency.begin(scope, String(key), [request.method, request.url, request.body ?? null]);
}

function parse(schema: z.ZodType | undefined, value: unknown, where: 'body' | 'query' | 'path'): unknown {
  if (schema === undefined) return undefined;
  // Bodies went through the text rule when they were read.
  const canonical = where === 'body' ? (value ?? {}) : canonicalJson(value).value;
  const result = schema.safeParse(canonical, { reportInput: true });
  if (!result.success) throw invalidInput(result.error, where);
  return result.data;
}
