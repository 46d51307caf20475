import { AppError, type AnyObject, type ChatMessage, type Scope } from '@whetstone/contract';
import type { FastifyRequest } from 'fastify';
import { withoutDeniedFields } from '../deny-list.ts';
import { fromHeaders, logMessage, parseBody, readInputs, wrong } from './read-request.ts';
import type { Asked, NativeCall } from '../room.ts';
import type { ChatForm } from '../wire/messages-request.ts';
import { asObject, asText } from '../wire/read.ts';

/** A body in the caller's shape, cleared of what is never forwarded. */
export interface Received {
  body: AnyObject;
  /** The bytes, when they may be forwarded as they are. */
  raw: Buffer | null;
  model: string;
  /** The model is a file of ours. */
  file: boolean;
  inputs: AnyObject;
}

export function receive(request: FastifyRequest): Received {
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const given = parseBody(raw);
  const model = asText(given['model']);
  if (model === null || model === '') throw wrong('model', 'you must provide a model parameter');
  const file = /^(?:prompt|agent):/.test(model);
  const body = withoutDeniedFields(given);
  return { body, raw: body === given ? raw : null, model, file, inputs: readInputs(given['inputs'], file) };
}

/** The call as the steps take it. */
export function askedOf(
  scope: Scope,
  request: FastifyRequest,
  received: Received,
  form: ChatForm,
  options: { native: NativeCall; metadata: AnyObject | null; instant: boolean },
): Asked {
  const { model, file, inputs } = received;
  const { model: _model, messages, ...rest } = form.body;
  return {
    kind: 'chat',
    names: { model },
    body: file ? rest : form.body,
    raw: null,
    native: options.native,
    stream: form.body['stream'] === true,
    messages: (messages as AnyObject[]).map(loggedMessage),
    inputs,
    ...fromHeaders(scope, request, { user: asText(form.body['user']), metadata: options.metadata }),
    instant: options.instant,
  };
}

function loggedMessage(message: AnyObject): ChatMessage {
  const logged = logMessage(message);
  return message['thinking'] === undefined ? logged : { ...logged, thinking: message['thinking'] as NonNullable<ChatMessage['thinking']> };
}

/** A list where one belongs, each entry an object; throws what is wrong, naming the place. */
export function checkList(field: string, value: unknown, needed: boolean): void {
  if (value === undefined || value === null) {
    if (needed) throw wrong(field, 'is missing');
    return;
  }
  if (!Array.isArray(value)) throw wrong(field, 'must be a list');
  if (needed && value.length === 0) throw wrong(field, 'needs at least one entry');
  value.forEach((entry: unknown, index) => {
    if (asObject(entry) === null) throw wrong(`${field}.${index}`, 'must be an object');
  });
}

/** Refuses to a provider of another shape what could only be said in the caller's. */
export function refuseUnsaid(unsaid: readonly string[], provider: string): void {
  if (unsaid.length > 0) throw new Error(`${provider} cannot be asked for ${unsaid.slice(0, 5).join('; ')}.`);
}

export function missing(message: string, field: string, code: string): AppError {
  return new AppError('invalid_input', message, {
    details: [{ loc: ['body', field], msg: message, type: 'value_error' }],
    data: { code },
  });
}
