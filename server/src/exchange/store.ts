import type { ColumnType, Kysely } from 'kysely';

export type ImportedKind = 'author' | 'member' | 'credential' | 'key' | 'variable' | 'webhook';
export type Said = Record<string, unknown>;

/** The room's table, as `storage/migrations/postgres/0074-imported.sql` makes it. */
export interface ExchangeTables {
  imported: { workspace_id: string; kind: ImportedKind; name: string; said: ColumnType<Said, string, string> };
}
type Db = Kysely<ExchangeTables>;

/** By name. */
export async function importedOf(db: Db, workspaceId: string, kind: ImportedKind): Promise<Map<string, Said>> {
  const rows = await db
    .selectFrom('imported')
    .select(['name', 'said'])
    .where('workspace_id', '=', workspaceId)
    .where('kind', '=', kind)
    .execute();
  return new Map(rows.map(({ name, said }) => [name, said]));
}

/** What is known already stays as it is. */
export async function keepImported(db: Db, workspaceId: string, kind: ImportedKind, name: string, said: Said): Promise<void> {
  await db
    .insertInto('imported')
    .values({ workspace_id: workspaceId, kind, name, said: JSON.stringify(said) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function forgetImported(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('imported').where('workspace_id', '=', workspaceId).execute();
}
