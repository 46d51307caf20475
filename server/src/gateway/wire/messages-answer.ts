import type { AnyObject } from '@whetstone/contract';
import type { ChatChunk, ChatDelta, ChatUsage } from './chat.ts';
import { asList, asObject, asText, parseJson } from './read.ts';

/** Anthropic's answers made of OpenAI's, whole and as a stream. */

interface Frame {
  id: string;
  model: string;
}

/** A whole chat completion as a message. */
export function messageOfCompletion(completion: AnyObject, { id, model }: Frame): AnyObject {
  const choice = asObject(asList(completion['choices'])[0]) ?? {};
  const message = asObject(choice['message']) ?? {};
  const text = asText(message['content']) ?? asText(message['refusal']);
  const calls = asList(message['tool_calls']).map((value) => {
    const call = asObject(value);
    const named = asObject(call?.['function']);
    const input = asObject(parseJson(asText(named?.['arguments']) ?? '')) ?? {};
    return { type: 'tool_use', id: asText(call?.['id']) ?? '', name: asText(named?.['name']) ?? '', input };
  });
  return {
    ...messageFrame({ id, model: asText(completion['model']) ?? model }),
    content: [...thinkingOf(message), ...(text === null || text === '' ? [] : [{ type: 'text', text, citations: null }]), ...calls],
    stop_reason: stopReason(asText(choice['finish_reason'])),
    usage: usageOf(completion['usage'] as ChatUsage | null | undefined),
  };
}

function thinkingOf(message: AnyObject): AnyObject[] {
  const blocks = asList(message['thinking']).flatMap((block): AnyObject[] => [asObject(block) ?? {}]);
  if (blocks.length > 0) return blocks;
  const reasoning = asText(message['reasoning_content']) ?? asText(message['reasoning']);
  return reasoning === null || reasoning === '' ? [] : [{ type: 'thinking', thinking: reasoning, signature: '' }];
}

function messageFrame({ id, model }: Frame): AnyObject {
  return { id, type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage: usageOf(null) };
}

/** Anthropic counts cached tokens beside the others, OpenAI within. */
function usageOf(usage: ChatUsage | null | undefined): AnyObject {
  const cached = usage?.prompt_tokens_details?.cached_tokens ?? 0;
  return {
    input_tokens: Math.max(0, (usage?.prompt_tokens ?? 0) - cached),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: usage?.completion_tokens ?? 0,
  };
}

function stopReason(reason: string | null): string {
  if (reason === 'length') return 'max_tokens';
  if (reason === 'tool_calls' || reason === 'function_call') return 'tool_use';
  return reason === 'content_filter' ? 'refusal' : 'end_turn';
}

type Block = { type: 'text' | 'thinking' } | { type: 'tool_use'; call: number };

/** Chunks of a chat stream as Anthropic's events: blocks one after the other, the end apart. */
export class MessageWriter {
  readonly #frame: Frame;
  #index = -1;
  #open: Block | null = null;
  #begun = false;
  #pinged = false;
  #reason: string | null = null;
  #usage: ChatUsage | null = null;

  constructor(frame: Frame) {
    this.#frame = frame;
  }

  chunk(chunk: ChatChunk): string {
    const usage = chunk.usage ?? null;
    if (usage !== null) this.#usage = usage;
    let text = this.#begin(chunk.model);
    const [choice] = Array.isArray(chunk.choices) ? chunk.choices : [];
    if (choice === undefined) return text;
    text += this.#delta(choice.delta ?? {});
    if (choice.finish_reason) this.#reason = choice.finish_reason;
    return text;
  }

  /** The last events: how it ended and what it used. */
  end(): string {
    const text = this.#begin(this.#frame.model) + this.#close();
    const delta = { stop_reason: stopReason(this.#reason), stop_sequence: null };
    return text + event({ type: 'message_delta', delta, usage: usageOf(this.#usage) }) + event({ type: 'message_stop' });
  }

  #begin(model: unknown): string {
    if (this.#begun) return '';
    this.#begun = true;
    const frame = { id: this.#frame.id, model: asText(model) ?? this.#frame.model };
    return event({ type: 'message_start', message: messageFrame(frame) });
  }

  #delta(delta: ChatDelta): string {
    let text = '';
    const reasoning = asText(delta.reasoning_content) ?? asText((delta as AnyObject)['reasoning']);
    if (reasoning !== null && reasoning !== '') {
      if (this.#open?.type !== 'thinking') text += this.#start({ type: 'thinking' }, { type: 'thinking', thinking: '', signature: '' });
      text += this.#say({ type: 'thinking_delta', thinking: reasoning });
    }
    // A finished block says again what its deltas said, and adds the signature.
    for (const block of asList(delta.thinking)) text += this.#finished(asObject(block) ?? {});
    const said = asText(delta.content) ?? asText((delta as AnyObject)['refusal']);
    if (said !== null && said !== '') {
      if (this.#open?.type !== 'text') text += this.#start({ type: 'text' }, { type: 'text', text: '', citations: null });
      text += this.#say({ type: 'text_delta', text: said });
    }
    for (const call of delta.tool_calls ?? []) {
      const open = this.#open?.type === 'tool_use' && this.#open.call === call.index;
      if (!open) {
        const block = { type: 'tool_use', id: call.id ?? `toolu_${call.index}`, name: call.function?.name ?? '', input: {} };
        text += this.#start({ type: 'tool_use', call: call.index }, block);
      }
      if (call.function?.arguments) text += this.#say({ type: 'input_json_delta', partial_json: call.function.arguments });
    }
    return text;
  }

  #finished(block: AnyObject): string {
    if (block['type'] === 'redacted_thinking') return this.#start({ type: 'thinking' }, block) + this.#close();
    const signature = asText(block['signature']) ?? '';
    if (this.#open?.type !== 'thinking') return '';
    return (signature === '' ? '' : this.#say({ type: 'signature_delta', signature })) + this.#close();
  }

  #start(block: Block, content_block: AnyObject): string {
    const before = this.#close();
    this.#open = block;
    this.#index += 1;
    const ping = this.#pinged ? '' : event({ type: 'ping' });
    this.#pinged = true;
    return before + event({ type: 'content_block_start', index: this.#index, content_block }) + ping;
  }

  #say(delta: AnyObject): string {
    return event({ type: 'content_block_delta', index: this.#index, delta });
  }

  #close(): string {
    if (this.#open === null) return '';
    this.#open = null;
    return event({ type: 'content_block_stop', index: this.#index });
  }
}

function event(data: AnyObject): string {
  return `event: ${String(data['type'])}\ndata: ${JSON.stringify(data)}\n\n`;
}
