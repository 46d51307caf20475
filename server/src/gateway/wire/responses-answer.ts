import type { AnyObject } from '@whetstone/contract';
import type { ChatChunk, ChatUsage, Thinking } from './chat.ts';
import { asCount, asList, asObject, asText } from './read.ts';
import { emptyResponse, type ResponseFrame, responsesUsage } from './responses-frame.ts';
import { sealThinking } from './responses-thinking.ts';

/** OpenAI's Responses made of its chat shape, whole and as typed events. */

/** A whole chat completion as a response. */
export function responseOfCompletion(completion: AnyObject, frame: ResponseFrame): AnyObject {
  const choice = asObject(asList(completion['choices'])[0]) ?? {};
  const message = asObject(choice['message']) ?? {};
  const calls = asList(message['tool_calls']).map((call, index) => ({ ...asObject(call), index }));
  const delta = { ...message, ...(calls.length > 0 ? { tool_calls: calls } : {}) };
  const writer = new ResponseWriter(frame);
  writer.chunk({ ...completion, choices: [{ ...choice, delta }] } as unknown as ChatChunk);
  writer.end();
  return writer.response();
}

interface Part {
  text: string[];
  logprobs: unknown[];
}
type Item =
  | ({ type: 'message'; id: string; refuses: boolean; open: boolean } & Part)
  | ({ type: 'reasoning'; id: string; blocks: Thinking[]; open: boolean } & Part)
  | { type: 'function_call'; id: string; callId: string; name: string; arguments: string[]; open: boolean };

/** Chunks of a chat stream as the typed events of a response; items are numbered in the order they begin. */
export class ResponseWriter {
  readonly #frame: ResponseFrame;
  readonly #items: Item[] = [];
  readonly #calls = new Map<number, number>();
  #sequence = 0;
  #begun = false;
  #model: string | null = null;
  #reason: string | null = null;
  #usage: ChatUsage | null = null;

  constructor(frame: ResponseFrame) {
    this.#frame = frame;
  }

