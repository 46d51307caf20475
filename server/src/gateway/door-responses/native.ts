import type { AnyObject } from '@whetstone/contract';
import { forProvider } from '../door/translate.ts';
import { type Received, refuseUnsaid } from '../door/receive.ts';
import type { NativeCall, Ready, Target } from '../room.ts';
import type { ChatForm } from '../wire/messages-request.ts';
import { asList, asText } from '../wire/read.ts';
import { itemsOfMessages, responsesParameters } from '../wire/responses-items.ts';
import { completionOfResponse, ResponsesStream } from '../wire/responses-read.ts';
import { type OwnPart, ownKey, responseIdOf, type StoredResponse } from './stored.ts';

const marks = ['event: response.', 'event:response.', 'data: {"type":"response.'].flatMap((start) =>
  ['completed', 'incomplete'].map((end) => Buffer.from(start + end)),
);

/** A call of `/v1/responses`, to be passed on where the provider speaks this shape. */
export class ResponsesCall implements NativeCall {
  readonly shape = 'responses';
  readonly marks = marks;
  readonly body: AnyObject;
  readonly cacheable: boolean;
  readonly #received: Received;
  readonly #form: ChatForm;
  readonly #previous: StoredResponse | null;

  /** @param form with the conversation so far */
  constructor(received: Received, form: ChatForm, previous: StoredResponse | null) {
    this.body = received.body;
    this.cacheable = form.unsaid.length === 0;
    this.#received = received;
    this.#form = form;
    this.#previous = previous;
  }

  request(ready: Ready, target: Target): { path: string; headers: Record<string, string>; body: string | Buffer } {
    const { raw, body: given } = this.#received;
    const accept = given['stream'] === true ? 'text/event-stream' : 'application/json';
    const headers = { 'content-type': 'application/json', accept };
    const known = this.#previous === null || this.#isAt(target, this.#previous);
    const path = '/responses';
    if (raw !== null && known && ready.prompt === null && given['model'] === target.model) return { path, headers, body: raw };
    const body: AnyObject = { ...given, model: target.model };
    const before = ready.prompt === null ? [] : this.#template(ready);
    const history = known ? [] : (this.#previous?.conversation ?? []);
    if (!known) delete body['previous_response_id'];
    if (ready.prompt !== null) Object.assign(body, responsesParameters(ready.body));
    if (before.length > 0 || history.length > 0) {
      const own = typeof given['input'] === 'string' ? [{ role: 'user', content: given['input'] }] : asList(given['input']);
      body['input'] = [...itemsOfMessages([...before, ...history] as AnyObject[]), ...own];
    }
    return { path, headers, body: JSON.stringify(body) };
  }

  /** The provider keeps it itself, for this key. */
  #isAt(target: Target, { native, log }: StoredResponse): boolean {
    return native !== null && log.provider === target.provider.id && native.credential === target.named;
  }

  #template({ messages }: Ready): Ready['messages'] {
    return messages.slice(0, messages.length - asList(this.#form.body['messages']).length);
  }

  translate(body: AnyObject, provider: Target['provider']): AnyObject {
    refuseUnsaid(this.#form.unsaid, provider.name);
    return forProvider(body, provider);
  }

  decode: NativeCall['decode'] = completionOfResponse;
  streaming: NativeCall['streaming'] = (context) => new ResponsesStream(context);

  logged: NativeCall['logged'] = (log, ready, target, answer) => {
    const { input, instructions, ...rest } = this.#received.body;
    const instructed = asText(instructions) !== null && instructions !== '';
    const passed = answer !== null;
    const id = passed ? answer.id : responseIdOf(log.id ?? '');
    const own: OwnPart = {
      shape: 'responses',
      passed: passed ? target.named : null,
      before: this.#template(ready).length + (instructed ? 1 : 0),
      instructions: instructed,
    };
    const parameters = ready.prompt === null ? {} : responsesParameters(ready.body);
    const unnamed = log.referenceId === null || log.referenceId === undefined;
    return {
      ...log,
      // Items that the log's messages have no form for stay as they came.
      providerRequest: { ...rest, ...(this.cacheable ? {} : { input }), ...parameters, [ownKey]: own },
      referenceId: unnamed ? id : (log.referenceId ?? null),
      ...(unnamed || !passed || id === null ? {} : { metadata: { ...log.metadata, response_id: id } }),
    };
  };
}
