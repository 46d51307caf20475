import type { AnyObject } from '@whetstone/contract';
import { asList, asObject, asText } from '../wire/read.ts';
import { CohereStream, decodeChat, decodeEmbeddings } from './cohere-answer.ts';
import { choiceOf, partsOf, plainText, schemaOf, stopsOf, thinkingBudget, toolsOf } from './content.ts';
import type { Dialect, ProviderCall } from './dialect.ts';
import { readCommonError } from './errors.ts';
import { textsOf } from './vectors.ts';

/** Cohere's API, version v2. */
export const cohereDialect: Dialect = {
  id: 'cohere',
  kinds: ['chat', 'embeddings'],
  version: 'v2',
  severalSamples: false,
  encode: (call) => ({
    path: call.kind === 'embeddings' ? '/embed' : '/chat',
    headers: { 'content-type': 'application/json', accept: call.stream ? 'text/event-stream' : 'application/json' },
    body: JSON.stringify(call.kind === 'embeddings' ? encodeEmbeddings(call) : encodeChat(call)),
  }),
  authorise: (secret): Record<string, string> => (secret === '' ? {} : { authorization: `Bearer ${secret}` }),
  decode: (kind, body, context) => (kind === 'embeddings' ? decodeEmbeddings(body, context) : decodeChat(body, context)),
  streaming: (context) => new CohereStream(context),
  readError: readCommonError,
  listModels: {
    // There is no list in version 2.
    base: (base) => base.replace(/\/v2$/, '/v1'),
    path: '/models?page_size=1000',
    read: (body) => asList(asObject(body)?.['models']).flatMap((row) => asText(asObject(row)?.['name']) ?? []),
  },
};

const renamed = {
  temperature: 'temperature',
  top_p: 'p',
  top_k: 'k',
  seed: 'seed',
  presence_penalty: 'presence_penalty',
  frequency_penalty: 'frequency_penalty',
} as const;

/** Cohere's own, for callers who know them. */
const own = ['documents', 'citation_options', 'safety_mode', 'strict_tools', 'priority'] as const;

function encodeChat({ body, model, stream }: ProviderCall): AnyObject {
  const encoded: AnyObject = { model, messages: asList(body['messages']).map(encodeMessage), stream };
  for (const [ours, theirs] of Object.entries(renamed)) if (typeof body[ours] === 'number') encoded[theirs] = body[ours];
  for (const name of own) if (body[name] != null) encoded[name] = body[name];
  const most = body['max_completion_tokens'] ?? body['max_tokens'];
  if (typeof most === 'number') encoded['max_tokens'] = most;
  const stops = stopsOf(body);
  if (stops.length > 0) encoded['stop_sequences'] = stops;
  if (body['logprobs'] === true) encoded['logprobs'] = true;
  const schema = schemaOf(body);
  if (schema !== null) {
    encoded['response_format'] = { type: 'json_object', ...(Object.keys(schema).length > 0 ? { json_schema: schema } : {}) };
  }
  const budget = thinkingBudget(body['reasoning_effort']);
  if (asObject(body['thinking']) !== null) encoded['thinking'] = thinkingOf(asObject(body['thinking']) ?? {});
  else if (budget !== null) encoded['thinking'] = budget === 0 ? { type: 'disabled' } : { type: 'enabled', token_budget: budget };
  addTools(encoded, body);
  return encoded;
}

/** Anthropic's word for the budget, which prompts may have, and Cohere's. */
function thinkingOf({ type, budget_tokens, token_budget }: AnyObject): AnyObject {
  const budget = token_budget ?? budget_tokens;
  return { type: type ?? 'enabled', ...(budget == null ? {} : { token_budget: budget }) };
}

/** One tool of several cannot be forced; to offer it alone comes to the same. */
function addTools(encoded: AnyObject, body: AnyObject): void {
  const choice = choiceOf(body);
  const all = toolsOf(body);
  const tools = choice?.type === 'tool' ? all.filter(({ name }) => name === choice.name) : all;
  if (tools.length === 0) return;
  encoded['tools'] = tools.map(({ name, description, parameters }) => ({
    type: 'function',
    function: { name, ...(description === null ? {} : { description }), parameters },
  }));
  if (tools.some(({ strict }) => strict)) encoded['strict_tools'] = true;
  if (choice?.type === 'tool' || choice?.type === 'required') encoded['tool_choice'] = 'REQUIRED';
  else if (choice?.type === 'none') encoded['tool_choice'] = 'NONE';
}

function encodeMessage(value: unknown): AnyObject {
  const message = asObject(value) ?? {};
  const role = asText(message['role']);
  if (role === 'system' || role === 'developer') return { role: 'system', content: plainText(message['content']) };
  if (role === 'tool') return { role, tool_call_id: asText(message['tool_call_id']) ?? '', content: plainText(message['content']) };
  if (role !== 'assistant') return { role: 'user', content: userContent(message['content']) };
  const thinking = asList(message['thinking']).flatMap((block) => {
    const text = asText(asObject(block)?.['thinking']);
    return text === null ? [] : [{ type: 'thinking', thinking: text }];
  });
  const text = plainText(message['content']);
  const content = thinking.length > 0 ? [...thinking, ...(text === '' ? [] : [{ type: 'text', text }])] : text;
  const calls = asList(message['tool_calls']).map((each) => {
    const call = asObject(each);
    return { id: asText(call?.['id']) ?? '', type: 'function', function: call?.['function'] };
  });
  return { role, ...(content === '' ? {} : { content }), ...(calls.length > 0 ? { tool_calls: calls } : {}) };
}

function userContent(content: unknown): unknown {
  const parts = partsOf(content);
  if (parts.every(({ type }) => type === 'text')) return plainText(content);
  return parts.map((part) => {
    if (part.type === 'text') return part;
    return { type: 'image_url', image_url: { url: part.type === 'image' ? `data:${part.mediaType};base64,${part.data}` : part.url } };
  });
}

function encodeEmbeddings({ body, model }: ProviderCall): AnyObject {
  return {
    model,
    texts: textsOf(body, 'Cohere'),
    input_type: asText(body['input_type']) ?? 'search_document',
    embedding_types: ['float'],
    ...(typeof body['dimensions'] === 'number' ? { output_dimension: body['dimensions'] } : {}),
    ...(typeof body['truncate'] === 'string' ? { truncate: body['truncate'] } : {}),
  };
}
