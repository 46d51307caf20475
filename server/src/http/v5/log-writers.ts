import {
  type AgentLogResponse,
  AppError,
  type ChatMessage,
  type FlowLogRequest,
  notFound,
  type PromptLogRequest,
  type Scope,
  type ToolLogRequest,
} from '@whetstone/contract';
import type { LogChange, LogKind, NewLog } from '../../logs/index.ts';
import { agentKernelOf } from './agents.ts';
import type { Call, Handlers } from './call.ts';
import type { Rooms } from './handlers.ts';
import { logEnvironment, logTarget, type Target } from './log-target.ts';
import { promptKernelOf } from './prompts.ts';
import { joined, unitOf } from './unit.ts';

type Own =
  | 'prompts.log'
  | 'prompts.update_log'
  | 'tools.log'
  | 'tools.update'
  | 'flows.log'
  | 'flows.update_log'
  | 'agents.log'
  | 'agents.update_log';

/** Logs that the application writes itself. */
export function logWriters(rooms: Rooms): Handlers<Own> {
  const record = async (
    call: Call<'prompts.log' | 'tools.log' | 'flows.log' | 'agents.log'>,
    kind: LogKind,
    target: Target,
  ): Promise<string> => {
    const log = newLog(call.scope, call.body, kind, target);
    // Clients that name a version can say in the query alone where it served.
    log.environmentId = await logEnvironment(rooms, call.scope, call.body.environment ?? call.query.environment, target.environmentId);
    log.textRepaired = call.request.textRepaired;
    log.unit = unitOf(call.request, call.body.user);
    const { fileId, versionId, environmentId, unit } = log;
    // What an evaluation ran is no traffic.
    if (log.runId === null) Object.assign(log, await joined(rooms, call.scope, { fileId, versionId, environmentId, unit }));
    return (await rooms.logs.record(call.scope, log)).id;
  };
  const change = async (scope: Scope, kind: LogKind, logId: string, fileId: string | null, patch: LogChange) => {
    const before = await rooms.logs.find(scope, logId);
    if (before === null || before.kind !== kind || (fileId !== null && before.fileId !== fileId)) throw notFound('Log', logId);
    const after = await rooms.logs.change(scope, logId, patch);
    const [log] = await rooms.presentLogs.logs(scope, [after]);
    return log as NonNullable<typeof log>;
  };
  return {
    async 'prompts.log'(call) {
      const { scope, body, query } = call;
      const target = await logTarget(rooms, scope, 'prompt', {
        ...body,
        versionId: query.version_id,
        environment: query.environment,
        kernel: promptKernelOf(body.prompt),
        emptyKernel: null,
      });
      const id = await record(call, 'prompt', target);
      return { id, prompt_id: target.snapshot.file.id, version_id: target.snapshot.version.id, session_id: body.session ?? null };
    },
    async 'tools.log'(call) {
      const { scope, body, query } = call;
      const target = await logTarget(rooms, scope, 'tool', {
        ...body,
        versionId: query.version_id,
        environment: query.environment,
        kernel: body.tool ?? null,
        emptyKernel: {},
      });
      const id = await record(call, 'tool', target);
      return { id, tool_id: target.snapshot.file.id, version_id: target.snapshot.version.id, session_id: body.session ?? null };
    },
    async 'flows.log'(call) {
      const { scope, body, query } = call;
      const target = await logTarget(rooms, scope, 'flow', {
        ...body,
        versionId: query.version_id,
        environment: query.environment,
        kernel: body.flow ?? null,
        emptyKernel: { attributes: {} },
      });
      const id = await record(call, 'flow', target);
      return {
        id,
        flow_id: target.snapshot.file.id,
        version_id: target.snapshot.version.id,
        log_status: body.log_status ?? body.trace_status ?? null,
      };
    },
    async 'agents.log'(call) {
      const { scope, body, query } = call;
      const target = await logTarget(rooms, scope, 'agent', {
        ...body,
        versionId: query.version_id,
        environment: query.environment,
        kernel: agentKernelOf(body.agent),
        emptyKernel: null,
      });
      const id = await record(call, 'agent', target);
      return {
        id,
        agent_id: target.snapshot.file.id,
        version_id: target.snapshot.version.id,
        log_status: body.log_status ?? body.trace_status ?? null,
      };
    },
    async 'prompts.update_log'({ scope, params, body }) {
      return change(scope, 'prompt', params.log_id, params.id, logChange(body, 'keep nulls out'));
    },
    async 'tools.update'({ scope, params, body }) {
      return change(scope, 'tool', params.log_id, params.id, logChange(body, 'keep nulls out'));
    },
    async 'flows.update_log'({ scope, params, body }) {
      const patch = logChange(body, 'null unsets output and error');
      if (patch.logStatus === 'complete') await requireCompletable(rooms, scope, params.log_id, patch);
      return change(scope, 'flow', params.log_id, null, patch);
    },
    async 'agents.update_log'({ scope, params, body }) {
      const patch = logChange(body, 'null unsets output and error');
      if (patch.logStatus === 'complete') await requireCompletable(rooms, scope, params.log_id, patch);
      return (await change(scope, 'agent', params.log_id, params.id, patch)) as AgentLogResponse;
    },
  };
}

