import { AppError, type ChatMessage, type FileKind, type JsonObject, type Scope } from '@whetstone/contract';
import type { Snapshot, StoredDatapoint } from '../../files/index.ts';
import type { NewLog } from '../../logs/index.ts';
import type { Room } from '../context.ts';

/** Kinds of file that the server can run on a datapoint. */
export const runnable = new Set<FileKind>(['prompt', 'tool', 'agent']);

/** Who made the log, beside what the call itself says. */
type Link = Pick<NewLog, 'runId' | 'datapointId' | 'keyId'> & { id: string };

/** Why a call is worth another try, and when. */
export interface Refusal {
  type: 'refused';
  retryMs: number | null;
  /** A limit of ours: whoever started the run has to wait, however often. */
  own: boolean;
}
export interface Called {
  type: 'called';
  failed: boolean;
  /** Null: nobody knows. */
  costUsd: number | null;
}
/** Whoever started the run has spent a budget, which no waiting gives back. */
export interface OutOfBudget {
  type: 'out_of_budget';
  message: string;
}

/**
 * Runs a version on a datapoint and leaves one log under the id given, with an error or not; or tells why there is none.
 * @param last there will be no other try: what is refused now is a log that failed
 */
export async function callVersion(
  room: Room,
  scope: Scope,
  version: Snapshot,
  datapoint: StoredDatapoint,
  { link, last, answered }: { link: Link; last: boolean; answered: () => void },
  signal: AbortSignal,
): Promise<Called | Refusal | OutOfBudget> {
  const log = { origin: 'evaluation' as const, ...link };
  const inputs = (datapoint.inputs ?? {}) as JsonObject;
  const messages = datapoint.messages ?? [];
  try {
    return { type: 'called', ...(await run(room, scope, version, { inputs, messages, log, answered }, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    const code = error.code === 'rate_limited' ? (error.data as { code?: unknown } | undefined)?.code : undefined;
    if (code === 'budget_exceeded') return { type: 'out_of_budget', message: error.message };
    const own = code === 'rate_limit_exceeded';
    if (isBusy(error) && (own || !last))
      return { type: 'refused', retryMs: error.retryAfterSeconds === undefined ? null : error.retryAfterSeconds * 1_000, own };
    const found = await room.logs.find(scope, link.id);
    if (found !== null) return { type: 'called', failed: true, costUsd: found.costUsd ?? 0 };
    // A call that was refused before it began has no log: it counts as one that failed.
    const { file, version: its, kind } = version;
    const failed = { kind: kind as NewLog['kind'], fileId: file.id, versionId: its.id, error: error.message, status: 'error' as const };
    await room.logs.record(scope, { ...log, ...failed, inputs, messages });
    return { type: 'called', failed: true, costUsd: 0 };
  }
}

interface Call {
  inputs: JsonObject;
  messages: ChatMessage[];
  log: Link & { origin: 'evaluation' };
  /** The provider has nothing more to do; told of prompts only. */
  answered: () => void;
}
type Ended = Pick<Called, 'failed' | 'costUsd'>;

async function run(
  room: Room,
  scope: Scope,
  version: Snapshot,
  { inputs, messages, log, answered }: Call,
  signal: AbortSignal,
): Promise<Ended> {
  if (version.kind === 'prompt') {
    const call = {
      ref: { id: version.file.id },
      at: { versionId: version.version.id },
      kernel: null,
      draft: false,
      messages,
      inputs,
      log,
      answered,
    };
    const alone = { toolChoice: null, samples: 1, providerApiKeys: {}, suffix: null, environment: null };
    const { samples } = await room.gateway.callPrompt(scope, { ...call, ...alone }, signal);
    const [sample] = samples;
    return { failed: sample === undefined || sample.error !== null, costUsd: sample === undefined ? 0 : costOf(sample) };
  }
  if (version.kind === 'tool') {
    const tool = version as Snapshot<'tool'>;
    const result = await room.tools.call(scope, { tool, environmentId: null, inputs, log, refusals: 'log' }, signal);
    return { failed: result.status !== 'ok', costUsd: 0 };
  }
  const agent = version as Snapshot<'agent'>;
  const call = { agent, environmentId: null, messages, inputs, toolChoice: null, providerApiKeys: {}, log };
  const turn = await room.agents.call(scope, call, { signal });
  if (turn.status === 'suspended') {
    const error = 'The agent waits for the result of a tool that only its caller can run, so that no run of the server can end it.';
    await room.logs.change(scope, turn.logId, { status: 'error', logStatus: 'complete', error });
  }
  return { failed: turn.status === 'suspended' || turn.error !== null, costUsd: costOf(turn.usage) };
}

/** Where one of the two is known the other is nothing: a model that answers with no tokens, an embedding. */
function costOf({ promptCost, outputCost }: { promptCost: number | null; outputCost: number | null }): number | null {
  return promptCost === null && outputCost === null ? null : (promptCost ?? 0) + (outputCost ?? 0);
}

function isBusy(error: AppError): boolean {
  const status = error.failure?.status ?? error.status;
  return status === 429 || status === 503 || status === 529;
}
