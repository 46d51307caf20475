import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** `/whetstone.js`: feedback from pages of any origin. It holds no secret; what it sends is checked like everyone's. */
export function registerBrowserScript(server: FastifyInstance): void {
  const script = readFileSync(join(import.meta.dirname, '../../../browser/whetstone.min.js'));
  const etag = `"${createHash('sha256').update(script).digest('base64url').slice(0, 16)}"`;
  server.get('/whetstone.js', (request, reply) => {
    void reply.headers({
      'content-type': 'text/javascript; charset=utf-8',
      // For pages that name it with `crossorigin` and `integrity`, or forbid what does not say that it may be embedded.
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=3600',
      etag,
    });
    return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.send(script);
  });
}
