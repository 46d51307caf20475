import { type AgentEventType, AppError, type AnyObject, type Scope } from '@whetstone/contract';
import type { ServerResponse } from 'node:http';
import type { AgentEvent, AgentRun, ToolUpdate, TurnOptions } from '../../agents/index.ts';
import { toAppError, v5Body } from '../errors.ts';
import type { Call } from './call.ts';
import type { Rooms } from './handlers.ts';
import { hideDone } from './prompts.ts';

/** v5's stream of an agent: one event a `data:` line. */
interface StreamedEvent {
  log_id: string;
  message: string;
  type: AgentEventType;
  created_at: string;
  payload: unknown;
}

/**
 * Runs a turn and writes its events. What is wrong before the first event is an ordinary error answer; later it is an
 * event of type `agent_turn_error`, and the stream ends.
 */
export async function streamTurn(
  rooms: Rooms,
  call: Call<'agents.call'> | Call<'agents.continue_call'>,
  run: (options: Omit<TurnOptions, 'signal'>) => Promise<AgentRun>,
  headers: Record<string, string>,
): Promise<unknown> {
  const { scope, reply } = call;
  let out: ServerResponse | null = null;
  let place: { logId: string; agent: AgentEvent['agent'] } | null = null;
  const write = async (event: AgentEvent): Promise<void> => {
    place = event;
    out ??= open(reply.hijack().raw, event.logId, headers);
    await send(out, await present(rooms, scope, event));
  };
  try {
    const result = await run({ onEvent: write });
    // A repeated request runs nothing: what it led to is all there is to tell.
    if (out === null)
      await write({
        type: result.status === 'suspended' ? 'turn_suspend' : 'turn_end',
        logId: result.logId,
        agent: result.agent,
        run: result,
      });
  } catch (error) {
    if (out === null || place === null) throw error;
    await send(out, failure(toAppError(error, rooms.log), place));
  }
  (out as ServerResponse | null)?.end();
  return reply;
}

function open(out: ServerResponse, logId: string, headers: Record<string, string>): ServerResponse {
  out.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
    'x-whetstone-log-id': logId,
  });
  return out;
}

/** Whole events, because the published TypeScript client reads each piece of the network on its own. */
async function send(out: ServerResponse, event: StreamedEvent): Promise<void> {
  if (out.destroyed || out.write(`data: ${hideDone(JSON.stringify(event))}\n\n`)) return;
  await new Promise<void>((resolve) => void out.once('drain', resolve).once('close', resolve));
}

async function present(rooms: Rooms, scope: Scope, event: AgentEvent): Promise<StreamedEvent> {
  const of = (type: AgentEventType, message: string, payload: unknown): StreamedEvent => ({
    log_id: event.logId,
    message,
    type,
    created_at: new Date().toISOString(),
    payload,
  });
  switch (event.type) {
    case 'turn_start':
      return of('agent_turn_start', 'The agent begins.', agentPayload(event));
    case 'turn_continue':
      return of('agent_turn_continue', 'The agent goes on.', agentPayload(event));
    case 'model_start':
      return of('agent_start', `Model call ${event.iteration}.`, agentPayload(event));
    case 'model_delta':
      return of('agent_update', '', { ...agentPayload(event, { output: event.text }), ...deltaOf(event) });
    case 'model_end':
      return of('agent_end', 'The model has answered.', agentPayload(event, sampleOf(event)));
    case 'tool_start':
      return of('tool_start', `Calls \`${event.call.function.name}\`.`, event.call);
    case 'tool_update':
      return of('tool_update', '', updateOf(event.update));
    case 'tool_end':
      return of('tool_end', event.result, await toolLog(rooms, scope, event.toolLogId));
    case 'turn_suspend':
      return of('agent_turn_suspend', 'The agent waits for results of tool calls.', {
        ...agentPayload(event, runOf(event.run)),
        output_message: event.run.previousMessage,
      });
    default:
      return of('agent_turn_end', 'The agent is done.', agentPayload(event, runOf(event.run)));
  }
}

/** v5's AgentLogStreamResponse. */
function agentPayload({ logId, agent }: Pick<AgentEvent, 'logId' | 'agent'>, more: AnyObject = {}): AnyObject {
  return {
    id: logId,
    agent_id: agent.file.id,
    version_id: agent.version.id,
    output: null,
    created_at: new Date().toISOString(),
    error: null,
    provider_latency: null,
    stdout: null,
    output_message: null,
    prompt_tokens: null,
    reasoning_tokens: null,
    output_tokens: null,
    prompt_cost: null,
    output_cost: null,
    finish_reason: null,
    ...more,
  };
}

function deltaOf({ toolCalls, reasoning }: Extract<AgentEvent, { type: 'model_delta' }>): AnyObject {
  return { ...(toolCalls === undefined ? {} : { tool_calls: toolCalls }), ...(reasoning === undefined ? {} : { reasoning }) };
}

function sampleOf({ sample }: Extract<AgentEvent, { type: 'model_end' }>): AnyObject {
  return {
    output: sample.output,
    output_message: sample.outputMessage,
    provider_latency: sample.latencyMs / 1000,
    prompt_tokens: sample.promptTokens,
    reasoning_tokens: sample.reasoningTokens,
    output_tokens: sample.outputTokens,
    prompt_cost: sample.promptCost,
    output_cost: sample.outputCost,
    finish_reason: sample.finishReason,
    /** Ours: the log of the model call. */
    prompt_log_id: sample.logId,
  };
}

function runOf({ output, outputMessage, finishReason, error, usage }: AgentRun): AnyObject {
  return {
    output,
    error,
    output_message: outputMessage,
    finish_reason: finishReason,
    prompt_tokens: usage.promptTokens,
    reasoning_tokens: usage.reasoningTokens,
    output_tokens: usage.outputTokens,
    prompt_cost: usage.promptCost,
    output_cost: usage.outputCost,
  };
}

function updateOf(update: ToolUpdate): AnyObject {
  const common = { id: update.logId, version_id: update.versionId, output: update.text };
  return update.kind === 'prompt' ? { ...common, index: 0, prompt_id: update.promptId } : { ...common, agent_id: update.agentId };
}

async function toolLog(rooms: Rooms, scope: Scope, id: string | null): Promise<unknown> {
  if (id === null) return null;
  const stored = await rooms.logs.find(scope, id);
  if (stored === null) return null;
  const [log] = await rooms.presentLogs.logs(scope, [stored], { judgments: false });
  return log;
}

function failure(error: AppError, place: { logId: string; agent: AgentEvent['agent'] }): StreamedEvent {
  return {
    log_id: place.logId,
    message: error.message,
    type: 'agent_turn_error',
    created_at: new Date().toISOString(),
    payload: { ...agentPayload(place, { error: error.message }), detail: v5Body(error).detail },
  };
}
