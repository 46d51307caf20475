import type { ColumnType, Generated, Kysely, Selectable } from 'kysely';

/** The room's tables, as `storage/migrations/postgres/0100-dataset-rules.sql` makes them. */
export interface RuleTables {
  dataset_rules: RuleTable;
  dataset_rule_cases: CaseTable;
}

interface RuleTable {
  id: string;
  workspace_id: string;
  dataset_id: string;
  name: string;
  file_id: string | null;
  filter: string | null;
  rate: number;
  most_a_day: number;
  target: 'output' | 'correction' | 'none';
  correction_id: string | null;
  target_key: string;
  tags: ColumnType<string[], string, string>;
  split: string | null;
  mode: 'review' | 'add';
  batch: number;
  state: 'active' | 'inactive';
  trouble: Generated<string | null>;
  began_at: Date;
  cursor_at: number;
  looked_at: Generated<Date | null>;
  created_at: Date;
  created_by: string;
  updated_at: Date;
}
interface CaseTable {
  id: string;
  workspace_id: string;
  dataset_id: string;
  rule_id: string;
  log_id: string;
  case_key: string;
  state: 'waiting' | 'added' | 'dismissed' | 'duplicate';
  datapoint: string | null;
  found_at: Date;
  decided_at: Date | null;
  decided_by: string | null;
  seq: Generated<number>;
}

export type RuleRow = Selectable<RuleTable>;
export type CaseRow = Omit<Selectable<CaseTable>, 'seq'>;
export type Db = Kysely<RuleTables>;
