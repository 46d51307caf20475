import type { JudgmentValue, ReviewQueueRequest } from '@whetstone/contract';
import type { ColumnType, Generated, Kysely, Selectable, Transaction } from 'kysely';
import type { LogFilter } from '../logs/index.ts';

/** The room's tables, as `storage/migrations/postgres/0090-reviews.sql` makes them. */
export interface ReviewTables {
  review_queues: QueueTable;
  review_evaluators: { queue_id: string; evaluator_id: string; evaluator_version_id: string; position: number };
  review_assignees: { queue_id: string; user_id: string };
  review_items: ItemTable;
  review_slots: SlotTable;
  review_comments: { id: string; item_id: string; user_id: string; text: string; created_at: Date };
  review_populations: PopulationTable;
}

/** Goes in as text, comes out parsed. */
type Jsonb<T> = ColumnType<T, string, string>;

interface QueueTable {
  id: string;
  workspace_id: string;
  name: string;
  instructions: string | null;
  mode: 'single' | 'pairwise';
  blind: boolean;
  overlap: number;
  share: number;
  source: Jsonb<ReviewQueueRequest['source'] | { type: 'active' }>;
  live_filter: ColumnType<StoredFilter | null, string | null, string | null>;
  closed: Generated<boolean>;
  created_at: Date;
  created_by: string;
  seq: Generated<number>;
}
/** Moments as JSON has them. */
export type StoredFilter = Omit<LogFilter, 'from' | 'to'> & { from?: string | null; to?: string | null };

interface ItemTable {
  id: string;
  queue_id: string;
  position: number;
  log_id: string;
  other_log_id: string | null;
  swapped: boolean;
  probability: number | null;
  gone: Generated<boolean>;
  resolved_at: Date | null;
  resolved_by: string | null;
  resolution: ColumnType<StoredAnswer['answers'] | null, string | null, string | null>;
  added_at: Date;
}
interface SlotTable {
  item_id: string;
  queue_id: string;
  user_id: string;
  state: 'claimed' | 'skipped' | 'done';
  lease_until: Date | null;
  seconds: number | null;
  answer: ColumnType<StoredAnswer | null, string | null, string | null>;
  judgment_ids: ColumnType<string[] | null, string | null, string | null>;
  changed_at: Date;
}
interface PopulationTable {
  queue_id: string;
  judge_id: string;
  human_id: string;
  random_share: number;
  measure: 'pass' | 'score';
  log_ids: Jsonb<string[]>;
  judged: Jsonb<number[]>;
  probabilities: Jsonb<number[]>;
}

export interface StoredAnswer {
  answers: { evaluator_id: string; judgment: JudgmentValue; reason: string | null }[];
  choice: 'left' | 'right' | 'tie' | null;
  reason: string | null;
  correction: string | null;
}

export type QueueRow = Selectable<QueueTable>;
export type ItemRow = Selectable<ItemTable>;
export type SlotRow = Selectable<SlotTable>;
export type PopulationRow = Selectable<PopulationTable>;

/** The pool, or the transaction that is open: inside one, only it. */
export type Db = Kysely<ReviewTables>;
export type Tx = Transaction<ReviewTables>;
