import type { AnyObject } from '@whetstone/contract';
import { OutboundError, type OutboundEvents, type OutboundHandle, type OutboundRequest } from '../../outbound/index.ts';
import { asList, asNumber, asObject, asText, parseJson } from '../wire/read.ts';
import { sseEvent } from '../wire/sse.ts';
import { estimateTokens } from '../wire/tokens.ts';
import { Dice } from './dice.ts';
import { embed } from './embed.ts';
import { demoEmbedding, demoModels, type DemoModel, findDemoModel } from './models.ts';
import { type Reply, reply, textOf } from './reply.ts';

/** Request headers by which a call tells the demo provider which sample it is, and not to wait. */
export const demoHeaders = { sample: 'x-demo-sample', instant: 'x-demo-instant' } as const;
/** Answer headers: what the call would have taken, for calls that did not wait. */
export const demoTimes = { total: 'x-demo-total-ms', firstToken: 'x-demo-first-token-ms' } as const;

export interface DemoOptions {
  /** 1 is the models' own speed, 10 is ten times as fast. */
  speed: number;
  /** Unix seconds for `created`. */
  now: () => Date;
}

/** Speaks OpenAI's protocol as if from afar, but answers by itself: same bytes, no network. */
export function createDemoProvider(options: DemoOptions): (request: OutboundRequest, events: OutboundEvents) => OutboundHandle {
  return (request, events) => {
    const exchange = new DemoExchange(request, events, options);
    queueMicrotask(() => exchange.run());
    return exchange;
  };
}

class DemoExchange implements OutboundHandle {
  readonly #request: OutboundRequest;
  readonly #events: OutboundEvents;
  readonly #options: DemoOptions;
  readonly #instant: boolean;
  #over = false;
  #paused = false;
  #timer: NodeJS.Timeout | null = null;
  #next: (() => void) | null = null;

  constructor(request: OutboundRequest, events: OutboundEvents, options: DemoOptions) {
    this.#request = request;
    this.#events = events;
    this.#options = options;
    this.#instant = request.headers[demoHeaders.instant] === '1' || options.speed === Infinity;
  }

  run(): void {
    const body = asObject(parseJson(String(this.#request.body ?? ''))) ?? {};
    const path = this.#request.url.pathname.replace(/^\/v1/, '');
    if (path === '/models') return this.#answer(200, { object: 'list', data: this.#modelRows() });
    if (path === '/embeddings') return this.#later(40, () => this.#answer(200, embed(body)));
    const model = findDemoModel(asText(body['model']) ?? '');
    if (model === null) {
      return this.#answer(
        404,
        errorBody(
          `The model \`${asText(body['model'])}\` does not exist. The demo provider has ${demoModels.map(({ id }) => id).join(', ')} and ${demoEmbedding}.`,
          'invalid_request_error',
          'model_not_found',
        ),
      );
    }
    const sample = Number(this.#request.headers[demoHeaders.sample] ?? 0);
    const luck = new Dice(`luck ${JSON.stringify(body)}#${sample}`);
    const fails = luck.chance(model.failureRate);
    if (fails && luck.chance(0.75)) return this.#later(model.firstTokenMs / 2, () => this.#refuse(luck));
    this.#speak(body, model, sample, luck, fails);
  }

  #refuse(luck: Dice): void {
    if (luck.chance(0.5))
      this.#answer(500, errorBody('The simulated model failed, as demo-flaky does now and then.', 'server_error', null));
    else
      this.#answer(
        400,
        errorBody(
          'The simulated model refused this request, as demo-flaky does now and then.',
          'invalid_request_error',
          'simulated_failure',
        ),
      );
  }

  #speak(body: AnyObject, model: DemoModel, sample: number, luck: Dice, cut: boolean): void {
    const path = this.#request.url.pathname;
    const request = path.endsWith('/chat/completions') ? body : { ...body, messages: [{ role: 'user', content: body['prompt'] }] };
    const several = Math.min(Math.max(1, asNumber(body['n']) ?? 1), 128);
    const replies = Array.from({ length: several }, (_, index) => limited(reply(request, model, sample + index), body));
    const promptTokens = asList(request['messages']).reduce<number>(
      (sum, message) => sum + 4 + estimateTokens(textOf(asObject(message)?.['content'])),
      3,
    );
    const outputTokens = replies.reduce((sum, each) => sum + tokensOf(each), 0);
    const firstTokenMs = model.firstTokenMs * (0.7 + luck.next() * 0.9);
    const totalMs = firstTokenMs + (outputTokens / several / model.tokensPerSecond) * 1000 * (0.85 + luck.next() * 0.3);
    const frame = {
      id: `chatcmpl-demo-${hash(luck)}`,
      created: Math.floor(this.#options.now().getTime() / 1000),
      model: model.id,
      system_fingerprint: 'simulated',
      simulated: true,
    };
    const usage = {
      prompt_tokens: promptTokens,
      completion_tokens: outputTokens,
      total_tokens: promptTokens + outputTokens,
      prompt_tokens_details: { cached_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    };
    const times = { [demoTimes.total]: String(Math.round(totalMs)), [demoTimes.firstToken]: String(Math.round(firstTokenMs)) };
    if (body['stream'] === true) {
      const asked = asObject(body['stream_options'])?.['include_usage'] === true;
      this.#stream(chunksOf(frame, replies, asked ? usage : null), firstTokenMs, totalMs, times, cut);
      return;
    }
    const legacy = !path.endsWith('/chat/completions');
    this.#later(totalMs, () =>
      cut
        ? this.#fail(new OutboundError('reset', 'The connection to demo broke: simulated, as demo-flaky does now and then.'))
        : this.#answer(
            200,
            { ...frame, object: legacy ? 'text_completion' : 'chat.completion', choices: choicesOf(replies, legacy), usage },
            times,
          ),
    );
  }