/** A trace can be completed once it has inputs and a result. */
async function requireCompletable(rooms: Rooms, scope: Scope, logId: string, patch: LogChange): Promise<void> {
  const log = await rooms.logs.find(scope, logId);
  if (log === null) throw notFound('Log', logId);
  const has = (key: 'inputs' | 'messages' | 'output' | 'outputMessage' | 'error') =>
    (patch[key] === undefined ? log[key] : patch[key]) != null;
  if (log.payload === 'dropped') return;
  if ((!has('inputs') && !has('messages')) || (!has('output') && !has('outputMessage') && !has('error'))) {
    throw new AppError(
      'bad_request',
      'It needs inputs (or messages) and an output (or output_message, or error) before it can be complete.',
    );
  }
}

type LogBody = PromptLogRequest & ToolLogRequest & FlowLogRequest;

function newLog(scope: Scope, body: LogBody, kind: LogKind, { snapshot }: Target): NewLog {
  return {
    ...payload(body),
    id: body.log_id ?? undefined,
    kind,
    fileId: snapshot.file.id,
    versionId: snapshot.version.id,
    contentHash: snapshot.version.contentHash,
    origin: 'api',
    createdAt: date(body.created_at),
    logStatus: body.log_status ?? body.trace_status ?? null,
    traceParentId: body.trace_parent_id ?? null,
    runId: body.run_id ?? null,
    datapointId: body.source_datapoint_id ?? null,
    keyId: scope.actor.type === 'key' ? scope.actor.id : null,
    model: modelOf(snapshot.version.kernel),
    user: body.user ?? null,
    session: body.session ?? null,
    referenceId: body.reference_id ?? null,
    save: body.save ?? true,
  };
}

/** When only the message was logged, the output is its text. */
function textOf(message: ChatMessage | null | undefined): string | null | undefined {
  return typeof message?.content === 'string' ? message.content : undefined;
}

function modelOf(kernel: object): string | null {
  return 'model' in kernel && typeof kernel.model === 'string' ? kernel.model : null;
}

type Payload = Partial<LogBody>;

/** The fields that a log and its change have in common; absent ones are absent. */
function payload(body: Payload): LogChange {
  const start = date(body.start_time);
  const end = date(body.end_time);
  const spentMs = start !== null && end !== null ? Math.max(0, end.getTime() - start.getTime()) : null;
  const all: { [K in keyof LogChange]-?: LogChange[K] | null | undefined } = {
    status: undefined,
    startTime: start,
    endTime: end,
    latencyMs: body.provider_latency == null ? spentMs : body.provider_latency * 1000,
    output: body.output ?? textOf(body.output_message),
    outputMessage: body.output_message,
    error: body.error,
    stdout: body.stdout,
    inputs: body.inputs,
    messages: body.messages,
    toolChoice: body.tool_choice,
    source: body.source,
    metadata: body.metadata,
    providerRequest: body.provider_request,
    providerResponse: body.provider_response,
    promptTokens: body.prompt_tokens,
    outputTokens: body.output_tokens,
    reasoningTokens: body.reasoning_tokens,
    promptCost: body.prompt_cost,
    outputCost: body.output_cost,
    finishReason: body.finish_reason,
    logStatus: body.log_status ?? body.trace_status,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
}

/** Clients send null for what they leave out, so null changes nothing, except where the contract says that it unsets. */
function logChange(body: Payload, nulls: 'keep nulls out' | 'null unsets output and error'): LogChange {
  const patch = payload(body);
  if (nulls === 'keep nulls out') return patch;
  for (const [key, field] of [
    ['output', 'output'],
    ['output_message', 'outputMessage'],
    ['error', 'error'],
  ] as const) {
    if (body[key] === null) patch[field] = null;
  }
  return patch;
}

function date(value: string | null | undefined): Date | null {
  if (value === null || value === undefined) return null;
  // A time without a zone is UTC: the contract's clients write it so.
  const zoned = /(?:[zZ]|[+-]\d{2}:?\d{2})$/.test(value) || !value.includes('T') ? value : `${value}Z`;
  const parsed = new Date(zoned);
  if (Number.isNaN(parsed.getTime())) throw new AppError('invalid_input', `\`${value}\` is no moment in ISO 8601.`);
  return parsed;
}
