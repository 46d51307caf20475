import type { AnyObject } from '@whetstone/contract';
import type { Attempt } from './call.ts';
import { demoTimes } from '../demo/provider.ts';
import type { FailedAttempt } from './fail-over.ts';
import type { Replayed } from './cache.ts';
import { noteOf } from './extras.ts';
import { failureOf } from './failure.ts';
import { gatewayPath } from './model-name.ts';
import { kernelOf } from './hidden-prompts.ts';
import { costOf } from '../pricing/prices.ts';
import type { Asked, NamedPrompt, Ready, Room } from '../room.ts';
import type { LogState, NewLog } from '../../logs/index.ts';
import type { Price, Sample } from '../index.ts';
import type { Answer, Usage } from '../wire/chat.ts';
import { estimateTokens } from '../wire/tokens.ts';

export interface Ran {
  ready: Ready;
  asked: Asked;
  attempt: Attempt;
  failed: FailedAttempt[];
  logId: string;
  index: number;
  startedAt: Date;
  endedAt: Date;
  /** It came from the cache. */
  replayed: Replayed | null;
}

/** Step 7: exactly one log a call, durable when this resolves. `dropped`: it could not be written. */
export async function record(room: Room, ran: Ran): Promise<{ sample: Sample; dropped: boolean }> {
  const { attempt, ready } = ran;
  const answer = attempt.type === 'answered' ? attempt.answer : attempt.type === 'broken' ? attempt.partial : null;
  const usage = usageOf(ran, answer);
  const price = await priceOf(room, ran, answer);
  const times = timesOf(ran);
  const [choice] = answer?.choices ?? [];
  const failure = failureOf(attempt);
  const fullCost = costOf(price, usage.usage);
  const cost = ran.replayed === null ? fullCost : free;
  const sample: Sample = {
    index: ran.index,
    logId: ran.logId,
    output: ready.kind === 'embeddings' ? null : (choice?.text ?? null),
    outputMessage: choice?.message ?? null,
    finishReason: choice?.finishReason ?? null,
    error: failure?.message ?? null,
    promptTokens: usage.usage.promptTokens,
    outputTokens: usage.usage.outputTokens,
    reasoningTokens: usage.usage.reasoningTokens,
    ...cost,
    estimated: usage.estimated,
    latencyMs: times.latencyMs,
    createdAt: ran.startedAt,
  };
  room.counters.calls += 1;
  const status: LogState = failure === null ? 'ok' : failure.code === 'cancelled' ? 'cancelled' : 'error';
  if (status === 'error') room.counters.errors += 1;
  if (status === 'cancelled') room.counters.cancelled += 1;
  try {
    const file = await fileOf(room, ran);
    const log = withNote(logOf(ran, sample, answer, file), noteOf(ready, attempt, ran.replayed, fullCost));
    await room.logs.record(ready.scope, { ...log, status, ...times, cachedTokens: usage.usage.cachedTokens });
    return { sample, dropped: false };
  } catch (error) {
    // The answer matters more than its log: the caller is told, and a metric counts it.
    room.counters.dropped += 1;
    room.onDropped(error);
    return { sample, dropped: true };
  }
}

const free = { promptCost: 0, outputCost: 0 };

/** By the model that was asked for; where that is a deployment's name, by the one that answered. */
async function priceOf(room: Room, { ready, attempt }: Ran, answer: Answer | null): Promise<Price | null> {
  const { model, provider } = attempt.target;
  const price = await room.prices.find(ready.scope, model, provider.id);
  return price !== null || answer?.model == null || answer.model === model
    ? price
    : room.prices.find(ready.scope, answer.model, provider.id);
}

function withNote(log: NewLog, note: AnyObject): NewLog {
  return Object.keys(note).length === 0 ? log : { ...log, providerResponse: { ...log.providerResponse, ...note } };
}

async function fileOf(room: Room, { ready, asked, attempt }: Ran): Promise<NamedPrompt> {
  if (ready.prompt !== null) return ready.prompt;
  const { target } = attempt;
  const path = asked.file ?? gatewayPath(target.model);
  const snapshot = await room.hidden.version(ready.scope, path, kernelOf(ready.body, target.model, target.named, ready.kind));
  return { snapshot, environmentId: ready.environmentId };
}

