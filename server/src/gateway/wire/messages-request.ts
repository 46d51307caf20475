import type { AnyObject } from '@whetstone/contract';
import { asList, asObject, asText } from './read.ts';

/** A request to Anthropic's Messages API in OpenAI's chat shape. `unsaid` names what chat has no word for. */
export interface ChatForm {
  body: AnyObject;
  /** Places of the request and what stands there. */
  unsaid: string[];
}

export function chatOfMessages(request: AnyObject): ChatForm {
  const unsaid: string[] = [];
  const system = systemText(request['system'], unsaid);
  const messages: AnyObject[] = system === '' ? [] : [{ role: 'system', content: system }];
  asList(request['messages']).forEach((value, index) => {
    messages.push(...messagesOf(asObject(value) ?? {}, `messages.${index}`, unsaid));
  });
  const body: AnyObject = { model: request['model'], messages };
  for (const name of ['max_tokens', 'temperature', 'top_p', 'top_k'] as const) {
    if (typeof request[name] === 'number') body[name] = request[name];
  }
  if (request['stream'] === true) body['stream'] = true;
  const stops = asList(request['stop_sequences']).filter((stop) => typeof stop === 'string');
  if (stops.length > 0) body['stop'] = stops;
  const user = asText(asObject(request['metadata'])?.['user_id']);
  if (user !== null) body['user'] = user;
  addThinking(body, request);
  addTools(body, request, unsaid);
  const format = asObject(asObject(request['output_config'])?.['format']) ?? asObject(request['output_format']);
  const schema = asObject(format?.['schema']);
  if (schema !== null) body['response_format'] = { type: 'json_schema', json_schema: { name: 'answer', schema } };
  for (const name of ['mcp_servers', 'container'] as const) if (request[name] != null) unsaid.push(name);
  return { body, unsaid };
}

function systemText(system: unknown, unsaid: string[]): string {
  if (typeof system === 'string') return system;
  return asList(system)
    .map((value, index) => {
      const text = asText(asObject(value)?.['text']);
      if (text === null) unsaid.push(`system.${index}`);
      return text ?? '';
    })
    .join('\n\n');
}

/** How much to think: tokens as a number, else a word. */
function addThinking(body: AnyObject, request: AnyObject): void {
  const thinking = asObject(request['thinking']);
  const effort = asText(asObject(request['output_config'])?.['effort']);
  if (thinking?.['type'] === 'enabled' && typeof thinking['budget_tokens'] === 'number') {
    body['reasoning_effort'] = thinking['budget_tokens'];
  } else if (thinking?.['type'] === 'adaptive') body['reasoning_effort'] = effortWord(effort) ?? 'medium';
  else if (effort !== null && thinking === null) body['reasoning_effort'] = effortWord(effort);
}

function effortWord(effort: string | null): string | null {
  return effort === 'max' ? 'xhigh' : effort;
}

function addTools(body: AnyObject, request: AnyObject, unsaid: string[]): void {
  const tools = asList(request['tools']).flatMap((value, index): AnyObject[] => {
    const tool = asObject(value);
    const name = asText(tool?.['name']);
    const schema = asObject(tool?.['input_schema']);
    if (tool === null || name === null || schema === null) {
      unsaid.push(`tools.${index}: ${asText(tool?.['type']) ?? 'unnamed'}, which Anthropic runs itself`);
      return [];
    }
    const described = asText(tool['description']);
    return [{ type: 'function', function: { name, ...(described === null ? {} : { description: described }), parameters: schema } }];
  });
  if (tools.length > 0) body['tools'] = tools;
  const choice = asObject(request['tool_choice']);
  if (choice === null || tools.length === 0) return;
  const type = asText(choice['type']);
  if (type === 'auto' || type === 'none') body['tool_choice'] = type;
  else if (type === 'any') body['tool_choice'] = 'required';
  else if (type === 'tool') body['tool_choice'] = { type: 'function', function: { name: asText(choice['name']) ?? '' } };
  if (choice['disable_parallel_tool_use'] === true) body['parallel_tool_calls'] = false;
}

