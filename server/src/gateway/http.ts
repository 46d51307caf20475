import { AppError, roleMay, type Permission, type Scope } from '@whetstone/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerAgent, type CallAgent, isAgent } from './door/agent.ts';
import { answer } from './door/answer.ts';
import { toAppError } from './door/app-error.ts';
import { chatVoice } from './door/chat.ts';
import { openaiError } from './door/errors.ts';
import { readRequest } from './door/read-request.ts';
import { registerMessages } from './door-messages/http.ts';
import { anthropicModel, anthropicModels } from './door-messages/models.ts';
import { registerResponses } from './door-responses/http.ts';
import type { Gateway } from './index.ts';
import { asObject } from './wire/read.ts';

export interface GatewayDoorOptions {
  gateway: Gateway;
  /** The scope of a request; throws AppError. */
  authenticate(request: FastifyRequest): Promise<Scope>;
  /** Runs `agent:PATH`; handed in by who runs agents, which is above this room. */
  callAgent?: CallAgent;
}
export type { AgentChat, AgentChatAnswer, CallAgent } from './door/agent.ts';

/** `/v1` in OpenAI's shapes, errors included. Register it in a scope of its own: it reads bodies as bytes. */
export async function registerGateway(server: FastifyInstance, options: GatewayDoorOptions): Promise<void> {
  const { gateway } = options;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setErrorHandler((error, request, reply) => {
    sendError(
      reply,
      toAppError(error, (cause) => request.log.error({ err: cause }, 'unexpected error')),
    );
  });
  const scopeOf = async (request: FastifyRequest, permission: Permission): Promise<Scope> => {
    const scope = await options.authenticate(request);
    if (roleMay(scope.actor.role, permission)) return scope;
    throw new AppError('forbidden', `The role \`${scope.actor.role}\` may not do this; it needs the right to \`${permission}\`.`);
  };

  server.post('/v1/chat/completions', async (request, reply) => {
    const scope = await scopeOf(request, 'call');
    const asked = readRequest('chat', scope, request, gateway.doors.instant);
    const begin = chatVoice(asObject(asked.body['stream_options'])?.['include_usage'] === true);
    const call = isAgent(asked) ? options.callAgent : undefined;
    if (call === undefined) await answer(gateway.doors, scope, asked, reply, begin);
    else await answerAgent({ call, doors: gateway.doors, scope, asked }, reply, begin);
    return reply;
  });
  server.post('/v1/embeddings', async (request, reply) => {
    const scope = await scopeOf(request, 'call');
    await answer(gateway.doors, scope, readRequest('embeddings', scope, request, gateway.doors.instant), reply, chatVoice(false));
    return reply;
  });
  const shaped = { doors: gateway.doors, scopeOf: (request: FastifyRequest) => scopeOf(request, 'call'), callAgent: options.callAgent };
  await server.register(registerResponses, shaped);
  await server.register(registerMessages, shaped);
  server.get('/v1/models', async (request) => {
    const scope = await scopeOf(request, 'fetch');
    const data = await modelRows(gateway, scope);
    return isAnthropics(request) ? anthropicModels(data) : { object: 'list', data };
  });
  server.get('/v1/models/*', async (request: FastifyRequest) => {
    const scope = await scopeOf(request, 'fetch');
    const id = (request.params as { '*': string })['*'];
    const row = (await modelRows(gateway, scope)).find((each) => each.id === id);
    if (row === undefined) throw new AppError('not_found', `The model '${id}' does not exist`, { data: { code: 'model_not_found' } });
    return isAnthropics(request) ? anthropicModel(row) : row;
  });
  server.all('/v1/*', async (request: FastifyRequest) => {
    throw new AppError('not_found', `Invalid URL (${request.method} ${request.url.split('?')[0]})`, { data: { code: 'unknown_url' } });
  });
}

/** Its clients ask for the list at the same path. */
function isAnthropics(request: FastifyRequest): boolean {
  return request.headers['anthropic-version'] !== undefined;
}

async function modelRows(gateway: Gateway, scope: Scope): Promise<{ id: string; object: 'model'; created: number; owned_by: string }[]> {
  const [choices, routes] = await Promise.all([gateway.models(scope), gateway.routes.list(scope)]);
  const row = (id: string, owner: string) => ({ id, object: 'model' as const, created: 1_767_225_600, owned_by: owner });
  return [
    ...routes.map(({ name }) => row(name, 'route')),
    ...choices.filter(({ available }) => available).map(({ model, provider }) => row(model, provider)),
  ];
}

function sendError(reply: FastifyReply, error: AppError): void {
  const { status, headers, body } = openaiError(error, null);
  if (reply.raw.headersSent) {
    reply.raw.destroy();
    return;
  }
  void reply.code(status).headers(headers).send(body);
}
