import { AppError, type ChatMessage, type JsonObject, type PromptKernel, type Scope } from '@whetstone/contract';
import type { FileRef } from '../files/index.ts';
import type { PromptCall } from '../gateway/index.ts';
import type { Room } from './room.ts';

/** The model calls of one judgment: made, logged and counted here. */
export class Calls {
  readonly logIds: string[] = [];
  #costUsd: number | null = null;
  readonly #room: Room;
  readonly #scope: Scope;

  constructor(room: Room, scope: Scope) {
    this.#room = room;
    this.#scope = scope;
  }

  /** Null while no call had a known price. */
  get costUsd(): number | null {
    return this.#costUsd;
  }

  /** A call with parameters of its own, logged to a prompt beside the evaluator that no list shows. Throws the provider's error. */
  ofKernel(path: string, kernel: PromptKernel, inputs: JsonObject, messages: ChatMessage[], signal: AbortSignal): Promise<string> {
    return this.#call({ ref: { path: `judges/${path}` }, at: {}, kernel, draft: true, inputs, messages }, signal);
  }

  /** A call of a prompt of the workspace, as deployed. */
  ofPrompt(ref: FileRef, environment: string | null, inputs: JsonObject, messages: ChatMessage[], signal: AbortSignal): Promise<string> {
    return this.#call({ ref, at: { environment }, kernel: null, draft: false, inputs, messages }, signal);
  }

  async embed(model: string, texts: string[], signal: AbortSignal): Promise<number[][]> {
    return this.#room.gateway.embed(this.#scope, { model, texts, log: { origin: 'evaluation' } }, signal);
  }

  async #call(call: Pick<PromptCall, 'ref' | 'at' | 'kernel' | 'draft' | 'inputs' | 'messages'>, signal: AbortSignal): Promise<string> {
    const request = { ...call, toolChoice: null, samples: 1, providerApiKeys: {}, suffix: null, environment: null };
    const result = await this.#room.gateway.callPrompt(this.#scope, { ...request, log: { origin: 'evaluation' } }, signal);
    this.logIds.push(result.logId);
    const [sample] = result.samples;
    if (sample === undefined) throw new AppError('internal', 'The model gave no answer.');
    const costs = [sample.promptCost, sample.outputCost].filter((cost) => cost !== null);
    if (costs.length > 0) this.#costUsd = costs.reduce((sum, cost) => sum + cost, this.#costUsd ?? 0);
    if (sample.error !== null) throw new Error(sample.error);
    return sample.output ?? '';
  }
}
