import { chatDialect } from './openai-chat.ts';
import { responsesDialect } from './openai-responses.ts';
import { type Dialect, type Fields, gatewayHeaders, recordedCreate, type Recording, withHeaders, type WrapOptions } from './record-call.ts';

type Create = (body: Fields, options?: { headers?: unknown }) => unknown;
interface Resource {
  create: Create;
}
interface OpenAILike {
  baseURL?: unknown;
  chat?: { completions?: Resource };
  responses?: Resource;
}

const wrapped = new WeakSet<object>();

/**
 * Logs the calls of a client of the package `openai`: chat completions and responses, streams too. The client itself is
 * changed and given back, so that its helpers (`parse`, `stream`, `runTools`) are logged as well.
 */
export function wrapOpenAI<T extends object>(recording: Recording, client: T, options: WrapOptions): T {
  const { baseURL, chat, responses } = client as OpenAILike;
  const headers = gatewayHeaders(recording, baseURL);
  const mend = (resource: Resource | undefined, dialect: Dialect) => {
    if (resource === undefined || typeof resource.create !== 'function' || wrapped.has(resource)) return;
    wrapped.add(resource);
    const create = resource.create.bind(resource);
    resource.create = headers === null ? recordedCreate(recording, 'openai', dialect, create, options) : withHeaders(create, headers);
  };
  mend(chat?.completions, chatDialect);
  mend(responses, responsesDialect);
  return client;
}
