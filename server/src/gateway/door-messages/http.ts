import { AppError, type Scope } from '@whetstone/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerAgent, type CallAgent, isAgent } from '../door/agent.ts';
import { answer, type Begin } from '../door/answer.ts';
import { toAppError } from '../door/app-error.ts';
import { openaiError } from '../door/errors.ts';
import { returnedHeaders } from '../deny-list.ts';
import { askedOf, checkList, receive } from '../door/receive.ts';
import type { Doors } from '../doors.ts';
import type { Asked } from '../room.ts';
import { failureOf } from '../steps/failure.ts';
import { messageOfCompletion, MessageWriter } from '../wire/messages-answer.ts';
import { chatOfMessages } from '../wire/messages-request.ts';
import { anthropicError, anthropicErrorBody } from './errors.ts';
import { MessagesCall } from './native.ts';

export interface ShapeDoorOptions {
  doors: Doors;
  /** The scope of a request that may call; throws AppError. */
  scopeOf: (request: FastifyRequest) => Promise<Scope>;
  callAgent?: CallAgent | undefined;
}

/** `/v1/messages` in Anthropic's shape, errors included. */
export async function registerMessages(server: FastifyInstance, { doors, scopeOf, callAgent }: ShapeDoorOptions): Promise<void> {
  server.setErrorHandler((error, request, reply) => {
    const known = toAppError(error, (cause) => request.log.error({ err: cause }, 'unexpected error'));
    const requestId = `req_${request.id}`;
    const { status, headers, body } = anthropicError(known, null, requestId);
    if (reply.raw.headersSent) reply.raw.destroy();
    else
      void reply
        .code(status)
        .headers({ ...headers, 'request-id': requestId })
        .send(body);
  });
  server.post('/v1/messages', async (request, reply) => {
    const scope = await scopeOf(request);
    const asked = readMessages(scope, request, doors.instant);
    const call = isAgent(asked) ? callAgent : undefined;
    if (call === undefined) await answer(doors, scope, asked, reply, begin);
    else await answerAgent({ call, doors, scope, asked }, reply, begin);
    return reply;
  });
  server.post('/v1/messages/count_tokens', async (request, reply) => {
    const scope = await scopeOf(request);
    const asked = readMessages(scope, request, doors.instant);
    await answerCount(doors, scope, { ...asked, stream: false }, request, reply);
    return reply;
  });
}

function readMessages(scope: Scope, request: FastifyRequest, instant: boolean): Asked {
  const received = receive(request);
  checkList('messages', received.body['messages'], !received.file);
  checkList('tools', received.body['tools'], false);
  const form = chatOfMessages(received.body);
  return askedOf(scope, request, received, form, { native: new MessagesCall(received, form), metadata: null, instant });
}

const begin: Begin = (logId, _startedAt, model) => {
  const name = logId.replace(/^log_/, '');
  const requestId = `req_${name}`;
  const writer = new MessageWriter({ id: `msg_${name}`, model });
  return {
    wants: 'chunks',
    headers: { 'request-id': requestId },
    whole: (completion) => messageOfCompletion(completion, { id: `msg_${name}`, model }),
    chunk: (chunk) => writer.chunk(chunk),
    end: () => writer.end(),
    missingEnd: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
    fail: (error, attempt) => {
      const { status } = openaiError(error, attempt);
      return `event: error\ndata: ${JSON.stringify(anthropicErrorBody(error, attempt, status, requestId))}\n\n`;
    },
    error: (error, attempt) => anthropicError(error, attempt, requestId),
  };
};

async function answerCount(doors: Doors, scope: Scope, asked: Asked, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const counted = await doors.countTokens(await doors.prepare(scope, asked), asked);
  const requestId = `req_${request.id}`;
  if (counted.type === 'estimated') {
    void reply.headers({ 'request-id': requestId, 'x-whetstone-estimated': '1' }).send({ input_tokens: counted.tokens });
    return;
  }
  const base = { 'request-id': requestId, ...(counted.type === 'broken' ? {} : returnedHeaders(counted.headers)) };
  if (counted.type === 'counted') {
    void reply
      .code(counted.status)
      .headers({ ...base, 'content-type': 'application/json' })
      .send(counted.body);
    return;
  }
  const error = failureOf(counted) ?? new AppError('internal', 'The tokens were not counted.');
  const { status, headers, body } = anthropicError(error, counted, requestId);
  void reply
    .code(status)
    .headers({ ...base, ...headers })
    .send(body);
}
