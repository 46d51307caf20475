import type { AnyObject } from '@whetstone/contract';
import type { ChatChunk } from '../wire/chat.ts';
import { asList, asObject, asText, parseJson } from '../wire/read.ts';
import { choiceOf } from './content.ts';
import { type Dialect, type ErrorWords, type ProviderCall, type StreamDecoder, StreamFailure } from './dialect.ts';
import { errorType, readCommonError } from './errors.ts';
import { openaiDialect } from './openai.ts';

/** Mistral's API, version v1: OpenAI's shape with names of its own. It refuses fields that it does not know. */
export const mistralDialect: Dialect = {
  id: 'mistral',
  kinds: ['chat', 'embeddings'],
  version: 'v1',
  severalSamples: true,
  encode: (call) => ({
    path: call.kind === 'embeddings' ? '/embeddings' : '/chat/completions',
    headers: { 'content-type': 'application/json', accept: call.stream ? 'text/event-stream' : 'application/json' },
    body: JSON.stringify(call.kind === 'embeddings' ? encodeEmbeddings(call) : encodeChat(call)),
  }),
  authorise: (secret): Record<string, string> => (secret === '' ? {} : { authorization: `Bearer ${secret}` }),
  decode(kind, body) {
    const answer = asObject(body);
    if (answer === null || !Array.isArray(answer[kind === 'embeddings' ? 'data' : 'choices'])) {
      throw new Error('Mistral answered with something other than a completion.');
    }
    if (kind === 'embeddings') return answer;
    return { ...answer, choices: asList(answer['choices']).map((choice) => plainChoice(choice, 'message')) };
  },
  streaming: () => new MistralStream(),
  readError: readMistralError,
  listModels: openaiDialect.listModels,
};

/** Fields that both have under one name; `n` and the penalties included. */
const shared = [
  'temperature',
  'top_p',
  'n',
  'presence_penalty',
  'frequency_penalty',
  'parallel_tool_calls',
  'prediction',
  'safe_prompt',
  'prompt_mode',
  'random_seed',
  'guardrails',
  'reasoning_effort',
] as const;

function encodeChat({ body, model, stream }: ProviderCall): AnyObject {
  const encoded: AnyObject = { model, messages: asList(body['messages']).map(encodeMessage) };
  for (const name of shared) if (body[name] != null) encoded[name] = body[name];
  const most = body['max_completion_tokens'] ?? body['max_tokens'];
  if (most != null) encoded['max_tokens'] = most;
  if (body['stop'] != null) encoded['stop'] = body['stop'];
  if (body['seed'] != null) encoded['random_seed'] = body['seed'];
  if (body['response_format'] != null) encoded['response_format'] = body['response_format'];
  if (stream) encoded['stream'] = true;
  const tools = asList(body['tools']);
  if (tools.length > 0) {
    encoded['tools'] = tools;
    const choice = choiceOf(body);
    if (choice !== null)
      encoded['tool_choice'] = choice.type === 'tool' ? body['tool_choice'] : choice.type === 'required' ? 'any' : choice.type;
  }
  return encoded;
}

/** Only what Mistral knows of a message. Ids of tool calls are nine letters and digits there, so others are mapped to such. */
function encodeMessage(value: unknown): AnyObject {
  const message = asObject(value) ?? {};
  const role = asText(message['role']) ?? 'user';
  const encoded: AnyObject = { role: role === 'developer' ? 'system' : role, content: encodeContent(message) };
  const calls = asList(message['tool_calls']).map((each) => {
    const call = asObject(each) ?? {};
    return { id: callId(asText(call['id']) ?? ''), type: 'function', function: call['function'] };
  });
  if (calls.length > 0) encoded['tool_calls'] = calls;
  if (role === 'tool') {
    encoded['tool_call_id'] = callId(asText(message['tool_call_id']) ?? '');
    if (typeof message['name'] === 'string') encoded['name'] = message['name'];
  }
  return encoded;
}

function encodeContent(message: AnyObject): unknown {
  const content = message['content'] ?? (message['role'] === 'assistant' ? '' : null);
  const thinking = asList(message['thinking']).flatMap((block) => asText(asObject(block)?.['thinking']) ?? []);
  if (!Array.isArray(content)) return thinking.length === 0 ? content : [...thinking.map(thinkChunk), { type: 'text', text: content }];
  const parts = content.map((part: unknown) => {
    const type = asText(asObject(part)?.['type']);
    if (type === 'text' || type === 'image_url' || type === 'thinking' || type === 'document_url' || type === 'input_audio') return part;
    throw new Error(`Mistral takes text, images, documents and audio; a message has a part of type \`${type ?? 'unknown'}\`.`);
  });
  return [...thinking.map(thinkChunk), ...parts];
}

