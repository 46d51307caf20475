import type { Scope } from '@whetstone/contract';
import type { ItemRow, PopulationRow, QueueRow, SlotRow, StoredAnswer } from '../tables.ts';

/** What the room keeps. Who reads an item at this moment is not carried: their time would be over. */
export interface Carry {
  /** Oldest first. */
  queues(scope: Scope): Promise<CarriedQueue[]>;
  /** In the order in which they are given out. */
  items(scope: Scope, queueId: string): AsyncIterable<CarriedItem>;
  /**
   * With its items. A queue that is there stays as it is.
   * @throws AppError 409 for an id that is another workspace's
   */
  take(scope: Scope, queue: CarriedQueue, items: readonly CarriedItem[]): Promise<void>;
}

export interface CarriedQueue {
  id: string;
  name: string;
  instructions: string | null;
  mode: QueueRow['mode'];
  blind: boolean;
  overlap: number;
  share: number;
  source: QueueRow['source'];
  liveFilter: QueueRow['live_filter'];
  closed: boolean;
  createdAt: Date;
  createdBy: string;
  /** In their order. */
  evaluators: { id: string; versionId: string }[];
  /** Ids of users. */
  assignees: string[];
  population: Omit<PopulationRow, 'queue_id'> | null;
}
export interface CarriedItem {
  id: string;
  position: number;
  logId: string;
  otherLogId: string | null;
  swapped: boolean;
  probability: number | null;
  gone: boolean;
  resolvedAt: Date | null;
  resolvedBy: string | null;
  resolution: ItemRow['resolution'];
  addedAt: Date;
  answers: {
    userId: string;
    state: Exclude<SlotRow['state'], 'claimed'>;
    seconds: number | null;
    answer: StoredAnswer | null;
    judgmentIds: string[] | null;
    changedAt: Date;
  }[];
  comments: { id: string; userId: string; text: string; at: Date }[];
}
