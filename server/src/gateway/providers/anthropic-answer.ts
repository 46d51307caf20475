import type { AnyObject } from '@whetstone/contract';
import { normaliseFinishReason } from '../wire/accumulate.ts';
import type { AssistantMessage, ChatChunk, ChatDelta, ChatUsage, Thinking } from '../wire/chat.ts';
import { asCount, asObject, asText, parseJson } from '../wire/read.ts';
import { completionChoice, usageBeside } from './blocks.ts';
import { frameOf } from './content.ts';
import { type DecodeContext, type StreamDecoder, StreamFailure } from './dialect.ts';
import { readCommonError } from './errors.ts';

/** Structured output is a tool that must be called: every Claude model can do that. */
export const jsonTool = 'respond_with_json';

/** A whole message in OpenAI's shape. */
export function decodeMessage(body: unknown, context: DecodeContext): AnyObject {
  const message = asObject(body);
  if (message === null || !Array.isArray(message['content'])) throw new Error('Anthropic answered with something other than a message.');
  const text: string[] = [];
  const thinking: Thinking[] = [];
  const calls: NonNullable<AssistantMessage['tool_calls']> = [];
  for (const value of message['content']) {
    const block = asObject(value);
    const type = asText(block?.['type']);
    if (block === null) continue;
    if (type === 'text') text.push(asText(block['text']) ?? '');
    else if (type === 'thinking')
      thinking.push({ type, thinking: asText(block['thinking']) ?? '', signature: asText(block['signature']) ?? '' });
    else if (type === 'redacted_thinking') thinking.push({ type, data: asText(block['data']) ?? '' });
    else if (type === 'tool_use' && block['name'] === jsonTool) text.push(JSON.stringify(block['input'] ?? {}));
    else if (type === 'tool_use') {
      calls.push({
        id: asText(block['id']) ?? '',
        type: 'function',
        function: { name: asText(block['name']) ?? '', arguments: JSON.stringify(block['input'] ?? {}) },
      });
    }
  }
  return {
    ...frameOf('chat.completion', asText(message['id']) ?? context.id, context.created, asText(message['model']) ?? context.model),
    choices: [completionChoice({ text, thinking, calls }, finishReason(asText(message['stop_reason']), calls.length > 0))],
    usage: usageOf(asObject(message['usage']) ?? {}),
  };
}

function finishReason(reason: string | null, calls: boolean): string {
  if (reason === 'tool_use') return calls ? 'tool_calls' : 'stop';
  if (reason === null || reason === 'pause_turn') return 'stop';
  return normaliseFinishReason(reason);
}

function usageOf(usage: AnyObject): ChatUsage {
  return usageBeside({
    input: asCount(usage['input_tokens']) ?? 0,
    cacheRead: asCount(usage['cache_read_input_tokens']) ?? 0,
    cacheWrite: asCount(usage['cache_creation_input_tokens']) ?? 0,
    output: asCount(usage['output_tokens']) ?? 0,
  });
}

interface Block {
  type: 'text' | 'json' | 'tool' | 'thinking' | 'other';
  /** Position among the tool calls. */
  call: number;
  sawArguments: boolean;
  thinking: string;
  signature: string;
}

/** The event stream of a message as OpenAI's chunks. */
export class AnthropicStream implements StreamDecoder {
  readonly #context: DecodeContext;
  readonly #blocks = new Map<number, Block>();
  #id: string;
  #model: string;
  #usage: AnyObject = {};
  #calls = 0;
  done = false;

  constructor(context: DecodeContext) {
    this.#context = context;
    this.#id = context.id;
    this.#model = context.model;
  }

