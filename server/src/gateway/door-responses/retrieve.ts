import type { AnyObject } from '@whetstone/contract';
import type { ChatUsage } from '../wire/chat.ts';
import { asList, asObject, asText } from '../wire/read.ts';
import { responseOfCompletion } from '../wire/responses-answer.ts';
import { responsesUsage } from '../wire/responses-frame.ts';
import { itemsOfMessages } from '../wire/responses-items.ts';
import type { StoredResponse } from './stored.ts';

/** The response as it was answered, made of its log. */
export function responseOf(stored: StoredResponse): AnyObject {
  const { log, request, instructions } = stored;
  const kept = asObject(log.providerResponse) ?? {};
  const usage = asObject(kept['usage']) as ChatUsage | null;
  const logprobs = asObject(kept['logprobs']);
  if (stored.native !== null) {
    const { earlier_attempts: _attempts, logprobs: _logprobs, estimated_usage: _estimated, ...response } = kept;
    const output = asList(kept['output']).map((item) => refilled(item, log.output, asList(logprobs?.['content'])));
    return { ...response, output, usage: responsesUsage(usage) };
  }
  const thinking = log.outputMessage?.thinking ?? [];
  const reasoning = thinking.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('');
  const message = { ...log.outputMessage, ...(reasoning === '' ? {} : { reasoning_content: reasoning }) };
  const completion = {
    model: asText(kept['model']) ?? log.model,
    choices: [{ index: 0, message, logprobs, finish_reason: log.finishReason }],
    ...(usage === null ? {} : { usage }),
  };
  const createdAt = Math.floor((log.startTime ?? log.at).getTime() / 1000);
  return responseOfCompletion(completion, {
    id: stored.id,
    createdAt,
    model: log.model ?? '',
    request: { ...request, instructions },
  });
}

/** The text of the one message, which the log keeps as its output. */
function refilled(value: unknown, text: string | null, logprobs: unknown[]): unknown {
  const item = asObject(value);
  const [part, ...more] = asList(item?.['content']);
  const only = asObject(part);
  if (item?.['type'] !== 'message' || more.length > 0 || only?.['type'] !== 'output_text' || only['text'] !== undefined) return value;
  return { ...item, content: [{ ...only, logprobs, text: text ?? '' }] };
}

/** What the model was sent, as items with ids. */
export function inputItems(stored: StoredResponse): AnyObject[] {
  const sent = stored.conversation.slice(0, stored.log.outputMessage === null ? undefined : -1);
  const name = stored.id.replace(/^resp_/, '');
  return itemsOfMessages(sent as AnyObject[]).map((item, index) => {
    const id = `${item['role'] === undefined ? 'fc' : 'msg'}_${name}in${index}`;
    if (item['role'] === undefined) return { id, status: 'completed', ...item };
    const { content } = item;
    const type = item['role'] === 'assistant' ? 'output_text' : 'input_text';
    return {
      id,
      type: 'message',
      status: 'completed',
      role: item['role'],
      content: typeof content === 'string' ? [{ type, text: content }] : content,
    };
  });
}
