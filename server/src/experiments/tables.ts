import type { ExperimentEvent, GuardSpec, MetricSpec } from '@whetstone/contract';
import type { Slot } from '@whetstone/domain';
import type { ColumnType, Generated, Kysely, Selectable, Transaction } from 'kysely';

/** The room's tables, as `storage/migrations/postgres/0096-experiments.sql` makes them. */
export interface ExperimentTables {
  experiments: ExperimentTable;
  experiment_epochs: EpochTable;
  experiment_events: EventTable;
  experiment_leases: { workspace_id: string; worker: string; worker_until: Date };
  experiment_analyses: AnalysisTable;
  experiment_looks: LookTable;
}

export type Json<T> = ColumnType<T, string, string>;

export interface StoredArm {
  id: string;
  name: string;
  /** Null: control of a draft. */
  versionId: string | null;
  weight: number;
  stoppedAt: string | null;
  stoppedWhy: string | null;
}
export interface ForcedUnit {
  unit: string;
  armId: string;
}

interface ExperimentTable {
  id: string;
  workspace_id: string;
  file_id: string;
  environment_id: string;
  name: string;
  hypothesis: string | null;
  state: 'draft' | 'running' | 'stopped' | 'promoted';
  salt: string;
  /** Control first. */
  arms: Json<StoredArm[]>;
  traffic: number;
  metric: Json<MetricSpec>;
  secondary: Json<MetricSpec[]>;
  guards: Json<GuardSpec[]>;
  smallest_difference: number;
  mode: 'sequential' | 'fixed';
  planned_units: ColumnType<number | null, number | null, number | null>;
  window_hours: number;
  forced: Json<ForcedUnit[]>;
  hold_out: number | null;
  started_at: Date | null;
  ended_at: Date | null;
  ended_why: string | null;
  promoted_arm_id: string | null;
  words: string | null;
  created_at: Date;
  created_by: string | null;
  updated_at: Date;
  seq: Generated<number>;
}
interface EpochTable {
  experiment_id: string;
  number: number;
  started_at: Date;
  traffic: number;
  slots: Json<Slot[]>;
}
interface EventTable {
  experiment_id: string;
  seq: Generated<number>;
  at: Date;
  type: ExperimentEvent['type'];
  text: string;
  data: Json<Record<string, unknown>>;
  actor: string | null;
}
interface AnalysisTable {
  experiment_id: string;
  workspace_id: string;
  settled_until: Date | null;
  looked_at: Date | null;
  state: Json<Record<string, unknown>>;
}
interface LookTable {
  experiment_id: string;
  seq: Generated<number>;
  at: Date;
  look: Json<Record<string, unknown>>;
}

export type ExperimentRow = Selectable<ExperimentTable>;
export type EpochRow = Selectable<EpochTable>;
export type EventRow = Selectable<EventTable>;
export type AnalysisRow = Selectable<AnalysisTable>;

/** The pool, or the transaction that is open: inside one, only it. */
export type Db = Kysely<ExperimentTables>;
export type Tx = Transaction<ExperimentTables>;
