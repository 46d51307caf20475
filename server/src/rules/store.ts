import { type Insertable, sql, type Updateable } from 'kysely';
import type { CaseRow, Db, RuleRow, RuleTables } from './tables.ts';

export type NewRuleRow = Insertable<RuleTables['dataset_rules']>;

/** In the order in which they were made; null: of all datasets. */
export function listRules(db: Db, workspaceId: string, datasetId: string | null): Promise<RuleRow[]> {
  let query = db.selectFrom('dataset_rules').selectAll().where('workspace_id', '=', workspaceId);
  if (datasetId !== null) query = query.where('dataset_id', '=', datasetId);
  return query.orderBy('created_at').orderBy('id').execute();
}

export function findRule(db: Db, workspaceId: string, datasetId: string, id: string): Promise<RuleRow | undefined> {
  return db
    .selectFrom('dataset_rules')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('dataset_id', '=', datasetId)
    .where('id', '=', id)
    .executeTakeFirst();
}

export function activeRules(db: Db): Promise<RuleRow[]> {
  return db.selectFrom('dataset_rules').selectAll().where('state', '=', 'active').orderBy('workspace_id').orderBy('id').execute();
}

export async function addRule(db: Db, row: NewRuleRow): Promise<boolean> {
  const result = await db
    .insertInto('dataset_rules')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return result.numInsertedOrUpdatedRows === 1n;
}

export async function changeRule(db: Db, id: string, change: Updateable<RuleTables['dataset_rules']>): Promise<void> {
  await db.updateTable('dataset_rules').set(change).where('id', '=', id).execute();
}

/** How far a look got. A rule that was turned off and on meanwhile keeps where that put it. */
export async function moveCursor(db: Db, row: RuleRow, to: number, lookedAt: Date): Promise<void> {
  await db
    .updateTable('dataset_rules')
    .set({ cursor_at: to, looked_at: lookedAt, trouble: null })
    .where('id', '=', row.id)
    .where('cursor_at', '=', row.cursor_at)
    .execute();
}

export async function removeRule(db: Db, id: string): Promise<void> {
  await db.deleteFrom('dataset_rules').where('id', '=', id).execute();
}

export interface StateCount {
  rule_id: string;
  state: CaseRow['state'];
  n: number;
  today: number;
}
export async function countCases(db: Db, ruleIds: readonly string[], midnight: Date): Promise<StateCount[]> {
  if (ruleIds.length === 0) return [];
  return db
    .selectFrom('dataset_rule_cases')
    .select(['rule_id', 'state'])
    .select(sql<number>`count(*)::int`.as('n'))
    .select(sql<number>`(count(*) FILTER (WHERE found_at >= ${midnight}))::int`.as('today'))
    .where('rule_id', 'in', ruleIds)
    .groupBy(['rule_id', 'state'])
    .execute();
}

/** What the rule made of the logs before. */
export async function casesOfLogs(db: Db, ruleId: string, logIds: readonly string[]): Promise<Map<string, CaseRow>> {
  if (logIds.length === 0) return new Map();
  const rows = await db.selectFrom('dataset_rule_cases').selectAll().where('rule_id', '=', ruleId).where('log_id', 'in', logIds).execute();
  return new Map(rows.map((row) => [row.log_id, row]));
}

/** Which of the keys wait in the dataset, whatever rule found them, and for which log. */
export async function keysWaiting(db: Db, workspaceId: string, datasetId: string, keys: readonly string[]): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const rows = await db
    .selectFrom('dataset_rule_cases')
    .select(['case_key', 'id'])
    .where('workspace_id', '=', workspaceId)
    .where('dataset_id', '=', datasetId)
    .where('state', '=', 'waiting')
    .where('case_key', 'in', keys)
    .execute();
  return new Map(rows.map(({ case_key, id }) => [case_key, id]));
}

/** A case found, or found anew with other content while it waited; what was decided stays decided. */
export async function keepCases(db: Db, rows: readonly CaseRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db
    .insertInto('dataset_rule_cases')
    .values([...rows])
    .onConflict((conflict) =>
      conflict
        .columns(['rule_id', 'log_id'])
        .doUpdateSet((eb) => ({
          case_key: eb.ref('excluded.case_key'),
          state: eb.ref('excluded.state'),
          datapoint: eb.ref('excluded.datapoint'),
        }))
        .where('dataset_rule_cases.state', 'in', ['waiting', 'duplicate']),
    )
    .execute();
}

function waitingOf(db: Db, workspaceId: string, datasetId: string, ruleId: string | null) {
  let query = db
    .selectFrom('dataset_rule_cases')
    .where('workspace_id', '=', workspaceId)
    .where('dataset_id', '=', datasetId)
    .where('state', '=', 'waiting');
  if (ruleId !== null) query = query.where('rule_id', '=', ruleId);
  return query;
}

export async function waitingPage(
  db: Db,
  workspaceId: string,
  datasetId: string,
  { ruleId, page, size }: { ruleId: string | null; page: number; size: number },
): Promise<{ rows: CaseRow[]; total: number }> {
  const query = waitingOf(db, workspaceId, datasetId, ruleId);
  const [rows, count] = await Promise.all([
    query
      .selectAll()
      .orderBy('found_at')
      .orderBy('seq')
      .limit(size)
      .offset((page - 1) * size)
      .execute(),
    query.select(sql<number>`count(*)::int`.as('n')).executeTakeFirst(),
  ]);
  return { rows, total: count?.n ?? 0 };
}

export function waitingAmong(db: Db, workspaceId: string, datasetId: string, ids: readonly string[]): Promise<CaseRow[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return waitingOf(db, workspaceId, datasetId, null).selectAll().where('id', 'in', ids).execute();
}

export async function decideCases(
  db: Db,
  ids: readonly string[],
  state: 'added' | 'dismissed' | 'duplicate',
  by: { at: Date; id: string },
): Promise<void> {
  if (ids.length === 0) return;
  await db
    .updateTable('dataset_rule_cases')
    .set({ state, datapoint: null, decided_at: by.at, decided_by: by.id })
    .where('id', 'in', ids)
    .where('state', '=', 'waiting')
    .execute();
}

/** In the order in which they were found. */
export async function casesOfRule(db: Db, ruleId: string): Promise<CaseRow[]> {
  const query = db.selectFrom('dataset_rule_cases').selectAll().where('rule_id', '=', ruleId);
  const rows = await query.orderBy('found_at').orderBy('seq').execute();
  return rows.map(({ seq: _seq, ...row }) => row);
}

/** What is in the dataset need not be known for ever: a log that old is hardly judged anew. */
export async function forgetDuplicates(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('dataset_rule_cases').where('state', '=', 'duplicate').where('found_at', '<', before).execute();
}

export async function deleteAll(db: Db, workspaceId: string): Promise<void> {
  await db.deleteFrom('dataset_rule_cases').where('workspace_id', '=', workspaceId).execute();
  await db.deleteFrom('dataset_rules').where('workspace_id', '=', workspaceId).execute();
}
