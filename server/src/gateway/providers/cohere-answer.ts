import type { AnyObject } from '@whetstone/contract';
import { normaliseFinishReason } from '../wire/accumulate.ts';
import type { AssistantMessage, ChatChunk, ChatDelta, ChatUsage } from '../wire/chat.ts';
import { asCount, asList, asNumber, asObject, asText, parseJson } from '../wire/read.ts';
import { frameOf } from './content.ts';
import { type DecodeContext, type StreamDecoder, StreamFailure } from './dialect.ts';
import { readCommonError } from './errors.ts';
import { embeddingList } from './vectors.ts';

/** A whole answer in OpenAI's shape. */
export function decodeChat(body: unknown, context: DecodeContext): AnyObject {
  const answer = asObject(body);
  const message = asObject(answer?.['message']);
  if (answer === null || message === null) throw new Error('Cohere answered with something other than a message.');
  const text: string[] = [];
  let reasoning = asText(message['tool_plan']) ?? '';
  for (const value of asList(message['content'])) {
    const part = asObject(value);
    if (part?.['type'] === 'text') text.push(asText(part['text']) ?? '');
    else if (part?.['type'] === 'thinking') reasoning += asText(part['thinking']) ?? '';
  }
  const calls = asList(message['tool_calls']).map((value): NonNullable<AssistantMessage['tool_calls']>[number] => {
    const call = asObject(value);
    const named = asObject(call?.['function']);
    return {
      id: asText(call?.['id']) ?? '',
      type: 'function',
      function: { name: asText(named?.['name']) ?? '', arguments: asText(named?.['arguments']) || '{}' },
    };
  });
  const logprobs = asList(answer['logprobs']).flatMap(logprobOf);
  return {
    ...frameOf('chat.completion', asText(answer['id']) ?? context.id, context.created, context.model),
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text.length > 0 ? text.join('') : null,
          refusal: null,
          ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        logprobs: logprobs.length > 0 ? { content: logprobs, refusal: null } : null,
        finish_reason: finishReason(asText(answer['finish_reason']) ?? 'COMPLETE'),
      },
    ],
    ...usagePart(asObject(answer['usage'])),
  };
}

function finishReason(reason: string): string {
  if (reason === 'TOOL_CALL') return 'tool_calls';
  if (reason === 'ERROR_TOXIC') return 'content_filter';
  return normaliseFinishReason(reason).toLowerCase();
}

/** What is billed, which leaves out the words that Cohere puts around a request itself. */
function usagePart(usage: AnyObject | null): { usage?: ChatUsage } {
  const counted = asObject(usage?.['billed_units']) ?? asObject(usage?.['tokens']);
  if (counted === null) return {};
  const prompt = asCount(counted['input_tokens']) ?? 0;
  const completion = asCount(counted['output_tokens']) ?? 0;
  return {
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: asCount(usage?.['cached_tokens']) ?? 0 },
    },
  };
}

/** A piece of text of one or more tokens; its probability is the product. */
function logprobOf(value: unknown): AnyObject[] {
  const item = asObject(value);
  const token = asText(item?.['text']);
  if (token === null) return [];
  const logprob = asList(item?.['logprobs']).reduce<number>((sum, each) => sum + (asNumber(each) ?? 0), 0);
  return [{ token, logprob, bytes: [...Buffer.from(token)], top_logprobs: [] }];
}

/** The events of a chat as OpenAI's chunks. */
export class CohereStream implements StreamDecoder {
  readonly #context: DecodeContext;
  #id: string;
  #calls = 0;
  done = false;

  constructor(context: DecodeContext) {
    this.#context = context;
    this.#id = context.id;
  }

  event(data: string): ChatChunk[] {
    if (data.trimEnd() === '[DONE]') return [];
    const event = asObject(parseJson(data));
    if (event === null) throw new Error(`Cohere sent a piece of its stream that is not JSON: ${data.slice(0, 120)}`);
    const delta = asObject(event['delta']) ?? {};
    const message = asObject(delta['message']) ?? {};
    switch (asText(event['type'])) {
      case 'message-start':
        this.#id = asText(event['id']) ?? this.#id;
        return [this.#chunk({ role: 'assistant', content: '' })];
      case 'content-start':
      case 'content-delta':
        return this.#content(asObject(message['content']) ?? {}, event['logprobs']);
      case 'tool-plan-delta':
        return this.#say({ reasoning_content: asText(message['tool_plan']) ?? '' });
      case 'tool-call-start':
        return this.#call(asObject(message['tool_calls']) ?? {});
      case 'tool-call-delta':
        return this.#arguments(asObject(asObject(message['tool_calls'])?.['function']) ?? {});
      case 'message-end':
        return this.#end(delta);
      case null:
        throw new StreamFailure(readCommonError(500, data));
      default:
        // Ends of blocks, citations, and kinds of event that are yet to come.
        return [];
    }
  }

  #content(content: AnyObject, logprobs: unknown): ChatChunk[] {
    const thought = asText(content['thinking']) ?? '';
    if (thought !== '') return this.#say({ reasoning_content: thought });
    const text = asText(content['text']) ?? '';
    if (text === '') return [];
    const probabilities = logprobOf(logprobs);
    return [this.#chunk({ content: text }, null, probabilities.length > 0 ? { content: probabilities, refusal: null } : null)];
  }

  #call(call: AnyObject): ChatChunk[] {
    const named = asObject(call['function']) ?? {};
    const index = this.#calls;
    this.#calls += 1;
    const opening = { name: asText(named['name']) ?? '', arguments: asText(named['arguments']) ?? '' };
    return [this.#chunk({ tool_calls: [{ index, id: asText(call['id']) ?? '', type: 'function', function: opening }] })];
  }

  #arguments(named: AnyObject): ChatChunk[] {
    const text = asText(named['arguments']) ?? '';
    if (text === '' || this.#calls === 0) return [];
    return [this.#chunk({ tool_calls: [{ index: this.#calls - 1, function: { arguments: text } }] })];
  }

  #end(delta: AnyObject): ChatChunk[] {
    const reason = asText(delta['finish_reason']) ?? 'COMPLETE';
    if (reason === 'ERROR' || reason === 'TIMEOUT') {
      const message = asText(delta['error']) ?? `Cohere ended its answer with ${reason}.`;
      throw new StreamFailure({ message, type: 'server_error', param: null, code: null });
    }
    this.done = true;
    const { usage } = usagePart(asObject(delta['usage']));
    return [this.#chunk({}, finishReason(reason)), ...(usage === undefined ? [] : [{ ...this.#frame(), choices: [], usage }])];
  }

  #say(delta: { reasoning_content: string }): ChatChunk[] {
    return delta.reasoning_content === '' ? [] : [this.#chunk(delta)];
  }
  #frame() {
    return frameOf('chat.completion.chunk', this.#id, this.#context.created, this.#context.model);
  }
  #chunk(delta: ChatDelta, reason: string | null = null, logprobs: AnyObject | null = null): ChatChunk {
    return { ...this.#frame(), choices: [{ index: 0, delta, logprobs, finish_reason: reason }] };
  }
}

export function decodeEmbeddings(body: unknown, context: DecodeContext): AnyObject {
  const answer = asObject(body);
  const vectors = asObject(answer?.['embeddings'])?.['float'];
  if (!Array.isArray(vectors)) throw new Error('Cohere answered with something other than embeddings.');
  const billed = asObject(asObject(answer?.['meta'])?.['billed_units']);
  return embeddingList(vectors, asCount(billed?.['input_tokens']), context);
}
