import { AppError, type Scope } from '@whetstone/contract';
import { canonicalJson } from '@whetstone/domain';
import type { LogState, NewLog, StoredLog } from '../logs/index.ts';
import { ToolFailure } from './failure.ts';
import type { ToolCall, ToolResult } from './index.ts';
import { kindOf } from './kinds/index.ts';
import { type Exchange, sendRequest } from './request.ts';
import type { Room } from './room.ts';
import { openSecrets } from './secrets.ts';

/** Tools may do more than an evaluator: a model waits for them anyway. */
const pythonLimits = { wallMs: 10_000, memoryMb: 256 };

/** One run of a tool: find what it left before, or run it and leave one log. */
export async function callTool(room: Room, scope: Scope, call: ToolCall, signal: AbortSignal): Promise<ToolResult> {
  const { id } = call.log;
  if (id === undefined) return run(room, scope, call, room.logs.newId(room.clock()), signal);
  const key = `${scope.workspaceId} ${id}`;
  const under = room.byId.get(key);
  if (under !== undefined) return { ...(await under), repeated: true };
  const running = runOnce(room, scope, call, id, signal);
  room.byId.set(key, running);
  try {
    return await running;
  } finally {
    room.byId.delete(key);
  }
}

async function runOnce(room: Room, scope: Scope, call: ToolCall, id: string, signal: AbortSignal): Promise<ToolResult> {
  const known = await room.logs.find(scope, id);
  if (known === null || !isDone(known)) return run(room, scope, call, id, signal);
  if (known.kind !== 'tool' || known.fileId !== call.tool.file.id)
    throw new AppError('conflict', `The log \`${id}\` is of another file. Choose another \`log_id\`.`);
  const at = known.startTime ?? known.at;
  const { output, error, status } = known;
  return { logId: id, output, error, status, startTime: at, endTime: known.endTime ?? at, dropped: false, repeated: true };
}

/** One that was only begun may be run; one without its payload was run all the same. */
function isDone({ output, error, status, payload }: StoredLog): boolean {
  return status !== 'incomplete' && (output !== null || error !== null || payload === 'dropped');
}

async function run(room: Room, scope: Scope, call: ToolCall, logId: string, signal: AbortSignal): Promise<ToolResult> {
  const running = perform(room, scope, call, logId, signal);
  room.running.add(running);
  try {
    return await running;
  } finally {
    room.running.delete(running);
  }
}

interface Outcome {
  output: string | null;
  error: string | null;
  status: LogState;
}

async function perform(room: Room, scope: Scope, call: ToolCall, logId: string, signal: AbortSignal): Promise<ToolResult> {
  const startTime = room.clock();
  const exchange: Exchange = { request: null, response: null, stdout: null };
  const outcome = await outcomeOf(room, scope, { call, logId, signal, exchange });
  const endTime = room.clock();
  const { tool } = call;
  const log: NewLog = {
    ...call.log,
    id: logId,
    kind: 'tool',
    fileId: tool.file.id,
    versionId: tool.version.id,
    contentHash: tool.version.contentHash,
    environmentId: call.environmentId,
    startTime,
    endTime,
    latencyMs: Math.max(0, endTime.getTime() - startTime.getTime()),
    inputs: call.inputs,
    ...outcome,
    providerRequest: exchange.request,
    providerResponse: exchange.response,
    stdout: exchange.stdout,
  };
  const result = { logId, ...outcome, startTime, endTime, repeated: false };
  try {
    await room.logs.record(scope, log);
    return { ...result, dropped: false };
  } catch (error) {
    room.warn({ err: error, tool: tool.file.id }, 'a run of a tool could not be logged');
    return { ...result, dropped: true };
  }
}

async function outcomeOf(
  room: Room,
  scope: Scope,
  { call, logId, signal, exchange }: { call: ToolCall; logId: string; signal: AbortSignal; exchange: Exchange },
): Promise<Outcome> {
  const { tool, inputs } = call;
  const secrets = openSecrets({ scope, fileId: tool.file.id, variables: room.variables, credentials: room.credentials });
  try {
    const kind = kindOf(tool.version.kernel);
    if (kind === null) throw new AppError('bad_request', `\`${tool.file.path}\` has nothing to run: it has no type, function or code.`);
    const output = await kind.call({
      scope,
      tool,
      kernel: tool.version.kernel,
      setup: tool.version.kernel.setup_values ?? {},
      inputs,
      secrets,
      send: (request) => sendRequest({ outbound: room.outbound, secrets, signal, exchange }, request),
      runPython: (source, entry) =>
        room.sandbox.call({ tenant: scope.workspaceId, language: 'python', source, entry }, inputs, { limits: pythonLimits, signal }),
      printed: (text) => {
        exchange.stdout = text;
      },
      embed: (model, text) => embed(room, scope, { model, text, call, logId, signal }),
    });
    return { output: canonicalJson(secrets.hide(output)).value, error: null, status: 'ok' };
  } catch (error) {
    if (signal.aborted) return { output: null, error: 'The caller went away before the tool was done.', status: 'cancelled' };
    const failed = error instanceof ToolFailure || (call.refusals === 'log' && error instanceof AppError);
    if (!failed) throw error;
    return { output: null, error: secrets.hide(error.message), status: 'error' };
  }
}

async function embed(
  room: Room,
  scope: Scope,
  asked: { model: string; text: string; call: ToolCall; logId: string; signal: AbortSignal },
): Promise<number[]> {
  const { origin, user, session, keyId, save } = asked.call.log;
  const log = {
    origin,
    user: user ?? null,
    session: session ?? null,
    keyId: keyId ?? null,
    save: save ?? true,
    traceParentId: asked.logId,
  };
  try {
    const [vector] = await room.embed(scope, { model: asked.model, texts: [asked.text], log }, asked.signal);
    return vector ?? [];
  } catch (error) {
    // What a provider said is no fault of the tool's settings.
    if (error instanceof AppError && error.failure !== undefined) throw new ToolFailure(error.message, { cause: error });
    throw error;
  }
}
