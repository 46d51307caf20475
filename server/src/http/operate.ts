import { createHash, timingSafeEqual } from 'node:crypto';
import { AppError } from '@whetstone/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { sendV5Error, toAppError } from './errors.ts';
import { readJsonBodies } from './body.ts';
import type { HttpDeps } from './index.ts';

/** Doors for commands on the same machine; the token stands in the data directory, readable by its owner only. */
export function registerOperate(server: FastifyInstance, deps: HttpDeps): void {
  readJsonBodies(server);
  server.setErrorHandler((error, _request, reply) => sendV5Error(reply, toAppError(error, deps.log)));
  server.addHook('onRequest', async (request) => requireToken(request, deps.operate.token));
  server.post('/backup', async (_request, reply) => reply.type('application/x-tar').send(await deps.operate.backup()));
  server.post('/erase', async () => {
    await deps.operate.erase();
    return { done: true };
  });
  server.post<{ Body: { email?: unknown } | undefined }>('/reset-link', async (request) => {
    const email = request.body?.email;
    if (typeof email !== 'string') throw new AppError('invalid_input', 'Name the member by `email`.');
    const { url, expiresAt } = await deps.operate.resetLink(email);
    return { url, expires_at: expiresAt.toISOString() };
  });
}

function requireToken(request: FastifyRequest, token: string): void {
  const given = request.headers['x-whetstone-operator'];
  const hash = (text: string) => createHash('sha256').update(text).digest();
  if (typeof given !== 'string' || !timingSafeEqual(hash(given), hash(token))) {
    throw new AppError('unauthenticated', 'This door is for commands on the machine itself: `npm run whetstone`.');
  }
}
