import type { Generated, Kysely, Selectable } from 'kysely';

/** The room's tables, as `0092-gates.sql` makes them, and names of evaluations, a read model. */
export interface GateTables {
  environment_gates: {
    id: string;
    workspace_id: string;
    environment_id: string;
    evaluation: string;
    file_id: string | null;
    no_regression: boolean;
    hard_rules: boolean;
    max_age_days: number | null;
    position: number;
    created_at: Date;
    created_by: string;
  };
  kept_results: {
    evaluation_id: string;
    run_id: string;
    workspace_id: string;
    branch: string;
    commit_id: string | null;
    url: string | null;
    created_at: Date;
    seq: Generated<number>;
  };
  evaluations: { id: string; workspace_id: string; file_id: string | null; name: string | null };
}
export type Db = Kysely<GateTables>;
export type GateRow = Selectable<GateTables['environment_gates']>;
export type ResultRow = Omit<Selectable<GateTables['kept_results']>, 'seq'>;
export type EvaluationName = Pick<Selectable<GateTables['evaluations']>, 'id' | 'name' | 'file_id'>;

export function gatesOf(db: Db, workspaceId: string, environmentId: string): Promise<GateRow[]> {
  return db
    .selectFrom('environment_gates')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('environment_id', '=', environmentId)
    .orderBy('position')
    .execute();
}

export async function replaceGates(tx: Db, workspaceId: string, environmentId: string, rows: readonly GateRow[]): Promise<void> {
  await tx.deleteFrom('environment_gates').where('workspace_id', '=', workspaceId).where('environment_id', '=', environmentId).execute();
  if (rows.length > 0)
    await tx
      .insertInto('environment_gates')
      .values([...rows])
      .execute();
}

/** Of all environments, those of one in their order. */
export function everyGate(db: Db, workspaceId: string): Promise<GateRow[]> {
  return db.selectFrom('environment_gates').selectAll().where('workspace_id', '=', workspaceId).orderBy('position').execute();
}

/** Of gates of other workspaces too: an id is there once. */
export async function takenGates(db: Db, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom('environment_gates')
    .select('id')
    .where('id', 'in', [...ids])
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** Evaluations so named, and the one of that id. */
export function evaluationsCalled(db: Db, workspaceId: string, named: readonly string[]): Promise<EvaluationName[]> {
  if (named.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('evaluations')
    .select(['id', 'name', 'file_id'])
    .where('workspace_id', '=', workspaceId)
    .where((is) => is.or([is('id', 'in', [...named]), is('name', 'in', [...named])]))
    .orderBy('created_at' as never)
    .execute();
}

export async function keepResult(db: Db, row: ResultRow): Promise<void> {
  await db
    .deleteFrom('kept_results')
    .where('evaluation_id', '=', row.evaluation_id)
    .where('run_id', '=', row.run_id)
    .where('branch', '=', row.branch)
    .execute();
  await db.insertInto('kept_results').values(row).execute();
}

/** What is kept already stays as it is. */
export async function insertResult(db: Db, row: ResultRow): Promise<void> {
  await db
    .insertInto('kept_results')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Newest first. */
export function resultsOf(db: Db, evaluationId: string, branch: string | null, limit: number): Promise<ResultRow[]> {
  let query = db.selectFrom('kept_results').selectAll().where('evaluation_id', '=', evaluationId);
  if (branch !== null) query = query.where('branch', '=', branch);
  return query.orderBy('seq', 'desc').limit(limit).execute();
}

export async function deleteAll(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('environment_gates').where('workspace_id', '=', workspaceId).execute();
  await db.deleteFrom('kept_results').where('workspace_id', '=', workspaceId).execute();
}
