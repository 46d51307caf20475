import type { AnyObject, ChatMessage, ToolCall } from '@whetstone/contract';
import type { Answer, Thinking, Usage } from './chat.ts';
import { asCount, asList, asObject, asText } from './read.ts';

const maxChoices = 128;
const maxToolCalls = 512;

/** Builds the logged answer from whole completions or from stream chunks in OpenAI's shape, lax about what is missing. */
export class Accumulator {
  readonly #choices = new Map<number, Choice>();
  #id: string | null = null;
  #model: string | null = null;
  #usage: Usage | null = null;
  #envelope: AnyObject | null = null;

  /** Whether every choice begun has ended: with nothing begun, no. */
  get finished(): boolean {
    return this.#choices.size > 0 && [...this.#choices.values()].every((choice) => choice.finishReason !== null);
  }
  get empty(): boolean {
    return this.#choices.size === 0;
  }

  /** A stream chunk, or a whole completion: they differ in `delta` and `message` only. */
  add(value: unknown): void {
    const chunk = asObject(value);
    if (chunk === null) return;
    this.#id ||= asText(chunk['id']);
    this.#model ||= asText(chunk['model']);
    const usage = readUsage(chunk['usage']);
    if (usage !== null) this.#usage = usage;
    const { choices, ...envelope } = chunk;
    // Azure's first piece, about what was filtered of the prompt, has an empty id.
    if (this.#envelope === null || this.#envelope['id'] === '') this.#envelope = { ...this.#envelope, ...envelope };
    else if (usage !== null) this.#envelope['usage'] = envelope['usage'];
    // Responses tell in their last event what became of the first.
    if (envelope['output'] !== undefined) Object.assign(this.#envelope, envelope);
    asList(choices).forEach((item, position) => {
      const choice = asObject(item);
      if (choice === null) return;
      const index = asCount(choice['index']) ?? position;
      if (index < maxChoices) this.#choice(index).add(choice);
    });
  }

  answer(): Answer {
    const choices = [...this.#choices]
      .sort(([a], [b]) => a - b)
      .map(([index, choice]) => ({
        index,
        text: choice.text(),
        message: choice.message(),
        finishReason: choice.finishReason,
        logprobs: choice.logprobs(),
      }));
    return { id: this.#id, model: this.#model, choices, usage: this.#usage, envelope: this.#envelope ?? {} };
  }

  #choice(index: number): Choice {
    let choice = this.#choices.get(index);
    if (choice === undefined) {
      choice = new Choice();
      this.#choices.set(index, choice);
    }
    return choice;
  }
}

class Choice {
  finishReason: string | null = null;
  /** Whether there was any text, be it empty. */
  #wrote = false;
  readonly #content: string[] = [];
  readonly #refusal: string[] = [];
  readonly #reasoning: string[] = [];
  readonly #thinking: Thinking[] = [];
  readonly #calls = new Map<number, { id: string; name: string; arguments: string[] }>();
  #logprobs: { content: unknown[]; refusal: unknown[] } | null = null;

  add(choice: AnyObject): void {
    const reason = asText(choice['finish_reason']);
    if (reason !== null && reason !== '') this.finishReason = normaliseFinishReason(reason);
    if (choice['logprobs'] != null) this.#addLogprobs(asObject(choice['logprobs']));
    // The legacy completions endpoint has `text`.
    const text = asText(choice['text']);
    if (text !== null) this.#content.push(text);
    const part = asObject(choice['delta']) ?? asObject(choice['message']);
    if (part === null) return;
    const content = contentText(part['content']);
    if (content !== null) this.#wrote = true;
    push(this.#content, content);
    push(this.#refusal, asText(part['refusal']));
    push(this.#reasoning, asText(part['reasoning_content']) ?? asText(part['reasoning']));
    for (const block of asList(part['thinking'])) if (asObject(block) !== null) this.#thinking.push(block as Thinking);
    asList(part['tool_calls']).forEach((item, position) => this.#call(item, position));
    const legacy = asObject(part['function_call']);
    if (legacy !== null) this.#call({ index: 0, function: legacy }, 0);
  }

  #call(value: unknown, position: number): void {
    const given = asObject(value);
    const named = asObject(given?.['function']);
    if (given === null) return;
    const index = asCount(given['index']) ?? position;
    if (index >= maxToolCalls) return;
    const call = this.#calls.get(index) ?? { id: '', name: '', arguments: [] };
    this.#calls.set(index, call);
    call.id ||= asText(given['id']) ?? '';
    call.name ||= asText(named?.['name']) ?? '';
    push(call.arguments, asText(named?.['arguments']));
  }

  #addLogprobs(given: AnyObject | null): void {
    if (given === null) return;
    this.#logprobs ??= { content: [], refusal: [] };
    for (const name of ['content', 'refusal'] as const) this.#logprobs[name].push(...asList(given[name]));
  }

  logprobs(): AnyObject | null {
    if (this.#logprobs === null) return null;
    const { content, refusal } = this.#logprobs;
    return { content, refusal: refusal.length > 0 ? refusal : null };
  }

  text(): string | null {
    if (this.#content.length > 0) return this.#content.join('');
    if (this.#refusal.length > 0) return this.#refusal.join('');
    return this.#wrote && this.#calls.size === 0 ? '' : null;
  }

  message(): ChatMessage {
    const calls = [...this.#calls]
      .sort(([a], [b]) => a - b)
      .map(([index, call]): ToolCall => ({
        id: call.id === '' ? `call_${index}` : call.id,
        type: 'function',
        function: { name: call.name, arguments: call.arguments.join('') },
      }));
    return {
      role: 'assistant',
      content: this.text(),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
      ...this.#thought(),
    };
  }

  #thought(): { thinking?: Thinking[] } {
    if (this.#thinking.length > 0) return { thinking: this.#thinking };
    return this.#reasoning.length > 0 ? { thinking: [{ type: 'thinking', thinking: this.#reasoning.join(''), signature: '' }] } : {};
  }
}

function push(list: string[], text: string | null): void {
  if (text !== null && text !== '') list.push(text);
}

/** Some servers send a list of parts even in answers. */
function contentText(content: unknown): string | null {
  if (!Array.isArray(content)) return asText(content);
  return content.map((part) => asText(asObject(part)?.['text']) ?? '').join('');
}

/** `stop`, `length`, `tool_calls`, `content_filter`; what is none of them stays as it came. */
export function normaliseFinishReason(reason: string): string {
  return finishReasons[reason.toLowerCase()] ?? reason;
}
const finishReasons: Record<string, string> = Object.assign(Object.create(null) as Record<string, string>, {
  stop: 'stop',
  eos: 'stop',
  eos_token: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  complete: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  model_context_window_exceeded: 'length',
  tool_calls: 'tool_calls',
  tool_use: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
  refusal: 'content_filter',
  safety: 'content_filter',
  recitation: 'content_filter',
  blocklist: 'content_filter',
  prohibited_content: 'content_filter',
  spii: 'content_filter',
  image_safety: 'content_filter',
});

export function readUsage(value: unknown): Usage | null {
  const usage = asObject(value);
  if (usage === null) return null;
  const promptTokens = asCount(usage['prompt_tokens']) ?? asCount(usage['input_tokens']);
  const outputTokens = asCount(usage['completion_tokens']) ?? asCount(usage['output_tokens']);
  if (promptTokens === null && outputTokens === null) return null;
  const cached = asCount(asObject(usage['prompt_tokens_details'])?.['cached_tokens']) ?? asCount(usage['prompt_cache_hit_tokens']);
  const reasoning = asCount(asObject(usage['completion_tokens_details'])?.['reasoning_tokens']);
  return { promptTokens, outputTokens, reasoningTokens: reasoning, cachedTokens: cached };
}