function logOf({ asked, attempt, ready, logId, failed }: Ran, sample: Sample, answer: Answer | null, file: NamedPrompt): NewLog {
  const { provider, model } = attempt.target;
  const { version, file: place } = file.snapshot;
  const metadata = provider.simulated === true ? { ...asked.log.metadata, simulated: true } : (asked.log.metadata ?? null);
  const choice = ready.body['tool_choice'];
  const log: NewLog = {
    ...asked.log,
    id: logId,
    kind: 'prompt',
    fileId: place.id,
    versionId: version.id,
    contentHash: version.contentHash,
    environmentId: ready.environmentId,
    experimentId: ready.assigned?.experimentId ?? null,
    armId: ready.assigned?.armId ?? null,
    model,
    provider: provider.id,
    promptTokens: sample.promptTokens,
    outputTokens: sample.outputTokens,
    reasoningTokens: sample.reasoningTokens,
    promptCost: sample.promptCost,
    outputCost: sample.outputCost,
    estimated: sample.estimated,
    finishReason: sample.finishReason,
    metadata,
    inputs: ready.kind === 'embeddings' ? { input: ready.body['input'] } : Object.keys(asked.inputs).length > 0 ? asked.inputs : null,
    messages: ready.kind === 'embeddings' ? null : ready.messages,
    output: ready.kind === 'embeddings' ? embeddingSummary(answer) : sample.output,
    outputMessage: ready.kind === 'embeddings' ? null : sample.outputMessage,
    toolChoice: choice === undefined || choice === null ? (asked.log.toolChoice ?? null) : (choice as NonNullable<NewLog['toolChoice']>),
    error: sample.error,
    providerRequest: requestOf(ready),
    providerResponse: responseOf(attempt, answer, failed),
  };
  return asked.native?.logged(log, ready, attempt.target, attempt.type === 'answered' && attempt.native === true ? answer : null) ?? log;
}

/** The request without what the log has in columns of its own. */
function requestOf({ body }: Ready): AnyObject {
  const { messages: _messages, input: _input, prompt: _prompt, ...rest } = body;
  return rest;
}

function responseOf(attempt: Attempt, answer: Answer | null, failed: FailedAttempt[]): AnyObject | null {
  const attempts = failed.length > 0 ? { earlier_attempts: failed } : {};
  if (attempt.type === 'refused') return { status: attempt.status, body: attempt.body.slice(0, 65_536), ...attempts };
  if (answer === null) return failed.length > 0 ? attempts : null;
  const { data: _vectors, ...envelope } = answer.envelope;
  const several =
    answer.choices.length > 1
      ? {
          choices: answer.choices.map(({ index, message, finishReason, logprobs }) => ({
            index,
            message,
            finish_reason: finishReason,
            ...(logprobs === null ? {} : { logprobs }),
          })),
        }
      : {};
  const logprobs = answer.choices.length === 1 ? (answer.choices[0]?.logprobs ?? null) : null;
  return { ...envelope, ...(logprobs === null ? {} : { logprobs }), ...several, ...attempts };
}

function embeddingSummary(answer: Answer | null): string | null {
  const data = answer?.envelope['data'];
  if (!Array.isArray(data)) return null;
  return `${data.length} ${data.length === 1 ? 'vector' : 'vectors'}`;
}

/** What the provider counted; else an estimate of what was sent and received. A refused call has used nothing that we know of. */
function usageOf({ ready, attempt }: Ran, answer: Answer | null): { usage: Usage; estimated: boolean } {
  if (answer?.usage != null) return { usage: answer.usage, estimated: answer.envelope['estimated_usage'] === true };
  const none: Usage = { promptTokens: null, outputTokens: null, reasoningTokens: null, cachedTokens: null };
  if (answer === null || (attempt.type === 'broken' && answer.choices.length === 0)) return { usage: none, estimated: false };
  const output = answer.choices.reduce(
    (sum, { message }) => sum + estimateTokens(textOf(message.content)) + toolTokens(message.tool_calls),
    0,
  );
  const prompt = ready.messages.reduce((sum, { content }) => sum + 4 + estimateTokens(textOf(content)), 3);
  return { usage: { ...none, promptTokens: prompt, outputTokens: output }, estimated: true };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '')).join('\n');
}

function toolTokens(calls: { function: { arguments?: string | null | undefined } }[] | null | undefined): number {
  return (calls ?? []).reduce((sum, call) => sum + 8 + estimateTokens(call.function.arguments ?? ''), 0);
}

/** Real times; for a simulated call that did not wait, the ones it would have taken. */
function timesOf({
  asked,
  attempt,
  startedAt,
  endedAt,
}: Ran): Required<Pick<NewLog, 'startTime' | 'endTime' | 'latencyMs' | 'firstTokenMs'>> & { latencyMs: number } {
  if (asked.instant && attempt.type === 'answered') {
    const total = Number(attempt.headers[demoTimes.total] ?? 0);
    const first = Number(attempt.headers[demoTimes.firstToken] ?? 0);
    return {
      startTime: startedAt,
      endTime: new Date(startedAt.getTime() + total),
      latencyMs: total,
      firstTokenMs: asked.stream ? first : null,
    };
  }
  const firstAt = attempt.type === 'refused' ? null : attempt.firstAt;
  return {
    startTime: startedAt,
    endTime: endedAt,
    latencyMs: Math.max(0, endedAt.getTime() - startedAt.getTime()),
    firstTokenMs: asked.stream && firstAt !== null ? Math.max(0, firstAt - startedAt.getTime()) : null,
  };
}
