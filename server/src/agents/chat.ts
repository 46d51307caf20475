import type { Scope } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import { experimentHeaders } from '../experiments/index.ts';
import type { AgentChat, AgentChatAnswer, CallAgent } from '../gateway/http.ts';
import { callAgent } from './call.ts';
import type { AgentEvent, AgentRun } from './index.ts';
import type { Room } from './room.ts';

type Listener = Parameters<CallAgent>[2];

/** A turn as an answer of a chat. The caller holds the conversation, so results of its tools come with the next call. */
export async function chatWith(
  room: Room,
  scope: Scope,
  chat: AgentChat,
  { signal, onText, onHeaders }: Listener,
): Promise<AgentChatAnswer> {
  const found = await room.files.resolve(scope, 'agent', chat.ref, chat.at);
  const { environmentId } = found;
  const { messages, inputs, toolChoice } = chat;
  const { snapshot, assigned } = await room.experiments.serve(scope, found, chat.log.unit ?? null);
  const agent = snapshot as Snapshot<'agent'>;
  const log = { ...chat.log, experimentId: assigned?.experimentId ?? null, armId: assigned?.armId ?? null };
  onHeaders(experimentHeaders(assigned) ?? {});
  const call = { agent, environmentId, messages, inputs, toolChoice, providerApiKeys: {}, log };
  const onEvent = async (event: AgentEvent): Promise<void> => {
    if (event.type === 'model_delta' && event.text !== '') await onText?.(event.text);
  };
  return answerOf(await callAgent(room, scope, call, onText === null ? { signal } : { signal, onEvent }));
}

function answerOf(run: AgentRun): AgentChatAnswer {
  const toolCalls = (run.status === 'suspended' ? run.previousMessage : run.outputMessage)?.tool_calls ?? [];
  const finishReason =
    run.finishReason === 'max_iterations' ? 'length' : toolCalls.length > 0 ? 'tool_calls' : (run.finishReason ?? 'stop');
  const { promptTokens, outputTokens } = run.usage;
  return { content: run.output, toolCalls, finishReason, promptTokens, outputTokens, dropped: run.dropped };
}
