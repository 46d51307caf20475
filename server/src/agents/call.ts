import { AppError, type PromptKernel, type Scope } from '@whetstone/contract';
import type { StoredLog } from '../logs/index.ts';
import type { AgentCall, AgentRun, TurnOptions } from './index.ts';
import { linkedAgent } from './linked-agent.ts';
import { linkedKinds } from './linked/index.ts';
import { beginLog, endLog, failLog, type Recorder, storedRun } from './record.ts';
import type { Room } from './room.ts';
import { openToolbox } from './toolbox.ts';
import { runTurn, type Turn } from './turn.ts';
import { Tally } from './usage.ts';

/** The first turn of an agent; what an earlier call with the same id left is answered again. */
export async function callAgent(room: Room, scope: Scope, call: AgentCall, options: TurnOptions): Promise<AgentRun> {
  const { id } = call.log;
  if (id === undefined) return firstTurn(room, scope, call, options, 0);
  const key = `${scope.workspaceId} ${id}`;
  const under = room.byId.get(key);
  if (under !== undefined) return { ...(await under), repeated: true };
  const running = (async () => {
    const known = await room.logs.find(scope, id);
    return known === null ? firstTurn(room, scope, call, options, 0) : again(known, call);
  })();
  room.byId.set(key, running);
  try {
    return await running;
  } finally {
    room.byId.delete(key);
  }
}

function again(known: StoredLog, { agent }: AgentCall): AgentRun {
  if (known.kind !== 'agent' || known.fileId !== agent.file.id)
    throw new AppError('conflict', `The log \`${known.id}\` is of another file. Choose another \`log_id\`.`);
  const run = storedRun(known, agent);
  if (run.status === 'suspended' && run.previousMessage === null && known.payload !== 'dropped')
    throw new AppError('conflict', `The agent of \`${known.id}\` is running, or was cut off. Call it with another \`log_id\`.`);
  return run;
}

/** Throws what is wrong with the request before anything is logged. */
export async function firstTurn(room: Room, scope: Scope, call: AgentCall, options: TurnOptions, depth: number): Promise<AgentRun> {
  const { agent, log, inputs } = call;
  const { tools: _tools, max_iterations: _most, ...kernel } = agent.version.kernel;
  await room.gateway.populate(scope, kernel satisfies PromptKernel, inputs as never);
  const startedAt = log.startTime ?? room.clock();
  const recorder: Recorder = { log, startedAt, earlierMs: 0, begun: false };
  const logId = log.id ?? room.logs.newId(startedAt);
  const turn = await openTurn(room, scope, { ...call, logId, recorder, depth, tally: new Tally() }, options);
  await options.onEvent?.({ type: 'turn_start', logId, agent });
  return performTurn(room, turn, recorder, { options, keepOnFirstFailure: false });
}

interface Opening extends Omit<AgentCall, 'log'> {
  logId: string;
  recorder: Recorder;
  depth: number;
  tally: Tally;
}

export async function openTurn(room: Room, scope: Scope, opening: Opening, options: TurnOptions): Promise<Turn> {
  const { agent, environmentId, logId, recorder, inputs, messages, toolChoice, providerApiKeys, tally, depth } = opening;
  const { onEvent, signal } = options;
  const { user, session, keyId, save, unit } = recorder.log;
  const functions = await openToolbox(room, scope, agent.version.kernel, linkedKinds(linkedAgent(firstTurn)));
  const turn: Turn = {
    scope,
    agent,
    environmentId,
    environment: environmentId === null ? null : await environmentName(room, scope, environmentId),
    logId,
    inputs,
    conversation: [...messages],
    populated: [],
    toolChoice,
    providerApiKeys,
    childLog: {
      origin: 'agent',
      traceParentId: logId,
      user: user ?? null,
      session: session ?? null,
      unit: unit ?? null,
      keyId: keyId ?? null,
      save: save ?? true,
    },
    functions,
    tally,
    iterations: 0,
    depth,
    signal,
    emit: onEvent === undefined ? null : (event) => onEvent({ ...event, logId, agent }),
    begin: () => beginLog(room, turn, recorder),
  };
  return turn;
}

/** A label of the logs below: a database that is away stops no agent for it. */
async function environmentName(room: Room, scope: Scope, id: string): Promise<string | null> {
  const known = await room.files.environments.list(scope).catch(() => []);
  return known.find((environment) => environment.id === id)?.name ?? null;
}

/**
 * Runs a turn that is open and leaves its log. A model's failure is thrown with the agent's log; one before the first answer
 * leaves an agent that waited as it was, so that its caller may try again.
 */
export async function performTurn(
  room: Room,
  turn: Turn,
  recorder: Recorder,
  { options, keepOnFirstFailure }: { options: TurnOptions; keepOnFirstFailure: boolean },
): Promise<AgentRun> {
  const running = (async (): Promise<AgentRun> => {
    try {
      return await endLog(room, turn, recorder, await runTurn(room, turn));
    } catch (error) {
      const first = turn.tally.calls === 0;
      const sent = !(error instanceof AppError) || error.data?.['log_id'] !== undefined;
      if (first && (keepOnFirstFailure || !sent)) throw error;
      await failLog(room, turn, recorder, error instanceof Error ? error.message : String(error));
      throw withLogId(error, turn.logId);
    }
  })();
  room.running.add(running);
  try {
    const run = await running;
    await options.onEvent?.({ type: run.status === 'suspended' ? 'turn_suspend' : 'turn_end', logId: turn.logId, agent: turn.agent, run });
    return run;
  } finally {
    room.running.delete(running);
  }
}

function withLogId(error: unknown, logId: string): unknown {
  if (!(error instanceof AppError)) return error;
  return new AppError(error.code, error.message, {
    cause: error,
    ...(error.details === undefined ? {} : { details: error.details }),
    ...(error.failure === undefined ? {} : { failure: error.failure }),
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    ...(error.headers === undefined ? {} : { headers: error.headers }),
    data: { ...error.data, log_id: logId },
  });
}
