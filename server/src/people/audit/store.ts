import type { AuditEntryTable, Db } from '../tables.ts';

export interface AuditRow extends Omit<AuditEntryTable, 'target' | 'data'> {
  target: { type: string; id: string; name: string } | null;
  data: Record<string, unknown>;
}

export async function insertEntry(db: Db, row: AuditRow): Promise<void> {
  await db
    .insertInto('audit_entries')
    .values({ ...row, target: row.target === null ? 'null' : JSON.stringify(row.target), data: JSON.stringify(row.data) })
    .execute();
}

export async function readEntries(
  db: Db,
  query: { workspaceId: string; limit: number; offset: number; action: string | null; actor: string | null },
): Promise<{ rows: AuditRow[]; total: number }> {
  let found = db.selectFrom('audit_entries').where('workspace_id', '=', query.workspaceId);
  if (query.action !== null) {
    found = found.where('action', 'ilike', `%${likeLiteral(query.action)}%`);
  }
  if (query.actor !== null) {
    const { actor } = query;
    found = found.where((where) => where.or([where('actor_id', '=', actor), where('actor_name', 'ilike', `%${likeLiteral(actor)}%`)]));
  }
  const { count } = await found.select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  const rows = await found.selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(query.limit).offset(query.offset).execute();
  return { rows, total: count };
}

export async function deleteEntries(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('audit_entries').where('workspace_id', '=', workspaceId).execute();
}

function likeLiteral(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
