import type { Kysely } from 'kysely';

export interface IdempotencyTables {
  idempotency_keys: {
    workspace_id: string;
    actor_id: string;
    key_hash: string;
    request_hash: string;
    claim: string;
    created_at: Date;
    seen_at: Date;
    status: number | null;
    answer: string | null;
  };
}
type Db = Kysely<IdempotencyTables>;

export type Holder = Pick<IdempotencyTables['idempotency_keys'], 'workspace_id' | 'actor_id' | 'key_hash'>;
export interface Claimed extends Holder {
  claim: string;
}

/** Whether the key is now held by this attempt: it was free, over, or held by one that died. */
export async function claimKey(
  db: Db,
  row: Claimed & { request_hash: string; created_at: Date },
  limits: { overBefore: Date; deadBefore: Date },
): Promise<boolean> {
  const fresh = { ...row, seen_at: row.created_at, status: null, answer: null };
  const { workspace_id: _workspace, actor_id: _actor, key_hash: _key, ...taken } = fresh;
  const done = await db
    .insertInto('idempotency_keys')
    .values(fresh)
    .onConflict((conflict) =>
      conflict
        .columns(['workspace_id', 'actor_id', 'key_hash'])
        .doUpdateSet(taken)
        .where((where) =>
          where.or([
            where('idempotency_keys.created_at', '<', limits.overBefore),
            where.and([
              where('idempotency_keys.status', 'is', null),
              where('idempotency_keys.seen_at', '<', limits.deadBefore),
              where('idempotency_keys.request_hash', '=', row.request_hash),
            ]),
          ]),
        ),
    )
    .returning('claim')
    .executeTakeFirst();
  return done !== undefined;
}

export async function findKept(
  db: Db,
  holder: Holder,
): Promise<{ request_hash: string; status: number | null; answer: string | null } | undefined> {
  return held(db, holder).select(['request_hash', 'status', 'answer']).executeTakeFirst();
}

function held(db: Db, holder: Holder) {
  return db
    .selectFrom('idempotency_keys')
    .where('workspace_id', '=', holder.workspace_id)
    .where('actor_id', '=', holder.actor_id)
    .where('key_hash', '=', holder.key_hash);
}

export async function writeSeen(db: Db, { claim, ...holder }: Claimed, at: Date): Promise<void> {
  await changed(db, holder, claim, { seen_at: at });
}

export async function keepAnswer(db: Db, { claim, ...holder }: Claimed, answer: { status: number; answer: string | null }): Promise<void> {
  await changed(db, holder, claim, answer);
}

async function changed(
  db: Db,
  holder: Holder,
  claim: string,
  change: { seen_at: Date } | { status: number; answer: string | null },
): Promise<void> {
  await db
    .updateTable('idempotency_keys')
    .set(change)
    .where('workspace_id', '=', holder.workspace_id)
    .where('actor_id', '=', holder.actor_id)
    .where('key_hash', '=', holder.key_hash)
    .where('claim', '=', claim)
    .execute();
}

export async function freeKey(db: Db, { claim, ...holder }: Claimed): Promise<void> {
  await db
    .deleteFrom('idempotency_keys')
    .where('workspace_id', '=', holder.workspace_id)
    .where('actor_id', '=', holder.actor_id)
    .where('key_hash', '=', holder.key_hash)
    .where('claim', '=', claim)
    .execute();
}

export async function deleteKept(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('idempotency_keys').where('created_at', '<', before).execute();
}
