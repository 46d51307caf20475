import type { AnyObject } from '@whetstone/contract';
import { readCommonError } from '../providers/errors.ts';
import { type DecodeContext, type StreamDecoder, StreamFailure } from '../providers/dialect.ts';
import type { ChatChunk, ChatDelta, ChatUsage } from './chat.ts';
import { asCount, asList, asObject, asText, parseJson } from './read.ts';
import { summaryOf } from './responses-thinking.ts';

/** OpenAI's Responses as chat completions, for the log: what a provider of that shape answered, whole and streamed. */

export function completionOfResponse(value: unknown, context: DecodeContext): AnyObject {
  const response = asObject(value);
  if (response === null || !Array.isArray(response['output']))
    throw new Error('The provider answered with something other than a response.');
  const error = asObject(response['error']);
  if (response['status'] === 'failed') throw new Error(asText(error?.['message']) ?? 'The provider says that the response failed.');
  const { output, usage, ...rest } = response;
  const message = messageOf(output as unknown[]);
  return {
    ...rest,
    id: asText(response['id']) ?? context.id,
    model: asText(response['model']) ?? context.model,
    choices: [{ index: 0, message, logprobs: logprobsOf(output as unknown[]), finish_reason: finishReason(response, message) }],
    output: skeleton(output as unknown[]),
    ...usageOf(usage),
  };
}

function messageOf(output: readonly unknown[]): AnyObject {
  const text: string[] = [];
  const refusal: string[] = [];
  const reasoning: string[] = [];
  const calls: AnyObject[] = [];
  for (const value of output) {
    const item = asObject(value);
    if (item === null) continue;
    if (item['type'] === 'message') {
      for (const part of asList(item['content'])) {
        const given = asObject(part);
        if (given?.['type'] === 'output_text') text.push(asText(given['text']) ?? '');
        if (given?.['type'] === 'refusal') refusal.push(asText(given['refusal']) ?? '');
      }
    } else if (item['type'] === 'reasoning') reasoning.push(summaryOf(item));
    else if (item['type'] === 'function_call') {
      const named = { name: asText(item['name']) ?? '', arguments: asText(item['arguments']) ?? '' };
      calls.push({ id: asText(item['call_id']) ?? '', type: 'function', function: named });
    }
  }
  const thought = reasoning.join('\n\n');
  return {
    role: 'assistant',
    content: text.length > 0 ? text.join('') : null,
    refusal: refusal.length > 0 ? refusal.join('') : null,
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

/** The items as the log keeps them: the text of the one message stands in the log already. */
function skeleton(output: readonly unknown[]): unknown[] {
  if (output.filter((item) => asObject(item)?.['type'] === 'message').length !== 1) return [...output];
  return output.map((value) => {
    const item = asObject(value);
    const [part, ...more] = asList(item?.['content']);
    const only = asObject(part);
    if (item?.['type'] !== 'message' || more.length > 0 || only?.['type'] !== 'output_text') return value;
    const { text: _text, logprobs: _logprobs, ...rest } = only;
    return { ...item, content: [rest] };
  });
}

function logprobsOf(output: readonly unknown[]): AnyObject | null {
  const content = output.flatMap((item) => asList(asObject(item)?.['content'])).flatMap((part) => asList(asObject(part)?.['logprobs']));
  return content.length === 0 ? null : { content, refusal: null };
}

function finishReason(response: AnyObject, message: AnyObject): string {
  const reason = asText(asObject(response['incomplete_details'])?.['reason']);
  if (reason === 'content_filter') return 'content_filter';
  if (response['status'] === 'incomplete') return 'length';
  return message['tool_calls'] === undefined ? 'stop' : 'tool_calls';
}

function usageOf(value: unknown): { usage?: ChatUsage } {
  const usage = asObject(value);
  if (usage === null) return {};
  const prompt = asCount(usage['input_tokens']) ?? 0;
  const completion = asCount(usage['output_tokens']) ?? 0;
  return {
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: asCount(asObject(usage['input_tokens_details'])?.['cached_tokens']) ?? 0 },
      completion_tokens_details: { reasoning_tokens: asCount(asObject(usage['output_tokens_details'])?.['reasoning_tokens']) ?? 0 },
    },
  };
}

/** The typed events as chunks. The last one holds the whole response, which decides; a cut stream has what came so far. */
export class ResponsesStream implements StreamDecoder {
  readonly #context: DecodeContext;
  readonly #calls = new Map<string, number>();
  #frame: AnyObject = {};
  done = false;

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  event(data: string, name: string): ChatChunk[] {
    if (data.trimEnd() === '[DONE]') return [];
    const event = asObject(parseJson(data));
    if (event === null) throw new Error(`The provider sent a piece of its stream that is not JSON: ${data.slice(0, 120)}`);
    const type = asText(event['type']) ?? name;
    const response = asObject(event['response']);
    if (type === 'error' || type === 'response.failed') throw failureOf(event, response, data);
    if (type === 'response.created' && response !== null) {
      const { output: _output, usage: _usage, ...rest } = response;
      this.#frame = rest;
      return [this.#chunk({ role: 'assistant' })];
    }
    if (type === 'response.completed' || type === 'response.incomplete') return this.#finish(response ?? {});
    const delta = this.#delta(type, event);
    return delta === null ? [] : [this.#chunk(delta)];
  }

  #delta(type: string, event: AnyObject): ChatDelta | null {
    const text = asText(event['delta']) ?? '';
    if (type === 'response.output_text.delta') return { content: text };
    if (type === 'response.refusal.delta') return { refusal: text };
    if (type === 'response.reasoning_summary_text.delta' || type === 'response.reasoning_text.delta') return { reasoning_content: text };
    const item = asObject(event['item']);
    if (type === 'response.output_item.added' && item?.['type'] === 'function_call') {
      const index = this.#calls.size;
      this.#calls.set(asText(item['id']) ?? `call ${index}`, index);
      const named = { name: asText(item['name']) ?? '', arguments: '' };
      return { tool_calls: [{ index, id: asText(item['call_id']) ?? '', type: 'function', function: named }] };
    }
    const index = this.#calls.get(asText(event['item_id']) ?? '');
    if (type === 'response.function_call_arguments.delta' && index !== undefined)
      return { tool_calls: [{ index, function: { arguments: text } }] };
    return null;
  }

  #finish(response: AnyObject): ChatChunk[] {
    this.done = true;
    const whole = completionOfResponse({ output: [], ...response }, this.#context);
    const { choices, ...frame } = whole;
    const [choice] = asList(choices).map((each) => asObject(each) ?? {});
    this.#frame = frame;
    const last = { index: 0, delta: {}, logprobs: choice?.['logprobs'] ?? null, finish_reason: asText(choice?.['finish_reason']) };
    return [{ ...frame, choices: [last] } as unknown as ChatChunk];
  }

  #chunk(delta: ChatDelta): ChatChunk {
    return { ...this.#frame, choices: [{ index: 0, delta, logprobs: null, finish_reason: null }] } as unknown as ChatChunk;
  }
}

function failureOf(event: AnyObject, response: AnyObject | null, data: string): StreamFailure {
  const given = asObject(event['error']) ?? asObject(response?.['error']) ?? event;
  const words = readCommonError(500, JSON.stringify({ error: given }));
  return new StreamFailure(asText(given['message']) === null ? readCommonError(500, data) : words);
}
