import type { ColumnType, Kysely, Transaction } from 'kysely';

export interface HookTables {
  webhooks: {
    id: string;
    workspace_id: string;
    url: string;
    format: 'json' | 'slack';
    events: ColumnType<string[], string, string>;
    secret: string;
    created_at: Date;
    last_status: string | null;
    last_sent_at: Date | null;
  };
}
export type Db = Kysely<HookTables> | Transaction<HookTables>;

export interface HookRow {
  id: string;
  workspace_id: string;
  url: string;
  format: 'json' | 'slack';
  events: string[];
  secret: string;
  created_at: Date;
  last_status: string | null;
  last_sent_at: Date | null;
}

export async function readHooks(db: Db, workspaceId: string): Promise<HookRow[]> {
  return db.selectFrom('webhooks').selectAll().where('workspace_id', '=', workspaceId).orderBy('created_at').orderBy('id').execute();
}

export async function findHook(db: Db, workspaceId: string, id: string): Promise<HookRow | undefined> {
  return db.selectFrom('webhooks').selectAll().where('workspace_id', '=', workspaceId).where('id', '=', id).executeTakeFirst();
}

export async function insertHook(db: Db, row: Omit<HookRow, 'last_status' | 'last_sent_at'>): Promise<void> {
  await db
    .insertInto('webhooks')
    .values({ ...row, events: JSON.stringify(row.events), last_status: null, last_sent_at: null })
    .execute();
}

export async function deleteHook(db: Db, workspaceId: string, id: string): Promise<HookRow | undefined> {
  return db.deleteFrom('webhooks').where('workspace_id', '=', workspaceId).where('id', '=', id).returningAll().executeTakeFirst();
}

export async function writeStatus(db: Db, id: string, status: string, at: Date): Promise<void> {
  await db.updateTable('webhooks').set({ last_status: status, last_sent_at: at }).where('id', '=', id).execute();
}

export async function readAllHooks(db: Db): Promise<HookRow[]> {
  return db.selectFrom('webhooks').selectAll().execute();
}

/** Only while it is still what was read. */
export async function replaceSealed(db: Db, row: Pick<HookRow, 'id' | 'secret'>, sealed: string): Promise<void> {
  await db.updateTable('webhooks').set({ secret: sealed }).where('id', '=', row.id).where('secret', '=', row.secret).execute();
}
