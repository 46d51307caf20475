import { AppError } from '@whetstone/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { scopeOfKeyOnly } from '../authenticate.ts';
import { readJsonBodies } from '../body.ts';
import type { Documents } from '../document-pages.ts';
import { toAppError } from '../errors.ts';
import type { HttpDeps } from '../index.ts';
import { createHandlers } from '../v5/handlers.ts';
import { operations } from './tool.ts';

/** The Model Context Protocol over streamable HTTP, without sessions: one POST, one JSON answer. Keys only, no cookies. */
export function registerMcp(server: FastifyInstance, deps: HttpDeps, pages: Documents): void {
  readJsonBodies(server);
  const handlers = createHandlers(deps);
  server.setErrorHandler((error, _request, reply) => sendError(reply, toAppError(error, deps.log)));
  server.post('/mcp', async (request, reply) => {
    const scope = await scopeOfKeyOnly(deps.people, request);
    const gone = new AbortController();
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort(new AppError('cancelled', 'The caller went away.'));
    });
    const context = { scope, rooms: deps, operation: operations(handlers, scope, gone.signal) };
    // Loaded by the first caller: most servers have none.
    const [{ mcpServer }, { WebStandardStreamableHTTPServerTransport }] = await Promise.all([
      import('./server.ts'),
      import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'),
    ]);
    const mcp = mcpServer(context, deps.version, pages);
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await mcp.connect(transport);
    const answer = await deps.people.audit.withIp(request.ip, () =>
      transport.handleRequest(webRequest(request), { parsedBody: request.body }),
    );
    const text = await answer.text();
    await mcp.close();
    return reply.code(answer.status).headers(Object.fromEntries(answer.headers)).send(text);
  });
  // There is nothing to listen to between requests, and no session to end.
  server.route({
    method: ['GET', 'DELETE'],
    url: '/mcp',
    handler: (_request, reply) =>
      reply.code(405).header('allow', 'POST').send(rpcError(-32000, 'This server answers each POST by itself and keeps no session.')),
  });
}

function webRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const name of ['accept', 'content-type', 'mcp-protocol-version', 'mcp-session-id']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return new Request('http://whetstone/mcp', { method: 'POST', headers });
}

function sendError(reply: FastifyReply, error: AppError): FastifyReply {
  if (error.code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer realm="whetstone"');
  if (error.retryAfterSeconds !== undefined) void reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)));
  return reply
    .code(error.status === 499 ? 400 : error.status)
    .send(rpcError(error.code === 'bad_request' ? -32700 : -32000, error.message));
}

function rpcError(code: number, message: string) {
  return { jsonrpc: '2.0', error: { code, message }, id: null };
}
