import type { AnyObject } from '@whetstone/contract';
import { asList, asObject, asText } from './read.ts';

/** Messages of the chat shape as items of OpenAI's Responses API. */
export function itemsOfMessages(messages: readonly AnyObject[]): AnyObject[] {
  return messages.flatMap((message): AnyObject[] => {
    const role = asText(message['role']) ?? 'user';
    const { content } = message;
    if (role === 'tool') return [{ type: 'function_call_output', call_id: asText(message['tool_call_id']) ?? '', output: textOf(content) }];
    if (role !== 'assistant') return [{ role, content: typeof content === 'string' ? content : asList(content).map(inputPart) }];
    const text = textOf(content);
    const calls = asList(message['tool_calls']).map((value) => {
      const call = asObject(value);
      const named = asObject(call?.['function']);
      return {
        type: 'function_call',
        call_id: asText(call?.['id']) ?? '',
        name: asText(named?.['name']) ?? '',
        arguments: asText(named?.['arguments']) ?? '',
      };
    });
    return [...(text === '' ? [] : [{ role, content: text }]), ...calls];
  });
}

function inputPart(value: unknown): AnyObject {
  const part = asObject(value) ?? {};
  const image = asObject(part['image_url']);
  if (image !== null) return { type: 'input_image', image_url: asText(image['url']) ?? '', detail: asText(image['detail']) ?? 'auto' };
  return { type: 'input_text', text: asText(part['text']) ?? '' };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  return asList(content)
    .map((part) => asText(asObject(part)?.['text']) ?? '')
    .join('');
}

/** Parameters of the chat shape under their names in Responses; for a prompt's version, whose words win. */
export function responsesParameters(body: AnyObject): AnyObject {
  const given: AnyObject = {};
  for (const name of ['temperature', 'top_p', 'parallel_tool_calls', 'user'] as const) if (body[name] != null) given[name] = body[name];
  const most = body['max_completion_tokens'] ?? body['max_tokens'];
  if (typeof most === 'number') given['max_output_tokens'] = most;
  const effort = body['reasoning_effort'];
  if (typeof effort === 'string') given['reasoning'] = { effort };
  const format = asObject(body['response_format']);
  const schema = asObject(format?.['json_schema']);
  if (schema !== null) given['text'] = { format: { name: 'answer', ...schema, type: 'json_schema' } };
  else if (format?.['type'] === 'json_object') given['text'] = { format: { type: 'json_object' } };
  const tools = asList(body['tools']).flatMap((value): AnyObject[] => {
    const named = asObject(asObject(value)?.['function']);
    return named === null ? [] : [{ type: 'function', strict: false, ...named }];
  });
  if (tools.length > 0) given['tools'] = tools;
  const choice = body['tool_choice'];
  const name = asText(asObject(asObject(choice)?.['function'])?.['name']);
  if (typeof choice === 'string') given['tool_choice'] = choice;
  else if (name !== null) given['tool_choice'] = { type: 'function', name };
  return given;
}
