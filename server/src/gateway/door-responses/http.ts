import { AppError, type AnyObject, type Scope } from '@whetstone/contract';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerAgent, type CallAgent, isAgent } from '../door/agent.ts';
import { answer, type Begin, type Voice } from '../door/answer.ts';
import { toAppError } from '../door/app-error.ts';
import { errorBody, openaiError } from '../door/errors.ts';
import { wrong } from '../door/read-request.ts';
import { askedOf, checkList, missing, type Received, receive } from '../door/receive.ts';
import type { ShapeDoorOptions } from '../door-messages/http.ts';
import type { Doors } from '../doors.ts';
import { asList, asObject, asText, parseJson } from '../wire/read.ts';
import { ResponseWriter, responseOfCompletion } from '../wire/responses-answer.ts';
import { chatOfResponses } from '../wire/responses-request.ts';
import { ResponsesCall } from './native.ts';
import { inputItems, responseOf } from './retrieve.ts';
import { responseIdOf, type StoredResponse } from './stored.ts';

/** `/v1/responses` in the shape of OpenAI's Responses API, errors included. */
export async function registerResponses(server: FastifyInstance, { doors, scopeOf, callAgent }: ShapeDoorOptions): Promise<void> {
  server.setErrorHandler((error, request, reply) => {
    const known = toAppError(error, (cause) => request.log.error({ err: cause }, 'unexpected error'));
    const { status, headers, body } = openaiError(known, null);
    if (reply.raw.headersSent) reply.raw.destroy();
    else void reply.code(status).headers(headers).send(body);
  });
  server.post('/v1/responses', async (request, reply) => {
    await create(doors, await scopeOf(request), request, reply, callAgent);
    return reply;
  });
  server.get('/v1/responses/:id', async (request) => {
    const scope = await scopeOf(request);
    if ((request.query as AnyObject)['stream'] === 'true') throw wrong('stream', 'cannot be asked of a stored response');
    return responseOf(await stored(doors, scope, request));
  });
  server.get('/v1/responses/:id/input_items', async (request) => {
    const scope = await scopeOf(request);
    return page(inputItems(await stored(doors, scope, request)), request.query as AnyObject);
  });
  server.delete('/v1/responses/:id', async (request) => {
    const scope = await scopeOf(request);
    const found = await stored(doors, scope, request);
    await doors.responses.delete(scope, found);
    return { id: found.id, object: 'response', deleted: true };
  });
  server.post('/v1/responses/:id/cancel', async (request) => {
    await stored(doors, await scopeOf(request), request);
    throw new AppError('bad_request', 'Cannot cancel a synchronous response.');
  });
}

async function create(doors: Doors, scope: Scope, request: FastifyRequest, reply: FastifyReply, callAgent?: CallAgent): Promise<void> {
  const received = receive(request);
  const { body } = received;
  check(received);
  const previous = await previousOf(doors, scope, body['previous_response_id']);
  const form = chatOfResponses(body);
  if (previous !== null) {
    const messages = asList(form.body['messages']);
    const instructed = messages.length > 0 && asText(body['instructions']) ? 1 : 0;
    form.body['messages'] = [...messages.slice(0, instructed), ...previous.conversation, ...messages.slice(instructed)];
  }
  const native = new ResponsesCall(received, form, previous);
  const asked = askedOf(scope, request, received, form, { native, metadata: asObject(body['metadata']), instant: doors.instant });
  let own = '';
  const begin: Begin = (logId, startedAt, model) => {
    own = responseIdOf(logId);
    return voiceOf(logId, Math.floor(startedAt.getTime() / 1000), model, body);
  };
  if (callAgent !== undefined && isAgent(asked)) {
    await answerAgent({ call: callAgent, doors, scope, asked }, reply, begin);
    const made = body['store'] === false ? await doors.responses.find(scope, own) : null;
    if (made !== null) await doors.responses.delete(scope, made);
    return;
  }
  const done = await answer(doors, scope, asked, reply, begin);
  const id = done.attempt.type === 'answered' ? done.attempt.answer.id : null;
  if (id?.startsWith('resp_') === true) doors.responses.remember(scope, id, done.logId);
}

function check({ body, file }: Received): void {
  const { input } = body;
  if (typeof input !== 'string') checkList('input', input, !file && body['prompt'] == null && body['previous_response_id'] == null);
  checkList('tools', body['tools'], false);
  if (body['background'] === true) throw wrong('background', 'is not offered: every call is logged with its answer, so ask with `stream`');
  if (body['instructions'] != null && typeof body['instructions'] !== 'string') throw wrong('instructions', 'must be a text');
}

async function previousOf(doors: Doors, scope: Scope, id: unknown): Promise<StoredResponse | null> {
  if (id === undefined || id === null) return null;
  if (typeof id !== 'string') throw wrong('previous_response_id', 'must be a text');
  const found = await doors.responses.find(scope, id);
  if (found === null) {
    throw missing(`Previous response with id '${id}' not found.`, 'previous_response_id', 'previous_response_not_found');
  }
  return found;
}

async function stored(doors: Doors, scope: Scope, request: FastifyRequest): Promise<StoredResponse> {
  const { id } = request.params as { id: string };
  const found = await doors.responses.find(scope, id);
  if (found === null) throw new AppError('not_found', `Response with id '${id}' not found.`, { data: { code: 'not_found' } });
  return found;
}

function voiceOf(logId: string, createdAt: number, model: string, request: AnyObject): Voice {
  const frame = { id: responseIdOf(logId), createdAt, model, request };
  const writer = new ResponseWriter(frame);
  return {
    wants: 'chunks',
    headers: { 'x-request-id': logId },
    whole: (completion) => responseOfCompletion(completion, frame),
    chunk: (chunk) => writer.chunk(chunk),
    end: () => writer.end(),
    missingEnd: '',
    fail: (error, attempt, passed) => {
      const words = asObject(asObject(parseJson(errorBody(error, attempt)))?.['error']) ?? {};
      const { message, type, param, code } = words;
      const said = { message: asText(message) ?? '', type: asText(type) ?? 'server_error', param: asText(param), code: asText(code) };
      if (!passed) return writer.fail(said);
      // The provider's own numbers are not read on their way through.
      const event = { type: 'error', sequence_number: 0, code: said.code, message: said.message, param: said.param, error: said };
      return `event: error\ndata: ${JSON.stringify(event)}\n\n`;
    },
    error: openaiError,
  };
}

function page(items: AnyObject[], query: AnyObject): AnyObject {
  const ordered = query['order'] === 'asc' ? items : items.toReversed();
  const after = ordered.findIndex(({ id }) => id === query['after']);
  const size = Math.min(100, Math.max(1, Number(query['limit'] ?? 20) || 20));
  const data = ordered.slice(after + 1, after + 1 + size);
  return {
    object: 'list',
    data,
    first_id: data[0]?.['id'] ?? null,
    last_id: data.at(-1)?.['id'] ?? null,
    has_more: after + 1 + size < ordered.length,
  };
}
