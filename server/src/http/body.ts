import { isUtf8 } from 'node:buffer';
import { AppError } from '@whetstone/contract';
import { canonicalJson } from '@whetstone/domain';
import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** NUL or malformed text in the body was replaced. */
    textRepaired: boolean;
  }
}

/**
 * Reads JSON bodies with the one text rule of the ground: well-formed UTF-8 or 400, NUL and lone surrogates
 * replaced, depth capped. An empty body is `undefined`, so that endpoints without one accept it.
 */
export function readJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.decorateRequest('textRepaired', false);
  server.addContentTypeParser(['application/json', 'text/json'], { parseAs: 'buffer' }, (request, body, done) => {
    try {
      const { value, changed } = parseJsonBody(body as Buffer);
      request.textRepaired = changed;
      done(null, value);
    } catch (error) {
      done(error as Error, undefined);
    }
  });
}

/** @throws AppError `bad_request` naming the place */
export function parseJsonBody(body: Buffer): { value: unknown; changed: boolean } {
  if (body.length === 0) return { value: undefined, changed: false };
  if (!isUtf8(body)) throw new AppError('bad_request', 'The body is not valid UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AppError('bad_request', `The body is not valid JSON: ${(error as Error).message}`);
  }
  return canonicalJson(value);
}
