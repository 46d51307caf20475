import type { PromptCallRequest } from '@whetstone/contract';
import { useEffect, useRef, useState } from 'react';
import { open } from '../../api/client.ts';
import { errorOf, messageOf } from '../../api/errors.ts';
import { events } from '../../api/stream.ts';
import { addChunk, type Chunk, emptySample, type RunSample } from './sample.ts';

export interface RunState {
  running: boolean;
  startedAt: number | null;
  samples: RunSample[];
  /** Why the call as a whole failed. */
  error: string | null;
}
const idle: RunState = { running: false, startedAt: null, samples: [], error: null };

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
