import { AppError, type Scope } from '@whetstone/contract';
import type { EmbedCall } from './index.ts';
import type { Asked, Room } from './room.ts';
import { perform, prepare } from './run.ts';
import { asList, asObject } from './wire/read.ts';

/** Texts as vectors, through the same steps as any call. Throws the provider's error. */
export async function embed(room: Room, scope: Scope, call: EmbedCall, signal: AbortSignal): Promise<number[][]> {
  const asked: Asked = {
    kind: 'embeddings',
    names: { model: call.model },
    body: { model: call.model, input: call.texts },
    raw: null,
    stream: false,
    messages: [],
    inputs: {},
    environment: null,
    file: null,
    headers: {},
    apiKeys: {},
    instant: room.instant,
    log: call.log,
  };
  const startedAt = room.clock();
  const ready = await prepare(room, scope, asked);
  const listener = {
    signal,
    wants: 'chunks' as const,
    open: nothing,
    bytes: () => true,
    chunk: () => true,
    drained: (go: () => void) => go(),
  };
  const { attempt, error } = await perform(room, ready, { asked, listener, logId: room.logs.newId(startedAt), index: 0, startedAt });
  if (error !== null) throw error;
  const vectors = attempt.type === 'answered' ? asList(attempt.answer.envelope['data']).map((row) => asObject(row)?.['embedding']) : [];
  if (vectors.length !== call.texts.length || !vectors.every(isVector))
    throw new AppError('provider_failed', `\`${call.model}\` did not answer with a vector for each text.`);
  return vectors;
}

function isVector(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'number');
}

function nothing(): void {
  // There is nothing to open for a whole answer.
}
