import { AppError } from '@whetstone/contract';
import type { FastifyInstance } from 'fastify';
import type { HttpDeps } from './index.ts';

const maxBytes = 64 * 1024;

/** `/api/auth/*`: the request is handed to the people room as it is, its cookies come back one header each. */
export function registerAuth(server: FastifyInstance, deps: HttpDeps, ownOrigin: (origin: string) => boolean): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxBytes }, (_request, body, done) => done(null, body));
  server.route({
    method: ['GET', 'POST'],
    url: '/*',
    bodyLimit: maxBytes,
    handler: async (request, reply) => {
      const { origin } = request.headers;
      if (request.method !== 'GET' && origin !== undefined && !ownOrigin(origin)) {
        throw new AppError(
          'forbidden',
          'Signing in works from the web app itself only. Behind a proxy, set WHETSTONE_URL to its public address.',
        );
      }
      const headers = new Headers();
      for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers.set(name, value);
      const body = request.body instanceof Buffer && request.body.length > 0 ? new Uint8Array(request.body) : null;
      const url = new URL(request.url, deps.config.publicUrl ?? `http://${request.host}`);
      const answer = await deps.people.handleAuth(new Request(url, { method: request.method, headers, body }), request.ip);
      void reply.code(answer.status);
      for (const [name, value] of answer.headers) if (name !== 'set-cookie') void reply.header(name, value);
      for (const cookie of answer.headers.getSetCookie()) void reply.header('set-cookie', cookie);
      return reply.send(Buffer.from(await answer.arrayBuffer()));
    },
  });
}
