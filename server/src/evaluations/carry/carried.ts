import type { Scope, StopReason } from '@whetstone/contract';
import type { ItemOutcome, StartedBy } from '../tables.ts';

/** What the room keeps, without what follows from logs and judgments. */
export interface Carry {
  /** Of the workspace, oldest first. */
  evaluations(scope: Scope): Promise<CarriedEvaluation[]>;
  /** Of a run: logs that were taken into it, not those that were written into it. */
  runLogs(scope: Scope, runId: string): Promise<{ id: string; at: Date }[]>;
  /**
   * Puts back what is not there; what is stays. A run may be in several evaluations, and is then made by the first.
   * @returns what it names that is not in the workspace, and so was left out
   * @throws AppError 409 for an id or a name that is taken
   */
  take(scope: Scope, evaluation: CarriedEvaluation): Promise<string[]>;
  /**
   * What the server has to make in a run, and what became of it. Of a run that is open only what is made: importing it must not have
   * another server spend money.
   */
  items(scope: Scope, runId: string): Promise<CarriedItem[]>;
  /** Of a run that is there and has none. */
  takeItems(scope: Scope, runId: string, items: readonly CarriedItem[]): Promise<void>;
  takeRunLogs(scope: Scope, runId: string, logs: readonly { id: string; at: Date }[]): Promise<void>;
}

export interface CarriedItem {
  datapointId: string;
  repetition: number;
  position: number;
  logId: string;
  /** Null: it waits. */
  outcome: ItemOutcome | null;
  contentKey: string | null;
}
export interface CarriedEvaluation {
  id: string;
  name: string | null;
  fileId: string | null;
  createdAt: Date;
  createdBy: string | null;
  updatedAt: Date;
  /** In the order in which they were added. */
  evaluators: { versionId: string; orchestrated: boolean; addedAt: Date }[];
  /** In the order in which they were added. */
  runs: CarriedRun[];
}
export interface CarriedRun {
  id: string;
  datasetVersionId: string | null;
  versionId: string | null;
  orchestrated: boolean;
  repetitions: number;
  cached: boolean;
  concurrency: number | null;
  maxCostUsd: number | null;
  spentUsd: number | null;
  unpriced: number;
  stoppedBecause: StopReason | null;
  stoppedMessage: string | null;
  /** Whose limits its calls count to. */
  startedBy: StartedBy | null;
  ended: 'completed' | 'cancelled' | null;
  createdAt: Date;
  createdBy: string | null;
  control: boolean;
  addedAt: Date;
}
