import { join } from 'node:path';
import { AppError } from '@whetstone/contract';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { registerGateway } from '../gateway/http.ts';
import { registerOtlp } from '../otlp/http.ts';
import { registerAuth } from './auth.ts';
import { scopeOfKeyOnly } from './authenticate.ts';
import { registerBrowserScript } from './browser-script.ts';
import { readDocuments } from './document-pages.ts';
import { registerDocuments } from './documents.ts';
import { sendV5Error, toAppError } from './errors.ts';
import { registerHealth } from './health.ts';
import { registerOperate } from './operate.ts';
import type { Http, HttpDeps } from './index.ts';
import { registerMcp } from './mcp/register.ts';
import { registerV5 } from './v5/routes.ts';
import { allowPages } from './publishable.ts';
import { publicUrl } from './v5/instance.ts';
import { registerWeb } from './web.ts';

/** The one HTTP server. Which doors it has follows from its roles. */
export async function createHttp(deps: HttpDeps): Promise<Http> {
  const { config } = deps;
  const server = fastify({
    bodyLimit: config.maxBodyBytes,
    // Behind a proxy its word on the caller's address is believed, hop by hop while the hops are private addresses:
    // what a caller wrote into the header himself stands before those and is not.
    trustProxy: config.publicUrl === null ? false : 'loopback, linklocal, uniquelocal',
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    // T21: for a whole request to arrive, and for its headers; looked at every two seconds, not every thirty.
    requestTimeout: 300_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 16 * 1024 },
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 1024 },
    frameworkErrors: (error, _request, reply) => void sendV5Error(reply, toAppError(error, deps.log)),
  });
  server.setErrorHandler((error, _request, reply) => sendV5Error(reply, toAppError(error, deps.log)));
  const hosts = acceptedHosts(deps);
  if (hosts !== null) {
    server.addHook('onRequest', async (request) => {
      if (!hosts(request))
        throw new AppError(
          'wrong_host',
          `This server does not answer for the host \`${request.host}\`. Set WHETSTONE_URL to the address that people use.`,
        );
    });
  }
  const ownOrigin = ownOrigins(deps);

  registerHealth(server, deps);
  if (config.roles.has('gateway')) {
    await server.register(async (part) => {
      await registerGateway(part, {
        gateway: deps.gateway,
        authenticate: (request) => scopeOfKeyOnly(deps.people, request),
        callAgent: deps.agents.chat,
      });
    });
  }
  if (config.roles.has('api')) {
    allowPages(server, deps);
    await server.register(async (part) =>
      registerOtlp(part, {
        otlp: deps.otlp,
        authenticate: (request) => scopeOfKeyOnly(deps.people, request),
        toAppError: (error) => toAppError(error, deps.log),
      }),
    );
    await server.register(async (part) => registerV5(part, deps, ownOrigin), { prefix: '/v5' });
    await server.register(async (part) => registerAuth(part, deps, ownOrigin), { prefix: '/api/auth' });
    await server.register(async (part) => registerOperate(part, deps), { prefix: '/operate' });
    const pages = readDocuments(join(import.meta.dirname, '../../../docs'));
    registerDocuments(server, pages);
    await server.register(async (part) => registerMcp(part, deps, pages));
    registerBrowserScript(server);
    await registerWeb(server, deps);
  }
  return {
    async listen() {
      await server.listen({ port: config.port, host: config.host });
      const address = server.server.address();
      if (typeof address === 'object' && address !== null) config.port = address.port;
      return publicUrl(deps);
    },
    close: (deadlineMs) => close(server, deadlineMs),
  };
}

async function close(server: FastifyInstance, deadlineMs: number): Promise<void> {
  const cut = setTimeout(() => server.server.closeAllConnections(), deadlineMs);
  await server.close();
  clearTimeout(cut);
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

/** T9: on loopback only loopback names and the public host are answered, so that a page elsewhere cannot rebind its name to us. */
function acceptedHosts({ config }: HttpDeps): ((request: FastifyRequest) => boolean) | null {
  if (!loopback.has(config.host)) return null;
  return (request) => loopback.has(request.hostname) || request.hostname === config.publicUrl?.hostname;
}

function ownOrigins({ config }: HttpDeps): (origin: string) => boolean {
  return (origin) => {
    if (config.publicUrl !== null && origin === config.publicUrl.origin) return true;
    if (!URL.canParse(origin)) return false;
    const url = new URL(origin);
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    const local = loopback.has(url.hostname) || url.hostname === config.host;
    return url.protocol === 'http:' && local && port === config.port;
  };
}
