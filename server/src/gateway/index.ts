import type { ChatMessage, JsonObject, LimitSubject, PromptKernel, Scope, Template, ToolChoice } from '@whetstone/contract';
import type { Assigned } from '../experiments/index.ts';
import type { FileRef, Snapshot, VersionSelector } from '../files/index.ts';
import type { NewLog } from '../logs/index.ts';
import type { Doors } from './doors.ts';
import type { Limit, UsedLimit } from './limits/rate-limits.ts';
import type { Route } from './routes/routes.ts';
import type { Counters } from './room.ts';
import type { Usage } from './wire/chat.ts';

export { createGateway, type GatewayDeps } from './create-gateway.ts';
export { operatorProviders } from './providers/table.ts';
export type { Limit, UsedLimit } from './limits/rate-limits.ts';
export type { Counters } from './room.ts';
export type { Route } from './routes/routes.ts';

/**
 * Runs one call, from wherever it comes: playground, v5 `call`, gateway, later evaluation and replay.
 * Seven steps, each a file: resolve, assign, render, call, fail over, tee, record.
 */
export interface Gateway {
  /** A call of a prompt as v5 and the playground make it. The samples are logged whatever happens; `signal` aborts the provider. */
  callPrompt(scope: Scope, request: PromptCall, signal: AbortSignal): Promise<PromptCallResult>;
  /** The same as a stream of events, one per delta, then one `end` per sample. Logs are durable before the last event. */
  streamPrompt(scope: Scope, request: PromptCall, signal: AbortSignal): AsyncIterable<PromptStreamEvent>;
  /** Texts as vectors by an embedding model, logged like any call; throws the provider's error. */
  embed(scope: Scope, call: EmbedCall, signal: AbortSignal): Promise<number[][]>;
  /** A version's template filled in; 422 names the variables that are missing. */
  populate(scope: Scope, kernel: PromptKernel, inputs: JsonObject): Promise<Template | null>;
  models(scope: Scope): Promise<{ provider: string; credential: string; model: string; available: boolean; simulated: boolean }[]>;
  testCredential(scope: Scope, credentialId: string): Promise<{ ok: boolean; message: string; models: string[] }>;
  prices: {
    list(scope: Scope): Promise<Price[]>;
    set(scope: Scope, price: Omit<Price, 'source'>): Promise<Price>;
    reset(scope: Scope, model: string, provider: string): Promise<void>;
    /** What tokens cost that somebody else counted; null where price or count is unknown. */
    cost(
      scope: Scope,
      model: string,
      provider: string | null,
      usage: Usage,
    ): Promise<{ promptCost: number | null; outputCost: number | null }>;
  };
  routes: {
    list(scope: Scope): Promise<Route[]>;
    set(scope: Scope, route: Pick<Route, 'name' | 'targets' | 'cacheTtlSeconds'>): Promise<Route>;
    delete(scope: Scope, name: string): Promise<void>;
  };
  limits: {
    list(scope: Scope): Promise<UsedLimit[]>;
    set(scope: Scope, limit: Omit<Limit, 'updatedAt'>): Promise<UsedLimit>;
    delete(scope: Scope, subject: LimitSubject, id: string): Promise<void>;
  };
  /** Forgets every answer that is kept for equal requests. */
  clearCache(scope: Scope): Promise<void>;
  /** What the gateway's own HTTP door (`http.ts`) calls. */
  doors: Doors;
  /** Since the start, for /metrics. */
  counters(): Readonly<Counters>;
  /** What is kept of an end user beside their logs: cached answers, their limit and what was counted. */
  forgetUser(scope: Scope, user: string): Promise<void>;
  /** The workspace is gone: its prices and what is remembered of it. */
  deleteWorkspace(workspaceId: string): Promise<void>;
  close(): Promise<void>;
}

export interface Price {
  model: string;
  provider: string;
  inputPerMillion: number | null;
  outputPerMillion: number | null;
  cachedInputPerMillion: number | null;
  source: 'built-in' | 'workspace';
}

export interface EmbedCall {
  model: string;
  texts: string[];
  log: Partial<NewLog> & Pick<NewLog, 'origin'>;
}

export interface PromptCall {
  /** Existing file and version, or a kernel. With both, the version is found or created under the file first (unless `draft`). */
  ref: FileRef | null;
  at: VersionSelector;
  kernel: PromptKernel | null;
  draft: boolean;
  messages: ChatMessage[];
  inputs: JsonObject;
  toolChoice: ToolChoice | null;
  samples: number;
  providerApiKeys: Record<string, string>;
  /** What the log carries beside the call: user, session, reference, metadata, parent, origin, id … */
  log: Partial<NewLog> & Pick<NewLog, 'origin'>;
  /** Text after the completion, for models that fill in. */
  suffix: string | null;
  /** Name of the environment to log under, when the body names one; else the one that resolved the version. */
  environment: string | null;
  /** Told when a provider has answered well, once a sample, before its log is written. */
  answered?: () => void;
}

export interface Sample {
  index: number;
  logId: string;
  output: string | null;
  outputMessage: ChatMessage | null;
  finishReason: string | null;
  error: string | null;
  promptTokens: number | null;
  outputTokens: number | null;
  reasoningTokens: number | null;
  promptCost: number | null;
  outputCost: number | null;
  estimated: boolean;
  latencyMs: number;
  createdAt: Date;
}
export interface PromptCallResult {
  logId: string;
  snapshot: Snapshot<'prompt'>;
  /** By an experiment. */
  assigned: Assigned | null;
  environmentId: string | null;
  /** Root of the trace that the call belongs to, when it has a parent. */
  traceId: string | null;
  /** The populated template followed by the caller's messages, as sent. */
  messages: ChatMessage[];
  startTime: Date;
  endTime: Date;
  samples: Sample[];
}
export type PromptStreamEvent =
  | { type: 'start'; snapshot: Snapshot<'prompt'>; assigned: Assigned | null; logIds: string[]; messages: ChatMessage[] }
  | { type: 'delta'; index: number; logId: string; text: string; toolCalls?: JsonObject[] | undefined; reasoning?: string | undefined }
  | { type: 'end'; sample: Sample };
