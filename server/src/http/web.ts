import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import { AppError } from '@whetstone/contract';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { sendV5Error } from './errors.ts';
import type { HttpDeps } from './index.ts';

/** T5: no script, frame or picture from elsewhere, whatever a log says. Styles are set by the editor from script. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The web app: hashed assets for ever, every other path the one page, which routes by itself. */
export async function registerWeb(server: FastifyInstance, deps: HttpDeps): Promise<void> {
  const index = join(deps.webDir, 'index.html');
  const page = existsSync(index) ? await readFile(index) : null;
  if (page !== null) {
    await server.register(fastifyStatic, {
      root: join(deps.webDir, 'assets'),
      prefix: '/assets/',
      immutable: true,
      preCompressed: true,
      maxAge: '365d',
      setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
    });
  }
  server.setNotFoundHandler((request, reply) => {
    const wantsPage =
      request.method === 'GET' && (request.headers.accept ?? '').includes('text/html') && !request.url.startsWith('/assets/');
    if (wantsPage) return sendPage(reply, page);
    return sendV5Error(reply, new AppError('not_found', `There is nothing at \`${request.method} ${request.url.split('?')[0]}\`.`));
  });
}

function sendPage(reply: FastifyReply, page: Buffer | null): FastifyReply {
  if (page === null) return reply.code(503).type('text/plain').send('The web app is not built. Run `npm start`, or `npm run build`.');
  return reply
    .code(200)
    .type('text/html; charset=utf-8')
    .headers({
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cache-control': 'no-cache',
    })
    .send(page);
}
