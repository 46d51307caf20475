import { sql } from 'kysely';
import type { ApiKeyTable, Db } from '../tables.ts';

export type KeyRow = Pick<
  ApiKeyTable,
  'id' | 'workspace_id' | 'name' | 'prefix' | 'role' | 'environment' | 'created_at' | 'created_by' | 'expires_at' | 'origins'
> & { last_used_at: Date | null };

/** A key that is neither revoked nor expired. */
export async function findUsableKey(db: Db, hash: string, now: Date): Promise<KeyRow | undefined> {
  return db
    .selectFrom('api_keys')
    .selectAll()
    .where('hash', '=', hash)
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .executeTakeFirst();
}

export async function readKeys(db: Db, workspaceId: string): Promise<KeyRow[]> {
  return db
    .selectFrom('api_keys')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('revoked_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
}

export type NewKey = Omit<ApiKeyTable, 'last_used_at' | 'revoked_at'>;

export async function insertKey(db: Db, row: NewKey): Promise<void> {
  await db.insertInto('api_keys').values(row).execute();
}

/** Whether it was inserted: false when this key exists. */
export async function insertKeyIfAbsent(db: Db, row: NewKey): Promise<boolean> {
  const done = await db
    .insertInto('api_keys')
    .values(row)
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .returning('id')
    .executeTakeFirst();
  return done !== undefined;
}

export async function markRevoked(db: Db, workspaceId: string, id: string, at: Date): Promise<{ name: string; hash: string } | undefined> {
  return db
    .updateTable('api_keys')
    .set({ revoked_at: at })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .returning(['name', 'hash'])
    .executeTakeFirst();
}

export async function updateOrigins(
  db: Db,
  workspaceId: string,
  id: string,
  origins: readonly string[],
): Promise<(KeyRow & { hash: string }) | undefined> {
  return db
    .updateTable('api_keys')
    .set({ origins: [...origins] })
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .where('role', '=', 'feedback')
    .where('revoked_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
}

/** Whether a key in use names the origin, or any. */
export async function originNamed(db: Db, origin: string): Promise<boolean> {
  const row = await db
    .selectFrom('api_keys')
    .select('id')
    .where('role', '=', 'feedback')
    .where('revoked_at', 'is', null)
    .where(sql<boolean>`origins && ARRAY[${origin}, '*']::text[]`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function writeKeyUses(db: Db, uses: ReadonlyMap<string, Date>): Promise<void> {
  for (const [id, at] of uses) await db.updateTable('api_keys').set({ last_used_at: at }).where('id', '=', id).execute();
}

export async function readKeyNames(db: Db, ids: readonly string[]): Promise<{ id: string; name: string }[]> {
  return db.selectFrom('api_keys').select(['id', 'name']).where('id', 'in', ids).execute();
}
