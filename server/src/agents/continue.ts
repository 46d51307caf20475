import { AppError, type ChatMessage, notFound, type Scope } from '@whetstone/contract';
import type { Snapshot } from '../files/index.ts';
import type { StoredLog } from '../logs/index.ts';
import { openTurn, performTurn } from './call.ts';
import type { AgentContinue, AgentRun, TurnOptions } from './index.ts';
import { type Recorder, storedRun, templateCount, usageOf } from './record.ts';
import type { Room } from './room.ts';
import { pendingCalls } from './turn.ts';
import { Tally } from './usage.ts';

/** The next turn of an agent that waits for results of its caller. */
export async function continueAgent(room: Room, scope: Scope, request: AgentContinue, options: TurnOptions): Promise<AgentRun> {
  await logOf(room, scope, request.logId);
  return room.claims.during(scope, request.logId, async () => {
    // Read again: who had the turn before may have moved it on.
    const log = await logOf(room, scope, request.logId);
    const { snapshot } = await room.files.resolve(scope, 'agent', { id: log.fileId }, { versionId: log.versionId });
    const agent = snapshot as Snapshot<'agent'>;
    const waits = waitingOf(log);
    if (waits === null) return repeatedOf(log, agent, request);
    const messages = [...waits.conversation, ...ordered(request.messages, waits.ids)];
    const recorder: Recorder = { log, startedAt: room.clock(), earlierMs: log.latencyMs ?? 0, begun: true };
    const { providerApiKeys } = request;
    const opening = { agent, environmentId: log.environmentId, messages, inputs: log.inputs ?? {}, toolChoice: null, providerApiKeys };
    const turn = await openTurn(room, scope, { ...opening, logId: log.id, recorder, depth: 0, tally: new Tally(usageOf(log)) }, options);
    await options.onEvent?.({ type: 'turn_continue', logId: log.id, agent });
    return performTurn(room, turn, recorder, { options, keepOnFirstFailure: true });
  });
}

async function logOf(room: Room, scope: Scope, id: string): Promise<StoredLog> {
  const log = await room.logs.find(scope, id);
  if (log === null || log.kind !== 'agent') throw notFound('Log', id);
  return log;
}

/** What was said after the template, and the calls without a result; null when the agent waits for nothing. */
function waitingOf(log: StoredLog): { conversation: ChatMessage[]; ids: string[] } | null {
  if (log.logStatus !== 'incomplete') return null;
  if (log.payload === 'dropped')
    throw new AppError('conflict', `The agent of \`${log.id}\` was called with \`save: false\`, so nothing was kept to go on from.`);
  const conversation = (log.messages ?? []).slice(templateCount(log));
  const pending = pendingCalls(conversation);
  return pending === null ? null : { conversation, ids: pending.calls.map(({ id }) => id) };
}

/** Results first, as models want them, each of a call that waits. @throws AppError 422 naming what is missing or unknown */
function ordered(messages: readonly ChatMessage[], waiting: readonly string[]): ChatMessage[] {
  const results = messages.filter(({ role }) => role === 'tool');
  const unknown = results.find(({ tool_call_id: id }) => id == null || !waiting.includes(id));
  if (unknown !== undefined) throw wrong(`there is no waiting call \`${unknown.tool_call_id ?? ''}\`; ${named(waiting)} wait for a result`);
  const given = results.map(({ tool_call_id: id }) => id);
  const missing = waiting.filter((id) => !given.includes(id));
  if (missing.length > 0) throw wrong(`needs a message of role \`tool\` for each waiting call: ${named(missing)}`);
  if (new Set(given).size < given.length) throw wrong('has two results of one call');
  return [...results, ...messages.filter(({ role }) => role !== 'tool')];
}

function named(ids: readonly string[]): string {
  return ids.map((id) => `\`${id}\``).join(', ');
}

function wrong(msg: string): AppError {
  return new AppError('invalid_input', `\`messages\` ${msg}.`, { details: [{ loc: ['body', 'messages'], msg, type: 'value_error' }] });
}

/** A request that was answered once, and is sent again because its answer was lost, gets what it led to. */
function repeatedOf(log: StoredLog, agent: Snapshot<'agent'>, request: AgentContinue): AgentRun {
  const known = new Set((log.messages ?? []).map(({ tool_call_id: id }) => id));
  const results = request.messages.filter(({ role }) => role === 'tool');
  if (results.length > 0 && results.every(({ tool_call_id: id }) => id != null && known.has(id))) return storedRun(log, agent);
  throw new AppError(
    'conflict',
    `The agent of \`${log.id}\` waits for nothing: ${log.logStatus === 'incomplete' ? 'it is running, or was cut off' : 'its log is complete'}.`,
  );
}
