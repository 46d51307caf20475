import type { AnyObject, ChatMessage, Scope, ToolCall, ToolChoice } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import type { CallAgent } from '../gateway/http.ts';
import type { Sample } from '../gateway/index.ts';
import type { NewLog } from '../logs/index.ts';

export { createAgents, type AgentsDeps } from './create-agents.ts';

/**
 * Runs agents: a model is called, the tools that it asks for are run, their results go back to it, until it answers. Every
 * model call goes through the gateway's orchestrator, every tool through the room of tools.
 */
export interface Agents {
  /**
   * One turn of a version: until the model answers, calls a tool that stops it, has been called `max_iterations` times, or
   * calls a tool that only the caller can run. The agent's log is the root of what ran. Throws what is wrong with the request,
   * and a model's failure with `data.log_id`. The same `log.id` again answers what the first call left.
   */
  call(scope: Scope, call: AgentCall, options: TurnOptions): Promise<AgentRun>;
  /** Goes on with an agent that waits. 409 when it does not; sent again after it was done, it answers what it led to. */
  continue(scope: Scope, request: AgentContinue, options: TurnOptions): Promise<AgentRun>;
  /** A turn as the gateway's door asks for it (`model: agent:PATH`). */
  chat: CallAgent;
  /** A file is gone: of an agent, the prompt goes too that its model calls were logged to, and their logs with it. */
  deleteFile(scope: Scope, fileId: string): Promise<void>;
  deleteWorkspace(workspaceId: string): Promise<void>;
  /** Waits for the turns that run, so that they are logged before the stores close. */
  close(): Promise<void>;
}

export interface TurnOptions {
  signal: AbortSignal;
  /** Events as they happen; the model is asked for a stream. What it returns is waited for. */
  onEvent?: ((event: AgentEvent) => void | Promise<void>) | undefined;
}
export interface AgentCall {
  agent: Snapshot<'agent'>;
  environmentId: string | null;
  /** They follow the template. */
  messages: ChatMessage[];
  inputs: AnyObject;
  /** Of the first model call. */
  toolChoice: ToolChoice | null;
  providerApiKeys: Record<string, string>;
  log: Partial<NewLog> & Pick<NewLog, 'origin'>;
}
export interface AgentContinue {
  logId: string;
  /** Results of the calls that wait, then whatever is to be said. */
  messages: ChatMessage[];
  providerApiKeys: Record<string, string>;
}

export interface AgentRun {
  logId: string;
  agent: Snapshot<'agent'>;
  status: 'complete' | 'suspended';
  /** All that was said before the output message; of an agent that waits, that message and the results at hand too. */
  messages: ChatMessage[];
  inputs: AnyObject | null;
  output: string | null;
  outputMessage: ChatMessage | null;
  finishReason: string | null;
  /** The last message with the calls that wait for the caller's results. */
  previousMessage: ChatMessage | null;
  error: string | null;
  usage: Usage;
  /** The log could not be written. */
  dropped: boolean;
  /** Nothing ran: this is what an earlier call left. */
  repeated: boolean;
}
/** Of all model calls of a run. Null: of one of them it is not known. */
export interface Usage {
  promptTokens: number | null;
  outputTokens: number | null;
  reasoningTokens: number | null;
  promptCost: number | null;
  outputCost: number | null;
}

export type AgentEvent = { logId: string; agent: Snapshot<'agent'> } & (
  | { type: 'turn_start' | 'turn_continue' }
  | { type: 'model_start'; iteration: number }
  | { type: 'model_delta'; text: string; toolCalls?: AnyObject[] | undefined; reasoning?: string | undefined }
  | { type: 'model_end'; sample: Sample }
  | { type: 'tool_start'; call: ToolCall }
  | { type: 'tool_update'; call: ToolCall; update: ToolUpdate }
  | { type: 'tool_end'; call: ToolCall; logId: string; toolLogId: string | null; result: string }
  | { type: 'turn_suspend' | 'turn_end'; run: AgentRun }
);
/** What a prompt or agent says while it runs as a tool. */
export type ToolUpdate =
  | { kind: 'prompt'; logId: string; promptId: string; versionId: string; text: string }
  | { kind: 'agent'; logId: string; agentId: string; versionId: string; text: string };
