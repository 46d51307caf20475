import { z } from 'zod';
import { chatMessage, toolChoice } from './chat.ts';
import { endpoint } from './endpoint.ts';
import { kindEndpoints, versionQuery } from './endpoints-files.ts';
import { agentResponse, experimentAssignment } from './files.ts';
import { jsonObject, moment } from './json.ts';
import { agentKernel } from './kernels.ts';
import { agentLogResponse, logBase, logLink, logStatus, modelCall, traceLogPatch } from './logs.ts';

const target = { path: z.string().nullish(), id: z.string().nullish() };
const status = { log_status: logStatus.nullish(), trace_status: logStatus.nullish() };
/** A kernel, or `.agent` text. */
const agent = z.union([agentKernel, z.string()]).nullish();
const providerApiKeys = z.record(z.string(), z.string().nullish()).nullish();

export const agentLogRequest = z.object({
  ...target,
  run_id: z.string().nullish(),
  ...modelCall,
  ...logBase,
  ...logLink,
  ...status,
  agent,
});
export const agentCallRequest = z.object({
  ...target,
  messages: z.array(chatMessage).nullish(),
  tool_choice: toolChoice.nullish(),
  agent,
  inputs: jsonObject.nullish(),
  source: z.string().nullish(),
  metadata: jsonObject.nullish(),
  start_time: moment.nullish(),
  end_time: moment.nullish(),
  provider_api_keys: providerApiKeys,
  return_inputs: z.boolean().nullish(),
  include_trace_children: z.boolean().nullish(),
  stream: z.boolean().nullish(),
  ...logLink,
});
export type AgentCallRequest = z.infer<typeof agentCallRequest>;
export const agentContinueRequest = z.object({
  log_id: z.string(),
  /** Results of the tool calls that the agent waits for, then whatever is to be said. */
  messages: z.array(chatMessage),
  provider_api_keys: providerApiKeys,
  include_trace_children: z.boolean().nullish(),
  stream: z.boolean().nullish(),
});
export type AgentContinueRequest = z.infer<typeof agentContinueRequest>;

/** The agent's last message with the tool calls that wait for a result; null when it waits for none. */
export const agentCallResponse = agentLogResponse
  .extend({ previous_agent_message: chatMessage.nullable(), experiment: experimentAssignment.nullish() })
  .meta({ id: 'AgentCallResponse' });
export type AgentCallResponse = z.infer<typeof agentCallResponse>;

export const agentEventTypes = [
  'agent_turn_start',
  'agent_turn_suspend',
  'agent_turn_continue',
  'agent_turn_end',
  'agent_turn_error',
  'agent_start',
  'agent_update',
  'agent_end',
  'tool_start',
  'tool_update',
  'tool_end',
  'error',
] as const;
export type AgentEventType = (typeof agentEventTypes)[number];

export const agentEndpoints = {
  ...kindEndpoints('agents', 'agent', agentKernel, agentResponse),
  'agents.call': endpoint({
    method: 'POST',
    path: '/agents/call',
    permission: 'call',
    tag: 'agents',
    summary: 'Run an agent until it answers, stops, or waits for a tool that the caller runs',
    query: versionQuery,
    body: agentCallRequest,
    output: agentCallResponse,
    stream: true,
  }),
  'agents.continue_call': endpoint({
    method: 'POST',
    path: '/agents/continue',
    permission: 'call',
    tag: 'agents',
    summary: 'Go on with an agent that waits, with the results of its tool calls',
    body: agentContinueRequest,
    output: agentCallResponse,
    stream: true,
  }),
  'agents.log': endpoint({
    method: 'POST',
    path: '/agents/log',
    permission: 'log',
    tag: 'agents',
    summary: 'Log a run of an agent that the application made itself',
    query: versionQuery,
    body: agentLogRequest,
    output: z.object({ id: z.string(), agent_id: z.string(), version_id: z.string(), log_status: logStatus.nullable() }),
  }),
  'agents.update_log': endpoint({
    method: 'PATCH',
    path: '/agents/{id}/log/{log_id}',
    permission: 'log',
    tag: 'agents',
    summary: "Change an agent's log, or complete its trace",
    params: z.object({ id: z.string(), log_id: z.string() }),
    body: traceLogPatch,
    output: agentLogResponse,
  }),
  'agents.serialize': endpoint({
    method: 'GET',
    path: '/agents/{id}/serialize',
    permission: 'fetch',
    tag: 'agents',
    summary: 'Get a version as .agent text',
    params: z.object({ id: z.string() }),
    query: versionQuery,
    output: z.string(),
    stream: true,
  }),
  'agents.deserialize': endpoint({
    method: 'POST',
    path: '/agents/deserialize',
    permission: 'fetch',
    tag: 'agents',
    summary: 'Read .agent text',
    body: z.object({ agent: z.string() }),
    output: agentKernel,
  }),
} as const;
