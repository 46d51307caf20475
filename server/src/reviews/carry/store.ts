import type { Db, ItemRow, QueueRow, SlotRow, Tx } from '../tables.ts';
import type { CarriedItem } from './carried.ts';

/** Oldest first. */
export function everyQueue(db: Db, workspaceId: string): Promise<QueueRow[]> {
  return db.selectFrom('review_queues').selectAll().where('workspace_id', '=', workspaceId).orderBy('created_at').orderBy('seq').execute();
}

/** By any workspace. */
export async function isTaken(db: Db, queueId: string): Promise<boolean> {
  return (await db.selectFrom('review_queues').select('id').where('id', '=', queueId).executeTakeFirst()) !== undefined;
}

export function itemsAfter(db: Db, queueId: string, after: { position: number; id: string } | null, limit: number): Promise<ItemRow[]> {
  let query = db.selectFrom('review_items').selectAll().where('queue_id', '=', queueId);
  if (after !== null)
    query = query.where((on) =>
      on.or([on('position', '>', after.position), on.and([on('position', '=', after.position), on('id', '>', after.id)])]),
    );
  return query.orderBy('position').orderBy('id').limit(limit).execute();
}

export async function slotsOf(db: Db, itemIds: readonly string[]): Promise<SlotRow[]> {
  if (itemIds.length === 0) return [];
  return db
    .selectFrom('review_slots')
    .selectAll()
    .where('item_id', 'in', [...itemIds])
    .orderBy('changed_at')
    .orderBy('user_id')
    .execute();
}

/** Ids of items and comments that something has already. */
export async function takenIds(db: Db, items: readonly CarriedItem[]): Promise<Set<string>> {
  if (items.length === 0) return new Set();
  const ids = items.map(({ id }) => id);
  const comments = items.flatMap((item) => item.comments.map(({ id }) => id));
  const rows = await db.selectFrom('review_items').select('id').where('id', 'in', ids).execute();
  const more = comments.length === 0 ? [] : await db.selectFrom('review_comments').select('id').where('id', 'in', comments).execute();
  return new Set([...rows, ...more].map(({ id }) => id));
}

export async function insertCarried(tx: Tx, queueId: string, items: readonly CarriedItem[]): Promise<void> {
  if (items.length === 0) return;
  const rows = items.map((item) => ({
    id: item.id,
    queue_id: queueId,
    position: item.position,
    log_id: item.logId,
    other_log_id: item.otherLogId,
    swapped: item.swapped,
    probability: item.probability,
    gone: item.gone,
    resolved_at: item.resolvedAt,
    resolved_by: item.resolvedBy,
    resolution: item.resolution === null ? null : JSON.stringify(item.resolution),
    added_at: item.addedAt,
  }));
  await tx.insertInto('review_items').values(rows).execute();
  const slots = items.flatMap(({ id, answers }) =>
    answers.map((each) => ({
      item_id: id,
      queue_id: queueId,
      user_id: each.userId,
      state: each.state,
      lease_until: null,
      seconds: each.seconds,
      answer: each.answer === null ? null : JSON.stringify(each.answer),
      judgment_ids: each.judgmentIds === null ? null : JSON.stringify(each.judgmentIds),
      changed_at: each.changedAt,
    })),
  );
  if (slots.length > 0) await tx.insertInto('review_slots').values(slots).execute();
  const comments = items.flatMap(({ id, comments: its }) =>
    its.map((each) => ({ id: each.id, item_id: id, user_id: each.userId, text: each.text, created_at: each.at })),
  );
  if (comments.length > 0) await tx.insertInto('review_comments').values(comments).execute();
}
