import type { Db, ResetLinkTable, Tx } from '../../tables.ts';

export async function insertLink(db: Db, row: Omit<ResetLinkTable, 'used_at'>): Promise<void> {
  await db.insertInto('reset_links').values(row).execute();
}

export async function findLink(db: Db, tokenHash: string, now: Date): Promise<{ userId: string } | undefined> {
  return db
    .selectFrom('reset_links')
    .select('user_id as userId')
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

/** Of several at once only the first gets the person. */
export async function useLink(tx: Tx, tokenHash: string, now: Date): Promise<string | undefined> {
  const row = await tx
    .updateTable('reset_links')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('user_id')
    .executeTakeFirst();
  return row?.user_id;
}

export async function withdrawLinks(tx: Tx, userId: string): Promise<void> {
  await tx.deleteFrom('reset_links').where('user_id', '=', userId).execute();
}
