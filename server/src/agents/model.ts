import { AppError, type AgentKernel, type ChatMessage, type JsonObject, type PromptKernel, type ToolFunction } from '@whetstone/contract';
import type { PromptCall, Sample } from '../gateway/index.ts';
import type { Room } from './room.ts';
import type { Turn } from './turn.ts';

/** One model call of a turn, through the gateway like any other. */
export interface Answered {
  sample: Sample;
  /** The template filled in. */
  populated: ChatMessage[];
}

/** Throws the model's failure; what came of the answer before it is counted. */
export async function callModel(room: Room, turn: Turn): Promise<Answered> {
  const call = callOf(turn);
  if (turn.emit === null) {
    const { samples, messages } = await room.gateway.callPrompt(turn.scope, call, turn.signal);
    const [sample] = samples;
    if (sample === undefined) throw new AppError('internal', 'The model gave no answer.');
    return { sample, populated: messages.slice(0, messages.length - call.messages.length) };
  }
  let populated: ChatMessage[] = [];
  let sample: Sample | null = null;
  for await (const event of room.gateway.streamPrompt(turn.scope, call, turn.signal)) {
    if (event.type === 'start') populated = event.messages.slice(0, event.messages.length - call.messages.length);
    else if (event.type === 'end') ({ sample } = event);
    else await turn.emit({ type: 'model_delta', text: event.text, toolCalls: event.toolCalls, reasoning: event.reasoning });
  }
  if (sample === null) throw new AppError('internal', 'The model gave no answer.');
  if (sample.error !== null) {
    turn.tally.addSample(sample);
    throw new AppError(turn.signal.aborted ? 'cancelled' : 'provider_failed', sample.error, { data: { log_id: sample.logId } });
  }
  return { sample, populated };
}

function callOf(turn: Turn): PromptCall {
  const { agent, conversation, inputs, environment, providerApiKeys } = turn;
  return {
    ref: { path: modelPath(agent.file.id) },
    at: {},
    kernel: promptOf(
      agent.version.kernel,
      [...turn.functions.values()].map(({ declared }) => declared),
    ),
    draft: true,
    messages: conversation,
    inputs: inputs as JsonObject,
    // Forced once: forced again and again, a model would never answer.
    toolChoice: turn.iterations === 1 || turn.toolChoice === 'none' ? turn.toolChoice : null,
    samples: 1,
    providerApiKeys,
    suffix: null,
    environment,
    log: turn.childLog,
  };
}

/**
 * A prompt of the gateway's own, whose versions are the agent's as its model sees them. Lists leave it out. Named by the
 * agent's id, which stays when the agent moves, so that it can go with the agent.
 */
export function modelPath(agentId: string): string {
  return `gateway/agents/${agentId}`;
}

/** An agent as a prompt: its tools are functions. */
function promptOf(kernel: AgentKernel, functions: ToolFunction[]): PromptKernel {
  const { tools: _tools, max_iterations: _most, attributes: _attributes, endpoint: _endpoint, ...model } = kernel;
  return { ...model, ...(functions.length === 0 ? {} : { tools: functions }) };
}