/** One message; of the user's, tool results come first as messages of their own. */
function messagesOf(message: AnyObject, place: string, unsaid: string[]): AnyObject[] {
  const { content } = message;
  const role = message['role'] === 'assistant' ? 'assistant' : message['role'] === 'system' ? 'system' : 'user';
  if (typeof content === 'string') return [{ role, content }];
  const blocks = asList(content).map((block) => asObject(block) ?? {});
  if (role === 'assistant') return [assistantMessage(blocks, place, unsaid)];
  const results: AnyObject[] = [];
  const parts: AnyObject[] = [];
  blocks.forEach((block, index) => {
    const here = `${place}.content.${index}`;
    if (block['type'] !== 'tool_result') {
      parts.push(...partsOf(block, here, unsaid));
      return;
    }
    const inner = typeof block['content'] === 'string' ? [{ type: 'text', text: block['content'] }] : asList(block['content']);
    const said = inner.flatMap((each, position) => partsOf(asObject(each) ?? {}, `${here}.content.${position}`, unsaid));
    results.push({ role: 'tool', tool_call_id: asText(block['tool_use_id']) ?? '', content: textOf(said) });
    // OpenAI's tool messages hold text only.
    parts.push(...said.filter((part) => part['type'] !== 'text'));
  });
  return parts.length === 0 && results.length > 0 ? results : [...results, { role, content: plainOr(parts) }];
}

function assistantMessage(blocks: readonly AnyObject[], place: string, unsaid: string[]): AnyObject {
  const parts: AnyObject[] = [];
  const thinking: AnyObject[] = [];
  const calls: AnyObject[] = [];
  blocks.forEach((block, index) => {
    const type = asText(block['type']);
    if (type === 'thinking') {
      thinking.push({ type, thinking: asText(block['thinking']) ?? '', signature: asText(block['signature']) ?? '' });
    } else if (type === 'redacted_thinking') thinking.push({ type, data: asText(block['data']) ?? '' });
    else if (type === 'tool_use') {
      const named = { name: asText(block['name']) ?? '', arguments: JSON.stringify(block['input'] ?? {}) };
      calls.push({ id: asText(block['id']) ?? '', type: 'function', function: named });
    } else parts.push(...partsOf(block, `${place}.content.${index}`, unsaid));
  });
  return {
    role: 'assistant',
    content: parts.length === 0 ? null : textOf(parts),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
    ...(thinking.length > 0 ? { thinking } : {}),
  };
}

function partsOf(block: AnyObject, place: string, unsaid: string[]): AnyObject[] {
  const type = asText(block['type']);
  if (type === 'text') return [{ type, text: asText(block['text']) ?? '' }];
  const source = asObject(block['source']);
  const url = sourceUrl(source);
  if (type === 'image' && url !== null) return [{ type: 'image_url', image_url: { url } }];
  if (type === 'document' && source?.['type'] === 'text') return [{ type: 'text', text: asText(source['data']) ?? '' }];
  unsaid.push(`${place}: ${type ?? 'a block without a type'}`);
  return [{ type: 'text', text: `[${type ?? 'unknown content'}]` }];
}

function sourceUrl(source: AnyObject | null): string | null {
  if (source?.['type'] === 'url') return asText(source['url']);
  if (source?.['type'] !== 'base64') return null;
  return `data:${asText(source['media_type']) ?? 'image/png'};base64,${asText(source['data']) ?? ''}`;
}

function textOf(parts: readonly AnyObject[]): string {
  return parts.map((part) => asText(part['text']) ?? '').join('');
}

/** One text as a string, which every server takes. */
function plainOr(parts: AnyObject[]): string | AnyObject[] {
  return parts.length === 1 && parts[0]?.['type'] === 'text' ? String(parts[0]['text']) : parts;
}