  event(data: string): ChatChunk[] {
    const event = asObject(parseJson(data));
    if (event === null) throw new Error(`Anthropic sent a piece of its stream that is not JSON: ${data.slice(0, 120)}`);
    switch (asText(event['type'])) {
      case 'message_start':
        return this.#start(asObject(event['message']) ?? {});
      case 'content_block_start':
        return this.#blockStart(asCount(event['index']) ?? 0, asObject(event['content_block']) ?? {});
      case 'content_block_delta':
        return this.#delta(asCount(event['index']) ?? 0, asObject(event['delta']) ?? {});
      case 'content_block_stop':
        return this.#blockStop(asCount(event['index']) ?? 0);
      case 'message_delta':
        return this.#messageDelta(event);
      case 'message_stop':
        this.done = true;
        return [{ ...this.#frame(), choices: [], usage: usageOf(this.#usage) }];
      case 'error':
        throw new StreamFailure(readCommonError(500, data));
      default:
        // `ping`, and kinds of event that are yet to come.
        return [];
    }
  }

  #start(message: AnyObject): ChatChunk[] {
    this.#id = asText(message['id']) ?? this.#id;
    this.#model = asText(message['model']) ?? this.#model;
    this.#usage = { ...asObject(message['usage']) };
    return [this.#chunk({ role: 'assistant', content: '' })];
  }

  #blockStart(index: number, given: AnyObject): ChatChunk[] {
    const type = asText(given['type']);
    const block: Block = { type: 'other', call: -1, sawArguments: false, thinking: '', signature: '' };
    this.#blocks.set(index, block);
    if (type === 'text') {
      block.type = 'text';
      const text = asText(given['text']);
      return text ? [this.#chunk({ content: text })] : [];
    }
    if (type === 'thinking') block.type = 'thinking';
    if (type === 'redacted_thinking') return [this.#chunk({ thinking: [{ type, data: asText(given['data']) ?? '' }] })];
    if (type !== 'tool_use') return [];
    if (given['name'] === jsonTool) {
      block.type = 'json';
      return [];
    }
    block.type = 'tool';
    block.call = this.#calls;
    this.#calls += 1;
    return [
      this.#chunk({
        tool_calls: [
          {
            index: block.call,
            id: asText(given['id']) ?? '',
            type: 'function',
            function: { name: asText(given['name']) ?? '', arguments: '' },
          },
        ],
      }),
    ];
  }

  #delta(index: number, delta: AnyObject): ChatChunk[] {
    const block = this.#blocks.get(index);
    if (block === undefined) return [];
    const text = asText(delta['text']) ?? asText(delta['partial_json']) ?? asText(delta['thinking']) ?? '';
    if (delta['type'] === 'signature_delta') block.signature += asText(delta['signature']) ?? '';
    if (text === '') return [];
    if (block.type === 'thinking') {
      block.thinking += text;
      return [this.#chunk({ reasoning_content: text })];
    }
    block.sawArguments = true;
    if (block.type === 'tool') return [this.#chunk({ tool_calls: [{ index: block.call, function: { arguments: text } }] })];
    return block.type === 'other' ? [] : [this.#chunk({ content: text })];
  }

  #blockStop(index: number): ChatChunk[] {
    const block = this.#blocks.get(index);
    if (block?.type === 'thinking')
      return [this.#chunk({ thinking: [{ type: 'thinking', thinking: block.thinking, signature: block.signature }] })];
    // A call without arguments sends none; OpenAI has an empty object.
    if (block?.type === 'tool' && !block.sawArguments)
      return [this.#chunk({ tool_calls: [{ index: block.call, function: { arguments: '{}' } }] })];
    if (block?.type === 'json' && !block.sawArguments) return [this.#chunk({ content: '{}' })];
    return [];
  }

  #messageDelta(event: AnyObject): ChatChunk[] {
    Object.assign(this.#usage, asObject(event['usage']));
    const reason = asText(asObject(event['delta'])?.['stop_reason']);
    return reason === null ? [] : [this.#chunk({}, finishReason(reason, this.#calls > 0))];
  }

  #frame() {
    return frameOf('chat.completion.chunk', this.#id, this.#context.created, this.#model);
  }
  #chunk(delta: ChatDelta, reason: string | null = null): ChatChunk {
    return { ...this.#frame(), choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] };
  }
}
