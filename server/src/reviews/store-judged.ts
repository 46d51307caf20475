import { sql } from 'kysely';
import type { JudgmentValue } from '@whetstone/contract';
import type { LogDatabase } from '../storage/index.ts';
import type { Db, PopulationRow } from './tables.ts';

/**
 * A read model over the log store: what two evaluators said of the logs of a population. The tables are those of `logs` and, for
 * logs that a run took, of `evaluations`.
 */

export interface Judged {
  logId: string;
  evaluatorId: string;
  versionId: string;
  source: string;
  judge: string;
  value: JudgmentValue | null;
  /** Milliseconds since 1970. */
  at: number;
  /** The final judgment of people who disagreed. */
  final: boolean;
  /** With which the log was chosen to be labelled. */
  probability: number | null;
}

interface Raw {
  log_id: string;
  evaluator_id: string;
  evaluator_version_id: string;
  source: string;
  judge: string;
  value_type: string;
  value_boolean: number | null;
  value_number: number | null;
  value_labels: string[];
  value_text: string;
  at_us: number;
  final: number;
  probability: number;
}

export interface PopulationFilter {
  fileId: string | null;
  environmentId: string | null;
  from: Date | null;
  to: Date | null;
  runId: string | null;
  /** Logs that the run took, beside those that name it. */
  taken: readonly string[];
}

const most = 500_000;

/** Oldest first, so that of several the last counts. Deleted logs and judgments are left out. */
export async function judgedBy(
  db: LogDatabase,
  workspaceId: string,
  evaluatorIds: readonly string[],
  { fileId, environmentId, from, to, runId, taken }: PopulationFilter,
): Promise<Judged[]> {
  const conditions = ['workspace_id = {workspace:String}', 'deleted = 0'];
  if (fileId !== null) conditions.push('file_id = {file:String}');
  if (environmentId !== null) conditions.push('environment_id = {environment:String}');
  if (from !== null) conditions.push(`at >= {from:DateTime64(6, 'UTC')}`);
  if (to !== null) conditions.push(`at < {to:DateTime64(6, 'UTC')}`);
  if (runId !== null) conditions.push('(run_id = {run:String} OR id IN {taken:Array(String)})');
  const rows = await db.query<Raw>(
    `SELECT log_id, evaluator_id, evaluator_version_id, source, judge, value_type, value_boolean, value_number, value_labels,
       value_text, toUnixTimestamp64Micro(at) AS at_us, JSONExtractBool(metadata_json, 'review', 'final') AS final,
       JSONExtractFloat(metadata_json, 'review', 'probability') AS probability
     FROM judgments FINAL
     WHERE workspace_id = {workspace:String} AND evaluator_id IN {evaluators:Array(String)} AND deleted = 0
       AND log_id IN (SELECT id FROM logs FINAL WHERE ${conditions.join(' AND ')})
     ORDER BY at, id LIMIT {limit:UInt32}`,
    {
      workspace: workspaceId,
      evaluators: [...evaluatorIds],
      limit: most,
      ...(fileId === null ? {} : { file: fileId }),
      ...(environmentId === null ? {} : { environment: environmentId }),
      ...(from === null ? {} : { from }),
      ...(to === null ? {} : { to }),
      ...(runId === null ? {} : { run: runId, taken: [...taken] }),
    },
  );
  return rows.map((row) => ({
    logId: row.log_id,
    evaluatorId: row.evaluator_id,
    versionId: row.evaluator_version_id,
    source: row.source,
    judge: row.judge,
    value: valueOf(row),
    at: row.at_us / 1000,
    final: row.final === 1,
    probability: row.probability > 0 ? row.probability : null,
  }));
}

function valueOf({ value_type, value_boolean, value_number, value_labels, value_text }: Raw): JudgmentValue | null {
  if (value_type === 'boolean') return value_boolean === 1;
  if (value_type === 'number') return value_number;
  if (value_type === 'labels') return value_labels;
  return value_type === 'text' ? value_text : null;
}

/** Null for a run that does not exist. */
export async function logsTakenBy(db: Db, workspaceId: string, runId: string): Promise<string[] | null> {
  const { rows } = await sql<{ log_id: string | null }>`
    select l.log_id from evaluation_runs r left join evaluation_run_logs l on l.run_id = r.id
    where r.workspace_id = ${workspaceId} and r.id = ${runId}`.execute(db);
  return rows.length === 0 ? null : rows.flatMap(({ log_id }) => log_id ?? []);
}

export function populationOf(db: Db, queueId: string): Promise<PopulationRow | undefined> {
  return db.selectFrom('review_populations').selectAll().where('queue_id', '=', queueId).executeTakeFirst();
}

/** Queues of chosen labels over the two, newest first. */
export function populationsOf(db: Db, workspaceId: string, judgeId: string, humanId: string): Promise<{ id: string; name: string }[]> {
  return db
    .selectFrom('review_populations as p')
    .innerJoin('review_queues as q', 'q.id', 'p.queue_id')
    .select(['q.id', 'q.name'])
    .where('q.workspace_id', '=', workspaceId)
    .where('p.judge_id', '=', judgeId)
    .where('p.human_id', '=', humanId)
    .orderBy('q.created_at', 'desc')
    .execute();
}
