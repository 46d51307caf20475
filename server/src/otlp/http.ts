import { AppError, roleMay, type Scope } from '@whetstone/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Otlp } from './index.ts';
import { contentTypes, statusBody, successBody } from './wire/answer.ts';
import { encodingOf, type Encoding } from './wire/body.ts';

export interface OtlpDoorOptions {
  otlp: Otlp;
  /** The scope of a request; throws AppError. */
  authenticate(request: FastifyRequest): Promise<Scope>;
  toAppError(error: unknown): AppError;
}

/** Bytes of requests that are being worked on. Beyond, senders are asked to come again: they keep what they have. */
const mostBytesAtOnce = 256 << 20;

/** OTLP/HTTP, for what OpenTelemetry's exporters and the SDKs of v5 send. Register it in a scope of its own: it reads bodies as bytes. */
export async function registerOtlp(server: FastifyInstance, options: OtlpDoorOptions): Promise<void> {
  let bytes = 0;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setErrorHandler((error, request, reply) => refuse(reply, options.toAppError(error), encodingFor(request)));

  const take = async (request: FastifyRequest, reply: FastifyReply, withRecords: boolean): Promise<FastifyReply> => {
    const scope = await options.authenticate(request);
    if (!roleMay(scope.actor.role, 'log')) {
      throw new AppError('forbidden', `The role \`${scope.actor.role}\` may not do this; it needs the right to \`log\`.`);
    }
    // A request without a content type has no parser that would read it.
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (bytes + body.length > mostBytesAtOnce) {
      throw new AppError('rate_limited', 'Too many spans are being taken in at once. Send them again in a moment.', {
        retryAfterSeconds: 1,
      });
    }
    bytes += body.length;
    try {
      const { records, refused } = await options.otlp.accept(scope, {
        body,
        contentType: request.headers['content-type'],
        contentEncoding: request.headers['content-encoding'],
      });
      const encoding = encodingFor(request);
      return await reply
        .code(200)
        .type(contentTypes[encoding])
        .send(successBody(encoding, refused, withRecords ? records : null));
    } finally {
      bytes -= body.length;
    }
  };
  server.post('/v1/traces', (request, reply) => take(request, reply, false));
  server.post('/v5/import/otel/v1/traces', (request, reply) => take(request, reply, true));
}

/** The encoding of the request, as it was really written where that is to be seen without unpacking. */
function encodingFor(request: FastifyRequest): Encoding {
  const body = Buffer.isBuffer(request.body) && request.body[0] !== 0x1f ? request.body : Buffer.alloc(0);
  return encodingOf(body, request.headers['content-type']);
}

function refuse(reply: FastifyReply, error: AppError, encoding: Encoding): FastifyReply {
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)));
  return reply.code(error.status).type(contentTypes[encoding]).send(statusBody(encoding, error));
}
