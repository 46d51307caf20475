import { AppError, type FileKind, type JsonObject, type Scope } from '@whetstone/contract';
import type { Snapshot, StoredDatapoint } from '../../files/index.ts';
import type { NewLog } from '../../logs/index.ts';
import type { Room } from '../context.ts';

/** Kinds of file that the server can run on a datapoint. */
export const runnable = new Set<FileKind>(['prompt', 'tool', 'agent']);

/** Who made the log, beside what the call itself says. */
type Link = Pick<NewLog, 'runId' | 'datapointId'> & { id: string };

/** Why a call is worth another try, and when. */
export interface Refusal {
  retryMs: number | null;
}

/**
 * Runs a version on a datapoint and leaves one log under the id given, whatever happens. Null when it is done, with an error
 * or not; a refusal when the provider asked to be left alone for now.
 */
export async function callVersion(
  room: Room,
  scope: Scope,
  version: Snapshot,
  datapoint: StoredDatapoint,
  link: Link,
  signal: AbortSignal,
): Promise<Refusal | null> {
  const log = { origin: 'evaluation' as const, ...link };
  const inputs = (datapoint.inputs ?? {}) as JsonObject;
  const messages = datapoint.messages ?? [];
  try {
    if (version.kind === 'prompt') {
      const at = { versionId: version.version.id };
      const call = { ref: { id: version.file.id }, at, kernel: null, draft: false, messages, inputs, log };
      await room.gateway.callPrompt(
        scope,
        { ...call, toolChoice: null, samples: 1, providerApiKeys: {}, suffix: null, environment: null },
        signal,
      );
    } else if (version.kind === 'tool') {
      const tool = version as Snapshot<'tool'>;
      await room.tools.call(scope, { tool, environmentId: null, inputs, log, refusals: 'log' }, signal);
    } else {
      const agent = version as Snapshot<'agent'>;
      await room.agents.call(
        scope,
        { agent, environmentId: null, messages, inputs: inputs, toolChoice: null, providerApiKeys: {}, log },
        { signal },
      );
    }
    return null;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    if (isBusy(error)) return { retryMs: error.retryAfterSeconds === undefined ? null : error.retryAfterSeconds * 1_000 };
    // A call that was refused before it began has no log: it counts as one that failed.
    if ((await room.logs.find(scope, link.id)) === null) {
      const { file, version: its, kind } = version;
      const failed = { kind: kind as NewLog['kind'], fileId: file.id, versionId: its.id, error: error.message, status: 'error' as const };
      await room.logs.record(scope, { ...log, ...failed, inputs, messages });
    }
    return null;
  }
}

function isBusy(error: AppError): boolean {
  const status = error.failure?.status ?? error.status;
  return status === 429 || status === 503 || status === 529;
}
