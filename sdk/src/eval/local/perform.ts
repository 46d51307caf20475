import { spawn } from 'node:child_process';
import { base62 } from '@whetstone/domain';
import { createHash } from 'node:crypto';
import type { JsonObject } from '@whetstone/contract';
import { toText } from '../../telemetry/json.ts';
import { type Case, CannotMeasure, type Task } from '../plan.ts';
import { callProvider, type Provider } from './provider.ts';

/** One case through the task: the log that it leaves, in v5's form, as a server would answer it. */

export interface Performing {
  name: string;
  task: Task;
  /** Asked for when a model is to be called. */
  provider: () => Provider;
  signal: AbortSignal;
}

export interface Performed {
  log: JsonObject;
  costUsd: number | null;
  /** It called a model whose cost nobody knows. */
  costUnknown: boolean;
}

interface Made {
  output: string | null;
  more?: Record<string, unknown>;
  costUsd?: number | null;
}

export async function perform(doing: Performing, item: Case, repetition: number): Promise<Performed> {
  const start = new Date();
  const since = performance.now();
  let made: Made = { output: null };
  let error: string | null = null;
  try {
    made = await makeOutput(doing, item, repetition);
  } catch (thrown) {
    doing.signal.throwIfAborted();
    if (thrown instanceof CannotMeasure) throw thrown;
    error = (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 4000) || 'The task failed.';
  }
  if (doing.task.kind === 'recorded' && item.given.log != null)
    return { log: item.given.log as JsonObject, costUsd: null, costUnknown: false };
  const measured = doing.task.kind !== 'recorded';
  const log = {
    id: logId(doing.name, item.key, repetition),
    type: doing.task.kind === 'kernel' ? 'prompt' : 'flow',
    created_at: start.toISOString(),
    start_time: measured ? start.toISOString() : null,
    end_time: measured ? new Date().toISOString() : null,
    inputs: item.datapoint.inputs,
    messages: item.datapoint.messages,
    output: made.output,
    error,
    latency_ms: measured ? Math.round(performance.now() - since) : null,
    source_datapoint_id: item.key,
    payload: 'full',
    origin: 'evaluation',
    ...made.more,
  };
  return {
    log: log as unknown as JsonObject,
    costUsd: made.costUsd ?? null,
    costUnknown: doing.task.kind === 'kernel' && error === null && made.costUsd === null,
  };
}

async function makeOutput({ task, provider, signal }: Performing, item: Case, repetition: number): Promise<Made> {
  const { given, datapoint } = item;
  switch (task.kind) {
    case 'function': {
      const context = { messages: datapoint.messages, target: given.target ?? null, metadata: given.metadata ?? null, repetition, signal };
      return { output: toText(await task.run({ ...given.inputs }, context)) };
    }
    case 'command':
      return { output: await commanded(task.command, task.directory, JSON.stringify({ ...datapoint, repetition }), signal) };
    case 'kernel': {
      const answer = await callProvider(provider(), {
        kernel: task.kernel,
        inputs: datapoint.inputs ?? {},
        messages: datapoint.messages ?? [],
        price: task.price,
        signal,
      });
      const { output, costUsd, model, promptTokens, outputTokens, finishReason, messages } = answer;
      return {
        output,
        costUsd,
        more: {
          model,
          prompt_tokens: promptTokens,
          output_tokens: outputTokens,
          finish_reason: finishReason,
          cost_usd: costUsd,
          messages,
        },
      };
    }
    case 'recorded':
      if (given.output === undefined && given.log == null) throw new CannotMeasure('There is no `task`, and a case has no `output`.');
      return { output: given.output == null ? null : toText(given.output) };
    case 'prompt':
      throw new CannotMeasure(
        `The task is \`prompt:${task.path}\` of the workspace, which needs a server: run without --local, or name its file.`,
      );
  }
}

/** The same id for the same case in every run, for evaluators draw their dice from it. */
function logId(name: string, key: string, repetition: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([name, key, repetition]))
    .digest();
  return `log_${base62(digest.subarray(0, 16)).slice(0, 21).padStart(21, '0')}`;
}

const mostOutputChars = 5_000_000;

function commanded(command: string | readonly string[], directory: string, input: string, signal: AbortSignal): Promise<string> {
  return new Promise((done, fail) => {
    const options = { cwd: directory, signal, stdio: ['pipe', 'pipe', 'pipe'] as ['pipe', 'pipe', 'pipe'] };
    const [program = '', ...rest] = typeof command === 'string' ? [] : command;
    const child = typeof command === 'string' ? spawn(command, { ...options, shell: true }) : spawn(program, rest, options);
    let out = '';
    let err = '';
    child.stdout.on('data', (part: Buffer) => (out.length < mostOutputChars ? (out += part.toString()) : undefined));
    child.stderr.on('data', (part: Buffer) => (err.length < 4000 ? (err += part.toString()) : undefined));
    child.on('error', (error) => fail(error));
    // It need not read what it is given.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('close', (status, by) => {
      if (status === 0) done(out.replace(/\r?\n$/, ''));
      else fail(new Error(`The command ended with ${by ?? status}: ${err.trim().split('\n').slice(-3).join(' ') || 'it said nothing'}`));
    });
  });
}