function thinkChunk(text: string): AnyObject {
  return { type: 'thinking', thinking: [{ type: 'text', text }] };
}

/** The same nine characters for the same id, whoever made it. */
export function callId(id: string): string {
  if (/^[A-Za-z0-9]{9}$/.test(id)) return id;
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(id)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(36).padStart(9, '0').slice(-9);
}

function encodeEmbeddings({ body, model }: ProviderCall): AnyObject {
  return {
    model,
    input: body['input'],
    ...(body['dimensions'] == null ? {} : { output_dimension: body['dimensions'] }),
    ...(body['encoding_format'] == null ? {} : { encoding_format: body['encoding_format'] }),
  };
}

/** Models that think answer with a list of parts; OpenAI's shape has text, and reasoning beside it. */
function plainChoice(value: unknown, where: 'message' | 'delta'): AnyObject {
  const choice = asObject(value) ?? {};
  const message = asObject(choice[where]) ?? {};
  const { content } = message;
  const given = Array.isArray(content) ? splitContent(content) : { content: content ?? (where === 'message' ? null : undefined) };
  const calls = asList(message['tool_calls']).map((each, position) => {
    const call = asObject(each) ?? {};
    const named = asObject(call['function']) ?? {};
    const text = typeof named['arguments'] === 'string' ? named['arguments'] : JSON.stringify(named['arguments'] ?? {});
    return {
      ...(where === 'delta' ? { index: typeof call['index'] === 'number' ? call['index'] : position } : {}),
      id: call['id'],
      type: 'function',
      function: { name: named['name'], arguments: text },
    };
  });
  const { tool_calls: _calls, content: _content, ...rest } = message;
  const plain: AnyObject = { ...rest, ...given, ...(where === 'message' ? { refusal: null } : {}) };
  if (plain['content'] === undefined) delete plain['content'];
  if (where === 'message' && calls.length > 0 && plain['content'] === '') plain['content'] = null;
  if (calls.length > 0) plain['tool_calls'] = calls;
  const reason = choice['finish_reason'];
  return {
    ...choice,
    [where]: plain,
    logprobs: choice['logprobs'] ?? null,
    finish_reason: reason === 'model_length' ? 'length' : reason === 'error' ? 'stop' : (reason ?? null),
  };
}

function splitContent(parts: readonly unknown[]): { content: string | null; reasoning_content?: string } {
  let text: string | null = null;
  let reasoning = '';
  for (const value of parts) {
    const part = asObject(value);
    if (part?.['type'] === 'thinking') {
      reasoning += asList(part['thinking'])
        .map((each) => asText(asObject(each)?.['text']) ?? '')
        .join('');
    } else text = (text ?? '') + (asText(part?.['text']) ?? '');
  }
  return { content: text, ...(reasoning === '' ? {} : { reasoning_content: reasoning }) };
}

class MistralStream implements StreamDecoder {
  done = false;

  event(data: string): ChatChunk[] {
    if (data.trimEnd() === '[DONE]') {
      this.done = true;
      return [];
    }
    const chunk = asObject(parseJson(data));
    if (chunk === null) throw new Error(`Mistral sent a piece of its stream that is not JSON: ${data.slice(0, 120)}`);
    if (chunk['object'] === 'error' || chunk['error'] != null) throw new StreamFailure(readMistralError(500, data));
    const { usage, ...frame } = chunk;
    const choices = asList(chunk['choices']).map((choice) => plainChoice(choice, 'delta'));
    const chunks = [{ ...frame, choices }] as unknown as ChatChunk[];
    // It comes with the last piece there, in a piece of its own here.
    if (asObject(usage) !== null) chunks.push({ ...frame, choices: [], usage } as unknown as ChatChunk);
    return chunks;
  }
}

/** Without an `error` around it; what is wrong with the form of a request comes as a list. */
function readMistralError(status: number, body: string): ErrorWords {
  const object = asObject(parseJson(body));
  const message = asObject(object?.['message']);
  const [first] = asList(object?.['detail'] ?? message?.['detail']);
  const detail = asObject(first);
  if (object === null || object['error'] !== undefined || (typeof object['message'] !== 'string' && detail === null)) {
    return readCommonError(status, body);
  }
  const place = asList(detail?.['loc'])
    .filter((part) => part !== 'body')
    .join('.');
  return {
    message: asText(object['message']) ?? `${asText(detail?.['msg']) ?? 'The request is not valid'}${place === '' ? '' : `: ${place}`}`,
    type: asText(object['type']) ?? errorType(status),
    param: asText(object['param']) ?? (place === '' ? null : place),
    code: asText(object['code']),
  };
}
