import { AppError, type AnyObject, type JsonObject, type Scope } from '@whetstone/contract';
import type { FileRef, Snapshot } from '../files/index.ts';
import type { PromptCall, PromptCallResult, PromptStreamEvent } from './index.ts';
import { boundEnvironment } from './steps/resolve.ts';
import type { Asked, Listener, NamedPrompt, Ready, Room } from './room.ts';
import { type Performed, perform, prepare } from './run.ts';
import type { ChatChunk } from './wire/chat.ts';
import { EventQueue } from './event-queue.ts';

const maxSamples = 50;

/** One answer per sample. Throws the first sample's error when none was answered; its `data.log_id` names the log. */
export async function callPrompt(room: Room, scope: Scope, request: PromptCall, signal: AbortSignal): Promise<PromptCallResult> {
  const call = await begin(room, scope, request, false);
  const listener: Listener = {
    signal,
    wants: 'chunks',
    open: nothing,
    bytes: () => true,
    chunk: () => true,
    drained: (resume) => resume(),
    ...(request.answered === undefined ? {} : { answered: request.answered }),
  };
  const done = await Promise.all(call.logIds.map((_, index) => performSample(room, call, index, listener)));
  const [first] = done;
  if (first !== undefined && first.error !== null && done.every(({ error }) => error !== null)) throw withLogId(first.error, first);
  refuseUnlogged(room, done);
  const samples = done.map(({ sample }) => sample);
  return {
    logId: call.logIds[0] ?? '',
    snapshot: servedBy(call),
    assigned: call.ready.assigned ?? null,
    environmentId: call.ready.environmentId,
    traceId: await traceOf(room, scope, request),
    messages: call.ready.messages,
    startTime: call.startedAt,
    endTime: new Date(Math.max(...samples.map(({ createdAt, latencyMs }) => createdAt.getTime() + latencyMs))),
    samples,
  };
}

/** Events as they come, the samples' mixed; a failed sample ends with its error. */
export async function* streamPrompt(room: Room, scope: Scope, request: PromptCall, signal: AbortSignal): AsyncGenerator<PromptStreamEvent> {
  const stopped = new AbortController();
  const call = await begin(room, scope, request, true);
  const queue = new EventQueue<PromptStreamEvent>();
  queue.put({
    type: 'start',
    snapshot: servedBy(call),
    assigned: call.ready.assigned ?? null,
    logIds: call.logIds,
    messages: call.ready.messages,
  });
  const running = call.logIds.map(async (logId, index) => {
    const listener: Listener = {
      signal: AbortSignal.any([signal, stopped.signal]),
      wants: 'chunks',
      open: nothing,
      bytes: () => true,
      chunk: (chunk) => {
        for (const event of deltasOf(chunk, index, logId)) queue.put(event);
        return !queue.isFull;
      },
      drained: (resume) => queue.whenDrained(resume),
    };
    const { sample, dropped } = await performSample(room, call, index, listener);
    queue.put({ type: 'end', sample: dropped && room.failClosed ? { ...sample, error: notLogged().message } : sample });
  });
  Promise.all(running).then(
    () => queue.end(),
    (error: unknown) => queue.fail(error),
  );
  try {
    yield* queue;
  } finally {
    // Who stops reading stops the provider; the logs are written all the same.
    stopped.abort();
    await Promise.allSettled(running);
  }
}

interface Begun {
  asked: Asked;
  ready: Ready;
  named: NamedPrompt;
  logIds: string[];
  startedAt: Date;
}

async function begin(room: Room, scope: Scope, request: PromptCall, stream: boolean): Promise<Begun> {
  const named = await promptOf(room, scope, request);
  const body: AnyObject = {};
  if (request.toolChoice !== null) body['tool_choice'] = request.toolChoice;
  if (request.suffix !== null) body['suffix'] = request.suffix;
  const asked: Asked = {
    kind: 'chat',
    names: { prompt: named },
    body,
    raw: null,
    stream,
    messages: request.messages,
    inputs: request.inputs,
    environment: request.environment,
    file: null,
    headers: {},
    apiKeys: request.providerApiKeys,
    instant: room.instant,
    log: request.log,
  };
  const startedAt = request.log.startTime ?? request.log.createdAt ?? room.clock();
  const ready = await prepare(room, scope, asked);
  const count = Math.min(Math.max(1, request.samples), maxSamples);
  const logIds = Array.from({ length: count }, (_, index) => (index === 0 ? request.log.id : undefined) ?? room.logs.newId(startedAt));
  return { asked, ready, named, logIds, startedAt };
}

