import { AppError, type ChatMessage, type JsonObject, type PromptKernel, type Scope } from '@whetstone/contract';
import type { FileRef } from '../files/index.ts';
import type { PromptCall } from '../gateway/index.ts';
import type { Busy, Judged } from './index.ts';
import type { Room } from './room.ts';

/** The model calls of one judgment: made, logged and counted here. */
export class Calls {
  readonly logIds: string[] = [];
  #costUsd: number | null = null;
  #busy: Busy | null = null;
  readonly #room: Room;
  readonly #scope: Scope;

  constructor(room: Room, scope: Scope) {
    this.#room = room;
    this.#scope = scope;
  }

  /** What a judgment tells of its calls. The cost is null while no call had a known price. */
  get told(): Pick<Judged, 'costUsd' | 'calls' | 'busy'> {
    return { costUsd: this.#costUsd, calls: this.logIds, ...(this.#busy === null ? {} : { busy: this.#busy }) };
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
    const call = { model, texts, log: { origin: 'evaluation' as const } };
    return this.#room.gateway.embed(this.#scope, call, signal).catch((error: unknown) => this.#refused(error));
  }

  async #call(call: Pick<PromptCall, 'ref' | 'at' | 'kernel' | 'draft' | 'inputs' | 'messages'>, signal: AbortSignal): Promise<string> {
    const request = { ...call, toolChoice: null, samples: 1, providerApiKeys: {}, suffix: null, environment: null };
    const result = await this.#room.gateway
      .callPrompt(this.#scope, { ...request, log: { origin: 'evaluation' } }, signal)
      .catch((error: unknown) => this.#refused(error));
    this.logIds.push(result.logId);
    const [sample] = result.samples;
    if (sample === undefined) throw new AppError('internal', 'The model gave no answer.');
    const costs = [sample.promptCost, sample.outputCost].filter((cost) => cost !== null);
    if (costs.length > 0) this.#costUsd = costs.reduce((sum, cost) => sum + cost, this.#costUsd ?? 0);
    if (sample.error !== null) throw new Error(sample.error);
    return sample.output ?? '';
  }

  #refused(error: unknown): never {
    if (error instanceof AppError) {
      const spent = error.code === 'rate_limited' && (error.data as { code?: unknown } | undefined)?.code === 'budget_exceeded';
      const status = error.failure?.status ?? error.status;
      const retryMs = error.retryAfterSeconds === undefined ? null : error.retryAfterSeconds * 1_000;
      if (spent) this.#busy = { retryMs: null, budget: error.message };
      else if (status === 429 || status === 503 || status === 529) this.#busy = { retryMs, budget: null };
    }
    throw error;
  }
}
