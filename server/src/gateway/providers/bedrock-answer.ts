import type { AnyObject } from '@whetstone/contract';
import { normaliseFinishReason } from '../wire/accumulate.ts';
import type { AssistantMessage, ChatChunk, ChatDelta, ChatUsage, Thinking } from '../wire/chat.ts';
import { asCount, asList, asObject, asText, parseJson } from '../wire/read.ts';
import { completionChoice, usageBeside } from './blocks.ts';
import { jsonTool } from './anthropic-answer.ts';
import { frameOf } from './content.ts';
import { type DecodeContext, type StreamDecoder, StreamFailure } from './dialect.ts';
import { readCommonError } from './errors.ts';
import { embeddingList } from './vectors.ts';

/** A whole answer of Converse in OpenAI's shape. */
export function decodeConverse(body: unknown, context: DecodeContext): AnyObject {
  const answer = asObject(body);
  const message = asObject(asObject(answer?.['output'])?.['message']);
  if (answer === null || message === null) throw new Error('Bedrock answered with something other than a message.');
  const text: string[] = [];
  const thinking: Thinking[] = [];
  const calls: NonNullable<AssistantMessage['tool_calls']> = [];
  for (const value of asList(message['content'])) {
    const block = asObject(value);
    const words = asText(block?.['text']);
    const reasoned = asObject(block?.['reasoningContent']);
    const used = asObject(block?.['toolUse']);
    if (words !== null) text.push(words);
    if (reasoned !== null) thinking.push(thinkingOf(reasoned));
    if (used === null) continue;
    if (used['name'] === jsonTool) text.push(JSON.stringify(used['input'] ?? {}));
    else {
      calls.push({
        id: asText(used['toolUseId']) ?? '',
        type: 'function',
        function: { name: asText(used['name']) ?? '', arguments: JSON.stringify(used['input'] ?? {}) },
      });
    }
  }
  return {
    ...frameOf('chat.completion', context.id, context.created, context.model),
    choices: [completionChoice({ text, thinking, calls }, finishReason(asText(answer['stopReason']), calls.length > 0))],
    usage: usageOf(asObject(answer['usage']) ?? {}),
  };
}

function thinkingOf(reasoned: AnyObject): Thinking {
  const told = asObject(reasoned['reasoningText']);
  if (told === null) return { type: 'redacted_thinking', data: asText(reasoned['redactedContent']) ?? '' };
  return { type: 'thinking', thinking: asText(told['text']) ?? '', signature: asText(told['signature']) ?? '' };
}

function finishReason(reason: string | null, calls: boolean): string {
  if (reason === 'tool_use') return calls ? 'tool_calls' : 'stop';
  if (reason === 'guardrail_intervened' || reason === 'content_filtered') return 'content_filter';
  return reason === null ? 'stop' : normaliseFinishReason(reason);
}

function usageOf(usage: AnyObject): ChatUsage {
  return usageBeside({
    input: asCount(usage['inputTokens']) ?? 0,
    cacheRead: asCount(usage['cacheReadInputTokens']) ?? 0,
    cacheWrite: asCount(usage['cacheWriteInputTokens']) ?? 0,
    output: asCount(usage['outputTokens']) ?? 0,
  });
}

interface Block {
  type: 'words' | 'json' | 'tool';
  /** Position among the tool calls. */
  call: number;
  sawArguments: boolean;
  thinking: string;
  signature: string;
  redacted: string | null;
}

/** The events of ConverseStream as OpenAI's chunks; an event's name is its `:event-type`. */
export class BedrockStream implements StreamDecoder {
  readonly #context: DecodeContext;
  readonly #blocks = new Map<number, Block>();
  #calls = 0;
  done = false;

  constructor(context: DecodeContext) {
    this.#context = context;
  }

