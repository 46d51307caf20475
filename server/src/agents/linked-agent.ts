import { AppError, type Scope } from '@whetstone/contract';
import { functionOfFile } from '@whetstone/domain';
import type { AgentCall, AgentEvent, AgentRun, TurnOptions } from './index.ts';
import { outcomeOfError } from './linked/failure.ts';
import type { LinkedKind, Outcome, Use } from './linked/kind.ts';
import { messageInput, messagesOf } from './linked/prompt.ts';
import type { Room } from './room.ts';

/** Agents that call agents; beyond this they most likely call each other. */
const deepest = 5;

type FirstTurn = (room: Room, scope: Scope, call: AgentCall, options: TurnOptions, depth: number) => Promise<AgentRun>;

/** An agent as a tool of another: its inputs are the parameters, its answer the result, its turn a trace below. */
export function linkedAgent(firstTurn: FirstTurn): LinkedKind<'agent'> {
  return {
    kind: 'agent',
    functionOf: ({ file, inputs }) => functionOfFile(file, null, inputs.length > 0 ? inputs : [messageInput]),
    runs: () => true,
    async run(room, use) {
      try {
        if (use.depth > deepest) throw new AppError('bad_request', `Agents call agents more than ${deepest} deep.`);
        return outcomeOf(await firstTurn(room, use.scope, callOf(use), optionsOf(use), use.depth));
      } catch (error) {
        return outcomeOfError(error);
      }
    },
  };
}

function callOf({ snapshot, environmentId, arguments: given, providerApiKeys, log }: Use<'agent'>): AgentCall {
  return {
    agent: snapshot,
    environmentId,
    messages: messagesOf(snapshot.inputs, given),
    inputs: given,
    toolChoice: null,
    providerApiKeys,
    log,
  };
}

function optionsOf({ onUpdate, signal }: Use<'agent'>): TurnOptions {
  if (onUpdate === null) return { signal };
  const onEvent = async (event: AgentEvent): Promise<void> => {
    if (event.type !== 'model_delta' || event.text === '') return;
    const { logId, agent, text } = event;
    await onUpdate({ kind: 'agent', logId, agentId: agent.file.id, versionId: agent.version.id, text });
  };
  return { signal, onEvent };
}

function outcomeOf({ status, output, outputMessage, previousMessage, logId, usage }: AgentRun): Outcome {
  if (status === 'suspended') {
    const names = (previousMessage?.tool_calls ?? []).map((call) => `\`${call.function.name}\``).join(', ');
    return { content: `Error: the agent waits for ${names}, which only its own caller can run.`, logId, usage };
  }
  const calls = (outputMessage?.tool_calls ?? []).map((call) => ({ name: call.function.name, arguments: call.function.arguments ?? '' }));
  return { content: output ?? (calls.length > 0 ? JSON.stringify(calls) : ''), logId, usage };
}
