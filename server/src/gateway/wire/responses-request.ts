import type { AnyObject } from '@whetstone/contract';
import type { ChatForm } from './messages-request.ts';
import { asList, asObject, asText } from './read.ts';
import { openThinking } from './responses-thinking.ts';

/** A request to OpenAI's Responses API in its older chat shape. */
export function chatOfResponses(request: AnyObject): ChatForm {
  const unsaid: string[] = [];
  const instructions = asText(request['instructions']);
  const messages: AnyObject[] = instructions === null || instructions === '' ? [] : [{ role: 'system', content: instructions }];
  messages.push(...messagesOfInput(request['input'], unsaid));
  const body: AnyObject = { model: request['model'], messages };
  for (const name of ['temperature', 'top_p'] as const) if (typeof request[name] === 'number') body[name] = request[name];
  if (typeof request['max_output_tokens'] === 'number') body['max_tokens'] = request['max_output_tokens'];
  if (typeof request['parallel_tool_calls'] === 'boolean') body['parallel_tool_calls'] = request['parallel_tool_calls'];
  if (request['stream'] === true) body['stream'] = true;
  const user = asText(request['safety_identifier']) ?? asText(request['user']);
  if (user !== null) body['user'] = user;
  const effort = asText(asObject(request['reasoning'])?.['effort']);
  if (effort !== null) body['reasoning_effort'] = effort;
  addText(body, request);
  addTools(body, request, unsaid);
  if (asList(request['include']).includes('message.output_text.logprobs')) {
    body['logprobs'] = true;
    if (typeof request['top_logprobs'] === 'number') body['top_logprobs'] = request['top_logprobs'];
  }
  for (const name of ['prompt', 'conversation'] as const) if (request[name] != null) unsaid.push(`${name}, which OpenAI keeps`);
  return { body, unsaid };
}

function addText(body: AnyObject, request: AnyObject): void {
  const text = asObject(request['text']);
  const format = asObject(text?.['format']);
  if (format?.['type'] === 'json_object') body['response_format'] = { type: 'json_object' };
  if (format?.['type'] === 'json_schema') {
    const { type: _type, ...schema } = format;
    body['response_format'] = { type: 'json_schema', json_schema: schema };
  }
  if (typeof text?.['verbosity'] === 'string' && text['verbosity'] !== 'medium') body['verbosity'] = text['verbosity'];
}

function addTools(body: AnyObject, request: AnyObject, unsaid: string[]): void {
  const choice = request['tool_choice'];
  const chosen = asObject(choice);
  const allowed = chosen?.['type'] === 'allowed_tools' ? new Set(asList(chosen['tools']).map((tool) => asObject(tool)?.['name'])) : null;
  const tools = asList(request['tools']).flatMap((value, index): AnyObject[] => {
    const tool = asObject(value) ?? {};
    const name = asText(tool['name']);
    if (tool['type'] !== 'function' || name === null) {
      unsaid.push(`tools.${index}: ${asText(tool['type']) ?? 'without a type'}, which OpenAI runs itself`);
      return [];
    }
    if (allowed !== null && !allowed.has(name)) return [];
    const described = asText(tool['description']);
    const strict = typeof tool['strict'] === 'boolean' ? { strict: tool['strict'] } : {};
    const parameters = asObject(tool['parameters']) ?? { type: 'object', properties: {} };
    return [{ type: 'function', function: { name, ...(described === null ? {} : { description: described }), parameters, ...strict } }];
  });
  if (tools.length > 0) body['tools'] = tools;
  if (tools.length === 0 || choice == null) return;
  if (typeof choice === 'string') body['tool_choice'] = choice;
  else if (chosen?.['type'] === 'function') body['tool_choice'] = { type: 'function', function: { name: asText(chosen['name']) ?? '' } };
  else if (allowed !== null) body['tool_choice'] = chosen?.['mode'] === 'required' ? 'required' : 'auto';
  else unsaid.push(`tool_choice: ${asText(chosen?.['type']) ?? 'unknown'}`);
}

/** Items one after the other; what an assistant thought, said and called at one go is one message. */
export function messagesOfInput(input: unknown, unsaid: string[]): AnyObject[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  const messages: AnyObject[] = [];
  const turn = (): AnyObject => {
    const last = messages.at(-1);
    if (last?.['role'] === 'assistant') return last;
    const fresh: AnyObject = { role: 'assistant', content: null };
    messages.push(fresh);
    return fresh;
  };
  asList(input).forEach((value, index) => {
    const item = asObject(value) ?? {};
    const place = `input.${index}`;
    const type = asText(item['type']) ?? (item['role'] === undefined ? null : 'message');
    if (type === 'message') addMessage(item, place, messages, turn, unsaid);
    else if (type === 'function_call') {
      const message = turn();
      const named = { name: asText(item['name']) ?? '', arguments: asText(item['arguments']) ?? '' };
      message['tool_calls'] = [...asList(message['tool_calls']), { id: asText(item['call_id']) ?? '', type: 'function', function: named }];
    } else if (type === 'function_call_output') {
      const content = typeof item['output'] === 'string' ? item['output'] : contentOf(item['output'], place, unsaid);
      messages.push({ role: 'tool', tool_call_id: asText(item['call_id']) ?? '', content });
    } else if (type === 'reasoning') {
      const thinking = openThinking(item);
      if (thinking.length > 0) messages.push({ role: 'assistant', content: null, thinking });
    } else unsaid.push(`${place}: ${type ?? 'an item without a type'}`);
  });
  return messages;
}

function addMessage(item: AnyObject, place: string, messages: AnyObject[], turn: () => AnyObject, unsaid: string[]): void {
  const { content } = item;
  const said = typeof content === 'string' ? content : contentOf(content, place, unsaid);
  if (item['role'] !== 'assistant') {
    messages.push({ role: item['role'], content: said });
    return;
  }
  // Two answers in a row stay two; thinking before it belongs to it.
  const last = messages.at(-1);
  const joins = last?.['role'] === 'assistant' && last['content'] === null && last['tool_calls'] === undefined;
  const message = joins ? turn() : {};
  message['role'] = 'assistant';
  message['content'] = typeof said === 'string' ? said : said.map((part) => asText(part['text']) ?? '').join('');
  if (!joins) messages.push(message);
}

function contentOf(content: unknown, place: string, unsaid: string[]): string | AnyObject[] {
  const parts = asList(content).map((value, index): AnyObject => {
    const part = asObject(value) ?? {};
    const type = asText(part['type']);
    if (type === 'input_text' || type === 'output_text' || type === 'text') return { type: 'text', text: asText(part['text']) ?? '' };
    if (type === 'refusal') return { type: 'text', text: asText(part['refusal']) ?? '' };
    const url = asText(part['image_url']);
    if (type === 'input_image' && url !== null) {
      const detail = asText(part['detail']);
      return { type: 'image_url', image_url: { url, ...(detail === 'low' || detail === 'high' ? { detail } : {}) } };
    }
    unsaid.push(`${place}.content.${index}: ${type ?? 'a part without a type'}`);
    return { type: 'text', text: `[${type ?? 'unknown content'}]` };
  });
  return parts.length === 1 && parts[0]?.['type'] === 'text' ? String(parts[0]['text']) : parts;
}
