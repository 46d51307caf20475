import type { Actor, StopReason } from '@whetstone/contract';
import type { Generated, JSONColumnType, Kysely, Selectable, Transaction } from 'kysely';

/** The room's tables, as `storage/migrations/postgres/0070-evaluations.sql` makes them. */
export interface EvaluationTables {
  evaluations: EvaluationTable;
  evaluation_evaluators: EvaluatorTable;
  evaluation_runs: RunTable;
  evaluation_run_links: LinkTable;
  evaluation_items: ItemTable;
  evaluation_run_logs: { run_id: string; log_id: string; log_at: Date };
}

interface EvaluationTable {
  id: string;
  workspace_id: string;
  file_id: string | null;
  name: string | null;
  created_at: Date;
  created_by: string | null;
  updated_at: Date;
  seq: Generated<number>;
}
interface EvaluatorTable {
  evaluation_id: string;
  evaluator_version_id: string;
  evaluator_id: string;
  orchestrated: boolean;
  added_at: Date;
  seq: Generated<number>;
}
/** A key, as it was when it started the run. */
export type StartedBy = Pick<Extract<Actor, { type: 'key' }>, 'id' | 'name' | 'role'>;
/** `cached`: an earlier run's output. `gone`: its datapoint was not there any more. */
export type ItemOutcome = 'ok' | 'failed' | 'cached' | 'gone';
interface RunTable {
  id: string;
  workspace_id: string;
  dataset_version_id: string | null;
  version_id: string | null;
  orchestrated: boolean;
  repetitions: Generated<number>;
  worker: string | null;
  worker_until: Date | null;
  max_cost_usd: number | null;
  cached: Generated<boolean>;
  concurrency: number | null;
  spent_usd: number | null;
  unpriced: Generated<number>;
  stopped_because: StopReason | null;
  stopped_message: string | null;
  /** Null: nobody whose limits its calls could count to. */
  started_by: JSONColumnType<StartedBy> | null;
  expected_end: Date | null;
  ended: 'completed' | 'cancelled' | null;
  created_at: Date;
  created_by: string | null;
  seq: Generated<number>;
}
interface ItemTable {
  run_id: string;
  datapoint_id: string;
  repetition: number;
  position: number;
  log_id: string;
  done: Generated<boolean>;
  outcome: ItemOutcome | null;
  content_key: string | null;
}
interface LinkTable {
  evaluation_id: string;
  run_id: string;
  control: boolean;
  added_at: Date;
  seq: Generated<number>;
}

export type EvaluationRow = Selectable<EvaluationTable>;
export type EvaluatorRow = Selectable<EvaluatorTable>;
export type LinkedRunRow = Selectable<RunTable> & Pick<Selectable<LinkTable>, 'control' | 'added_at'>;

/** The pool, or the transaction that is open: inside one, only it. */
export type Db = Kysely<EvaluationTables>;
export type Tx = Transaction<EvaluationTables>;
