import type { FastifyInstance } from 'fastify';
import { keyOf } from './authenticate.ts';
import type { HttpDeps } from './index.ts';

const feedbackPath = '/v5/feedback';
const headers = 'content-type, x-api-key, authorization, idempotency-key';

/**
 * What pages of other sites may do: send feedback with a publishable key that names their origin. The answer to a preflight cannot
 * know the key, so it says whether any key names the origin; the request itself is held to its own key's list.
 */
export function allowPages(server: FastifyInstance, { people }: Pick<HttpDeps, 'people'>): void {
  server.options(feedbackPath, async (request, reply) => {
    const { origin } = request.headers;
    void reply.header('vary', 'origin');
    if (origin === undefined || !(await people.originIsNamed(origin))) return reply.code(403).send();
    return reply
      .code(204)
      .headers({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': headers,
        'access-control-max-age': '600',
      })
      .send();
  });
  // Before anything is refused, so that a page can read why.
  server.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined || request.method !== 'POST' || request.url.split('?')[0] !== feedbackPath) return;
    void reply.header('vary', 'origin');
    const key = keyOf(request);
    if (key === null || !(await people.keyNamesOrigin(key, origin))) return;
    void reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': 'retry-after' });
  });
}
