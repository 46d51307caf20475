import { sql } from 'kysely';
import type { Db, ItemRow, SlotRow, StoredAnswer, Tx } from './tables.ts';

/** People at items. */

export interface Counts {
  items: number;
  complete: number;
  answers: number;
  /** Of one person. */
  done: number;
  left: number;
  medianSeconds: number | null;
}

const taken = (userId: string, at: Date) => sql`
  (select count(*) from review_slots s where s.item_id = i.id and s.user_id <> ${userId}
    and (s.state = 'done' or (s.state = 'claimed' and s.lease_until > ${at.toISOString()}::timestamptz)))`;

/** Of the queues, for one person. What is left for them is what nobody else finished or reads now. */
export async function countsOf(db: Db, queueIds: readonly string[], userId: string, at: Date): Promise<Map<string, Counts>> {
  if (queueIds.length === 0) return new Map();
  const { rows } = await sql<{ queue_id: string; items: number; complete: number; answers: number; done: number; left: number }>`
    select i.queue_id, count(*) as items,
      count(*) filter (where (select count(*) from review_slots s where s.item_id = i.id and s.state = 'done') >= q.overlap) as complete,
      coalesce(sum((select count(*) from review_slots s where s.item_id = i.id and s.state = 'done')), 0)::bigint as answers,
      count(*) filter (where own.state = 'done') as done,
      count(*) filter (where (own.state is null or own.state = 'claimed') and ${taken(userId, at)} < q.overlap) as left
    from review_items i join review_queues q on q.id = i.queue_id
    left join review_slots own on own.item_id = i.id and own.user_id = ${userId}
    where i.queue_id = any(${[...queueIds]}::text[]) and not i.gone
    group by i.queue_id`.execute(db);
  const paces = await sql<{ queue_id: string; seconds: number }>`
    select queue_id, percentile_cont(0.5) within group (order by seconds) as seconds from (
      select queue_id, seconds, row_number() over (partition by queue_id order by changed_at desc) as recent
      from review_slots where queue_id = any(${[...queueIds]}::text[]) and user_id = ${userId} and state = 'done' and seconds is not null
    ) own where recent <= 20 group by queue_id`.execute(db);
  const pace = new Map(paces.rows.map(({ queue_id, seconds }) => [queue_id, seconds]));
  return new Map(rows.map(({ queue_id, ...counts }) => [queue_id, { ...counts, medianSeconds: pace.get(queue_id) ?? null }]));
}

/**
 * Gives the person items that they have not judged or skipped and that fewer than `overlap` others finished or read now, in the queue's
 * order. Their own unfinished ones come first, with a new lease. The queue is held by the transaction.
 */
export async function claim(
  tx: Tx,
  {
    queueId,
    overlap,
    userId,
    count,
    held,
    at,
    until,
  }: {
    queueId: string;
    overlap: number;
    userId: string;
    count: number;
    held: readonly string[];
    at: Date;
    until: Date;
  },
): Promise<ItemRow[]> {
  const { rows } = await sql<ItemRow>`
    select i.* from review_items i left join review_slots own on own.item_id = i.id and own.user_id = ${userId}
    where i.queue_id = ${queueId} and not i.gone and (own.state is null or own.state = 'claimed')
      and not (i.id = any(${[...held]}::text[])) and ${taken(userId, at)} < ${overlap}
    order by own.state is null, i.position, i.id limit ${count}`.execute(tx);
  for (const row of rows)
    await setSlot(tx, { item_id: row.id, queue_id: queueId, user_id: userId, state: 'claimed', lease_until: until, changed_at: at });
  if (held.length > 0)
    await tx
      .updateTable('review_slots')
      .set({ lease_until: until })
      .where('user_id', '=', userId)
      .where('state', '=', 'claimed')
      .where('item_id', 'in', [...held])
      .execute();
  return rows;
}

export function slotOf(db: Db, itemId: string, userId: string): Promise<SlotRow | undefined> {
  return db.selectFrom('review_slots').selectAll().where('item_id', '=', itemId).where('user_id', '=', userId).executeTakeFirst();
}

type Slot = Pick<SlotRow, 'item_id' | 'queue_id' | 'user_id' | 'state' | 'changed_at'> & {
  lease_until?: Date | null;
  seconds?: number | null;
  answer?: StoredAnswer | null;
  judgment_ids?: string[] | null;
};

export async function setSlot(db: Db, slot: Slot): Promise<void> {
  const { lease_until = null, seconds = null, answer = null, judgment_ids = null, ...rest } = slot;
  const values = {
    ...rest,
    lease_until,
    seconds,
    answer: answer === null ? null : JSON.stringify(answer),
    judgment_ids: judgment_ids === null ? null : JSON.stringify(judgment_ids),
  };
  const { item_id, user_id, queue_id, ...changed } = values;
  await db
    .insertInto('review_slots')
    .values({ item_id, user_id, queue_id, ...changed })
    .onConflict((conflict) => conflict.columns(['item_id', 'user_id']).doUpdateSet(changed))
    .execute();
}

/** All that was judged in the queue. */
export function answersOf(
  db: Db,
  queueId: string,
): Promise<(SlotRow & Pick<ItemRow, 'swapped' | 'position' | 'log_id' | 'probability'>)[]> {
  return db
    .selectFrom('review_slots as s')
    .innerJoin('review_items as i', 'i.id', 's.item_id')
    .selectAll('s')
    .select(['i.swapped', 'i.position', 'i.log_id', 'i.probability'])
    .where('s.queue_id', '=', queueId)
    .where('s.state', '=', 'done')
    .where('i.gone', '=', false)
    .orderBy('i.position')
    .orderBy('s.user_id')
    .execute();
}

export function itemsOf(db: Db, queueId: string, ids: readonly string[]): Promise<ItemRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('review_items')
    .selectAll()
    .where('queue_id', '=', queueId)
    .where('id', 'in', [...ids])
    .execute();
}

export function allItems(db: Db, queueId: string): Promise<ItemRow[]> {
  return db.selectFrom('review_items').selectAll().where('queue_id', '=', queueId).orderBy('position').execute();
}

export async function commentsOf(db: Db, itemIds: readonly string[]) {
  if (itemIds.length === 0) return [];
  return db
    .selectFrom('review_comments')
    .selectAll()
    .where('item_id', 'in', [...itemIds])
    .orderBy('created_at')
    .execute();
}

export async function insertComment(
  db: Db,
  row: { id: string; item_id: string; user_id: string; text: string; created_at: Date },
): Promise<void> {
  await db.insertInto('review_comments').values(row).execute();
}

export async function setResolution(
  db: Db,
  itemId: string,
  { by, at, answers }: { by: string; at: Date; answers: StoredAnswer['answers'] },
): Promise<void> {
  await db
    .updateTable('review_items')
    .set({ resolved_by: by, resolved_at: at, resolution: JSON.stringify(answers) })
    .where('id', '=', itemId)
    .execute();
}

export async function countItems(db: Db, queueId: string): Promise<number> {
  const { n } = await db
    .selectFrom('review_items')
    .select((build) => build.fn.countAll<number>().as('n'))
    .where('queue_id', '=', queueId)
    .executeTakeFirstOrThrow();
  return n;
}
