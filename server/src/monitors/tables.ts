import type { AlertChannels, AlertRule } from '@whetstone/contract';
import type { ColumnType, Generated, Kysely, Selectable, Transaction } from 'kysely';
import type { AlertMemory } from './alerts/memory.ts';

/** The room's tables, as `storage/migrations/postgres/0070-evaluations.sql` and `0088-monitors.sql` make them. */
export interface MonitorTables {
  monitors: MonitorTable;
  monitor_leases: { workspace_id: string; worker: string; worker_until: Date };
  monitor_backfills: BackfillTable;
  monitor_alerts: AlertTable;
  monitor_alert_events: AlertEventTable;
}

interface MonitorTable {
  id: string;
  workspace_id: string;
  file_id: string;
  evaluator_id: string;
  evaluator_version_id: string | null;
  environment_id: string | null;
  watched_environment_id: Generated<string | null>;
  filter: Generated<string | null>;
  rate: Generated<number>;
  budget_usd: Generated<number | null>;
  cursor_at: Generated<number | null>;
  cursor_id: Generated<string>;
  paused_until: Generated<Date | null>;
  trouble: Generated<string | null>;
  state: 'active' | 'inactive';
  created_at: Date;
  created_by: string | null;
  updated_at: Date;
}
interface BackfillTable {
  id: string;
  workspace_id: string;
  monitor_id: string;
  from_at: Date;
  to_at: Date;
  filter: string | null;
  rate: number;
  max_cost_usd: number | null;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  reason: string | null;
  total: number;
  looked_at: Generated<number>;
  judged: Generated<number>;
  failed: Generated<number>;
  cost_usd: Generated<number>;
  cursor_at: Generated<number>;
  cursor_id: Generated<string>;
  created_at: Date;
  created_by: string | null;
  ended_at: Date | null;
}
type Json<T> = ColumnType<T, string, string>;
interface AlertTable {
  id: string;
  workspace_id: string;
  monitor_id: string;
  name: string;
  rule: Json<AlertRule>;
  channels: Json<StoredChannels>;
  state: 'learning' | 'watching' | 'open';
  memory: Json<AlertMemory>;
  muted_until: Date | null;
  created_at: Date;
  created_by: string | null;
  updated_at: Date;
}
interface AlertEventTable {
  id: string;
  workspace_id: string;
  alert_id: string;
  type: 'opened' | 'recovered' | 'acknowledged' | 'muted' | 'tested';
  text: string;
  data: Json<Record<string, unknown>>;
  told: Json<{ to: string; how: 'webhook' | 'slack' | 'mail' }[]>;
  at: Date;
  actor: string | null;
  seq: Generated<number>;
}

export interface StoredChannels {
  webhookIds: string[] | null;
  emails: AlertChannels['emails'];
}
export type MonitorRow = Selectable<MonitorTable>;
export type BackfillRow = Selectable<BackfillTable>;
export type AlertRow = Selectable<AlertTable>;
export type AlertEventRow = Selectable<AlertEventTable>;

/** The pool, or the transaction that is open: inside one, only it. */
export type Db = Kysely<MonitorTables>;
export type Tx = Transaction<MonitorTables>;
