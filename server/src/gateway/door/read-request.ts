import { isUtf8 } from 'node:buffer';
import { AppError, type AnyObject, chatMessage, type ChatMessage, type Scope } from '@whetstone/contract';
import { canonicalJson, parsePath } from '@whetstone/domain';
import type { FastifyRequest } from 'fastify';
import { forwardedHeaders, withoutDeniedFields } from '../deny-list.ts';
import type { CallKind } from '../providers/dialect.ts';
import type { Asked } from '../room.ts';
import { asObject, asText } from '../wire/read.ts';

/** A gateway request as the steps take it. Throws what is wrong, naming the field. */
export function readRequest(kind: Exclude<CallKind, 'complete'>, scope: Scope, request: FastifyRequest, instant: boolean): Asked {
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const given = parseBody(raw);
  const model = asText(given['model']);
  if (model === null || model === '') throw wrong('model', 'you must provide a model parameter');
  const file = /^(?:prompt|agent):/.test(model);
  const inputs = readInputs(given['inputs'], file);
  const forwarded = withoutDeniedFields(given);
  const stream = kind === 'chat' && given['stream'] === true;
  const messages = kind === 'chat' ? readMessages(given['messages'], file) : [];
  if (kind === 'embeddings' && given['input'] == null) throw wrong('input', 'you must provide an input parameter');
  const { model: _model, messages: _messages, ...rest } = forwarded;
  return {
    kind,
    names: { model },
    body: file ? rest : forwarded,
    raw: !file && forwarded === given ? raw : null,
    stream,
    messages,
    inputs,
    ...fromHeaders(scope, request, { user: asText(given['user']), metadata: asObject(given['metadata']) }),
    instant,
  };
}

/** What a call says beside its body, in every shape alike. */
export function fromHeaders(
  scope: Scope,
  request: FastifyRequest,
  { user, metadata }: { user: string | null; metadata: AnyObject | null },
): Pick<Asked, 'environment' | 'file' | 'headers' | 'apiKeys' | 'cache' | 'log'> {
  const header = headerReader(request);
  return {
    environment: header('environment'),
    file: pathOf(header('file')),
    headers: forwardedHeaders(request.headers),
    apiKeys: {},
    cache: header('cache'),
    log: {
      origin: 'gateway',
      user,
      session: header('session'),
      unit: header('unit') ?? user,
      referenceId: header('reference'),
      traceParentId: header('trace-parent'),
      metadata,
      keyId: scope.actor.type === 'key' ? scope.actor.id : null,
    },
  };
}

export function parseBody(raw: Buffer): AnyObject {
  if (raw.length === 0) throw new AppError('bad_request', 'The request has no body. Send JSON.');
  if (!isUtf8(raw)) throw new AppError('bad_request', 'The request body is not valid UTF-8.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw.toString('utf8'));
  } catch (error) {
    throw new AppError(
      'bad_request',
      `We could not parse the JSON body of your request: ${error instanceof Error ? error.message : 'not JSON'}.`,
    );
  }
  const body = asObject(parsed);
  if (body === null) throw new AppError('bad_request', 'The request body is not a JSON object.');
  return canonicalJson(body).value;
}

export function readInputs(inputs: unknown, file: boolean): AnyObject {
  if (inputs === undefined || inputs === null) return {};
  const object = asObject(inputs);
  if (object === null && file) throw wrong('inputs', 'must be an object of template variables');
  return object ?? {};
}

/** Messages for the log. What the log cannot show (audio, files) becomes a note; the provider gets it as it is. */
function readMessages(messages: unknown, file: boolean): ChatMessage[] {
  if (messages == null && file) return [];
  if (!Array.isArray(messages)) throw wrong('messages', messages === undefined ? 'is missing' : 'must be a list of messages');
  if (messages.length === 0 && !file) throw wrong('messages', 'needs at least one message');
  return messages.map((message: unknown, index) => {
    const object = asObject(message);
    if (object === null || typeof object['role'] !== 'string') throw wrong(`messages.${index}`, 'must be an object with a role');
    return logMessage(object);
  });
}

const roles = new Set(['user', 'assistant', 'system', 'tool', 'developer']);

export function logMessage(message: AnyObject): ChatMessage {
  const { content } = message;
  const simple = (typeof content === 'string' || content == null) && message['tool_calls'] === undefined && message['name'] === undefined;
  const role = asText(message['role']) ?? 'user';
  if (simple && roles.has(role) && message['tool_call_id'] === undefined) return { role, content: content ?? null } as ChatMessage;
  const shaped = {
    role: roles.has(role) ? role : role === 'function' ? 'tool' : 'user',
    content: Array.isArray(content)
      ? content.map(logPart)
      : typeof content === 'string' || content == null
        ? (content ?? null)
        : JSON.stringify(content),
    ...(typeof message['name'] === 'string' ? { name: message['name'] } : {}),
    ...(typeof message['tool_call_id'] === 'string' ? { tool_call_id: message['tool_call_id'] } : {}),
    ...(Array.isArray(message['tool_calls']) ? { tool_calls: message['tool_calls'] } : {}),
  };
  const parsed = chatMessage.safeParse(shaped);
  return parsed.success ? parsed.data : { role: 'user', content: JSON.stringify(message) };
}

function logPart(part: unknown): unknown {
  const object = asObject(part);
  const type = asText(object?.['type']);
  if (type === 'text' && typeof object?.['text'] === 'string') return { type, text: object['text'] };
  if (type === 'image_url' && asObject(object?.['image_url']) !== null) return { type, image_url: object?.['image_url'] };
  if (type === 'refusal') return { type: 'text', text: asText(object?.['refusal']) ?? '' };
  return { type: 'text', text: `[${type ?? 'unknown content'}]` };
}

function headerReader(request: FastifyRequest): (name: string) => string | null {
  return (name) => {
    const value = request.headers[`x-whetstone-${name}`];
    const text = (Array.isArray(value) ? value[0] : value)?.trim();
    if (text === undefined || text === '') return null;
    if (text.length > 1024) throw new AppError('bad_request', `The header \`x-whetstone-${name}\` is longer than 1,024 characters.`);
    // Headers are Latin-1; other text comes percent-encoded.
    if (!text.includes('%')) return text;
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
}

function pathOf(path: string | null): string | null {
  return path === null ? null : parsePath(path, 'x-whetstone-file');
}

export function wrong(field: string, msg: string): AppError {
  const message = field === 'model' ? msg : `\`${field}\` ${msg}.`;
  return new AppError('invalid_input', message, { details: [{ loc: ['body', ...field.split('.')], msg, type: 'value_error' }] });
}
