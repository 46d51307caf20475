import { sql } from 'kysely';
import type { Connection, DeploymentRow, EnvironmentRow, FileTransaction, FileTables } from '../tables.ts';
import type { Insertable, Selectable } from 'kysely';

/** Tells all replicas at the commit. */
export async function announce(tx: FileTransaction, channel: string, message: string): Promise<void> {
  await sql`select pg_notify(${channel}, ${message})`.execute(tx);
}

/** The default first, then by age. */
export function listEnvironments(db: Connection, workspaceId: string): Promise<EnvironmentRow[]> {
  return db
    .selectFrom('environments')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('deleted_at', 'is', null)
    .orderBy('is_default', 'desc')
    .orderBy('created_at')
    .orderBy('id')
    .execute();
}

/** Locked against its deletion and change until the transaction ends. */
export function holdEnvironment(
  tx: FileTransaction,
  workspaceId: string,
  which: { id: string } | 'default',
): Promise<EnvironmentRow | undefined> {
  let query = tx.selectFrom('environments').selectAll().where('workspace_id', '=', workspaceId).where('deleted_at', 'is', null);
  query = which === 'default' ? query.where('is_default', '=', true) : query.where('id', '=', which.id);
  return query.forShare().executeTakeFirst();
}

/** Locks all environments of the workspace for a change of one of them; in one order, so that no two wait for each other. */
export function lockEnvironments(tx: FileTransaction, workspaceId: string): Promise<EnvironmentRow[]> {
  return tx
    .selectFrom('environments')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
}

export async function insertEnvironment(tx: FileTransaction, row: Insertable<FileTables['environments']>): Promise<void> {
  await tx.insertInto('environments').values(row).execute();
}

export async function updateEnvironment(
  tx: FileTransaction,
  workspaceId: string,
  id: string,
  patch: Partial<Pick<EnvironmentRow, 'name' | 'protected' | 'is_default' | 'deleted_at'>>,
): Promise<void> {
  await tx.updateTable('environments').set(patch).where('workspace_id', '=', workspaceId).where('id', '=', id).execute();
}

export async function clearDefault(tx: FileTransaction, workspaceId: string): Promise<void> {
  await tx
    .updateTable('environments')
    .set({ is_default: false })
    .where('workspace_id', '=', workspaceId)
    .where('is_default', '=', true)
    .execute();
}

/** Whether the workspace ever had an environment, a deleted one included. */
export async function hasEnvironments(tx: FileTransaction, workspaceId: string): Promise<boolean> {
  const row = await tx.selectFrom('environments').select('id').where('workspace_id', '=', workspaceId).limit(1).executeTakeFirst();
  return row !== undefined;
}

export async function countDeployedIn(tx: FileTransaction, workspaceId: string, environmentId: string): Promise<number> {
  const row = await tx
    .selectFrom('deployments')
    .select((build) => build.fn.countAll<number>().as('n'))
    .where('workspace_id', '=', workspaceId)
    .where('environment_id', '=', environmentId)
    .executeTakeFirstOrThrow();
  return row.n;
}

export function deploymentsOf(db: Connection, workspaceId: string, fileId: string): Promise<DeploymentRow[]> {
  return db.selectFrom('deployments').selectAll().where('workspace_id', '=', workspaceId).where('file_id', '=', fileId).execute();
}

export async function putDeployment(tx: FileTransaction, row: DeploymentRow): Promise<void> {
  const { version_id, deployed_at, deployed_by } = row;
  await tx
    .insertInto('deployments')
    .values(row)
    .onConflict((conflict) => conflict.columns(['file_id', 'environment_id']).doUpdateSet({ version_id, deployed_at, deployed_by }))
    .execute();
}

export async function removeDeployment(tx: FileTransaction, workspaceId: string, fileId: string, environmentId: string): Promise<void> {
  await tx
    .deleteFrom('deployments')
    .where('workspace_id', '=', workspaceId)
    .where('file_id', '=', fileId)
    .where('environment_id', '=', environmentId)
    .execute();
}

export async function addHistory(tx: FileTransaction, row: Insertable<FileTables['deployment_history']>): Promise<void> {
  await tx.insertInto('deployment_history').values(row).execute();
}

/** Whether a version is or was deployed to an environment. */
export async function wasDeployed(db: Connection, workspaceId: string, environmentId: string, versionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('deployment_history')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('version_id', '=', versionId)
    .where('environment_id', '=', environmentId)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export type HistoryEntry = Selectable<FileTables['deployment_history']> & {
  environment: EnvironmentRow;
  content_hash: string | null;
  version_name: string | null;
};

/** Newest first. Environments that are deleted since are named too. */
export async function listHistory(
  db: Connection,
  workspaceId: string,
  fileId: string,
  page: { environmentId: string | null; limit: number; offset: number },
): Promise<{ records: HistoryEntry[]; total: number }> {
  let filtered = db.selectFrom('deployment_history as h').where('h.workspace_id', '=', workspaceId).where('h.file_id', '=', fileId);
  if (page.environmentId !== null) filtered = filtered.where('h.environment_id', '=', page.environmentId);
  const { total } = await filtered.select((build) => build.fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const rows = await filtered
    .innerJoin('environments as e', 'e.id', 'h.environment_id')
    .leftJoin('versions as v', (join) => join.onRef('v.id', '=', 'h.version_id').onRef('v.workspace_id', '=', 'h.workspace_id'))
    .selectAll('h')
    .select(['v.content_hash', 'v.name as version_name', 'e.name as environment_name', 'e.is_default', 'e.protected'])
    .select(['e.created_at as environment_created_at', 'e.deleted_at as environment_deleted_at'])
    .orderBy('h.seq', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  const records = rows.map(
    ({ environment_name, is_default, protected: isProtected, environment_created_at, environment_deleted_at, ...row }) => ({
      ...row,
      environment: {
        id: row.environment_id,
        workspace_id: workspaceId,
        name: environment_name,
        is_default,
        protected: isProtected,
        created_at: environment_created_at,
        deleted_at: environment_deleted_at,
      },
    }),
  );
  return { records, total };
}
