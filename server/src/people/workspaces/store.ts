import { sql } from 'kysely';
import type { DemoState, RedactionRule, WorkspaceSettings } from '../index.ts';
import type { Db, Tx } from '../tables.ts';

export async function findWorkspace(db: Db, id: string): Promise<WorkspaceSettings | undefined> {
  const row = await db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirst();
  return row && present(row);
}

export async function findWorkspaceBySlug(db: Db, slug: string): Promise<WorkspaceSettings | undefined> {
  const row = await db.selectFrom('workspaces').selectAll().where('slug', '=', slug).executeTakeFirst();
  return row && present(row);
}

export async function readWorkspaces(db: Db): Promise<WorkspaceSettings[]> {
  const rows = await db.selectFrom('workspaces').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(present);
}

export async function readSlugs(db: Db, start: string): Promise<Set<string>> {
  const rows = await db.selectFrom('workspaces').select('slug').where('slug', 'like', `${start}%`).execute();
  return new Set(rows.map(({ slug }) => slug));
}

export async function insertWorkspace(db: Db, row: { id: string; slug: string; name: string; createdAt: Date }): Promise<void> {
  await db.insertInto('workspaces').values({ id: row.id, slug: row.slug, name: row.name, created_at: row.createdAt }).execute();
}

export interface WorkspacePatch {
  name?: string | undefined;
  retentionDays?: number | null | undefined;
  environmentRetentionDays?: Record<string, number | null> | undefined;
  redaction?: RedactionRule[] | undefined;
}

export async function updateWorkspace(db: Db, id: string, patch: WorkspacePatch): Promise<WorkspaceSettings | undefined> {
  const { name, retentionDays, environmentRetentionDays, redaction } = patch;
  const row = await db
    .updateTable('workspaces')
    .set({
      // At least one column, so that an empty patch is a statement too.
      id,
      ...(name === undefined ? {} : { name }),
      ...(retentionDays === undefined ? {} : { retention_days: retentionDays }),
      ...(environmentRetentionDays === undefined ? {} : { environment_retention_days: JSON.stringify(environmentRetentionDays) }),
      ...(redaction === undefined ? {} : { redaction: JSON.stringify(redaction) }),
    })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row && present(row);
}

export async function updateDemo(db: Db, id: string, demo: DemoState): Promise<void> {
  await db.updateTable('workspaces').set({ demo }).where('id', '=', id).execute();
}

export async function deleteWorkspace(db: Db, id: string): Promise<void> {
  await db.deleteFrom('workspaces').where('id', '=', id).execute();
}

/** Holds the workspace's row until the transaction ends: changes of its members happen one after another. */
export async function lockWorkspace(tx: Tx, id: string): Promise<boolean> {
  const row = await tx.selectFrom('workspaces').select('id').where('id', '=', id).forUpdate().executeTakeFirst();
  return row !== undefined;
}

/** One at a time on every replica: the first owner is made once. */
export async function lockFirstRun(tx: Tx): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(4400010)`.execute(tx);
}

/** Notes that this installation had its demo workspace; false when that was noted before. */
export async function noteDemo(tx: Tx): Promise<boolean> {
  const { rows } = await sql<{ noted: boolean }>`
    UPDATE instance SET facts = facts || '{"demo": true}' WHERE NOT facts ? 'demo' RETURNING true AS noted`.execute(tx);
  return rows.length > 0;
}

/** Workspaces whose demo was begun and not finished, and the finished one. */
export async function findDemo(db: Db): Promise<WorkspaceSettings | undefined> {
  const row = await db.selectFrom('workspaces').selectAll().where('demo', '!=', 'none').orderBy('created_at').executeTakeFirst();
  return row && present(row);
}

interface Row {
  id: string;
  slug: string;
  name: string;
  created_at: Date;
  retention_days: number | null;
  environment_retention_days: Record<string, number | null>;
  redaction: RedactionRule[];
  demo: DemoState;
}

function present(row: Row): WorkspaceSettings {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    createdAt: row.created_at,
    retentionDays: row.retention_days,
    environmentRetentionDays: row.environment_retention_days,
    redaction: row.redaction,
    demo: row.demo,
  };
}
