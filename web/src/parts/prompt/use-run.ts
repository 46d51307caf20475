import type { ChatMessage, PromptCallRequest } from '@whetstone/contract';
import { useEffect, useRef, useState } from 'react';
import { open } from '../../api/client.ts';
import { errorOf, messageOf } from '../../api/errors.ts';
import { events } from '../../api/stream.ts';

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
export interface RunState {
  running: boolean;
  startedAt: number | null;
  samples: RunSample[];
  /** Why the call as a whole failed. */
  error: string | null;
}
const idle: RunState = { running: false, startedAt: null, samples: [], error: null };

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

/** Runs a prompt and keeps what comes; a new run or leaving the page stops the one before. */
export function useRun(): {
  state: RunState;
  run: (body: PromptCallRequest, query?: { version_id?: string }) => Promise<void>;
  stop: () => void;
  reset: () => void;
} {
  const [state, setState] = useState<RunState>(idle);
  const stopper = useRef<AbortController | null>(null);
  useEffect(() => () => stopper.current?.abort(), []);
  const run = async (body: PromptCallRequest, query: { version_id?: string } = {}) => {
    stopper.current?.abort();
    const controller = new AbortController();
    stopper.current = controller;
    const update = (change: (state: RunState) => RunState) => stopper.current === controller && setState(change);
    const count = body.num_samples ?? 1;
    setState({
      running: true,
      startedAt: Date.now(),
      samples: Array.from({ length: count }, (_, index) => emptySample(index)),
      error: null,
    });
    try {
      const response = await open('prompts.call', { body: { ...body, stream: true }, query, signal: controller.signal });
      for await (const { data } of events(response)) {
        if (data === '[DONE]') break;
        const chunk = JSON.parse(data) as Chunk & { detail?: unknown };
        if (chunk.detail !== undefined) throw errorOf(502, chunk);
        update((before) => ({
          ...before,
          samples: before.samples.map((sample) => (sample.index === (chunk.index ?? 0) ? addChunk(sample, chunk) : sample)),
        }));
      }
      update((before) => ({ ...before, running: false, samples: before.samples.map((sample) => ({ ...sample, done: true })) }));
    } catch (error) {
      const stopped = controller.signal.aborted;
      update((before) => ({
        ...before,
        running: false,
        error: stopped ? null : messageOf(error),
        samples: before.samples.map((sample) => ({ ...sample, done: true, finish: stopped ? 'stopped' : sample.finish })),
      }));
    }
  };
  return {
    state,
    run,
    stop: () => {
      stopper.current?.abort();
      setState((before) => ({ ...before, running: false }));
    },
    reset: () => {
      stopper.current?.abort();
      setState(idle);
    },
  };
}
