import { sql } from 'kysely';
import type { Db } from '../tables.ts';

/** The run that others of the evaluation are compared with: the control, else the one that came first. */
const baselineOfLink = sql<string>`(select b.run_id from evaluation_run_links as b where b.evaluation_id = l.evaluation_id
  order by b.control desc, b.added_at, b.seq limit 1)`;

/** The server's evaluators of all evaluations that the run is in, each with the baseline there. */
export async function pairingsOfRun(db: Db, runId: string): Promise<{ evaluatorVersionId: string; baselineId: string }[]> {
  return db
    .selectFrom('evaluation_run_links as l')
    .innerJoin('evaluation_evaluators as e', 'e.evaluation_id', 'l.evaluation_id')
    .select(['e.evaluator_version_id as evaluatorVersionId', baselineOfLink.as('baselineId')])
    .distinct()
    .where('l.run_id', '=', runId)
    .where('e.orchestrated', '=', true)
    .execute();
}

export async function baselineOf(db: Db, evaluationId: string): Promise<string | null> {
  const row = await db
    .selectFrom('evaluation_run_links')
    .select('run_id')
    .where('evaluation_id', '=', evaluationId)
    .orderBy('control', 'desc')
    .orderBy('added_at')
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  return row?.run_id ?? null;
}

/** Runs that nobody ended and that have this one as their baseline. */
export async function openRunsAgainst(db: Db, runId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('evaluation_run_links as l')
    .innerJoin('evaluation_runs as r', 'r.id', 'l.run_id')
    .select('r.id')
    .distinct()
    .where('r.ended', 'is', null)
    .where('r.id', '<>', runId)
    .where(baselineOfLink, '=', runId)
    .where('l.evaluation_id', 'in', (of) => of.selectFrom('evaluation_run_links').select('evaluation_id').where('run_id', '=', runId))
    .execute();
  return rows.map(({ id }) => id);
}

export interface Baseline {
  ended: boolean;
  datasetVersionId: string | null;
  repetitions: number;
  /** Logs that the server has yet to make. */
  waiting: number;
}
export async function findBaseline(db: Db, runId: string): Promise<Baseline | null> {
  const { rows } = await sql<Baseline>`
    select ended is not null as ended, dataset_version_id as "datasetVersionId", repetitions,
      (select count(*) from evaluation_items i where i.run_id = r.id and not i.done)::integer as waiting
    from evaluation_runs r where r.id = ${runId}`.execute(db);
  return rows[0] ?? null;
}