  chunk(chunk: ChatChunk): string {
    if (chunk.usage != null) this.#usage = chunk.usage;
    this.#model ??= asText(chunk.model);
    let text = this.#begin();
    const [choice] = Array.isArray(chunk.choices) ? chunk.choices : [];
    if (choice === undefined) return text;
    const delta = (choice.delta ?? {}) as AnyObject;
    const reasoning = asText(delta['reasoning_content']) ?? asText(delta['reasoning']) ?? '';
    if (reasoning !== '') text += this.#think(reasoning);
    for (const block of asList(delta['thinking'])) text += this.#keep(block as Thinking);
    const content = asText(delta['content']) ?? '';
    if (content !== '') text += this.#say(content, false, asList(asObject(choice.logprobs)?.['content']));
    const refusal = asText(delta['refusal']) ?? '';
    if (refusal !== '') text += this.#say(refusal, true, []);
    asList(delta['tool_calls']).forEach((call, position) => (text += this.#call(asObject(call) ?? {}, position)));
    if (choice.finish_reason) this.#reason = choice.finish_reason;
    return text;
  }

  /** The last events: what is open ends, and the whole is said once more. */
  end(): string {
    let text = this.#begin();
    if (this.#items.length === 0)
      text += this.#open({ type: 'message', id: this.#id('msg'), refuses: false, open: true, text: [], logprobs: [] });
    text += this.#closeAll();
    return text + this.#event({ type: this.#cut() === null ? 'response.completed' : 'response.incomplete', response: this.response() });
  }

  /** The end of a stream that broke. */
  fail(error: { code: string | null; message: string; type: string; param: string | null }): string {
    const begun = this.#begin();
    const response = { ...this.response(), status: 'failed', error: { code: error.code ?? 'server_error', message: error.message } };
    const { code, message, param } = error;
    return begun + this.#event({ type: 'error', code, message, param, error }) + this.#event({ type: 'response.failed', response });
  }

  response(): AnyObject {
    const cut = this.#cut();
    return {
      ...emptyResponse({ ...this.#frame, model: this.#model ?? this.#frame.model }),
      status: cut === null ? 'completed' : 'incomplete',
      completed_at: cut === null ? this.#frame.createdAt : null,
      incomplete_details: cut === null ? null : { reason: cut },
      output: this.#items.map((item) => this.#whole(item)),
      usage: responsesUsage(this.#usage),
    };
  }

  #cut(): string | null {
    if (this.#reason === 'length') return 'max_output_tokens';
    return this.#reason === 'content_filter' ? 'content_filter' : null;
  }

  #begin(): string {
    if (this.#begun) return '';
    this.#begun = true;
    const response = emptyResponse({ ...this.#frame, model: this.#model ?? this.#frame.model });
    return this.#event({ type: 'response.created', response }) + this.#event({ type: 'response.in_progress', response });
  }

  #think(delta: string): string {
    let text = '';
    if (this.#last('reasoning') === null)
      text += this.#open({ type: 'reasoning', id: this.#id('rs'), blocks: [], open: true, text: [], logprobs: [] });
    const item = this.#last('reasoning');
    item?.text.push(delta);
    return text + this.#event({ type: 'response.reasoning_summary_text.delta', ...this.#place(item), summary_index: 0, delta });
  }

  /** A finished block; its text came in pieces before. */
  #keep(block: Thinking): string {
    let text = '';
    if (this.#last('reasoning') === null)
      text = this.#open({ type: 'reasoning', id: this.#id('rs'), blocks: [], open: true, text: [], logprobs: [] });
    this.#last('reasoning')?.blocks.push(block);
    return text;
  }

  #say(delta: string, refuses: boolean, logprobs: unknown[]): string {
    let text = '';
    if (this.#last('message')?.refuses !== refuses) {
      text = this.#closeAll() + this.#open({ type: 'message', id: this.#id('msg'), refuses, open: true, text: [], logprobs: [] });
    }
    const item = this.#last('message');
    item?.text.push(delta);
    item?.logprobs.push(...logprobs);
    const place = { ...this.#place(item), content_index: 0 };
    if (refuses) return text + this.#event({ type: 'response.refusal.delta', ...place, delta });
    return text + this.#event({ type: 'response.output_text.delta', ...place, delta, logprobs });
  }

  #call(call: AnyObject, position: number): string {
    const index = asCount(call['index']) ?? position;
    const named = asObject(call['function']);
    let text = '';
    if (!this.#calls.has(index)) {
      const callId = asText(call['id']) ?? `call_${index}`;
      // Calls may come interleaved, so that none is closed by the next.
      if (this.#items.at(-1)?.type !== 'function_call') text = this.#closeAll();
      this.#calls.set(index, this.#items.length);
      text += this.#open({
        type: 'function_call',
        id: this.#id('fc'),
        callId,
        name: asText(named?.['name']) ?? '',
        arguments: [],
        open: true,
      });
    }
    const item = this.#items[this.#calls.get(index) ?? -1];
    const delta = asText(named?.['arguments']) ?? '';
    if (delta === '' || item?.type !== 'function_call') return text;
    item.arguments.push(delta);
    return text + this.#event({ type: 'response.function_call_arguments.delta', ...this.#place(item), delta });
  }

  /** The item that is being written, when it is of the type. */
  #last<Type extends Item['type']>(type: Type): Extract<Item, { type: Type }> | null {
    const item = this.#items.at(-1);
    return item !== undefined && item.open && item.type === type ? (item as Extract<Item, { type: Type }>) : null;
  }

  #open(item: Item): string {
    this.#items.push(item);
    const begun = item.type === 'function_call' ? { ...this.#whole(item), status: 'in_progress' } : this.#unsaid(item);
    const added = this.#event({ type: 'response.output_item.added', output_index: this.#items.length - 1, item: begun });
    if (item.type === 'message')
      return (
        added + this.#event({ type: 'response.content_part.added', ...this.#place(item), content_index: 0, part: partOf(item, '', []) })
      );
    if (item.type === 'reasoning') {
      const part = { type: 'summary_text', text: '' };
      return added + this.#event({ type: 'response.reasoning_summary_part.added', ...this.#place(item), summary_index: 0, part });
    }
    return added;
  }

  #unsaid(item: Exclude<Item, { type: 'function_call' }>): AnyObject {
    if (item.type === 'message') return { id: item.id, type: 'message', status: 'in_progress', content: [], role: 'assistant' };
    return { id: item.id, type: 'reasoning', summary: [] };
  }

  #closeAll(): string {
    return this.#items.map((item, index) => (item.open ? this.#close(item, index) : '')).join('');
  }

  #close(item: Item, output_index: number): string {
    item.open = false;
    const place = this.#place(item);
    const done = (): string => this.#event({ type: 'response.output_item.done', output_index, item: this.#whole(item) });
    if (item.type === 'function_call') {
      const said = item.arguments.join('');
      return this.#event({ type: 'response.function_call_arguments.done', ...place, name: item.name, arguments: said }) + done();
    }
    const text = item.text.join('');
    if (item.type === 'reasoning') {
      const part = { ...place, summary_index: 0 };
      return (
        this.#event({ type: 'response.reasoning_summary_text.done', ...part, text }) +
        this.#event({ type: 'response.reasoning_summary_part.done', ...part, part: { type: 'summary_text', text } }) +
        done()
      );
    }
    const part = { ...place, content_index: 0 };
    const said = item.refuses
      ? { type: 'response.refusal.done', ...part, refusal: text }
      : { type: 'response.output_text.done', ...part, text, logprobs: item.logprobs };
    return (
      this.#event(said) + this.#event({ type: 'response.content_part.done', ...part, part: partOf(item, text, item.logprobs) }) + done()
    );
  }

  #whole(item: Item): AnyObject {
    if (item.type === 'function_call') {
      const { id, callId, name } = item;
      return { id, type: 'function_call', status: 'completed', arguments: item.arguments.join(''), call_id: callId, name };
    }
    const text = item.text.join('');
    if (item.type === 'message') {
      const status = this.#cut() === null ? 'completed' : 'incomplete';
      return { id: item.id, type: 'message', status, content: [partOf(item, text, item.logprobs)], role: 'assistant' };
    }
    const sealed = asList(this.#frame.request['include']).includes('reasoning.encrypted_content') && item.blocks.length > 0;
    const summary = text === '' ? [] : [{ type: 'summary_text', text }];
    return { id: item.id, type: 'reasoning', ...(sealed ? { encrypted_content: sealThinking(item.blocks) } : {}), summary };
  }

  #place(item: Item | null): { item_id: string; output_index: number } {
    return { item_id: item?.id ?? '', output_index: item === null ? -1 : this.#items.indexOf(item) };
  }

  /** Made of the response's, so that it is as unique. */
  #id(prefix: string): string {
    return `${prefix}_${this.#frame.id.replace(/^resp_/, '')}${this.#items.length}`;
  }

  #event({ type, ...data }: AnyObject): string {
    const text = `event: ${String(type)}\ndata: ${JSON.stringify({ type, sequence_number: this.#sequence, ...data })}\n\n`;
    this.#sequence += 1;
    return text;
  }
}

function partOf(item: { refuses: boolean }, text: string, logprobs: unknown[]): AnyObject {
  return item.refuses ? { type: 'refusal', refusal: text } : { type: 'output_text', annotations: [], logprobs, text };
}
