import { sql } from 'kysely';
import type { CredentialTable, Db, Tx } from '../tables.ts';

export type CredentialRow = Omit<CredentialTable, 'last_used_at' | 'settings'> & {
  settings: Record<string, string>;
  last_used_at: Date | null;
};

export async function readCredentials(db: Db, workspaceId: string): Promise<CredentialRow[]> {
  return db.selectFrom('credentials').selectAll().where('workspace_id', '=', workspaceId).orderBy('created_at').orderBy('id').execute();
}

export async function lockCredential(tx: Tx, workspaceId: string, id: string): Promise<CredentialRow | undefined> {
  return tx
    .selectFrom('credentials')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

export async function insertCredential(db: Db, row: Omit<CredentialRow, 'last_used_at'>): Promise<void> {
  await db
    .insertInto('credentials')
    .values({ ...row, settings: JSON.stringify(row.settings) })
    .execute();
}

export async function updateCredential(
  db: Db,
  id: string,
  { name, base_url, settings, secret, hint }: Pick<CredentialRow, 'name' | 'base_url' | 'settings' | 'secret' | 'hint'>,
): Promise<void> {
  await db
    .updateTable('credentials')
    .set({ name, base_url, settings: JSON.stringify(settings), secret, hint })
    .where('id', '=', id)
    .execute();
}

export async function deleteCredential(db: Db, workspaceId: string, id: string): Promise<{ name: string; provider: string } | undefined> {
  return db
    .deleteFrom('credentials')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', id)
    .returning(['name', 'provider'])
    .executeTakeFirst();
}

export async function readSealed(db: Db): Promise<CredentialRow[]> {
  return db.selectFrom('credentials').selectAll().execute();
}

/** Only while it is still what was read. */
export async function replaceSealed(db: Db, id: string, before: string, after: string): Promise<void> {
  await db.updateTable('credentials').set({ secret: after }).where('id', '=', id).where('secret', '=', before).execute();
}

export async function writeCredentialUses(db: Db, uses: ReadonlyMap<string, Date>): Promise<void> {
  for (const [id, at] of uses) await db.updateTable('credentials').set({ last_used_at: at }).where('id', '=', id).execute();
}

/** Replicas that start together take turns. */
export async function lockSecretKeys(tx: Tx): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(4400011)`.execute(tx);
}

export async function readProofs(tx: Tx): Promise<{ id: string; proof: string }[]> {
  return tx.selectFrom('secret_keys').select(['id', 'proof']).orderBy('created_at').execute();
}

export async function insertProof(tx: Tx, id: string, proof: string): Promise<void> {
  await tx.insertInto('secret_keys').values({ id, proof }).execute();
}
