import { AppError } from '@whetstone/contract';
import type { Scope } from '@whetstone/contract';
import { prefixes, type Room } from '../context.ts';
import { assigneesOf, evaluatorsOf, findQueue, insertQueue } from '../store.ts';
import { commentsOf } from '../store-slots.ts';
import { populationOf } from '../store-judged.ts';
import type { QueueRow } from '../tables.ts';
import type { CarriedItem, CarriedQueue, Carry } from './carried.ts';
import { everyQueue, insertCarried, isTaken, itemsAfter, slotsOf, takenIds } from './store.ts';

const itemsAtOnce = 1_000;

export function carryOf(room: Room): Carry {
  return {
    queues: async ({ workspaceId }) => {
      const queues: CarriedQueue[] = [];
      for (const row of await everyQueue(room.db, workspaceId)) queues.push(await queueOf(room, row));
      return queues;
    },
    items: (scope, queueId) => itemsOf(room, scope, queueId),
    take: (scope, queue, items) => take(room, scope, queue, items),
  };
}

async function queueOf({ db }: Room, row: QueueRow): Promise<CarriedQueue> {
  const [evaluators, assignees, population] = await Promise.all([
    evaluatorsOf(db, [row.id]),
    assigneesOf(db, [row.id]),
    populationOf(db, row.id),
  ]);
  const { queue_id: _of, ...rest } = population ?? { queue_id: '' };
  return {
    id: row.id,
    name: row.name,
    instructions: row.instructions,
    mode: row.mode,
    blind: row.blind,
    overlap: row.overlap,
    share: row.share,
    source: row.source,
    liveFilter: row.live_filter,
    closed: row.closed,
    createdAt: row.created_at,
    createdBy: row.created_by,
    evaluators: evaluators.get(row.id) ?? [],
    assignees: (assignees.get(row.id) ?? []).toSorted(),
    population: population === undefined ? null : (rest as CarriedQueue['population']),
  };
}

async function* itemsOf({ db }: Room, { workspaceId }: Scope, queueId: string): AsyncGenerator<CarriedItem> {
  if ((await findQueue(db, workspaceId, queueId)) === undefined) return;
  for (let after: { position: number; id: string } | null = null; ;) {
    const rows = await itemsAfter(db, queueId, after, itemsAtOnce);
    const ids = rows.map(({ id }) => id);
    const [slots, comments] = await Promise.all([slotsOf(db, ids), commentsOf(db, ids)]);
    const slotsBy = Map.groupBy(slots, ({ item_id: of }) => of);
    const commentsBy = Map.groupBy(comments, ({ item_id: of }) => of);
    for (const row of rows) {
      yield {
        id: row.id,
        position: row.position,
        logId: row.log_id,
        otherLogId: row.other_log_id,
        swapped: row.swapped,
        probability: row.probability,
        gone: row.gone,
        resolvedAt: row.resolved_at,
        resolvedBy: row.resolved_by,
        resolution: row.resolution,
        addedAt: row.added_at,
        answers: (slotsBy.get(row.id) ?? []).flatMap(({ state, ...slot }) =>
          state === 'claimed'
            ? []
            : [
                {
                  userId: slot.user_id,
                  state,
                  seconds: slot.seconds,
                  answer: slot.answer,
                  judgmentIds: slot.judgment_ids,
                  changedAt: slot.changed_at,
                },
              ],
        ),
        comments: (commentsBy.get(row.id) ?? []).map(({ id, user_id, text, created_at }) => ({
          id,
          userId: user_id,
          text,
          at: created_at,
        })),
      };
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < itemsAtOnce) return;
    after = { position: last.position, id: last.id };
  }
}

async function take(room: Room, scope: Scope, queue: CarriedQueue, items: readonly CarriedItem[]): Promise<void> {
  const { workspaceId } = scope;
  if ((await findQueue(room.db, workspaceId, queue.id)) !== undefined) return;
  if (await isTaken(room.db, queue.id)) throw new AppError('conflict', `There is another review queue \`${queue.id}\` on this server.`);
  const versions = await room.files.versionsById(
    scope,
    queue.evaluators.map(({ versionId }) => versionId),
  );
  const missing = queue.evaluators.find(({ versionId }) => versions.get(versionId)?.kind !== 'evaluator');
  if (missing !== undefined) throw new AppError('invalid_input', `Its evaluator version ${missing.versionId} is not in this workspace.`);
  await room.db.transaction().execute(async (tx) => {
    const { population } = queue;
    await insertQueue(tx, {
      queue: {
        id: queue.id,
        workspace_id: workspaceId,
        name: queue.name,
        instructions: queue.instructions,
        mode: queue.mode,
        blind: queue.blind,
        overlap: queue.overlap,
        share: queue.share,
        source: JSON.stringify(queue.source),
        live_filter: queue.liveFilter === null ? null : JSON.stringify(queue.liveFilter),
        closed: queue.closed,
        created_at: queue.createdAt,
        created_by: queue.createdBy,
      },
      evaluators: queue.evaluators.map(({ id, versionId }, position) => ({
        queue_id: queue.id,
        evaluator_id: id,
        evaluator_version_id: versionId,
        position,
      })),
      assignees: queue.assignees,
      population:
        population === null
          ? null
          : {
              ...population,
              queue_id: queue.id,
              log_ids: JSON.stringify(population.log_ids),
              judged: JSON.stringify(population.judged),
              probabilities: JSON.stringify(population.probabilities),
            },
    });
    for (let i = 0; i < items.length; i += itemsAtOnce) {
      const some = items.slice(i, i + itemsAtOnce);
      const taken = await takenIds(tx, some);
      const anew = (id: string, prefix: string): string => (taken.has(id) ? room.newId(prefix) : id);
      await insertCarried(
        tx,
        queue.id,
        some.map((item) => ({
          ...item,
          id: anew(item.id, prefixes.item),
          comments: item.comments.map((comment) => ({ ...comment, id: anew(comment.id, prefixes.comment) })),
        })),
      );
    }
  });
}
