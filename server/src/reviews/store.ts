import { sql } from 'kysely';
import type { Insertable } from 'kysely';
import type { Db, ItemRow, QueueRow, ReviewTables, Tx } from './tables.ts';

export function findQueue(db: Db, workspaceId: string, id: string): Promise<QueueRow | undefined> {
  return db.selectFrom('review_queues').selectAll().where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
}

/** Locked until the transaction ends: items of one queue are given out one after the other. */
export function holdQueue(tx: Tx, workspaceId: string, id: string): Promise<QueueRow | undefined> {
  return tx
    .selectFrom('review_queues')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** Newest first. */
export function queuesOf(db: Db, workspaceId: string, closed: boolean | null): Promise<QueueRow[]> {
  let query = db.selectFrom('review_queues').selectAll().where('workspace_id', '=', workspaceId);
  if (closed !== null) query = query.where('closed', '=', closed);
  return query.orderBy('created_at', 'desc').orderBy('seq', 'desc').limit(500).execute();
}

export function liveQueues(db: Db, workspaceId: string | null): Promise<QueueRow[]> {
  let query = db.selectFrom('review_queues').selectAll().where('live_filter', 'is not', null).where('closed', '=', false);
  if (workspaceId !== null) query = query.where('workspace_id', '=', workspaceId);
  return query.execute();
}

export interface NewQueueRows {
  queue: Insertable<ReviewTables['review_queues']>;
  evaluators: readonly Insertable<ReviewTables['review_evaluators']>[];
  assignees: readonly string[];
  population: Insertable<ReviewTables['review_populations']> | null;
}

export async function insertQueue(tx: Tx, { queue, evaluators, assignees, population }: NewQueueRows): Promise<void> {
  await tx.insertInto('review_queues').values(queue).execute();
  if (evaluators.length > 0)
    await tx
      .insertInto('review_evaluators')
      .values([...evaluators])
      .execute();
  await setAssignees(tx, queue.id, assignees);
  if (population !== null) await tx.insertInto('review_populations').values(population).execute();
}

export async function setAssignees(tx: Tx, queueId: string, userIds: readonly string[]): Promise<void> {
  await tx.deleteFrom('review_assignees').where('queue_id', '=', queueId).execute();
  if (userIds.length === 0) return;
  const rows = [...new Set(userIds)].map((userId) => ({ queue_id: queueId, user_id: userId }));
  await tx.insertInto('review_assignees').values(rows).execute();
}

export async function updateQueue(
  tx: Tx,
  id: string,
  patch: Partial<Pick<QueueRow, 'name' | 'instructions' | 'overlap' | 'closed'>>,
): Promise<void> {
  if (Object.keys(patch).length > 0) await tx.updateTable('review_queues').set(patch).where('id', '=', id).execute();
}

export async function deleteQueue(db: Db, workspaceId: string, id: string): Promise<boolean> {
  const result = await db.deleteFrom('review_queues').where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export interface NewItem {
  id: string;
  position: number;
  logId: string;
  otherLogId: string | null;
  swapped: boolean;
  probability: number | null;
}

const rowsAtOnce = 5_000;

/** Those that the queue has already stay as they are. */
export async function insertItems(db: Db, queueId: string, items: readonly NewItem[], at: Date): Promise<void> {
  for (let i = 0; i < items.length; i += rowsAtOnce) {
    const some = items.slice(i, i + rowsAtOnce);
    await sql`insert into review_items (id, queue_id, position, log_id, other_log_id, swapped, probability, added_at)
      select i.id, ${queueId}, i.position, i.log_id, i.other_log_id, i.swapped, i.probability, ${at.toISOString()}::timestamptz
      from unnest(${some.map(({ id }) => id)}::text[], ${some.map(({ position }) => position)}::float8[],
        ${some.map(({ logId }) => logId)}::text[], ${some.map(({ otherLogId }) => otherLogId)}::text[],
        ${some.map(({ swapped }) => swapped)}::boolean[], ${some.map(({ probability }) => probability)}::float8[])
        as i(id, position, log_id, other_log_id, swapped, probability)
      on conflict do nothing`.execute(db);
  }
}

export function findItem(db: Db, queueId: string, id: string): Promise<ItemRow | undefined> {
  return db.selectFrom('review_items').selectAll().where('queue_id', '=', queueId).where('id', '=', id).executeTakeFirst();
}

/** Its log was deleted: nobody gets it any more, and it counts nowhere. */
export async function markGone(db: Db, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('review_items')
    .set({ gone: true })
    .where('id', 'in', [...ids])
    .execute();
}

export async function evaluatorsOf(db: Db, queueIds: readonly string[]): Promise<Map<string, { id: string; versionId: string }[]>> {
  if (queueIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('review_evaluators')
    .selectAll()
    .where('queue_id', 'in', [...queueIds])
    .orderBy('position')
    .execute();
  const byQueue = new Map<string, { id: string; versionId: string }[]>();
  for (const row of rows) {
    const list = byQueue.get(row.queue_id) ?? [];
    byQueue.set(row.queue_id, [...list, { id: row.evaluator_id, versionId: row.evaluator_version_id }]);
  }
  return byQueue;
}

export async function assigneesOf(db: Db, queueIds: readonly string[]): Promise<Map<string, string[]>> {
  if (queueIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('review_assignees')
    .selectAll()
    .where('queue_id', 'in', [...queueIds])
    .execute();
  const byQueue = new Map<string, string[]>();
  for (const row of rows) byQueue.set(row.queue_id, [...(byQueue.get(row.queue_id) ?? []), row.user_id]);
  return byQueue;
}

export async function deleteAll(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('review_queues').where('workspace_id', '=', workspaceId).execute();
}
