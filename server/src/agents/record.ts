import type { ChatMessage } from '@whetstone/contract';
import { type LogChange, type LogState, type NewLog, ownProvider, type StoredLog } from '../logs/index.ts';
import type { AgentRun, Usage } from './index.ts';
import type { Room } from './room.ts';
import { pendingCalls, type Turn, type TurnEnd } from './turn.ts';

/** What a turn adds to the log of its agent. */
export interface Recorder {
  /** What the caller said of the call: user, session, metadata … */
  log: Partial<NewLog> & Pick<NewLog, 'origin'>;
  startedAt: Date;
  /** Of the turns before this one. */
  earlierMs: number;
  /** The log is there. */
  begun: boolean;
}

/** What a log keeps so that its agent can go on: how many of its messages are the template's. */
const templateMessages = 'template_messages';

export function templateCount(log: StoredLog): number {
  const count = log.providerRequest?.[templateMessages];
  return typeof count === 'number' ? count : 0;
}

/** The log as it is while the turn runs, so that what runs below it has a parent. */
export async function beginLog(room: Room, turn: Turn, recorder: Recorder): Promise<void> {
  if (recorder.begun) return;
  await room.logs.record(turn.scope, { ...newLog(turn, recorder), ...soFar(turn), status: 'incomplete', logStatus: 'incomplete' });
  recorder.begun = true;
}

/** Durable when it resolves; `dropped`: it could not be written. */
export async function endLog(room: Room, turn: Turn, recorder: Recorder, end: TurnEnd): Promise<AgentRun> {
  const run = runOf(turn, end);
  const suspended = run.status === 'suspended';
  const change: LogChange = {
    ...soFar(turn),
    ...timesOf(room, recorder),
    ...turn.tally.usage,
    messages: run.messages,
    output: run.output,
    outputMessage: run.outputMessage,
    finishReason: run.finishReason ?? '',
    error: null,
    status: suspended ? 'incomplete' : 'ok',
    logStatus: suspended ? 'incomplete' : 'complete',
  };
  return { ...run, dropped: !(await write(room, turn, recorder, change)) };
}

/** The turn's failure, with what was said before it. */
export async function failLog(room: Room, turn: Turn, recorder: Recorder, message: string): Promise<void> {
  const status: LogState = turn.signal.aborted ? 'cancelled' : 'error';
  const change = {
    ...soFar(turn),
    ...timesOf(room, recorder),
    ...turn.tally.usage,
    error: message,
    status,
    logStatus: 'complete' as const,
  };
  await write(room, turn, recorder, change);
}

async function write(room: Room, turn: Turn, recorder: Recorder, change: LogChange): Promise<boolean> {
  try {
    if (recorder.begun) await room.logs.change(turn.scope, turn.logId, change);
    else await room.logs.record(turn.scope, { ...newLog(turn, recorder), ...change });
    return true;
  } catch (error) {
    room.warn({ err: error, agent: turn.agent.file.id }, "an agent's turn could not be logged");
    return false;
  }
}

function newLog(turn: Turn, { log, startedAt }: Recorder): NewLog {
  const { file, version } = turn.agent;
  return {
    ...log,
    id: turn.logId,
    kind: 'agent',
    fileId: file.id,
    versionId: version.id,
    contentHash: version.contentHash,
    environmentId: turn.environmentId,
    model: version.kernel.model,
    provider: ownProvider,
    startTime: startedAt,
    inputs: Object.keys(turn.inputs).length > 0 ? turn.inputs : null,
    toolChoice: turn.toolChoice,
  };
}

function soFar(turn: Turn): LogChange {
  return {
    messages: [...turn.populated, ...turn.conversation],
    providerRequest: { [templateMessages]: turn.populated.length, iterations: turn.iterations },
  };
}

function timesOf(room: Room, { startedAt, earlierMs }: Recorder): LogChange {
  const endTime = room.clock();
  return { endTime, latencyMs: earlierMs + Math.max(0, endTime.getTime() - startedAt.getTime()) };
}

function runOf(turn: Turn, { why, sample, message, result }: TurnEnd): AgentRun {
  const suspended = why === 'suspended';
  const content = typeof message.content === 'string' ? message.content : null;
  return {
    logId: turn.logId,
    agent: turn.agent,
    status: suspended ? 'suspended' : 'complete',
    messages: [...turn.populated, ...turn.conversation],
    inputs: turn.inputs,
    output: why === 'stopped' ? (result ?? content) : content,
    outputMessage: message,
    finishReason: why === 'iterations' ? 'max_iterations' : sample.finishReason,
    previousMessage: suspended ? waiting(turn.conversation) : null,
    error: null,
    usage: turn.tally.usage,
    dropped: false,
    repeated: false,
  };
}

function waiting(conversation: readonly ChatMessage[]): ChatMessage | null {
  const pending = pendingCalls(conversation);
  return pending === null ? null : { ...pending.message, tool_calls: pending.calls };
}

/** What an earlier call left. */
export function storedRun(log: StoredLog, agent: AgentRun['agent']): AgentRun {
  const suspended = log.logStatus === 'incomplete';
  const messages = log.messages ?? [];
  return {
    logId: log.id,
    agent,
    status: suspended ? 'suspended' : 'complete',
    messages,
    inputs: log.inputs,
    output: log.output,
    outputMessage: log.outputMessage,
    finishReason: log.finishReason,
    previousMessage: suspended ? waiting(messages.slice(templateCount(log))) : null,
    error: log.error,
    usage: usageOf(log),
    dropped: false,
    repeated: true,
  };
}

export function usageOf({ promptTokens, outputTokens, reasoningTokens, promptCost, outputCost }: StoredLog): Usage {
  return { promptTokens, outputTokens, reasoningTokens, promptCost, outputCost };
}