  event(data: string, name: string): ChatChunk[] {
    const event = asObject(parseJson(data));
    if (event === null) throw new Error(`Bedrock sent a piece of its stream that is not JSON: ${data.slice(0, 120)}`);
    const index = asCount(event['contentBlockIndex']) ?? 0;
    switch (name) {
      case 'messageStart':
        return [this.#chunk({ role: 'assistant', content: '' })];
      case 'contentBlockStart':
        return this.#blockStart(index, asObject(asObject(event['start'])?.['toolUse']));
      case 'contentBlockDelta':
        return this.#delta(this.#block(index), asObject(event['delta']) ?? {});
      case 'contentBlockStop':
        return this.#blockStop(this.#block(index));
      case 'messageStop':
        return [this.#chunk({}, finishReason(asText(event['stopReason']), this.#calls > 0))];
      case 'metadata':
        this.done = true;
        return [{ ...this.#frame(), choices: [], usage: usageOf(asObject(event['usage']) ?? {}) }];
      default:
        if (/(?:Exception|Error)$/.test(name)) throw new StreamFailure({ ...readCommonError(500, data), code: name });
        return [];
    }
  }

  #block(index: number): Block {
    const known = this.#blocks.get(index);
    if (known !== undefined) return known;
    const block: Block = { type: 'words', call: -1, sawArguments: false, thinking: '', signature: '', redacted: null };
    this.#blocks.set(index, block);
    return block;
  }

  #blockStart(index: number, used: AnyObject | null): ChatChunk[] {
    const block = this.#block(index);
    if (used === null) return [];
    block.type = used['name'] === jsonTool ? 'json' : 'tool';
    if (block.type === 'json') return [];
    block.call = this.#calls;
    this.#calls += 1;
    const opening = { name: asText(used['name']) ?? '', arguments: '' };
    return [this.#chunk({ tool_calls: [{ index: block.call, id: asText(used['toolUseId']) ?? '', type: 'function', function: opening }] })];
  }

  #delta(block: Block, delta: AnyObject): ChatChunk[] {
    const reasoned = asObject(delta['reasoningContent']);
    if (reasoned !== null) return this.#reasoned(block, reasoned);
    const text = asText(delta['text']) ?? asText(asObject(delta['toolUse'])?.['input']) ?? '';
    if (text === '') return [];
    block.sawArguments = true;
    return [
      this.#chunk(block.type === 'tool' ? { tool_calls: [{ index: block.call, function: { arguments: text } }] } : { content: text }),
    ];
  }

  #reasoned(block: Block, reasoned: AnyObject): ChatChunk[] {
    block.signature += asText(reasoned['signature']) ?? '';
    const redacted = asText(reasoned['redactedContent']);
    if (redacted !== null) block.redacted = (block.redacted ?? '') + redacted;
    const text = asText(reasoned['text']) ?? '';
    block.thinking += text;
    return text === '' ? [] : [this.#chunk({ reasoning_content: text })];
  }

  #blockStop(block: Block): ChatChunk[] {
    if (block.redacted !== null) return [this.#chunk({ thinking: [{ type: 'redacted_thinking', data: block.redacted }] })];
    if (block.thinking !== '')
      return [this.#chunk({ thinking: [{ type: 'thinking', thinking: block.thinking, signature: block.signature }] })];
    if (block.sawArguments || block.type === 'words') return [];
    // A call without arguments sends none; OpenAI has an empty object.
    return [
      this.#chunk(block.type === 'tool' ? { tool_calls: [{ index: block.call, function: { arguments: '{}' } }] } : { content: '{}' }),
    ];
  }

  #frame() {
    return frameOf('chat.completion.chunk', this.#context.id, this.#context.created, this.#context.model);
  }
  #chunk(delta: ChatDelta, reason: string | null = null): ChatChunk {
    return { ...this.#frame(), choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] };
  }
}

/** Titan's one vector with its count, or Cohere's list without. */
export function decodeEmbeddings(body: unknown, context: DecodeContext): AnyObject {
  const answer = asObject(body);
  if (Array.isArray(answer?.['embedding'])) return embeddingList([answer['embedding']], asCount(answer['inputTextTokenCount']), context);
  const given = answer?.['embeddings'];
  const vectors = Array.isArray(given) ? given : asObject(given)?.['float'];
  if (!Array.isArray(vectors)) throw new Error('Bedrock answered with something other than embeddings.');
  return embeddingList(vectors, null, context);
}
