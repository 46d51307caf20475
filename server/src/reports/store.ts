import type { HardRule } from '@whetstone/contract';
import { type Generated, type Kysely, sql } from 'kysely';

/** Settings of reports, which the room owns; and a read model of the evaluations, which `evaluations` owns. */

export interface ReportTables {
  evaluation_report_settings: SettingsTable;
  evaluations: { id: string; workspace_id: string; file_id: string | null; name: string | null };
  evaluation_evaluators: {
    evaluation_id: string;
    evaluator_version_id: string;
    orchestrated: boolean;
    added_at: Date;
    seq: Generated<number>;
  };
  evaluation_runs: RunTable;
  evaluation_run_links: { evaluation_id: string; run_id: string; control: boolean; added_at: Date; seq: Generated<number> };
  evaluation_run_logs: { run_id: string; log_id: string; log_at: Date };
  evaluation_items: { run_id: string; done: boolean };
}
interface SettingsTable {
  evaluation_id: string;
  primary_evaluator_version_id: string | null;
  margin: number | null;
  hard_rules: HardRule[];
  chosen_at: Date;
  chosen_by: string | null;
}
interface RunTable {
  id: string;
  dataset_version_id: string | null;
  version_id: string | null;
  ended: 'completed' | 'cancelled' | null;
  created_at: Date;
}
export type Db = Kysely<ReportTables>;

export interface SettingsRow {
  primary: string | null;
  margin: number | null;
  hardRules: HardRule[];
  at: Date;
  by: string | null;
}
export interface RunRow {
  id: string;
  datasetVersionId: string | null;
  versionId: string | null;
  ended: 'completed' | 'cancelled' | null;
  createdAt: Date;
  control: boolean;
  /** Logs that the server has yet to make. */
  waiting: number;
}
export interface Whole {
  evaluation: { id: string; fileId: string | null; name: string | null };
  evaluators: { versionId: string; orchestrated: boolean }[];
  /** Oldest first, by when they came into the evaluation. */
  runs: RunRow[];
  /** Logs that were taken into the runs. */
  taken: { runId: string; id: string; at: Date }[];
  settings: SettingsRow | null;
}

/** Undefined when the workspace has no such evaluation. */
export async function readWhole(db: Db, workspaceId: string, evaluationId: string): Promise<Whole | undefined> {
  const found = await db
    .selectFrom('evaluations')
    .select(['id', 'file_id as fileId', 'name'])
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', evaluationId)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  const [evaluators, runs, taken, settings] = await Promise.all([
    db
      .selectFrom('evaluation_evaluators')
      .select(['evaluator_version_id as versionId', 'orchestrated'])
      .where('evaluation_id', '=', found.id)
      .orderBy('added_at')
      .orderBy('seq')
      .execute(),
    runsOf(db, found.id),
    takenOf(db, found.id),
    readSettings(db, found.id),
  ]);
  return { evaluation: found, evaluators, runs, taken, settings };
}

async function runsOf(db: Db, evaluationId: string): Promise<RunRow[]> {
  const { rows } = await sql<RunRow>`
    select r.id, r.dataset_version_id as "datasetVersionId", r.version_id as "versionId", r.ended, r.created_at as "createdAt", l.control,
      (select count(*) from evaluation_items i where i.run_id = r.id and not i.done)::integer as waiting
    from evaluation_run_links l join evaluation_runs r on r.id = l.run_id
    where l.evaluation_id = ${evaluationId} order by l.added_at, l.seq`.execute(db);
  return rows;
}

function takenOf(db: Db, evaluationId: string): Promise<Whole['taken']> {
  return db
    .selectFrom('evaluation_run_logs as t')
    .innerJoin('evaluation_run_links as l', 'l.run_id', 't.run_id')
    .select(['t.run_id as runId', 't.log_id as id', 't.log_at as at'])
    .where('l.evaluation_id', '=', evaluationId)
    .execute();
}

export async function readSettings(db: Db, evaluationId: string): Promise<SettingsRow | null> {
  const row = await db.selectFrom('evaluation_report_settings').selectAll().where('evaluation_id', '=', evaluationId).executeTakeFirst();
  if (row === undefined) return null;
  return { primary: row.primary_evaluator_version_id, margin: row.margin, hardRules: row.hard_rules, at: row.chosen_at, by: row.chosen_by };
}

/** Once an evaluation: the last one who writes wins. */
export async function writeSettings(db: Db, evaluationId: string, { primary, margin, hardRules, at, by }: SettingsRow): Promise<void> {
  await sql`insert into evaluation_report_settings (evaluation_id, primary_evaluator_version_id, margin, hard_rules, chosen_at, chosen_by)
    values (${evaluationId}, ${primary}, ${margin}, ${JSON.stringify(hardRules)}::jsonb, ${at}, ${by})
    on conflict (evaluation_id) do update set primary_evaluator_version_id = excluded.primary_evaluator_version_id,
      margin = excluded.margin, hard_rules = excluded.hard_rules, chosen_at = excluded.chosen_at, chosen_by = excluded.chosen_by`.execute(
    db,
  );
}

/** What is there stays. */
export async function insertSettings(db: Db, evaluationId: string, { primary, margin, hardRules, at, by }: SettingsRow): Promise<void> {
  await sql`insert into evaluation_report_settings (evaluation_id, primary_evaluator_version_id, margin, hard_rules, chosen_at, chosen_by)
    values (${evaluationId}, ${primary}, ${margin}, ${JSON.stringify(hardRules)}::jsonb, ${at}, ${by}) on conflict do nothing`.execute(db);
}

/** Whether the evaluation is the workspace's. */
export async function isOf(db: Db, workspaceId: string, evaluationId: string): Promise<boolean> {
  const row = await db
    .selectFrom('evaluations')
    .select('id')
    .where('workspace_id', '=', workspaceId)
    .where('id', '=', evaluationId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Labels of a dataset's datapoints, of those that have any. A read model of `files`. */
export async function labelsOfDatapoints(
  db: Db,
  workspaceId: string,
  fileId: string,
): Promise<{ id: string; metadata: Record<string, unknown> | null }[]> {
  const { rows } = await sql<{ id: string; metadata: Record<string, unknown> | null }>`
    select id, content->'metadata' as metadata from datapoints
    where workspace_id = ${workspaceId} and file_id = ${fileId} and case_hash is not null and content->'metadata' is not null`.execute(db);
  return rows;
}

/** Those of the datapoints that say the text anywhere, whatever its case. A read model of `files`. */
export async function datapointsContaining(db: Db, workspaceId: string, ids: readonly string[], text: string): Promise<string[]> {
  const pattern = `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  // What is looked for stands in JSON, where quotes, lines and the like have a form of their own.
  const inJson = `%${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const { rows } = await sql<{ id: string }>`
    select id from datapoints where workspace_id = ${workspaceId} and id = any(${[...ids]}::text[])
      and (content::text ilike ${inJson} or content::text ilike ${pattern})`.execute(db);
  return rows.map(({ id }) => id);
}
