import { AppError, type AgentCallRequest, type AgentKernel, type JsonObject, type Scope } from '@whetstone/contract';
import { parsePromptFile, printPromptFile } from '@whetstone/domain';
import type { AgentRun, TurnOptions } from '../../agents/index.ts';
import { type Assigned, experimentHeaders } from '../../experiments/index.ts';
import type { Snapshot } from '../../files/index.ts';
import { streamTurn } from './agent-stream.ts';
import type { Call, Handlers } from './call.ts';
import type { Rooms } from './handlers.ts';
import { logEnvironment, logTarget } from './log-target.ts';
import { experimentOf, unitOf } from './unit.ts';

type Own = 'agents.call' | 'agents.continue_call' | 'agents.serialize' | 'agents.deserialize';

/** What only agents do: run, go on, be text. */
export function agentHandlers(rooms: Rooms): Handlers<Own> {
  const { agents, files } = rooms;
  return {
    async 'agents.call'(call) {
      const { scope, body, query, signal } = call;
      const target = await logTarget(rooms, scope, 'agent', {
        ...body,
        versionId: query.version_id,
        environment: query.environment,
        kernel: agentKernelOf(body.agent),
        emptyKernel: null,
      });
      const unit = unitOf(call.request, body.user);
      const { snapshot, assigned } = await rooms.experiments.serve(scope, target, unit);
      const belongs = assigned === null ? {} : { experimentId: assigned.experimentId, armId: assigned.armId };
      const request = {
        agent: snapshot as Snapshot<'agent'>,
        environmentId: await logEnvironment(rooms, scope, body.environment, target.environmentId),
        messages: body.messages ?? [],
        inputs: body.inputs ?? {},
        toolChoice: body.tool_choice ?? null,
        providerApiKeys: keysOf(body.provider_api_keys),
        log: { ...logOf(scope, body), unit, ...belongs, textRepaired: call.request.textRepaired },
      };
      const run = (options: Omit<TurnOptions, 'signal'>) => agents.call(scope, request, { ...options, signal });
      return answer(rooms, call, run, { inputs: body.return_inputs !== false, assigned });
    },
    async 'agents.continue_call'(call) {
      const { scope, body, signal } = call;
      const request = { logId: body.log_id, messages: body.messages, providerApiKeys: keysOf(body.provider_api_keys) };
      const run = (options: Omit<TurnOptions, 'signal'>) => agents.continue(scope, request, { ...options, signal });
      return answer(rooms, call, run, { inputs: true, assigned: null });
    },
    async 'agents.serialize'({ scope, params, query, reply }) {
      const at = { versionId: query.version_id, environment: query.environment };
      const { version } = await files.get(scope, 'agent', { id: params.id }, at);
      return reply.type('text/plain; charset=utf-8').send(printPromptFile('agent', version.kernel));
    },
    async 'agents.deserialize'({ body }) {
      return readAgentText(body.agent);
    },
  };
}

type AgentRequest = Call<'agents.call'> | Call<'agents.continue_call'>;

interface Shows {
  inputs: boolean;
  assigned: Assigned | null;
}

async function answer(
  rooms: Rooms,
  call: AgentRequest,
  run: (options: Omit<TurnOptions, 'signal'>) => Promise<AgentRun>,
  shows: Shows,
): Promise<unknown> {
  const experiment = experimentHeaders(shows.assigned) ?? {};
  if (call.body.stream === true) return streamTurn(rooms, call, run, experiment);
  const result = await run({});
  void call.reply.headers(experiment);
  void call.reply.header('x-whetstone-log-id', result.logId);
  if (result.dropped) {
    if (rooms.config.failClosed) throw notLogged();
    void call.reply.header('x-whetstone-log-dropped', '1');
  }
  return call.reply.send(await presentRun(rooms, call, result, shows));
}

/** The log with what the run gave, which `save: false` or a redaction keeps out of the store. */
async function presentRun(rooms: Rooms, { scope, body }: AgentRequest, run: AgentRun, shows: Shows) {
  const stored = await rooms.logs.find(scope, run.logId);
  if (stored === null) throw notLogged();
  const descendants =
    body.include_trace_children === true ? await rooms.logs.trace(scope, stored.traceId ?? stored.id, { payload: true }) : [];
  const [log] = await rooms.presentLogs.logs(scope, [stored], { judgments: run.repeated, descendants });
  const { output, outputMessage, finishReason, messages, usage } = run;
  const given = {
    output,
    output_message: outputMessage,
    finish_reason: finishReason,
    messages,
    prompt_tokens: usage.promptTokens,
    output_tokens: usage.outputTokens,
    reasoning_tokens: usage.reasoningTokens,
    prompt_cost: usage.promptCost,
    output_cost: usage.outputCost,
  };
  return {
    ...log,
    ...(run.repeated ? {} : given),
    inputs: shows.inputs ? run.inputs : null,
    previous_agent_message: run.previousMessage,
    ...experimentOf(shows.assigned),
  };
}

function notLogged(): AppError {
  return new AppError('unavailable', 'The agent ran, but its log could not be written. Free the disk before it is called again.', {
    retryAfterSeconds: 5,
  });
}

/** A kernel from `.agent` text. */
export function readAgentText(text: string): AgentKernel {
  const parsed = parsePromptFile('agent', text);
  if (!parsed.ok)
    throw new AppError('invalid_input', `agent: line ${parsed.error.line}, column ${parsed.error.column}: ${parsed.error.message}`);
  return parsed.kernel;
}

export function agentKernelOf(given: AgentKernel | string | null | undefined): AgentKernel | null {
  if (given === null || given === undefined) return null;
  return typeof given === 'string' ? readAgentText(given) : given;
}

function keysOf(given: Record<string, string | null | undefined> | null | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(given ?? {}).flatMap(([name, key]) => (key == null || key === '' ? [] : [[name, key]])));
}

function logOf(scope: Scope, body: AgentCallRequest) {
  return {
    id: body.log_id ?? undefined,
    origin: 'api' as const,
    traceParentId: body.trace_parent_id ?? null,
    datapointId: body.source_datapoint_id ?? null,
    user: body.user ?? null,
    session: body.session ?? null,
    referenceId: body.reference_id ?? null,
    source: body.source ?? null,
    metadata: (body.metadata ?? null) as JsonObject | null,
    save: body.save ?? true,
    keyId: scope.actor.type === 'key' ? scope.actor.id : null,
  };
}
