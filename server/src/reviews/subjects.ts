import type { ReviewItem, ReviewSubject, Scope } from '@whetstone/contract';
import type { Snapshot, StoredDatapoint } from '../files/index.ts';
import type { StoredJudgment, StoredLog } from '../logs/index.ts';
import type { Room } from './context.ts';
import { markGone } from './store.ts';
import type { ItemRow, QueueRow, SlotRow, StoredAnswer } from './tables.ts';

/** Items as a reviewer reads them. */

export interface Held {
  item: ItemRow;
  slot: Pick<SlotRow, 'state' | 'lease_until' | 'answer'> | undefined;
}

/** Those whose logs are still there; the others are marked so that nobody gets them again. */
export async function presentItems(room: Room, scope: Scope, queue: QueueRow, held: readonly Held[]): Promise<ReviewItem[]> {
  const wanted = [...new Set(held.flatMap(({ item }) => logIdsOf(item)))];
  const found = new Map(
    (await Promise.all(wanted.map((id) => room.logs.find(scope, id)))).flatMap((log) => (log === null ? [] : [[log.id, log]])),
  );
  const gone = held.filter(({ item }) => logIdsOf(item).some((id) => !found.has(id)));
  await markGone(
    room.db,
    gone.map(({ item }) => item.id),
  );
  const known = await contextOf(room, scope, queue, [...found.values()]);
  return held
    .filter((each) => !gone.includes(each))
    .map(({ item, slot }) => ({
      id: item.id,
      queue_id: queue.id,
      subjects: logIdsOf(item).map((id) => subjectOf(found.get(id) as StoredLog, isBlind(queue), known)),
      lease_until: slot?.state === 'claimed' ? (slot.lease_until?.toISOString() ?? null) : null,
      mine: slot?.state === 'done' && slot.answer !== null ? mineOf(slot.answer) : null,
    }));
}

/** Of a pair nobody may know which run is which. */
const isBlind = ({ blind, mode }: QueueRow): boolean => blind || mode === 'pairwise';

/** Left, then right. */
export function logIdsOf({ log_id: a, other_log_id: b, swapped }: Pick<ItemRow, 'log_id' | 'other_log_id' | 'swapped'>): string[] {
  if (b === null) return [a];
  return swapped ? [b, a] : [a, b];
}

const mineOf = ({ answers, choice, reason, correction }: StoredAnswer): NonNullable<ReviewItem['mine']> => ({
  answers,
  choice,
  reason,
  correction,
});

interface Context {
  versions: Map<string, Snapshot>;
  judgments: Map<string, StoredJudgment[]>;
  datapoints: Map<string, StoredDatapoint>;
  names: Map<string, { name: string }>;
}

/** Blind, what is hidden is not even asked for. */
async function contextOf(room: Room, scope: Scope, queue: QueueRow, logs: readonly StoredLog[]): Promise<Context> {
  const datapoints = await room.files.datasets.datapointsById(
    scope,
    logs.flatMap(({ datapointId }) => datapointId ?? []),
  );
  if (isBlind(queue)) return { versions: new Map(), judgments: new Map(), names: new Map(), datapoints };
  const found = await room.logs.judgmentsOf(
    scope,
    logs.map(({ id }) => id),
  );
  // What others said here would be an answer to copy; it is for the discussion afterwards.
  const judgments = new Map([...found].map(([logId, some]) => [logId, some.filter((judgment) => !madeIn(queue, judgment))]));
  const all = [...judgments.values()].flat();
  const [versions, names] = await Promise.all([
    room.files.versionsById(scope, [
      ...new Set([...logs.map(({ versionId }) => versionId), ...all.map(({ evaluatorVersionId }) => evaluatorVersionId)]),
    ]),
    room.people.users.names([...new Set(all.flatMap(({ source, judge }) => (source === 'human' ? (judge ?? []) : [])))]),
  ]);
  return { versions, judgments, names, datapoints };
}

function madeIn(queue: QueueRow, { metadata }: StoredJudgment): boolean {
  const review = metadata?.['review'];
  return typeof review === 'object' && review !== null && 'queue_id' in review && review.queue_id === queue.id;
}

function subjectOf(log: StoredLog, blind: boolean, { versions, judgments, datapoints, names }: Context): ReviewSubject {
  const target = datapoints.get(log.datapointId ?? '')?.target ?? null;
  const read = {
    type: log.kind,
    inputs: log.inputs,
    messages: log.messages,
    output: log.output,
    output_message: log.outputMessage,
    error: log.error,
    target: target === null || typeof target !== 'object' ? null : (target as Record<string, unknown>),
    payload: log.payload === 'full' ? ('full' as const) : ('dropped' as const),
  };
  if (blind) return { ...read, log_id: null, file: null, model: null, created_at: null, judgments: [] };
  const version = versions.get(log.versionId);
  return {
    ...read,
    log_id: log.id,
    file:
      version === undefined
        ? null
        : {
            id: version.file.id,
            path: version.file.path,
            version_id: version.version.id,
            version_name: version.version.name,
            content_hash: version.version.contentHash,
          },
    model: log.model,
    created_at: log.at.toISOString(),
    judgments: (judgments.get(log.id) ?? []).map((judgment) => ({
      evaluator: versions.get(judgment.evaluatorVersionId)?.file.path ?? judgment.evaluatorId,
      judge: judgment.judge === null ? null : (names.get(judgment.judge)?.name ?? judgment.judge),
      judgment: judgment.value,
      reason: judgment.reason,
    })),
  };
}
