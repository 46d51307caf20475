import type { AnyObject } from '@whetstone/contract';
import { forProvider } from '../door/translate.ts';
import { type Received, refuseUnsaid } from '../door/receive.ts';
import { anthropicDialect } from '../providers/anthropic.ts';
import type { NativeCall, Ready, Target } from '../room.ts';
import type { ChatForm } from '../wire/messages-request.ts';
import { asList, asObject, parseJson } from '../wire/read.ts';

const marks = ['event: message_stop', 'event:message_stop', 'data: {"type":"message_stop"'].map((mark) => Buffer.from(mark));

/** A call of `/v1/messages`, to be passed on where the provider speaks Anthropic's shape. */
export class MessagesCall implements NativeCall {
  readonly shape = 'messages';
  readonly marks = marks;
  readonly body: AnyObject;
  readonly cacheable: boolean;
  readonly #received: Received;
  readonly #form: ChatForm;

  constructor(received: Received, form: ChatForm) {
    this.body = received.body;
    this.cacheable = form.unsaid.length === 0;
    this.#received = received;
    this.#form = form;
  }

  request(ready: Ready, { model }: Target): { path: string; headers: Record<string, string>; body: string | Buffer } {
    const { body, raw } = this.#received;
    const headers = { 'content-type': 'application/json', accept: body['stream'] === true ? 'text/event-stream' : 'application/json' };
    const path = '/messages';
    if (ready.prompt !== null) return { path, headers, body: JSON.stringify(this.#withTemplate(ready, model)) };
    return { path, headers, body: raw !== null && body['model'] === model ? raw : JSON.stringify({ ...body, model }) };
  }

  /** The version's template before the caller's own messages, which stay as they came; its parameters win. */
  #withTemplate({ body, messages }: Ready, model: string): AnyObject {
    const given = this.#received.body;
    const own = asList(this.#form.body['messages']).length;
    const template = messages.slice(0, messages.length - own);
    const { body: text } = anthropicDialect.encode({
      kind: 'chat',
      model,
      body: { ...body, messages: template },
      stream: given['stream'] === true,
      settings: {},
    });
    const encoded = asObject(parseJson(text)) ?? {};
    const system = [encoded['system'], given['system']].flat().filter((part) => part !== undefined && part !== '');
    const blocks = system.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part));
    return {
      ...given,
      ...encoded,
      ...(typeof body['reasoning_effort'] === 'number' && given['thinking'] !== undefined ? { thinking: given['thinking'] } : {}),
      ...(blocks.length > 0 ? { system: blocks } : {}),
      messages: [...asList(encoded['messages']), ...asList(given['messages'])],
    };
  }

  translate(body: AnyObject, provider: Target['provider']): AnyObject {
    refuseUnsaid(this.#form.unsaid, provider.name);
    return forProvider(body, provider);
  }

  decode: NativeCall['decode'] = (body, context) => anthropicDialect.decode('chat', body, context);
  streaming: NativeCall['streaming'] = (context) => anthropicDialect.streaming(context);

  logged: NativeCall['logged'] = (log, ready) => {
    if (ready.prompt !== null) return log;
    const { messages, system: _system, ...rest } = this.#received.body;
    // Blocks that the log's messages have no form for stay as they came.
    return { ...log, providerRequest: this.cacheable ? rest : { ...rest, messages } };
  };
}
