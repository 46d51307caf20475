import type { AnyObject } from '@whetstone/contract';
import { asList, asObject, asText } from '../wire/read.ts';
import { turnsOf } from './blocks.ts';
import { AnthropicStream, decodeMessage, jsonTool } from './anthropic-answer.ts';
import { argumentsOf, choiceOf, partsOf, schemaOf, stopsOf, thinkingBudget, toolsOf } from './content.ts';
import type { Dialect, ProviderCall } from './dialect.ts';
import { readCommonError } from './errors.ts';

/** The API needs a limit; this one every Claude model allows. */
const defaultMaxTokens = 4096;

/** Anthropic's Messages API, version 2023-06-01. */
export const anthropicDialect: Dialect = {
  id: 'anthropic',
  kinds: ['chat'],
  version: 'v1',
  severalSamples: false,
  encode: (call) => ({
    path: '/messages',
    headers: {
      'content-type': 'application/json',
      accept: call.stream ? 'text/event-stream' : 'application/json',
    },
    body: JSON.stringify(encodeBody(call)),
  }),
  authorise: (secret): Record<string, string> => ({
    'anthropic-version': '2023-06-01',
    ...(secret === '' ? {} : { 'x-api-key': secret }),
  }),
  decode: (_kind, body, context) => decodeMessage(body, context),
  streaming: (context) => new AnthropicStream(context),
  readError: readCommonError,
  listModels: {
    path: '/models?limit=1000',
    read: (body) => asList(asObject(body)?.['data']).flatMap((row) => asText(asObject(row)?.['id']) ?? []),
  },
};

function encodeBody({ body, model, stream }: ProviderCall): AnyObject {
  const schema = schemaOf(body);
  const { system, messages } = turnsOf(asList(body['messages']), { content: blocks, assistant: assistantBlocks, toolResult });
  if (schema !== null && Object.keys(schema).length === 0) system.push('Answer with one JSON object and nothing else.');
  const given = Number(body['max_completion_tokens'] ?? body['max_tokens'] ?? defaultMaxTokens);
  const thinking = thinkingOf(body);
  const budget = Number(thinking?.['budget_tokens'] ?? 0);
  const encoded: AnyObject = { model, messages, max_tokens: given > budget ? given : budget + given };
  if (system.length > 0) encoded['system'] = system.join('\n\n');
  if (stream) encoded['stream'] = true;
  if (thinking !== null) encoded['thinking'] = thinking;
  else {
    // Sampling cannot be set beside thinking.
    for (const name of ['temperature', 'top_p', 'top_k'] as const) if (typeof body[name] === 'number') encoded[name] = body[name];
  }
  const stops = stopsOf(body);
  if (stops.length > 0) encoded['stop_sequences'] = stops;
  if (typeof body['user'] === 'string') encoded['metadata'] = { user_id: body['user'] };
  addTools(encoded, body, schema, thinking !== null);
  return encoded;
}

function thinkingOf(body: AnyObject): AnyObject | null {
  const given = asObject(body['thinking']);
  if (given !== null) return given['type'] === 'disabled' ? null : given;
  const budget = thinkingBudget(body['reasoning_effort']);
  return budget === null || budget === 0 ? null : { type: 'enabled', budget_tokens: Math.max(1024, budget) };
}

function addTools(encoded: AnyObject, body: AnyObject, schema: AnyObject | null, thinks: boolean): void {
  const tools: AnyObject[] = toolsOf(body).map((tool) => ({
    name: tool.name,
    ...(tool.description === null ? {} : { description: tool.description }),
    input_schema: tool.parameters,
  }));
  const structured = schema !== null && Object.keys(schema).length > 0;
  if (structured) tools.push({ name: jsonTool, description: 'Give the answer in this form.', input_schema: schema });
  if (tools.length === 0) return;
  encoded['tools'] = tools;
  const choice = choiceOf(body);
  const parallel = body['parallel_tool_calls'] === false ? { disable_parallel_tool_use: true } : {};
  // Beside thinking no tool may be forced.
  if (structured && !thinks) encoded['tool_choice'] = tools.length === 1 ? { type: 'tool', name: jsonTool } : { type: 'any', ...parallel };
  else if (choice?.type === 'tool') encoded['tool_choice'] = { type: 'tool', name: choice.name, ...parallel };
  else if (choice?.type === 'required') encoded['tool_choice'] = { type: 'any', ...parallel };
  else if (choice?.type === 'none') encoded['tool_choice'] = { type: 'none' };
  else if (choice !== null || body['parallel_tool_calls'] === false) encoded['tool_choice'] = { type: 'auto', ...parallel };
}

function toolResult(message: AnyObject): AnyObject {
  const content = typeof message['content'] === 'string' ? message['content'] : blocks(message['content']);
  return { type: 'tool_result', tool_use_id: asText(message['tool_call_id']) ?? '', content };
}

function assistantBlocks(message: AnyObject): AnyObject[] {
  // Thinking without its signature is refused.
  const thinking = asList(message['thinking']).flatMap((value) => {
    const block = asObject(value);
    return block !== null && (block['type'] === 'redacted_thinking' || asText(block['signature'])) ? [block] : [];
  });
  const calls = asList(message['tool_calls']).map((value) => {
    const call = asObject(value);
    const named = asObject(call?.['function']);
    return {
      type: 'tool_use',
      id: asText(call?.['id']) ?? '',
      name: asText(named?.['name']) ?? '',
      input: argumentsOf(named?.['arguments']),
    };
  });
  return [...thinking, ...blocks(message['content']), ...calls];
}

function blocks(content: unknown): AnyObject[] {
  return partsOf(content).flatMap((part): AnyObject[] => {
    if (part.type === 'text') return part.text === '' ? [] : [{ type: 'text', text: part.text }];
    const source = part.type === 'image' ? { type: 'base64', media_type: part.mediaType, data: part.data } : { type: 'url', url: part.url };
    return [{ type: 'image', source }];
  });
}
