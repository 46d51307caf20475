import type { ChatMessage } from '@whetstone/contract';

/** One answer as it comes. */
export interface RunSample {
  index: number;
  logId: string | null;
  output: string;
  reasoning: string;
  message: ChatMessage | null;
  error: string | null;
  finish: string | null;
  latencyMs: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  costUsd: number | null;
  done: boolean;
}

/** What the stream says of a sample: deltas first, then one chunk with how it ended. */
export interface Chunk {
  index?: number;
  id?: string;
  log_id?: string;
  output?: string | null;
  reasoning?: string;
  output_message?: ChatMessage | null;
  error?: string | null;
  finish_reason?: string | null;
  provider_latency?: number | null;
  prompt_tokens?: number | null;
  output_tokens?: number | null;
  prompt_cost?: number | null;
  output_cost?: number | null;
}

export function emptySample(index: number): RunSample {
  return {
    index,
    logId: null,
    output: '',
    reasoning: '',
    message: null,
    error: null,
    finish: null,
    latencyMs: null,
    inputTokens: null,
    outputTokens: null,
    costUsd: null,
    done: false,
  };
}

/** A sample after one more chunk. The last one carries its end: a message, tokens, or an error. */
export function addChunk(sample: RunSample, chunk: Chunk): RunSample {
  const ended = chunk.finish_reason != null || chunk.error != null || chunk.output_message != null || chunk.provider_latency != null;
  const cost =
    chunk.prompt_cost == null && chunk.output_cost == null ? sample.costUsd : (chunk.prompt_cost ?? 0) + (chunk.output_cost ?? 0);
  const final = chunk.output_message && typeof chunk.output_message.content === 'string' ? chunk.output_message.content : null;
  const output = sample.output + (chunk.output ?? '');
  return {
    ...sample,
    logId: chunk.log_id ?? chunk.id ?? sample.logId,
    output: final ?? output,
    reasoning: sample.reasoning + (chunk.reasoning ?? ''),
    message: chunk.output_message ?? sample.message,
    error: chunk.error ?? sample.error,
    finish: chunk.finish_reason ?? sample.finish,
    latencyMs: chunk.provider_latency == null ? sample.latencyMs : chunk.provider_latency * 1000,
    inputTokens: chunk.prompt_tokens ?? sample.inputTokens,
    outputTokens: chunk.output_tokens ?? sample.outputTokens,
    costUsd: cost,
    done: sample.done || ended,
  };
}