/** The version that runs, which an experiment may have chosen. */
function servedBy({ ready, named }: Begun): Snapshot<'prompt'> {
  return (ready.prompt ?? named).snapshot;
}

/** A seed makes one sample repeatable, not all of them the same. */
function performSample(room: Room, { asked, ready, logIds, startedAt }: Begun, index: number, listener: Listener): Promise<Performed> {
  const seed = ready.body['seed'];
  const its = index > 0 && typeof seed === 'number' ? { ...ready, body: { ...ready.body, seed: seed + index } } : ready;
  return perform(room, its, { asked, listener, logId: logIds[index] ?? room.logs.newId(startedAt), index, startedAt });
}

/** The version that is called. An inline kernel is kept first: under the file it names, or as a draft that no list shows. */
async function promptOf(room: Room, scope: Scope, request: PromptCall): Promise<NamedPrompt> {
  const { ref, kernel, draft } = request;
  if (kernel === null) {
    if (ref === null) throw new AppError('not_found', 'Name the prompt to call by `path` or `id`, or send one as `prompt`.');
    const environment = request.at.environment ?? (request.at.versionId == null ? boundEnvironment(scope, null) : null);
    const { snapshot, environmentId } = await room.files.resolve(scope, 'prompt', ref, { versionId: request.at.versionId, environment });
    return { snapshot: snapshot as Snapshot<'prompt'>, environmentId };
  }
  if (draft || ref === null) {
    const place = ref === null ? {} : await draftPlace(room, scope, ref);
    return { snapshot: await room.files.upsertHidden(scope, { ...place, kernel, reason: 'draft' }), environmentId: null };
  }
  const named = 'id' in ref ? { id: ref.id } : { path: ref.path };
  const { snapshot } = await room.files.upsert(scope, 'prompt', { ...named, kernel });
  return { snapshot, environmentId: null };
}

async function draftPlace(room: Room, scope: Scope, ref: FileRef): Promise<{ fileId: string } | { path: string }> {
  if ('id' in ref) return { fileId: ref.id };
  const found = await room.files.find(scope, 'prompt', ref);
  return found === null ? { path: ref.path } : { fileId: found.file.id };
}

function* deltasOf(chunk: ChatChunk, index: number, logId: string): Generator<PromptStreamEvent> {
  for (const choice of Array.isArray(chunk.choices) ? chunk.choices : []) {
    const legacy = (choice as { text?: unknown }).text;
    const delta = choice.delta ?? {};
    const text = typeof legacy === 'string' ? legacy : typeof delta.content === 'string' ? delta.content : '';
    const toolCalls =
      Array.isArray(delta.tool_calls) && delta.tool_calls.length > 0 ? (delta.tool_calls as unknown as JsonObject[]) : undefined;
    const reasoning = typeof delta.reasoning_content === 'string' && delta.reasoning_content !== '' ? delta.reasoning_content : undefined;
    if (text === '' && toolCalls === undefined && reasoning === undefined) continue;
    yield {
      type: 'delta',
      index,
      logId,
      text,
      ...(toolCalls === undefined ? {} : { toolCalls }),
      ...(reasoning === undefined ? {} : { reasoning }),
    };
  }
}

async function traceOf(room: Room, scope: Scope, request: PromptCall): Promise<string | null> {
  const parentId = request.log.traceParentId;
  if (parentId === null || parentId === undefined) return null;
  const parent = await room.logs.find(scope, parentId);
  return parent?.traceId ?? parentId;
}

function refuseUnlogged(room: Room, done: readonly Performed[]): void {
  if (room.failClosed && done.some(({ dropped }) => dropped)) throw notLogged();
}

export function notLogged(): AppError {
  return new AppError(
    'unavailable',
    'The call could not be logged, and this server gives no answer that it cannot log (WHETSTONE_FAIL_CLOSED).',
    {
      retryAfterSeconds: 5,
    },
  );
}

function withLogId(error: AppError, { sample, dropped }: Performed): AppError {
  return new AppError(error.code, error.message, {
    cause: error,
    ...(error.details === undefined ? {} : { details: error.details }),
    ...(error.failure === undefined ? {} : { failure: error.failure }),
    data: { ...error.data, ...(dropped ? {} : { log_id: sample.logId }) },
  });
}

function nothing(): void {
  // A caller that waits for the whole has nothing to open.
}
