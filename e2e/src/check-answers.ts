import { subscribe } from 'node:diagnostics_channel';
import { violation } from './v5-contract.ts';

/**
 * Loaded into a server under test before anything else: looks at every answer of an operation of v5, and says on stderr which
 * does not keep to the contract. The product knows nothing of it.
 */

const base = '/v5';

/** As much of Fastify as is used here. */
interface Server {
  addHook(name: 'onSend', hook: (request: Request, reply: Reply, payload: unknown) => Promise<unknown>): void;
}
interface Request {
  method: string;
  routeOptions: { url?: string };
}
interface Reply {
  statusCode: number;
  getHeader(name: string): unknown;
}

subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: Server };
  fastify.addHook('onSend', async (request, reply, payload) => {
    const route = request.routeOptions.url;
    if (route?.startsWith(base) !== true) return payload;
    const type = reply.getHeader('content-type');
    let problem: string | null;
    try {
      problem = violation(request.method, route.slice(base.length), reply.statusCode, typeof type === 'string' ? type : '', payload);
    } catch (error) {
      problem = error instanceof Error ? error.message : 'cannot be read';
    }
    if (problem !== null)
      process.stderr.write(`${JSON.stringify({ contract: `${request.method} ${route} ${reply.statusCode}: ${problem}` })}\n`);
    return payload;
  });
});