  #stream(chunks: readonly unknown[], firstTokenMs: number, totalMs: number, times: Record<string, string>, cut: boolean): void {
    const stepMs = (totalMs - firstTokenMs) / Math.max(1, chunks.length);
    const stopAt = cut ? Math.ceil(chunks.length / 2) : chunks.length;
    let position = 0;
    const step = (): void => {
      const chunk = chunks[position];
      if (position >= stopAt || chunk === undefined) {
        if (cut) return this.#fail(new OutboundError('reset', 'The connection to demo broke: simulated, as demo-flaky does now and then.'));
        this.#events.data(Buffer.from('data: [DONE]\n\n'));
        return this.#end();
      }
      position += 1;
      this.#events.data(Buffer.from(sseEvent(chunk)));
      this.#later(stepMs, step);
    };
    this.#later(firstTokenMs, () => {
      this.#events.head(200, { 'content-type': 'text/event-stream; charset=utf-8', ...times });
      step();
    });
  }

  #later(ms: number, then: () => void): void {
    if (this.#over) return;
    this.#next = then;
    if (this.#paused) return;
    const go = (): void => {
      this.#timer = null;
      if (this.#over || this.#paused) return;
      this.#next = null;
      then();
    };
    if (this.#instant) queueMicrotask(go);
    else this.#timer = setTimeout(go, ms / this.#options.speed);
  }

  #answer(status: number, body: unknown, headers: Record<string, string> = {}): void {
    if (this.#over) return;
    this.#events.head(status, { 'content-type': 'application/json', ...headers });
    this.#events.data(Buffer.from(JSON.stringify(body)));
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.end();
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.error(error);
  }

  #modelRows(): unknown[] {
    return [...demoModels.map(({ id }) => id), demoEmbedding].map((id) => ({
      id,
      object: 'model',
      created: 1_767_225_600,
      owned_by: 'demo',
    }));
  }

  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const next = this.#next;
    if (next !== null && this.#timer === null) this.#later(0, next);
  }
  abort(reason: Error): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#fail(reason);
  }
}

function errorBody(message: string, type: string, code: string | null): AnyObject {
  return { error: { message, type, param: null, code }, simulated: true };
}

function hash(luck: Dice): string {
  return Math.floor(luck.next() * 2 ** 40).toString(36);
}

interface Limited extends Reply {
  finishReason: string;
}

function limited(given: Reply, body: AnyObject): Limited {
  let { content } = given;
  let finishReason = given.toolCalls.length > 0 ? 'tool_calls' : 'stop';
  const stops = [body['stop']].flat().filter((stop): stop is string => typeof stop === 'string' && stop !== '');
  if (content !== null) {
    for (const stop of stops) {
      const at = content.indexOf(stop);
      if (at >= 0) content = content.slice(0, at);
    }
    const most = asNumber(body['max_completion_tokens']) ?? asNumber(body['max_tokens']);
    if (most !== null && most > 0 && estimateTokens(content) > most) {
      content = content.slice(0, most * 4);
      finishReason = 'length';
    }
  }
  return { ...given, content, finishReason };
}

function tokensOf({ content, toolCalls }: Reply): number {
  return estimateTokens(content ?? '') + toolCalls.reduce((sum, call) => sum + 6 + estimateTokens(call.arguments), 0);
}

function callsOf({ toolCalls }: Reply, frameId: string): { id: string; type: 'function'; function: { name: string; arguments: string } }[] {
  return toolCalls.map((call, index) => ({ id: `call_${frameId}${index}`, type: 'function', function: call }));
}

function choicesOf(replies: readonly Limited[], legacy: boolean): unknown[] {
  return replies.map((each, index) => {
    if (legacy) return { index, text: each.content ?? '', logprobs: null, finish_reason: each.finishReason };
    const calls = callsOf(each, `demo${index}_`);
    return {
      index,
      message: { role: 'assistant', content: each.content, refusal: null, ...(calls.length > 0 ? { tool_calls: calls } : {}) },
      logprobs: null,
      finish_reason: each.finishReason,
    };
  });
}

function chunksOf(frame: AnyObject, replies: readonly Limited[], usage: unknown): unknown[] {
  const object = { ...frame, object: 'chat.completion.chunk' };
  const one = (index: number, delta: unknown, reason: string | null): unknown => ({
    ...object,
    choices: [{ index, delta, logprobs: null, finish_reason: reason }],
    ...(usage === null ? {} : { usage: null }),
  });
  const chunks = replies.flatMap((each, index) => {
    const calls = callsOf(each, `demo${index}_`);
    return [
      one(index, { role: 'assistant', content: calls.length > 0 ? null : '', refusal: null }, null),
      ...(each.content?.match(/\s*\S+/gu) ?? []).map((word) => one(index, { content: word }, null)),
      ...calls.flatMap((call, position) => [
        one(index, { tool_calls: [{ index: position, ...call, function: { name: call.function.name, arguments: '' } }] }, null),
        one(index, { tool_calls: [{ index: position, function: { arguments: call.function.arguments } }] }, null),
      ]),
      one(index, {}, each.finishReason),
    ];
  });
  return usage === null ? chunks : [...chunks, { ...object, choices: [], usage }];
}
